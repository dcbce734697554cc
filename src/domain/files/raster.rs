//! Images without compression: BMP and TIFF 6.0.

use super::FilePattern;
use super::image::colour;
use super::pixel_size::PixelSize;
use super::reading::{be16, be32, le16, le32, u32_of};

/// A BMP of one bit a pixel, or of as many as fill the size.
pub fn bmp(pattern: &FilePattern<'_>) -> Vec<u8> {
    const HEAD_BYTES: usize = 14 + 40;
    // Rows stand upside down where the height is negative.
    let height = le32(pattern.like, 22).map(|height| (height as i32).unsigned_abs() as usize);
    let read = le32(pattern.like, 18).zip(height);
    let size = PixelSize::or_default(read.filter(|_| pattern.like.len() >= HEAD_BYTES));
    let row = |depth: usize| (size.width * depth).div_ceil(32) * 4;
    let fits = |depth: &usize| HEAD_BYTES + row(*depth) * size.height <= pattern.bytes;
    let depth = [32, 24].into_iter().find(fits).unwrap_or(1);
    let [red, green, blue] = colour(pattern.seed);
    let palette: &[u8] = if depth == 1 { &[blue, green, red, 0, 0xff, 0xff, 0xff, 0] } else { &[] };
    let start = HEAD_BYTES + palette.len();
    let pixels = row(depth) * size.height;
    let mut out = b"BM".to_vec();
    for number in [start + pixels, 0, start, 40, size.width, size.height] {
        out.extend(u32_of(number).to_le_bytes());
    }
    out.extend([1, 0, depth as u8, 0]);
    for number in [0, pixels, 2835, 2835, palette.len() / 4, 0] {
        out.extend(u32_of(number).to_le_bytes());
    }
    out.extend(palette);
    if depth == 1 {
        out.resize(start + pixels, 0);
        return out;
    }
    let pixel = [blue, green, red, 0xff];
    for _ in 0..size.height {
        let from = out.len();
        for _ in 0..size.width {
            out.extend(pixel.get(..depth / 8).unwrap_or_default());
        }
        out.resize(from + row(depth), 0);
    }
    out
}

/// Tags of TIFF: width, height.
const WIDTH: usize = 256;
const HEIGHT: usize = 257;

/// A TIFF of one bit a pixel, black; what fills up the size stands where nothing points to.
pub fn tiff(pattern: &FilePattern<'_>) -> Vec<u8> {
    let size = PixelSize::or_default(tiff_size(pattern.like));
    let pixels = size.width.div_ceil(8) * size.height;
    // Tag, type (3: short, 4: long), value; in the order of their numbers.
    let start = 8 + 2 + 9 * 12 + 4;
    let entries = [
        (WIDTH, 4, size.width),
        (HEIGHT, 4, size.height),
        (258, 3, 1),
        // No compression, black is zero.
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, start),
        (277, 3, 1),
        (278, 4, size.height),
        (279, 4, pixels),
    ];
    let mut out = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, value) in entries {
        out.extend((tag as u16).to_le_bytes());
        out.extend([kind, 0, 1, 0, 0, 0]);
        out.extend(u32_of(value).to_le_bytes());
    }
    out.extend([0; 4]);
    out.resize((start + pixels).max(pattern.bytes), 0);
    out
}

fn tiff_size(like: &[u8]) -> Option<(usize, usize)> {
    let is_little = like.starts_with(b"II");
    let short = |at| if is_little { le16(like, at) } else { be16(like, at) };
    let long = |at| if is_little { le32(like, at) } else { be32(like, at) };
    let directory = long(4)?;
    let entries = short(directory)?;
    let value = |tag: usize| {
        (0..entries)
            .map(|n| directory + 2 + n * 12)
            .find(|at| short(*at) == Some(tag))
            .and_then(|at| if short(at + 2) == Some(3) { short(at + 8) } else { long(at + 8) })
    };
    Some((value(WIDTH)?, value(HEIGHT)?))
}
