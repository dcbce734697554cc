//! Which content coding answers come in, by what the request accepts (RFC 9110, section 12.5.3).
//!
//! Counted for each set of the four codings that requests accept: backends choose by an order of
//! their own, and weights are nearly never sent. Nothing of a request is kept but that set.

use serde::{Deserialize, Serialize};

use crate::domain::body::content_coding::ContentCoding;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};

/// Answers in one coding to requests that accept one set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct CodingCount {
    /// A bit for each coding of [`ContentCoding::ALL`].
    #[serde(rename = "a")]
    accepted: u8,
    /// The bit of the coding; 0 for none.
    #[serde(rename = "c")]
    coding: u8,
    /// How many.
    #[serde(rename = "n")]
    answers: u32,
}

no_heap!(CodingCount);

/// Which coding comes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodingChoice {
    /// At most 16 sets with five codings each.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    counts: Vec<CodingCount>,
}

heap_bytes!(CodingChoice { counts });

/// Answers before the coding is one that the backend gives.
const ANSWERS_MIN: u32 = 2;

impl CodingChoice {
    /// Whether no answer came in any coding.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Learns one exchange. An endpoint that was never coded keeps nothing.
    pub fn observe(&mut self, accepted: Option<&str>, coding: Option<&str>) {
        let coding = match coding.map(ContentCoding::named) {
            Some(None) => return, // several, or one that is not known here
            Some(Some(coding)) => bit(coding),
            None if self.counts.is_empty() => return,
            None => 0,
        };
        self.add(CodingCount { accepted: set(accepted), coding, answers: 1 });
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: &Self) {
        other.counts.iter().for_each(|count| self.add(*count));
    }

    fn add(&mut self, new: CodingCount) {
        let is_same = |c: &&mut CodingCount| (c.accepted, c.coding) == (new.accepted, new.coding);
        match self.counts.iter_mut().find(is_same) {
            Some(count) => count.answers = count.answers.saturating_add(new.answers),
            None => self.counts.push(new),
        }
    }

    /// The coding for each set that requests may accept.
    #[must_use]
    pub fn compile(&self) -> CodingProgram {
        let mut program = CodingProgram::default();
        for (accepted, choice) in program.by_set.iter_mut().enumerate() {
            *choice = self.choose(accepted as u8); // below 16
        }
        program
    }

    fn choose(&self, accepted: u8) -> Option<ContentCoding> {
        let own = self.counts.iter().filter(|count| count.accepted == accepted);
        if let Some(most) = own.max_by_key(|count| count.answers) {
            let known = ContentCoding::ALL.into_iter().find(|coding| bit(*coding) == most.coding);
            return known.filter(|_| most.answers >= ANSWERS_MIN);
        }
        // A set that nobody sent: the coding that came most often where it was accepted.
        let share = |coding: &ContentCoding| {
            let bit = bit(*coding);
            let all = self.counts.iter().filter(|count| count.accepted & bit != 0);
            let (mut came, mut could) = (0_u64, 0_u64);
            for count in all {
                could += u64::from(count.answers);
                came += u64::from(if count.coding == bit { count.answers } else { 0 });
            }
            (came * 100).checked_div(could).unwrap_or(0)
        };
        let offered = ContentCoding::ALL.into_iter().filter(|coding| accepted & bit(*coding) != 0);
        offered.max_by_key(share).filter(|coding| share(coding) >= SHARE_MIN)
    }
}

/// Percent of the answers to whoever accepts a coding that must have come in it.
const SHARE_MIN: u64 = 25;

/// The coding for each set of codings.
#[derive(Debug, Clone, Default)]
pub struct CodingProgram {
    by_set: [Option<ContentCoding>; 16],
}

impl CodingProgram {
    /// The coding of an answer to a request with this `Accept-Encoding`.
    #[must_use]
    pub fn coding(&self, accepted: Option<&str>) -> Option<ContentCoding> {
        self.by_set.get(usize::from(set(accepted))).copied().flatten()
    }
}

fn bit(coding: ContentCoding) -> u8 {
    1 << coding as u8
}

/// The codings that an `Accept-Encoding` accepts, a bit each.
fn set(accepted: Option<&str>) -> u8 {
    let ranges = accepted.unwrap_or_default().split(',');
    ranges.fold(0, |set, range| {
        let (name, weight) = range.split_once(';').unwrap_or((range, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        match ContentCoding::named(name) {
            Some(coding) if !refused => set | bit(coding),
            _ => set,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backends_own_order_is_kept() {
        let mut choice = CodingChoice::default();
        for _ in 0..3 {
            choice.observe(Some("gzip, deflate, br, zstd"), Some("zstd"));
            choice.observe(Some("gzip, br"), Some("br"));
            choice.observe(Some("gzip"), Some("gzip"));
            choice.observe(Some("identity"), None);
            choice.observe(None, None);
        }
        let program = choice.compile();
        assert_eq!(program.coding(Some("br, gzip")), Some(ContentCoding::Brotli));
        assert_eq!(program.coding(Some("gzip;q=1.0, br;q=0")), Some(ContentCoding::Gzip));
        // Never sent, and still clear.
        assert_eq!(program.coding(Some("zstd")), Some(ContentCoding::Zstd));
        assert_eq!(program.coding(Some("*")), None);
        assert_eq!(program.coding(None), None);
    }

    #[test]
    fn a_backend_that_never_codes_leaves_no_trace() {
        let mut choice = CodingChoice::default();
        choice.observe(Some("gzip"), None);
        choice.observe(Some("gzip"), Some("aes128gcm"));
        assert!(choice.is_empty());
        assert_eq!(choice.compile().coding(Some("gzip")), None);
    }
}
