//! Stable hashing: the same bytes give the same number in every process, version and machine.
//!
//! What is drawn and what is recognised after a restart hangs on these numbers, so no hasher of a
//! dependency (free to change between versions) is used. Not a defence against chosen collisions:
//! a collision costs accuracy in one sketch, never safety.

/// Odd constant of the SplitMix64 sequence (Steele, Lea, Flood 2014): the golden ratio, 64 bits.
pub const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64: each input bit flips each output bit with probability one half.
#[inline]
pub const fn mix(value: u64) -> u64 {
    finish(value.wrapping_add(GOLDEN))
}

/// The same without the step of the sequence before it.
#[inline]
pub const fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The path hash of a whole document; a member's combines it with the fingerprint of its name.
pub const ROOT: u64 = mix(0);

/// Folds a second number into a hash; order matters.
#[inline]
pub const fn combine(hash: u64, value: u64) -> u64 {
    mix(hash ^ value.rotate_left(32).wrapping_mul(GOLDEN))
}

/// The same by one product, both halves of it: for numbers that are hashes already.
#[inline]
pub const fn fold(hash: u64, value: u64) -> u64 {
    let product = (hash ^ GOLDEN) as u128 * (value.wrapping_mul(2).wrapping_add(GOLDEN)) as u128;
    (product >> 64) as u64 ^ product as u64
}

/// Hash of a byte string, eight bytes a step.
#[inline]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = GOLDEN ^ (bytes.len() as u64);
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        let word = u64::from_le_bytes(*chunk);
        hash = (hash ^ word).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29);
    }
    let mut tail = 0u64;
    for byte in rest {
        tail = (tail << 8) | u64::from(*byte);
    }
    mix(hash ^ tail)
}

/// The 32 bits kept of a value that may not be kept: enough to see it again, too few to find it.
#[inline]
pub fn fingerprint(bytes: &[u8]) -> u32 {
    (hash_bytes(bytes) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_never_change_between_versions() {
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(hash_bytes(b""), mix(GOLDEN));
        assert_ne!(hash_bytes(b"a"), hash_bytes(b"a\0"));
        assert_ne!(hash_bytes(b"12345678"), hash_bytes(b"123456789"));
    }
}
