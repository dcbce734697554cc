//! Frames into messages, for one direction of a connection: incremental, and bounded.

use bytes::Bytes;

use super::frame_head::{CONTROL_BYTES_MAX, FrameHead, FrameKind, unmask};
use super::inflater::Inflater;

/// Longest head of a frame: two bytes, a length of eight, a mask of four.
const HEAD_BYTES_MAX: usize = 14;

/// How one direction is read.
pub struct ReadingRules {
    /// Whether its frames must be masked: the client's must, the server's must not (section 5.1).
    pub masked: bool,
    /// Longest message that is kept.
    pub message_bytes_max: usize,
    /// Whether a longer one is stepped over rather than refused.
    pub skips_long: bool,
    /// Undoes the compression of messages, where the extension was agreed.
    pub inflater: Option<Inflater>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A message of so many bytes that was stepped over.
    Long(u64),
    /// A ping with its payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// The payload of a close frame.
    Close(Vec<u8>),
}

/// Why the connection cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    /// Section 7.4.1: 1002.
    #[error("protocol error")]
    Protocol,
    /// 1007.
    #[error("a text message is not UTF-8")]
    NotUtf8,
    /// 1009.
    #[error("a message is too long")]
    TooLong,
}

impl FrameFault {
    /// The code of the close frame that says so (RFC 6455, section 7.4.1).
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::NotUtf8 => 1007,
            Self::TooLong => 1009,
        }
    }
}

/// Reads one direction of a connection.
pub struct FrameReader {
    rules: ReadingRules,
    /// The head of a frame, as far as it came.
    head: Vec<u8>,
    /// The frame whose payload is coming, and how much of it came.
    frame: Option<(FrameHead, u64)>,
    control: Vec<u8>,
    /// The message whose frames are coming.
    message: Option<MessageParts>,
    failed: Option<FrameFault>,
}

/// A message as far as it came.
struct MessageParts {
    is_text: bool,
    is_compressed: bool,
    bytes: Vec<u8>,
    total: u64,
    skipped: bool,
    /// Bytes of a text that are known to be UTF-8.
    checked: usize,
}

impl FrameReader {
    /// A reader at the beginning of a connection.
    #[must_use]
    pub fn new(rules: ReadingRules) -> Self {
        let (head, control) = (Vec::new(), Vec::new());
        Self { rules, head, frame: None, control, message: None, failed: None }
    }

    /// Reads a piece, and gives what it completes to `hear`.
    ///
    /// # Errors
    /// [`FrameFault`], once and for all.
    pub fn read(&mut self, piece: &Bytes, mut hear: impl FnMut(Heard)) -> Result<(), FrameFault> {
        let mut rest = &piece[..];
        loop {
            if let Some(failed) = self.failed {
                return Err(failed);
            }
            match self.step(&mut rest) {
                Ok(Some(heard)) => hear(heard),
                Ok(None) if rest.is_empty() => return Ok(()),
                Ok(None) => {}
                Err(failed) => self.failed = Some(failed),
            }
        }
    }

    /// Takes from `rest` what belongs to one head or one payload.
    fn step(&mut self, rest: &mut &[u8]) -> Result<Option<Heard>, FrameFault> {
        let Some((head, came)) = &mut self.frame else { return self.begin_frame(rest) };
        let (head, before) = (*head, *came);
        let left = usize::try_from(head.length - before).unwrap_or(usize::MAX);
        let (part, behind) = rest.split_at(left.min(rest.len()));
        *rest = behind;
        *came += part.len() as u64;
        let is_whole = *came == head.length;
        let message = self.message.as_mut().filter(|_| !head.kind.is_control());
        let into = match message {
            Some(message) if message.skipped => None,
            Some(message) => Some(&mut message.bytes),
            None => Some(&mut self.control),
        };
        if let Some(into) = into {
            let from = into.len();
            into.extend_from_slice(part);
            if let Some(mask) = head.mask {
                unmask(&mut into[from..], mask, before);
            }
        }
        if !is_whole {
            return Ok(None);
        }
        self.frame = None;
        self.end_frame(head)
    }

