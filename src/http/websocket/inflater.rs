//! Messages of `permessage-deflate` (RFC 7692), inflated within bounds.

use flate2::{Decompress, FlushDecompress, Status};

/// What a compressed message is cut off before it is sent (section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Bytes inflated at a time.
const STEP: usize = 4_096;

/// One direction of a connection on which the extension was agreed.
pub struct Inflater {
    state: Decompress,
    /// Each message is compressed for itself.
    is_fresh: bool,
}

impl Inflater {
    /// An inflater for the messages of one direction; `is_fresh`: they share no context
    /// (`…_no_context_takeover`).
    #[must_use]
    pub fn new(is_fresh: bool) -> Self {
        Self { state: Decompress::new(false), is_fresh }
    }

    /// Inflates a whole message; `None` when it is broken or longer than `bytes_max`: what follows
    /// cannot be read either, then.
    pub fn inflate(&mut self, message: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for part in [message, &TAIL] {
            self.take(part, &mut out, bytes_max)?;
        }
        if self.is_fresh {
            self.state.reset(false);
        }
        Some(out)
    }

    fn take(&mut self, mut part: &[u8], out: &mut Vec<u8>, bytes_max: usize) -> Option<()> {
        loop {
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let mut room = [0; STEP];
            let status = self.state.decompress(part, &mut room, FlushDecompress::Sync).ok()?;
            let read = usize::try_from(self.state.total_in() - read).ok()?;
            let written = usize::try_from(self.state.total_out() - written).ok()?;
            out.extend_from_slice(&room[..written]);
            part = &part[read..];
            if out.len() > bytes_max {
                return None;
            }
            match status {
                // The peer ended its stream; the next message begins another one.
                Status::StreamEnd => {
                    self.state.reset(false);
                    return Some(());
                }
                _ if read == 0 && written == 0 => return part.is_empty().then_some(()),
                _ if part.is_empty() && written < STEP => return Some(()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_inflated() {
        // Section 7.2.3.1 and 7.2.3.2: the second message refers to the first.
        let mut inflater = Inflater::new(false);
        let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        assert_eq!(inflater.inflate(&first, 100).as_deref(), Some(&b"Hello"[..]));
        let second = [0xf2, 0x00, 0x11, 0x00, 0x00];
        assert_eq!(inflater.inflate(&second, 100).as_deref(), Some(&b"Hello"[..]));
        let mut fresh = Inflater::new(true);
        assert_eq!(fresh.inflate(&first, 100).as_deref(), Some(&b"Hello"[..]));
        assert_eq!(fresh.inflate(&first, 100).as_deref(), Some(&b"Hello"[..]));
        assert_eq!(fresh.inflate(&first, 4), None);
    }
}
