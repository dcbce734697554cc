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
