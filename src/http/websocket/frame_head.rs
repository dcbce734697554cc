//! The head of one frame (RFC 6455, section 5.2), read and written.

/// What a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// The rest of a message.
    Continuation,
    /// The beginning of a text message.
    Text,
    /// The beginning of a binary message.
    Binary,
    /// The end of the conversation.
    Close,
    /// A question whether the peer is there.
    Ping,
    /// Its answer.
    Pong,
}

impl FrameKind {
    /// Whether it stands for itself, between the frames of a message.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }

    const fn opcode(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    const fn of(opcode: u8) -> Option<Self> {
        Some(match opcode {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }
}

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// Whether it ends its message.
    pub is_last: bool,
    /// The first reserved bit: with `permessage-deflate`, that the message is compressed.
    pub is_compressed: bool,
    /// What it is for.
    pub kind: FrameKind,
    /// What its payload is masked with.
    pub mask: Option<[u8; 4]>,
    /// Bytes of its payload.
    pub length: u64,
    /// Bytes of the head itself.
    pub bytes: usize,
}

/// Longest payload of a control frame (section 5.5).
pub const CONTROL_BYTES_MAX: u64 = 125;

/// A frame that no peer may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameInvalid;

impl FrameHead {
    /// Reads the head that `bytes` begin with; `None` while more of it is to come.
    ///
    /// # Errors
    /// [`FrameInvalid`], for reserved bits and kinds, fragmented or long control frames, and
    /// lengths that are no length. Whether a mask must be there depends on the side.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, FrameInvalid> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let kind = FrameKind::of(first & 0x0f).ok_or(FrameInvalid)?;
        let (is_last, is_compressed) = (first & 0x80 != 0, first & 0x40 != 0);
        let short = u64::from(second & 0x7f);
        let is_odd = kind.is_control() && (!is_last || is_compressed || short > CONTROL_BYTES_MAX);
        if first & 0x30 != 0 || is_odd || (is_compressed && kind == FrameKind::Continuation) {
            return Err(FrameInvalid);
        }
        let (length, rest) = match short {
            126 => match rest.split_first_chunk::<2>() {
                Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk::<8>() {
                Some((length, rest)) => (u64::from_be_bytes(*length), rest),
                None => return Ok(None),
            },
            short => (short, rest),
        };
        if length > i64::MAX as u64 {
            return Err(FrameInvalid);
        }
        let (mask, rest) = if second & 0x80 == 0 {
            (None, rest)
        } else {
            match rest.split_first_chunk::<4>() {
                Some((mask, rest)) => (Some(*mask), rest),
                None => return Ok(None),
            }
        };
        let bytes = bytes.len() - rest.len();
        Ok(Some(Self { is_last, is_compressed, kind, mask, length, bytes }))
    }
}

/// Takes the mask off a part of a payload that begins `offset` bytes into it.
pub fn unmask(payload: &mut [u8], mask: [u8; 4], offset: u64) {
    let mut mask = mask;
    mask.rotate_left((offset % 4) as usize);
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

/// Writes a whole message or control frame, as a server does: unmasked, in one frame.
pub fn write(kind: FrameKind, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(payload.len() + 10);
    out.push(0x80 | kind.opcode());
    match payload.len() {
        short @ ..126 => out.push(short as u8),
        length if u16::try_from(length).is_ok() => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let mut frame = Vec::new();
            write(FrameKind::Binary, &vec![7; length], &mut frame);
            let head = FrameHead::read(&frame).unwrap().unwrap();
            assert_eq!((head.kind, head.length), (FrameKind::Binary, length as u64));
            assert_eq!(head.bytes + length, frame.len());
            for cut in 0..head.bytes {
                assert_eq!(FrameHead::read(&frame[..cut]), Ok(None), "{length} cut at {cut}");
            }
        }
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        // Section 5.7.
        let hello = FrameHead::read(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f]).unwrap().unwrap();
        assert_eq!((hello.kind, hello.mask), (FrameKind::Text, Some([0x37, 0xfa, 0x21, 0x3d])));
        let mut payload = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let (head, tail) = payload.split_at_mut(3);
        unmask(head, [0x37, 0xfa, 0x21, 0x3d], 0);
        unmask(tail, [0x37, 0xfa, 0x21, 0x3d], 3);
        assert_eq!(&payload, b"Hello");
        let part = FrameHead::read(&[0x01, 0x03]).unwrap().unwrap();
        assert_eq!((part.is_last, part.length), (false, 3));
    }

    #[test]
    fn frames_that_no_peer_may_send_are_refused() {
        for frame in [
            &[0x91, 0x00][..],
            &[0xa1, 0x00],
            &[0x83, 0x00],
            &[0x8b, 0x00],
            &[0x09, 0x00],
            &[0xc9, 0x00],
            &[0x88, 0x7e, 0x00, 0x7e],
            &[0xc0, 0x00],
            &[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(FrameHead::read(frame), Err(FrameInvalid), "{frame:x?}");
        }
    }
}
