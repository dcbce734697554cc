//! Which member of kept records decides what others are there: `status` whether there is a
//! `shipped_at`, `method` which of `card` and `iban`.

use crate::domain::value::object::pooled_record::PooledRecord;

/// Whether and how a member is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::value) enum MemberPresence {
    Absent,
    Null,
    Empty,
    Filled,
}

impl MemberPresence {
    const ALL: [Self; 4] = [Self::Absent, Self::Null, Self::Empty, Self::Filled];

    /// The form of a value's JSON; `None` where the member is not there.
    pub(in crate::domain::value) fn of(json: Option<&[u8]>) -> Self {
        match json {
            None => Self::Absent,
            Some(b"null") => Self::Null,
            Some(b"[]" | b"{}" | b"\"\"") => Self::Empty,
            Some(_) => Self::Filled,
        }
    }
}

/// Pairs of records with one value that would differ by chance, from which fewer that do tell
/// something.
const PAIRS_MIN: f64 = 4.0;

/// Share of the pairs expected to differ that may do so all the same: others decide as well.
const DIFFERING_MAX: f64 = 0.5;

/// Do records with the same value of a member agree in which others are there, more than all
/// records do?
///
/// Neighbours of the same value are compared, which takes a sort instead of all pairs.
pub(in crate::domain::value) fn decides(records: &[PooledRecord], path: u32) -> bool {
    let mut by_value: Vec<(&[u8], &PooledRecord)> =
        records.iter().filter_map(|r| Some((&*r.member(path)?.json, r))).collect();
    by_value.sort_by_key(|(value, _)| *value);
    let pairs = by_value.windows(2).filter_map(|pair| match pair {
        [(one, first), (other, second)] if one == other => Some((*first, *second)),
        _ => None,
    });
    let pairs: Vec<(&PooledRecord, &PooledRecord)> = pairs.collect();
    let mut others: Vec<u32> =
        records.iter().flat_map(|r| r.members.iter().map(|member| member.path)).collect();
    others.sort_unstable();
    others.dedup();
    others.into_iter().filter(|other| *other != path).any(|other| {
        let form =
            |record: &PooledRecord| MemberPresence::of(record.member(other).map(|m| &*m.json));
        let chance = differing(by_value.iter().map(|(_, record)| form(record)));
        let expected = chance * pairs.len() as f64;
        let seen = pairs.iter().filter(|(first, second)| form(first) != form(second)).count();
        expected >= PAIRS_MIN && (seen as f64) <= expected * DIFFERING_MAX
    })
}

/// Chance that two of these differ (Gini 1912).
fn differing(forms: impl Iterator<Item = MemberPresence>) -> f64 {
    let mut counts = MemberPresence::ALL.map(|form| (form, 0.0_f64));
    let mut all = 0.0_f64;
    for form in forms {
        all += 1.0;
        counts.iter_mut().filter(|known| known.0 == form).for_each(|known| known.1 += 1.0);
    }
    1.0 - counts.iter().map(|(_, count)| (count / all.max(1.0)).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> PooledRecord {
        PooledRecord::read(text).expect("an object")
    }

    fn path(of: &PooledRecord, at: usize) -> u32 {
        of.members[at].path
    }

    #[test]
    fn a_status_decides_whether_there_is_a_time_of_shipment() {
        let records: Vec<PooledRecord> = (0..40)
            .map(|i| match i % 4 {
                0 => record(&format!(r#"{{"id":{i},"status":"sent","size":{},"at":{i}}}"#, i % 3)),
                1 => record(&format!(r#"{{"id":{i},"status":"open","size":{},"at":null}}"#, i % 3)),
                _ => record(&format!(r#"{{"id":{i},"status":"new","size":{}}}"#, i % 3)),
            })
            .collect();
        assert!(!decides(&records, path(&records[0], 0)), "each id comes once");
        assert!(decides(&records, path(&records[0], 1)));
        assert!(!decides(&records, path(&records[0], 2)));
    }
}
