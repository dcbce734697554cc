//! Films of one grey picture and sounds of silence, in containers: a small sample of each, and what
//! fills up the size in the container's own way.

use super::FilePattern;
use super::reading::u32_of;

const GREY_MP4: &[u8] = include_bytes!("samples/grey.mp4");
const SILENCE_M4A: &[u8] = include_bytes!("samples/silence.m4a");
const GREY_WEBM: &[u8] = include_bytes!("samples/grey.webm");
const SILENCE_OGG: &[u8] = include_bytes!("samples/silence.ogg");
const SILENCE_FLAC: &[u8] = include_bytes!("samples/silence.flac");

/// An MP4 (ISO/IEC 14496-12), with a box of free space at its end.
pub fn mp4(pattern: &FilePattern<'_>) -> Vec<u8> {
    let brand = pattern.like.get(8..12).unwrap_or_default();
    let is_sound = brand.starts_with(b"M4A") || pattern.media.starts_with("audio/");
    let mut out = if is_sound { SILENCE_M4A } else { GREY_MP4 }.to_vec();
    let left = pattern.bytes.saturating_sub(out.len());
    if left >= 8 {
        out.extend(u32_of(left).to_be_bytes());
        out.extend(b"free");
        out.resize(pattern.bytes, 0);
    }
    out
}

/// A WebM (RFC 8794, RFC 9559), with a void element at its end.
pub fn webm(pattern: &FilePattern<'_>) -> Vec<u8> {
    const HEAD_BYTES: usize = 1 + 8;
    let mut out = GREY_WEBM.to_vec();
    let left = pattern.bytes.saturating_sub(out.len());
    if left >= HEAD_BYTES {
        out.push(0xec);
        // A length of eight bytes, of which the first bit says that there are eight.
        out.extend((1_u64 << 56 | (left - HEAD_BYTES) as u64).to_be_bytes());
        out.resize(pattern.bytes, 0);
    }
    out
}

/// An Ogg of silence (RFC 3533, RFC 7845).
pub fn ogg() -> Vec<u8> {
    SILENCE_OGG.to_vec()
}

/// A FLAC of silence (RFC 9639), with a block of padding behind what it says of its stream.
pub fn flac(pattern: &FilePattern<'_>) -> Vec<u8> {
    /// The sign, and the block that must come first.
    const INFO_BYTES: usize = 4 + 4 + 34;
    /// What the three bytes of a block's length can say.
    const BLOCK_BYTES_MAX: usize = 0xff_ffff;
    let left = pattern.bytes.saturating_sub(SILENCE_FLAC.len() + 4).min(BLOCK_BYTES_MAX);
    if left == 0 {
        return SILENCE_FLAC.to_vec();
    }
    let (info, frames) = SILENCE_FLAC.split_at(INFO_BYTES);
    let mut out = info.to_vec();
    if let Some(kind) = out.get_mut(4) {
        // No longer the last block.
        *kind &= 0x7f;
    }
    // The last block, of padding.
    out.extend((0x8100_0000 | u32_of(left)).to_be_bytes());
    out.resize(out.len() + left, 0);
    out.extend(frames);
    out
}
