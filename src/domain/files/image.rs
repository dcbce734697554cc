//! Images of one colour: PNG (W3C PNG, third edition), GIF89a, WebP (RFC 9649) and icons.

use std::io::Write as _;

use super::FilePattern;
use super::pixel_size::PixelSize;
use super::reading::{be32, le16, u32_of};
use crate::domain::random::seed::mix;

/// A colour of a seed, not too dark and not too bright.
pub fn colour(seed: u64) -> [u8; 3] {
    let at = |n: u64| 64 + (mix(seed, n) % 128) as u8;
    [at(1), at(2), at(3)]
}

/// Bytes of a chunk of PNG besides its data.
const CHUNK_BYTES: usize = 12;

/// A PNG of one colour: one bit a pixel, since size is told by an ancillary chunk of zeros.
pub fn png(pattern: &FilePattern<'_>) -> Vec<u8> {
    let read = pattern.like.get(12..16).filter(|kind| *kind == b"IHDR");
    let read = read.and_then(|_| Some((be32(pattern.like, 16)?, be32(pattern.like, 20)?)));
    png_of(PixelSize::or_default(read), pattern.seed, pattern.bytes)
}

fn png_of(size: PixelSize, seed: u64, bytes: usize) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend(u32_of(size.width).to_be_bytes());
    header.extend(u32_of(size.height).to_be_bytes());
    // Depth 1, palette, and the only methods there are.
    header.extend([1, 3, 0, 0, 0]);
    chunk(*b"IHDR", &header, &mut out);
    chunk(*b"PLTE", &colour(seed), &mut out);
    // Each row: its filter, and its pixels.
    let rows = vec![0; (1 + size.width.div_ceil(8)) * size.height];
    chunk(*b"IDAT", &zlib(&rows), &mut out);
    let left = bytes.saturating_sub(out.len() + 2 * CHUNK_BYTES);
    if left > 0 {
        // Ancillary, private, safe to copy.
        chunk(*b"fiLl", &vec![0; left], &mut out);
    }
    chunk(*b"IEND", &[], &mut out);
    out
}

fn chunk(kind: [u8; 4], data: &[u8], out: &mut Vec<u8>) {
    out.extend(u32_of(data.len()).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(data);
    let mut sum = flate2::Crc::new();
    sum.update(out.get(from..).unwrap_or_default());
    out.extend(sum.sum().to_be_bytes());
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Bytes of one block of a comment.
const GIF_BLOCK_BYTES: usize = 255;

/// A GIF whose screen is of the size asked for, with one pixel on it.
pub fn gif(pattern: &FilePattern<'_>) -> Vec<u8> {
    let read = le16(pattern.like, 6).zip(le16(pattern.like, 8));
    let size = PixelSize::or_default(read);
    let mut out = b"GIF89a".to_vec();
    // At most 0x3fff each.
    out.extend((size.width as u16).to_le_bytes());
    out.extend((size.height as u16).to_le_bytes());
    // A palette of two colours, the first one for what no image covers.
    out.extend([0x80, 0, 0]);
    out.extend([colour(pattern.seed), [0xff; 3]].concat());
    let image = b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let mut left = pattern.bytes.saturating_sub(out.len() + image.len() + 3);
    if left > 0 {
        out.extend([0x21, 0xfe]);
        while left > 1 {
            let length = (left - 1).min(GIF_BLOCK_BYTES);
            // At most 255.
            out.push(length as u8);
            out.extend(std::iter::repeat_n(b' ', length));
            left -= length + 1;
        }
        out.push(0);
    }
    out.extend(image);
    out
}

/// A lossless WebP of one colour: five codes of one symbol each, and so no bit a pixel.
pub fn webp(pattern: &FilePattern<'_>) -> Vec<u8> {
    let size = PixelSize::or_default(webp_size(pattern.like));
    let mut bits = Bits::default();
    bits.put(size.width as u32 - 1, 14);
    bits.put(size.height as u32 - 1, 14);
    // No alpha, version 0; no transform, no cache of colours, one group of codes.
    bits.put(0, 1 + 3 + 1 + 1 + 1);
    let [red, green, blue] = colour(pattern.seed);
    for symbol in [green, red, blue, 0xff, 0] {
        // A simple code, of one symbol, which has eight bits.
        bits.put(0b101, 3);
        bits.put(u32::from(symbol), 8);
    }
    let mut data = vec![0x2f];
    data.extend(bits.bytes);
    let mut chunks = b"WEBPVP8L".to_vec();
    riff(&data, &mut chunks);
    let left = pattern.bytes.saturating_sub(chunks.len() + 8 + 8);
    if left > 0 {
        chunks.extend(b"FILL");
        riff(&vec![0; left], &mut chunks);
    }
    let mut out = b"RIFF".to_vec();
    out.extend(u32_of(chunks.len()).to_le_bytes());
    out.extend(chunks);
    out
}

/// Length and data of a chunk, at an even length.
fn riff(data: &[u8], out: &mut Vec<u8>) {
    out.extend(u32_of(data.len()).to_le_bytes());
    out.extend(data);
    if data.len() % 2 == 1 {
        out.push(0);
    }
}

fn webp_size(like: &[u8]) -> Option<(usize, usize)> {
    let le24 = |at: usize| Some(le16(like, at)? | usize::from(*like.get(at + 2)?) << 16);
    match like.get(12..16)? {
        b"VP8 " => Some((le16(like, 26)? & 0x3fff, le16(like, 28)? & 0x3fff)),
        b"VP8L" => {
            let packed = le16(like, 21)? | le16(like, 23)? << 16;
            Some(((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((le24(24)? + 1, le24(27)? + 1)),
        _ => None,
    }
}

/// Bits, the low one first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u8,
}

impl Bits {
    fn put(&mut self, value: u32, count: u8) {
        for at in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let bit = (value >> at & 1) as u8;
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }
}

/// An icon with one PNG in it, of the size of the first one.
pub fn icon(pattern: &FilePattern<'_>) -> Vec<u8> {
    const HEAD_BYTES: usize = 6 + 16;
    // A zero stands for 256.
    let side = |at: usize| {
        let side = pattern.like.get(at).copied().unwrap_or(32);
        if side == 0 { 256 } else { usize::from(side) }
    };
    let size = PixelSize { width: side(6), height: side(7) };
    let image = png_of(size, pattern.seed, pattern.bytes.saturating_sub(HEAD_BYTES));
    let mut out = vec![0, 0, 1, 0, 1, 0];
    // 256 is written as zero.
    out.extend([size.width as u8, size.height as u8, 0, 0, 1, 0, 1, 0]);
    out.extend(u32_of(image.len()).to_le_bytes());
    out.extend(u32_of(HEAD_BYTES).to_le_bytes());
    out.extend(image);
    out
}
