//! What can be said of bytes that have no structure: their length, and the digests by which
//! services name them (MD5 of RFC 1321 in entity tags and `Content-MD5`, SHA-256 elsewhere).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Length and digests of bytes, as an object.
#[must_use]
pub fn said_of(bytes: &[u8]) -> Map<String, Value> {
    let (md5, sha256) = (md5(bytes), Sha256::digest(bytes));
    Map::from_iter([
        ("size".to_owned(), bytes.len().into()),
        ("md5".to_owned(), hex(&md5).into()),
        ("md5 base64".to_owned(), STANDARD.encode(md5).into()),
        ("sha256".to_owned(), hex(&sha256).into()),
        ("sha256 base64".to_owned(), STANDARD.encode(sha256).into()),
    ])
}

/// A digest as headers write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyDigest {
    /// MD5 in hexadecimal digits.
    Md5Hex,
    /// MD5 in base64.
    Md5Base64,
    /// SHA-256 in hexadecimal digits.
    Sha256Hex,
    /// SHA-256 in base64.
    Sha256Base64,
    /// The sum of gzip and PNG (ITU-T V.42), the high byte first, in base64.
    Crc32Base64,
}

impl BodyDigest {
    /// The digests that a text may be by its length and its letters.
    #[must_use]
    pub fn alike(text: &str) -> Vec<Self> {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_base64 =
            |signs: usize| text.bytes().rev().take_while(|b| *b == b'=').count() == signs;
        match text.len() {
            32 if is_hex => vec![Self::Md5Hex],
            64 if is_hex => vec![Self::Sha256Hex],
            24 if is_base64(2) => vec![Self::Md5Base64],
            44 if is_base64(1) => vec![Self::Sha256Base64],
            8 if is_base64(2) => vec![Self::Crc32Base64],
            _ => Vec::new(),
        }
    }

    /// The digest of bytes.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5Hex => hex(&md5(bytes)),
            Self::Md5Base64 => STANDARD.encode(md5(bytes)),
            Self::Sha256Hex => hex(&Sha256::digest(bytes)),
            Self::Sha256Base64 => STANDARD.encode(Sha256::digest(bytes)),
            Self::Crc32Base64 => {
                let mut sum = flate2::Crc::new();
                sum.update(bytes);
                STANDARD.encode(sum.sum().to_be_bytes())
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a member is one of [`said_of`].
#[must_use]
pub fn is_of_bytes(name: &str) -> bool {
    matches!(name, "size" | "md5" | "md5 base64" | "sha256" | "sha256 base64")
}

/// Bytes of one block of MD5.
const BLOCK_BYTES: usize = 64;

/// Rotations of each round (RFC 1321, section 3.4).
const ROTATIONS: [[u32; 4]; 4] =
    [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

fn md5(bytes: &[u8]) -> [u8; 16] {
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let whole = bytes.len() / BLOCK_BYTES * BLOCK_BYTES;
    let (blocks, rest) = bytes.split_at(whole);
    let mut last = rest.to_vec();
    last.push(0x80);
    while last.len() % BLOCK_BYTES != BLOCK_BYTES - 8 {
        last.push(0);
    }
    last.extend((bytes.len() as u64).wrapping_mul(8).to_le_bytes());
    for block in blocks.chunks_exact(BLOCK_BYTES).chain(last.chunks_exact(BLOCK_BYTES)) {
        round(&mut state, block);
    }
    let mut out = [0; 16];
    for (at, word) in out.chunks_exact_mut(4).zip(state) {
        at.copy_from_slice(&word.to_le_bytes());
    }
    out
}

fn round(state: &mut [u32; 4], block: &[u8]) {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for step in 0..BLOCK_BYTES {
        let (mixed, at) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), 5 * step + 1),
            2 => (b ^ c ^ d, 3 * step + 5),
            _ => (c ^ (b | !d), 7 * step),
        };
        // The whole part of 2^32 times |sin(step + 1)|.
        let sine = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
        let sum = a.wrapping_add(mixed).wrapping_add(sine).wrapping_add(words[at % 16]);
        let rotated = sum.rotate_left(ROTATIONS[step / 16][step % 4]);
        (a, d, c, b) = (d, c, b, b.wrapping_add(rotated));
    }
    for (old, new) in state.iter_mut().zip([a, b, c, d]) {
        *old = old.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::said_of;

    #[test]
    fn the_digests_are_those_of_the_standards() {
        // RFC 1321, appendix A.5, and FIPS 180-4.
        for (text, md5) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            let said = said_of(text.as_bytes());
            assert_eq!(
                (&said["md5"], said["size"].as_u64()),
                (&md5.into(), Some(text.len() as u64))
            );
        }
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(said_of(b"abc")["sha256"], sha256);
    }
}
