//! TAR archives (POSIX.1, ustar) whose entries have stand-ins.

use super::reading::bytes;
use super::{FilePattern, archive};

const BLOCK_BYTES: usize = 512;

/// Entries at most.
const ENTRIES_MAX: usize = 1_000;

/// The place of a header's sum, which counts as spaces.
const SUM: std::ops::Range<usize> = 148..156;

/// A TAR with the entries of the recorded one, or with one.
pub fn tar(pattern: &FilePattern<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.bytes);
    let mut at = 0;
    for _ in 0..ENTRIES_MAX {
        let Some(header) = bytes::<BLOCK_BYTES>(pattern.like, at).filter(|h| h[0] != 0) else {
            break;
        };
        let Some(size) = octal(&header[124..136]) else { break };
        let from = at + BLOCK_BYTES;
        let data = pattern.like.get(from..from.saturating_add(size)).unwrap_or_default();
        let name = text(&header[..100]);
        // Links and the like name others; what is neither file nor folder is left out.
        match header[156] {
            b'0' | 0 => {
                let data = archive::content(pattern, data);
                entry(&archive::name(pattern, &name), b'0', &data, &mut out);
            }
            b'5' => entry(&archive::name(pattern, &name), b'5', &[], &mut out),
            _ => {}
        }
        at = from.saturating_add(size.div_ceil(BLOCK_BYTES) * BLOCK_BYTES);
    }
    if out.is_empty() {
        let size = pattern.bytes.saturating_sub(3 * BLOCK_BYTES);
        entry("file.txt", b'0', &vec![b'\n'; size], &mut out);
    }
    out.resize(out.len() + 2 * BLOCK_BYTES, 0);
    out
}

fn entry(name: &str, kind: u8, data: &[u8], out: &mut Vec<u8>) {
    let mut header = [0; BLOCK_BYTES];
    let mut put = |at: usize, text: &[u8]| {
        header.iter_mut().skip(at).zip(text).for_each(|(old, new)| *old = *new);
    };
    // A longer name ends where its place does, before a zero.
    put(0, name.as_bytes().get(..99).unwrap_or(name.as_bytes()));
    put(100, b"0000644\x000000000\x000000000\x00");
    put(124, format!("{:011o}", data.len()).as_bytes());
    put(136, b"00000000000\x00        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[SUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend(header);
    out.extend(data);
    out.resize(out.len().div_ceil(BLOCK_BYTES) * BLOCK_BYTES, 0);
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn octal(field: &[u8]) -> Option<usize> {
    let text = text(field);
    usize::from_str_radix(text.trim(), 8).ok()
}
