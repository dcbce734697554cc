//! The chunk scanner: never panics, never depends on where reads are cut.

use stunt_double::http::framing::{ChunkError, ChunkPiece, ChunkScanner};

/// Data, and where the body ended if it did.
fn scan(pieces: &[&[u8]]) -> Result<(Vec<u8>, Option<usize>), ChunkError> {
    let mut scanner = ChunkScanner::default();
    let (mut data, mut consumed) = (Vec::new(), 0);
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let (used, found) = scanner.advance(rest)?;
            consumed += used;
            rest = &rest[used..];
            match found {
                ChunkPiece::NeedMore => assert!(rest.is_empty()),
                ChunkPiece::Data(bytes) => data.extend_from_slice(bytes),
                ChunkPiece::End => return Ok((data, Some(consumed))),
            }
        }
    }
    Ok((data, scanner.is_complete().then_some(consumed)))
}

/// One input of the fuzzer.
pub fn check(input: &[u8]) {
    let Some((cut, input)) = input.split_first() else { return };
    let cut = usize::from(*cut).min(input.len());
    let (start, end) = input.split_at(cut);
    assert_eq!(scan(&[input]), scan(&[start, end]));
}
