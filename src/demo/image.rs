//! A small PNG made in code: the binary body of the sample backend.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// Width and height in pixels: a thumbnail.
const SIDE: usize = 32;
/// Width and height of one square of the pattern, in pixels.
const SQUARE: usize = 4;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A pattern of squares that depends on `key` alone (PNG, third edition, section 5).
pub(super) fn identicon(key: &[u8]) -> Vec<u8> {
    let mut png = SIGNATURE.to_vec();
    let side = (SIDE as u32).to_be_bytes();
    // Eight bits a sample, true colour, and the only compression, filter and interlace there are.
    let header = [&side[..], &side[..], &[8, 2, 0, 0, 0]].concat();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &compressed(&pixels(key)));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn pixels(key: &[u8]) -> Vec<u8> {
    let byte = |n: usize| if key.is_empty() { 0 } else { key[n % key.len()] };
    let ink = [byte(0) | 0x40, byte(5) | 0x40, byte(7) | 0x40];
    let mut rows = Vec::with_capacity(SIDE * (1 + 3 * SIDE));
    for y in 0..SIDE {
        rows.push(0); // filter type "none" for this row
        for x in 0..SIDE {
            // Mirrored, as identicons are.
            let column = x.min(SIDE - 1 - x) / SQUARE;
            let filled = byte(column * 7 + y / SQUARE).count_ones() % 2 == 0;
            rows.extend_from_slice(if filled { &ink } else { &[0xF4; 3] });
        }
    }
    rows
}

fn compressed(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail; were it to, the image would be empty and visibly broken.
    let written = encoder.write_all(data).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(content);
    png.extend_from_slice(&(content.len() as u32).to_be_bytes());
    png.extend_from_slice(kind);
    png.extend_from_slice(content);
    png.extend_from_slice(&crc.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_image_has_one_row_per_line_and_sound_checksums() {
        let png = identicon(b"7f3e");
        let (signature, mut rest) = png.split_at(8);
        assert_eq!(signature, SIGNATURE);
        let mut kinds = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let (kind, content) = (&rest[4..8], &rest[8..8 + length]);
            let mut crc = Crc::new();
            crc.update(&rest[4..8 + length]);
            assert_eq!(rest[8 + length..12 + length], crc.sum().to_be_bytes());
            if kind == b"IDAT" {
                let mut rows = Vec::new();
                flate2::read::ZlibDecoder::new(content).read_to_end(&mut rows).unwrap();
                assert_eq!(rows.len(), SIDE * (1 + 3 * SIDE));
            }
            kinds.push(String::from_utf8(kind.to_vec()).unwrap());
            rest = &rest[12 + length..];
        }
        assert_eq!(kinds, ["IHDR", "IDAT", "IEND"]);
    }

    #[test]
    fn the_image_depends_on_the_key_alone() {
        assert_eq!(identicon(b"one"), identicon(b"one"));
        assert_ne!(identicon(b"one"), identicon(b"two"));
    }
}
