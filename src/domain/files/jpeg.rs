//! Grey JPEGs (ITU-T T.81, baseline): every block is the one before it again, two bits each.

use super::FilePattern;
use super::pixel_size::PixelSize;
use super::reading::be16;

/// Bytes of a comment at most, without its marker.
const COMMENT_BYTES_MAX: usize = 0xffff;

/// A JPEG of mid grey, in as many components as the recorded one.
pub fn jpeg(pattern: &FilePattern<'_>) -> Vec<u8> {
    let read = frame(pattern.like);
    let size = PixelSize::or_default(read.map(|(width, height, _)| (width, height)));
    let components: u8 = if read.is_some_and(|(_, _, components)| components == 1) { 1 } else { 3 };
    let mut out = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00".to_vec();
    // Quantised by ones.
    out.extend([0xff, 0xdb, 0, 67, 0]);
    out.extend([1; 64]);
    out.extend([0xff, 0xc0, 0, 8 + 3 * components, 8]);
    // At most 0x3fff each.
    out.extend((size.height as u16).to_be_bytes());
    out.extend((size.width as u16).to_be_bytes());
    out.push(components);
    (1..=components).for_each(|component| out.extend([component, 0x11, 0]));
    // One code of one bit in either table: no difference, and the end of a block.
    for table in [0x00, 0x10] {
        out.extend([0xff, 0xc4, 0, 2 + 1 + 16 + 1, table, 1]);
        out.extend([0; 15 + 1]);
    }
    let mut scan = vec![0xff, 0xda, 0, 6 + 2 * components, components];
    (1..=components).for_each(|component| scan.extend([component, 0]));
    scan.extend([0, 63, 0]);
    let blocks = size.width.div_ceil(8) * size.height.div_ceil(8) * usize::from(components);
    let bits = blocks * 2;
    scan.resize(scan.len() + bits / 8, 0);
    if !bits.is_multiple_of(8) {
        // What is left of a byte is filled with ones.
        scan.push(0xff >> (bits % 8));
    }
    scan.extend([0xff, 0xd9]);
    let mut left = pattern.bytes.saturating_sub(out.len() + scan.len());
    while left >= 4 {
        let length = (left - 2).min(COMMENT_BYTES_MAX);
        out.extend([0xff, 0xfe]);
        out.extend((length as u16).to_be_bytes());
        out.extend(std::iter::repeat_n(b' ', length - 2));
        left -= length + 2;
    }
    out.extend(scan);
    out
}

/// Width, height and number of components, from the frame's header.
fn frame(like: &[u8]) -> Option<(usize, usize, u8)> {
    let mut at = 2;
    loop {
        if *like.get(at)? != 0xff {
            return None;
        }
        match *like.get(at + 1)? {
            0xff => at += 1,
            // Frames of all kinds; tables of codes and of arithmetic are none.
            0xc0..=0xcf if !matches!(like.get(at + 1)?, 0xc4 | 0xc8 | 0xcc) => {
                return Some((be16(like, at + 7)?, be16(like, at + 5)?, *like.get(at + 9)?));
            }
            _ => at += 2 + be16(like, at + 2)?,
        }
    }
}
