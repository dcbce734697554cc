//! The vocabulary of the sample records, and how they are drawn from it.

use rand::{RngExt, rngs::SmallRng};

pub(super) const GIVEN_NAMES: &[&str] = &[
    "Ada",
    "Alan",
    "Barbara",
    "Dennis",
    "Edsger",
    "Frances",
    "Grace",
    "Hedy",
    "John",
    "Katherine",
    "Ken",
    "Leslie",
    "Linus",
    "Margaret",
    "Niklaus",
    "Radia",
];
pub(super) const FAMILY_NAMES: &[&str] = &[
    "Allen", "Borg", "Clarke", "Dijkstra", "Easley", "Forsythe", "Goldberg", "Hopper", "Ivers",
    "Johnson", "Keller", "Lamarr", "Liskov", "Perlman", "Ritchie", "Wirth",
];
pub(super) const STREETS: &[&str] =
    &["Bridge Street", "Canal Road", "Garden Lane", "High Street", "Mill Road", "Station Road"];
pub(super) const PLACES: &[(&str, &str)] = &[
    ("Berlin", "DE"),
    ("Bern", "CH"),
    ("Dublin", "IE"),
    ("Lisbon", "PT"),
    ("Lyon", "FR"),
    ("Turin", "IT"),
    ("Utrecht", "NL"),
    ("Vienna", "AT"),
];
pub(super) const MATERIALS: &[&str] =
    &["Bamboo", "Ceramic", "Cotton", "Glass", "Leather", "Linen", "Oak", "Steel", "Walnut", "Wool"];
pub(super) const THINGS: &[(&str, &str)] = &[
    ("Backpack", "travel"),
    ("Blanket", "home"),
    ("Bowl", "kitchen"),
    ("Desk Lamp", "office"),
    ("Kettle", "kitchen"),
    ("Mug", "kitchen"),
    ("Notebook", "office"),
    ("Scarf", "clothing"),
    ("Shelf", "home"),
    ("Wallet", "travel"),
];
pub(super) const TAGS: &[&str] =
    &["bestseller", "gift", "handmade", "limited", "new", "recycled", "sale", "sturdy"];
pub(super) const TOPICS: &[&str] = &[
    "caching",
    "error budgets",
    "feature flags",
    "load shedding",
    "observability",
    "pagination",
    "rate limits",
    "retries",
    "schema changes",
    "timeouts",
];
pub(super) const ANGLES: &[&str] =
    &["A field guide to", "Lessons from", "Rethinking", "The hidden cost of", "What we like about"];
pub(super) const SENTENCES: &[&str] = &[
    "Start with the smallest thing that can be measured.",
    "Most of the time went into understanding the failure, not into mending it.",
    "A default that nobody chose is still a decision.",
    "We kept the old path running until the new one had earned its place.",
    "The graph was flat, which turned out to be the interesting part.",
    "Every queue needs an owner and a bound.",
];

/// One of `words`; the lists above are not empty.
pub(super) fn pick<'a, T: ?Sized>(random: &mut SmallRng, words: &'a [&'a T]) -> &'a T {
    words[random.random_range(0..words.len())]
}

/// One pair of `pairs`; the lists above are not empty.
pub(super) fn pick_pair(
    random: &mut SmallRng,
    pairs: &'static [(&'static str, &'static str)],
) -> (&'static str, &'static str) {
    pairs[random.random_range(0..pairs.len())]
}

/// A few distinct tags in alphabetical order.
pub(super) fn tags(random: &mut SmallRng) -> Vec<String> {
    TAGS.iter().filter(|_| random.random_bool(0.25)).map(|tag| (*tag).to_owned()).collect()
}

/// A version 4 UUID (RFC 9562, 5.4) from 128 random bits.
pub(super) fn uuid(random: &mut SmallRng) -> String {
    let bits: u128 = random.random();
    let bits = bits & !(0xF << 76) | (0x4 << 76);
    let bits = bits & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Lower-case words joined by hyphens.
pub(super) fn slug(title: &str) -> String {
    let words: Vec<String> = title.split_whitespace().map(str::to_lowercase).collect();
    words.join("-")
}

/// An instant of the two years before 2026-11, from the seed; RFC 3339 in whole seconds.
pub(super) fn instant(random: &mut SmallRng) -> String {
    /// 2024-11-01T00:00:00Z.
    const FROM_S: i64 = 1_730_419_200;
    const TWO_YEARS_S: i64 = 2 * 365 * 86_400;
    timestamp(FROM_S + random.random_range(0..TWO_YEARS_S))
}

/// `second` of the Unix time scale in RFC 3339; the epoch when out of range.
pub(super) fn timestamp(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn uuids_are_version_4_of_the_rfc_variant() {
        let mut random = SmallRng::seed_from_u64(3);
        for _ in 0..100 {
            let uuid = uuid(&mut random);
            assert_eq!(uuid.len(), 36);
            assert_eq!(&uuid[14..15], "4", "{uuid}");
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }

    #[test]
    fn instants_are_rfc_3339() {
        let instant = instant(&mut SmallRng::seed_from_u64(3));
        assert!(instant.starts_with("202") && instant.ends_with('Z'), "{instant}");
    }
}
