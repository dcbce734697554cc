//! Where the frames of an HTTP/2 connection begin and end, in one direction, without what they say.

use crate::http::downstream::client_protocol::PREFACE;

/// The head of every frame (RFC 9113, section 4.1).
const HEAD_BYTES: usize = 9;

/// `DATA`.
pub const DATA: u8 = 0;
/// `HEADERS`.
pub const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
/// The flag by which the fields of a message end.
const END_HEADERS: u8 = 4;

/// Position in the bytes of one direction.
#[derive(Debug, Default)]
pub struct FrameScanner {
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    /// Bytes of the payload that are still to come.
    left: usize,
    /// Fields have begun, and their end has not come.
    in_fields: bool,
    /// The first frame, which is part of the preface, has not begun (section 3.4).
    awaits_first: bool,
}

/// A piece of a frame that went by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePiece {
    /// What kind of frame.
    pub kind: u8,
    /// Whose; 0 is the connection itself.
    pub stream: u32,
    /// Its head went by.
    pub begins: bool,
    /// How much of its payload that was.
    pub payload: usize,
}

impl FrameScanner {
    /// Of what a client sends, which begins with the preface.
    pub fn behind_preface() -> Self {
        Self { left: PREFACE.len(), awaits_first: true, ..Self::default() }
    }

    /// Whether neither a frame nor the fields of a message have begun without coming to their end.
    pub fn is_between(&self) -> bool {
        self.head_bytes == 0 && self.left == 0 && !self.in_fields && !self.awaits_first
    }

    /// Whether what is to come is the payload of a `DATA` frame.
    pub fn is_in_data(&self) -> bool {
        self.head_bytes == HEAD_BYTES && self.kind() == DATA
    }

    /// Reads on over all of `bytes`.
    pub fn advance(&mut self, mut bytes: &[u8], mut seen: impl FnMut(FramePiece)) {
        while !bytes.is_empty() {
            // Behind the preface, whose payload has no head.
            if self.left > 0 {
                let taken = self.left.min(bytes.len());
                self.left -= taken;
                bytes = bytes.get(taken..).unwrap_or_default();
                if self.head_bytes == HEAD_BYTES {
                    let (kind, stream) = (self.kind(), self.stream());
                    seen(FramePiece { kind, stream, begins: false, payload: taken });
                }
            } else {
                let taken = (HEAD_BYTES - self.head_bytes).min(bytes.len());
                let (head, rest) = bytes.split_at(taken);
                let into = self.head.get_mut(self.head_bytes..self.head_bytes + taken);
                into.unwrap_or_default().copy_from_slice(head);
                self.head_bytes += taken;
                bytes = rest;
                if self.head_bytes == HEAD_BYTES {
                    self.begin();
                    let (kind, stream) = (self.kind(), self.stream());
                    seen(FramePiece { kind, stream, begins: true, payload: 0 });
                }
            }
            if self.left == 0 && (self.head_bytes == HEAD_BYTES) {
                self.head_bytes = 0;
            }
        }
    }

    fn begin(&mut self) {
        self.awaits_first = false;
        let [high, middle, low, kind, flags, ..] = self.head;
        self.left = u32::from_be_bytes([0, high, middle, low]) as usize;
        if matches!(kind, HEADERS | CONTINUATION) {
            self.in_fields = flags & END_HEADERS == 0;
        }
    }

    fn kind(&self) -> u8 {
        self.head[3]
    }

    fn stream(&self) -> u32 {
        let [.., a, b, c, d] = self.head;
        // The first bit is reserved.
        u32::from_be_bytes([a, b, c, d]) & (u32::MAX >> 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        [&head, payload].concat()
    }

    #[test]
    fn frames_are_told_apart_however_their_bytes_come() {
        let bytes = [
            PREFACE.to_vec(),
            frame(4, 0, 0, b""),
            frame(HEADERS, 0, 1, b"fields"),
            frame(CONTINUATION, END_HEADERS, 1, b"more"),
            frame(DATA, 0, 1, b"hello"),
            frame(DATA, 1, 3, b""),
        ]
        .concat();
        for step in [1, 2, 7, 9, 10, bytes.len()] {
            let mut scanner = FrameScanner::behind_preface();
            assert!(!scanner.is_between());
            let (mut data, mut begun) = (0, 0);
            for piece in bytes.chunks(step) {
                scanner.advance(piece, |piece| {
                    begun += usize::from(piece.begins);
                    data += if (piece.kind, piece.stream) == (DATA, 1) { piece.payload } else { 0 };
                });
            }
            assert_eq!((data, begun, scanner.is_between()), (5, 5, true), "{step}");
        }
    }

    #[test]
    fn fields_without_their_end_and_half_a_frame_are_unfinished() {
        let mut scanner = FrameScanner::default();
        assert!(scanner.is_between());
        let mut client = FrameScanner::behind_preface();
        client.advance(PREFACE, |_| {});
        assert!(!client.is_between(), "its settings belong to the preface");
        scanner.advance(&frame(HEADERS, 0, 1, b"fields"), |_| {});
        assert!(!scanner.is_between());
        scanner.advance(&frame(CONTINUATION, END_HEADERS, 1, b""), |_| {});
        assert!(scanner.is_between());
        scanner.advance(&frame(DATA, 0, 1, b"hello")[..12], |_| {});
        assert!(!scanner.is_between() && scanner.is_in_data());
    }
}
