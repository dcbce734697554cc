//! Silence: WAV (RFC 2361, Microsoft's RIFF) and MP3 (ISO/IEC 11172-3).

use super::FilePattern;
use super::reading::{bytes, find, le16, le32, u32_of};

/// A format of eight thousand samples of sixteen bits a second.
const FORMAT: [u8; 16] = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];

/// A WAV of the recorded one's format and length.
pub fn wave(pattern: &FilePattern<'_>) -> Vec<u8> {
    let format = format(pattern.like).unwrap_or(&FORMAT);
    let head = 12 + 8 + format.len() + 8;
    let block = le16(format, 12).filter(|block| *block > 0).unwrap_or(1);
    let length = pattern.bytes.saturating_sub(head) / block * block;
    let mut out = b"RIFF".to_vec();
    out.extend(u32_of(head - 8 + length + length % 2).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(u32_of(format.len()).to_le_bytes());
    out.extend(format);
    out.extend(b"data");
    out.extend(u32_of(length).to_le_bytes());
    // Samples of eight bits have no sign.
    let silence = if le16(format, 14) == Some(8) { 0x80 } else { 0 };
    out.resize(head + length, silence);
    if length % 2 == 1 {
        out.push(0);
    }
    out
}

fn format(like: &[u8]) -> Option<&[u8]> {
    let at = find(like, b"fmt ")?;
    let length = le32(like, at + 4).filter(|length| (16..=40).contains(length))?;
    like.get(at + 8..at + 8 + length)
}

/// Kilobits a second of layer III, of version 1 and of 2.
const BIT_RATES: [[usize; 14]; 2] = [
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// Samples a second of version 1; version 2 has half of them, version 2.5 a quarter.
const SAMPLE_RATES: [usize; 3] = [44_100, 48_000, 32_000];

/// A frame of version 1, 128 kbit/s, 44.1 kHz, stereo.
const FRAME: [u8; 4] = [0xff, 0xfb, 0x90, 0x00];

/// Whether a frame of layer III begins here, and another one behind it.
pub fn is_frame(like: &[u8]) -> bool {
    let next = bytes(like, 0).and_then(frame_bytes);
    next.is_some_and(|at| bytes(like, at).and_then(frame_bytes).is_some())
}

/// Bytes of the frame with a header; `None` where it is none of layer III without checksum.
fn frame_bytes([sync, kind, rate, _]: [u8; 4]) -> Option<usize> {
    // Eleven bits of ones, layer III, no checksum.
    if sync != 0xff || kind & 0xe7 != 0xe3 {
        return None;
    }
    let (samples, shift) = match kind >> 3 & 3 {
        3 => (144, 0),
        2 => (72, 1),
        0 => (72, 2),
        _ => return None,
    };
    let rates = BIT_RATES.get(usize::from(shift > 0))?;
    let kilobits = rates.get(usize::from(rate >> 4).checked_sub(1)?)?;
    let hertz = SAMPLE_RATES.get(usize::from(rate >> 2 & 3))? >> shift;
    Some(samples * kilobits * 1000 / hertz + usize::from(rate >> 1 & 1))
}

/// An MP3 of silent frames like the first one of the recorded file.
pub fn mp3(pattern: &FilePattern<'_>) -> Vec<u8> {
    let starts = memchr::memchr_iter(0xff, pattern.like);
    let first = starts.filter_map(|at| bytes(pattern.like, at)).find(|h| frame_bytes(*h).is_some());
    let header = first.unwrap_or(FRAME);
    let length = frame_bytes(header).unwrap_or(417);
    let frames = (pattern.bytes / length).max(2);
    let mut out = Vec::with_capacity(frames * length);
    for n in 1..=frames {
        out.extend(header);
        // Side information of zeros: no samples.
        out.resize(n * length, 0);
    }
    out
}
