//! Content codings (RFC 9110 section 8.4.1) decoded for the learner, with size and ratio caps.
//!
//! What the client gets is never touched; this only looks at a bounded copy. A body that would
//! grow past its caps is not decoded further, and teaches its size and type alone: a few hundred
//! kilobytes of zeros compressed a thousandfold must not occupy the learner.

use std::borrow::Cow;
use std::io::Read;

/// Largest growth that is followed, decoded bytes per coded byte. JSON compresses about tenfold,
/// very regular lists fiftyfold; beyond 200 it is a bomb or of no use for learning.
pub const DECODED_RATIO_MAX: usize = 200;

/// Codings stacked on one body that are followed; real backends use one.
const CODINGS_MAX: usize = 2;

/// Why a coded body was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentCodingError {
    /// A coding that is not known here.
    #[error("content coding is not supported")]
    Unsupported,
    /// Damaged, or cut.
    #[error("coded body is damaged")]
    Damaged,
    /// Larger than the cap, or grown more than [`DECODED_RATIO_MAX`]-fold.
    #[error("decoded body exceeds its cap")]
    TooLarge,
}

/// Decodes `bytes` by the codings of a `Content-Encoding` value, outermost last.
///
/// # Errors
/// `DecodeError`; a body without coding is returned as it is.
pub fn decode<'a>(
    content_encoding: Option<&str>,
    bytes: &'a [u8],
    decoded_bytes_max: usize,
) -> Result<Cow<'a, [u8]>, ContentCodingError> {
    let Some(value) = content_encoding else { return Ok(Cow::Borrowed(bytes)) };
    let codings: Vec<&str> = value.split(',').map(str::trim).filter(|c| !c.is_empty()).collect();
    if codings.len() > CODINGS_MAX {
        return Err(ContentCodingError::Unsupported);
    }
    let mut body = Cow::Borrowed(bytes);
    for coding in codings.iter().rev() {
        if coding.eq_ignore_ascii_case("identity") {
            continue;
        }
        body = Cow::Owned(decode_one(coding, &body, decoded_bytes_max)?);
    }
    Ok(body)
}

/// A content coding that bodies are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// Bytes from which compressing pays for its time; what is shorter is stored in the same format.
const COMPRESSED_BYTES_MIN: usize = 4 << 10;

/// Bytes of one stored block: the least of what the four formats allow.
const STORED_BLOCK_BYTES: usize = 0xffff;

impl ContentCoding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// Its name in `Content-Encoding` and `Accept-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The coding of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let name = if name.eq_ignore_ascii_case("x-gzip") { "gzip" } else { name };
        Self::ALL.into_iter().find(|coding| coding.name().eq_ignore_ascii_case(name))
    }

    /// A body in this coding. Brotli and Zstandard are written in stored blocks: whoever decodes
    /// them sees no difference, and encoders of them would cost more than the mock.
    #[must_use]
    pub fn encode(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Gzip => gzip(bytes),
            Self::Deflate => zlib(bytes),
            Self::Brotli => brotli(bytes),
            Self::Zstd => zstd(bytes),
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Method deflate, no name, no time, unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    deflate(bytes, &mut out);
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    out.extend(sum.sum().to_le_bytes());
    out.extend(sum.amount().to_le_bytes());
    out
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    deflate(bytes, &mut out);
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % ADLER_MODULUS;
        b = (b + a) % ADLER_MODULUS;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// The largest prime below 2^16 (RFC 1950, section 8.2).
const ADLER_MODULUS: u32 = 65_521;

fn deflate(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.len() >= COMPRESSED_BYTES_MIN {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        // Writing to memory does not fail.
        if std::io::Write::write_all(&mut encoder, bytes).is_ok()
            && let Ok(coded) = encoder.finish()
        {
            return out.extend(coded);
        }
    }
    let mut blocks = bytes.chunks(STORED_BLOCK_BYTES).peekable();
    if blocks.peek().is_none() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16; // at most STORED_BLOCK_BYTES
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
}

/// Uncompressed meta-blocks (RFC 7932, section 9.2), each byte-aligned, behind a window of 16 bits.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    // WBITS is one bit, 0; then ISLAST 0, MNIBBLES 0 (four), MLEN - 1, ISUNCOMPRESSED 1.
    let mut lead = 1;
    for block in bytes.chunks(STORED_BLOCK_BYTES) {
        let length = (block.len() - 1) as u32; // at most STORED_BLOCK_BYTES, at least 1
        let head = (length << 3 | 1 << 19) << lead;
        let width = if lead == 0 { 20 } else { 21_u32 };
        out.extend(&head.to_le_bytes()[..width.div_ceil(8) as usize]);
        out.extend(block);
        lead = 0;
    }
    // ISLAST and ISLASTEMPTY.
    out.push(0b11 << lead);
    out
}

/// Raw blocks (RFC 8878, section 3.1.1.2) in one segment of known size.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 24);
    out.extend(0xfd2f_b528_u32.to_le_bytes());
    // Frame content size in eight bytes, single segment, no checksum, no dictionary.
    out.push(0b1110_0000);
    out.extend((bytes.len() as u64).to_le_bytes());
    let mut blocks = bytes.chunks(STORED_BLOCK_BYTES).peekable();
    if blocks.peek().is_none() {
        out.extend([1, 0, 0]);
    }
    while let Some(block) = blocks.next() {
        let is_last = u32::from(blocks.peek().is_none());
        let head = (block.len() as u32) << 3 | is_last; // at most STORED_BLOCK_BYTES
        out.extend(&head.to_le_bytes()[..3]);
        out.extend(block);
    }
    out
}