    fn begin_frame(&mut self, rest: &mut &[u8]) -> Result<Option<Heard>, FrameFault> {
        // The head is gathered apart: a piece may end within it.
        let known = self.head.len();
        let more = rest.len().min(HEAD_BYTES_MAX - known);
        self.head.extend_from_slice(&rest[..more]);
        let read = FrameHead::read(&self.head).map_err(|_| FrameFault::Protocol)?;
        let Some(head) = read else {
            *rest = &rest[more..];
            return Ok(None);
        };
        *rest = &rest[head.bytes - known..];
        self.head.clear();
        let compresses = self.rules.inflater.is_some();
        if head.mask.is_some() != self.rules.masked || (head.is_compressed && !compresses) {
            return Err(FrameFault::Protocol);
        }
        self.admit(&head)?;
        self.frame = Some((head, 0));
        if head.length == 0 {
            self.frame = None;
            return self.end_frame(head);
        }
        Ok(None)
    }

    /// Whether a frame may come now, and whether its message is kept.
    fn admit(&mut self, head: &FrameHead) -> Result<(), FrameFault> {
        if head.kind.is_control() {
            self.control.clear();
            return Ok(());
        }
        match (&mut self.message, head.kind) {
            (None, FrameKind::Continuation) => return Err(FrameFault::Protocol),
            (Some(_), FrameKind::Continuation) => {}
            (Some(_), _) => return Err(FrameFault::Protocol),
            (message @ None, kind) => {
                *message = Some(MessageParts {
                    is_text: kind == FrameKind::Text,
                    is_compressed: head.is_compressed,
                    bytes: Vec::new(),
                    total: 0,
                    skipped: false,
                    checked: 0,
                });
            }
        }
        let Some(message) = &mut self.message else { return Ok(()) };
        message.total = message.total.saturating_add(head.length);
        if message.total > self.rules.message_bytes_max as u64 {
            if !self.rules.skips_long {
                return Err(FrameFault::TooLong);
            }
            // What is compressed behind it may refer to it.
            if message.is_compressed {
                return Err(FrameFault::TooLong);
            }
            (message.skipped, message.bytes) = (true, Vec::new());
        }
        Ok(())
    }

    fn end_frame(&mut self, head: FrameHead) -> Result<Option<Heard>, FrameFault> {
        debug_assert!(!head.kind.is_control() || self.control.len() as u64 <= CONTROL_BYTES_MAX);
        match head.kind {
            FrameKind::Ping => Ok(Some(Heard::Ping(std::mem::take(&mut self.control)))),
            FrameKind::Pong => Ok(Some(Heard::Pong)),
            FrameKind::Close => Ok(Some(Heard::Close(std::mem::take(&mut self.control)))),
            _ if head.is_last => self.end_message().map(Some),
            _ => self.check_utf8_so_far().map(|()| None),
        }
    }

    /// A text that is broken in its middle is refused before its end comes (section 8.1).
    fn check_utf8_so_far(&mut self) -> Result<(), FrameFault> {
        let Some(message) = self.message.as_mut().filter(|m| m.is_text && !m.is_compressed) else {
            return Ok(());
        };
        let unchecked = message.bytes.get(message.checked..).unwrap_or_default();
        match std::str::from_utf8(unchecked) {
            Ok(text) => message.checked += text.len(),
            Err(error) if error.error_len().is_some() => return Err(FrameFault::NotUtf8),
            // The end may be a part of a character.
            Err(error) => message.checked += error.valid_up_to(),
        }
        Ok(())
    }

    fn end_message(&mut self) -> Result<Heard, FrameFault> {
        let Some(message) = self.message.take() else { return Err(FrameFault::Protocol) };
        if message.skipped {
            return Ok(Heard::Long(message.total));
        }
        let bytes = match &mut self.rules.inflater {
            Some(inflater) if message.is_compressed => inflater
                .inflate(&message.bytes, self.rules.message_bytes_max)
                .ok_or(FrameFault::TooLong)?,
            _ => message.bytes,
        };
        if message.is_text {
            let text = String::from_utf8(bytes);
            return text.map(Heard::Text).map_err(|_| FrameFault::NotUtf8);
        }
        Ok(Heard::Binary(bytes))
    }
}
