//! Headers that are the digest of the body they stand above: `ETag` of many stores, `Content-MD5`,
//! checksums that clients verify. A body that is another one has another digest.

use rustc_hash::FxHashMap;

use crate::domain::media::digest::BodyDigest;
use crate::domain::world::Seen;

/// Answers over which digests are looked for, the newest.
const LOOKED_AT: usize = 400;

/// Answers that must agree, and share of them.
const HITS_MIN: u32 = 3;
const HITS_SHARE: f64 = 0.9;

/// The headers of a site that are digests.
#[derive(Debug, Clone, Default)]
pub struct DigestHeaders(Vec<(Box<str>, BodyDigest)>);

impl DigestHeaders {
    /// Learns from answers of success.
    #[must_use]
    pub fn learn(seen: &[Seen]) -> Self {
        let mut counts: FxHashMap<&str, (u32, FxHashMap<BodyDigest, u32>)> = FxHashMap::default();
        let is_told = |one: &&Seen| {
            one.exchange.status == 200
                && !one.exchange.is_veiled
                && !one.exchange.bytes.is_empty()
                && &*one.exchange.request.method != "HEAD"
        };
        for one in seen.iter().rev().filter(is_told).take(LOOKED_AT) {
            let exchange = &one.exchange;
            for (name, value) in &exchange.headers {
                let forms = BodyDigest::alike(bare(value));
                if forms.is_empty() {
                    continue;
                }
                let (trials, hits) = counts.entry(&**name).or_default();
                *trials += 1;
                for form in forms {
                    if form.of(&exchange.bytes) == bare(value) {
                        *hits.entry(form).or_default() += 1;
                    }
                }
            }
        }
        let is_sure = |hits: u32, trials: u32| {
            hits >= HITS_MIN && f64::from(hits) >= HITS_SHARE * f64::from(trials)
        };
        let mut found: Vec<(Box<str>, BodyDigest)> = Vec::new();
        for (name, (trials, hits)) in counts {
            let best = hits.into_iter().find(|(_, hits)| is_sure(*hits, trials));
            found.extend(best.map(|(form, _)| (name.into(), form)));
        }
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Self(found)
    }

    /// What a header says above another body; `None` where it is no digest.
    #[must_use]
    pub fn value(&self, name: &str, old: &str, body: &[u8]) -> Option<String> {
        let (_, form) = self.0.iter().find(|(known, _)| **known == *name)?;
        let bare = bare(old);
        (!bare.is_empty()).then(|| old.replace(bare, &form.of(body)))
    }
}

/// A value without the signs of a validator.
fn bare(value: &str) -> &str {
    value.trim_start_matches("W/").trim_matches('"')
}