fn decode_one(coding: &str, bytes: &[u8], cap: usize) -> Result<Vec<u8>, ContentCodingError> {
    let is = |name: &str| coding.eq_ignore_ascii_case(name);
    if is("gzip") || is("x-gzip") {
        read_capped(flate2::read::MultiGzDecoder::new(bytes), bytes.len(), cap)
    } else if is("deflate") {
        // RFC 9110 section 8.4.1.2 means the zlib format, but raw streams are common in the wild.
        match read_capped(flate2::read::ZlibDecoder::new(bytes), bytes.len(), cap) {
            Err(ContentCodingError::Damaged) => {
                read_capped(flate2::read::DeflateDecoder::new(bytes), bytes.len(), cap)
            }
            decoded => decoded,
        }
    } else if is("br") {
        // 4 KiB: the buffer brotli reads its input through.
        read_capped(brotli_decompressor::Decompressor::new(bytes, 4096), bytes.len(), cap)
    } else if is("zstd") {
        let decoder = ruzstd::decoding::StreamingDecoder::new(bytes)
            .map_err(|_damaged| ContentCodingError::Damaged)?;
        read_capped(decoder, bytes.len(), cap)
    } else {
        Err(ContentCodingError::Unsupported)
    }
}

fn read_capped(reader: impl Read, coded: usize, cap: usize) -> Result<Vec<u8>, ContentCodingError> {
    let cap = cap.min(coded.saturating_mul(DECODED_RATIO_MAX));
    let mut decoded = Vec::with_capacity(cap.min(coded.saturating_mul(4)));
    // One byte more than allowed tells "exactly full" from "too large".
    let limit = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(limit).read_to_end(&mut decoded).map_err(|_damaged| ContentCodingError::Damaged)?;
    if decoded.len() > cap { Err(ContentCodingError::TooLarge) } else { Ok(decoded) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const CAP: usize = 1 << 20;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("writing to memory");
        encoder.finish().expect("writing to memory")
    }

    #[test]
    fn codings_are_decoded() {
        let body = br#"{"name":"Ada","name2":"Ada","name3":"Ada"}"#;
        for (coding, coded) in [
            ("gzip", gzip(body)),
            ("X-GZIP", gzip(body)),
            ("deflate", zlib(body)),
            ("deflate", raw_deflate(body)),
            ("identity", body.to_vec()),
            ("gzip, gzip", gzip(&gzip(body))),
        ] {
            let decoded = decode(Some(coding), &coded, CAP).expect(coding);
            assert_eq!(&*decoded, body, "{coding}");
        }
        assert_eq!(&*decode(None, body, CAP).expect("none"), body);
    }

    #[test]
    fn brotli_is_decoded() {
        // Made by the reference encoder from the body below.
        let coded = [
            0x1b, 0x29, 0x00, 0xf8, 0x9d, 0x07, 0x76, 0xc3, 0x5a, 0x03, 0x7d, 0x58, 0x71, 0x17,
            0x84, 0xd5, 0x61, 0x64, 0x65, 0x7b, 0x2a, 0xc8, 0x2d, 0x59, 0x74, 0xfa, 0x5a, 0x44,
            0x66, 0xa6, 0x6d, 0x37, 0xa0, 0x48, 0x32, 0x0b, 0xa9, 0x02, 0x1a, 0x98, 0xe5, 0x09,
            0x61, 0xc3, 0x1c,
        ];
        let body = br#"{"name":"Ada","name2":"Ada","name3":"Ada"}"#;
        assert_eq!(&*decode(Some("br"), &coded, CAP).expect("brotli"), body);
    }

    #[test]
    fn zstd_is_decoded() {
        let body = b"{\"a\":1}".repeat(100);
        let coded = ruzstd::encoding::compress_to_vec(
            &body[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(&*decode(Some("zstd"), &coded, CAP).expect("zstd"), &body[..]);
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        let long: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        for body in
            [&b""[..], b"x", br#"{"name":"Ada"}"#, &long[..0xffff], &long[..0x1_0000], &long]
        {
            for coding in ContentCoding::ALL {
                let coded = coding.encode(body);
                let name = coding.name();
                let decoded = decode(Some(name), &coded, 1 << 20);
                assert_eq!(decoded.as_deref(), Ok(body), "{name}, {} bytes", body.len());
                assert_eq!(ContentCoding::named(name), Some(coding));
            }
        }
    }

    #[test]
    fn bombs_stop_at_the_caps() {
        let bomb = gzip(&vec![0; 8 << 20]);
        assert_eq!(
            decode(Some("gzip"), &bomb, 64 << 20),
            Err(ContentCodingError::TooLarge),
            "by ratio"
        );
        let large = gzip(&(0..200_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
        assert_eq!(
            decode(Some("gzip"), &large, 1 << 10),
            Err(ContentCodingError::TooLarge),
            "by size"
        );
    }

    #[test]
    fn odd_codings_teach_nothing_and_do_no_harm() {
        assert_eq!(decode(Some("compress"), b"x", CAP), Err(ContentCodingError::Unsupported));
        assert_eq!(decode(Some("gzip,gzip,gzip"), b"x", CAP), Err(ContentCodingError::Unsupported));
        for coding in ["gzip", "deflate", "br", "zstd"] {
            assert_eq!(decode(Some(coding), b"not coded", CAP), Err(ContentCodingError::Damaged));
        }
        let cut = gzip(b"a long enough body to be cut somewhere");
        assert_eq!(decode(Some("gzip"), &cut[..20], CAP), Err(ContentCodingError::Damaged));
    }
}
