//! What went by on one connection, as it is handed to learning.

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Who opened the connection.
    Client,
    /// The backend.
    Server,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UtteranceBody {
    /// A text message.
    Text(Box<str>),
    /// A binary message.
    Binary(Box<[u8]>),
    /// A message too long to be looked at, or one that could not be read, of so many bytes.
    Unread(u64),
    /// A ping frame.
    Ping,
}

/// One message, whole and without its frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Since the connection was opened.
    pub at_us: u64,
    /// Who says it.
    pub speaker: Speaker,
    /// What.
    pub words: UtteranceBody,
}

/// How a conversation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationEnd {
    /// Since the connection was opened.
    pub at_us: u64,
    /// Who closed it first.
    pub by: Speaker,
    /// Code of the first close frame (RFC 6455, section 7.4); `None` for one without.
    pub code: Option<u16>,
    /// What it says of the reason.
    pub reason: Box<str>,
}

/// One conversation, or its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Messages in the order in which they passed.
    pub utterances: Vec<Utterance>,
    /// Since the connection was opened, up to the last thing that is known.
    pub lasted_us: u64,
    /// How it ended; `None` when it went on, or broke off.
    pub closing: Option<ConversationEnd>,
    /// Its messages could not be read: only its handshake teaches.
    pub is_opaque: bool,
}

impl Transcript {
    /// Bytes that it occupies while it waits to be learned.
    #[must_use]
    pub fn weight(&self) -> usize {
        let words = |said: &Utterance| match &said.words {
            UtteranceBody::Text(text) => text.len(),
            UtteranceBody::Binary(bytes) => bytes.len(),
            UtteranceBody::Unread(_) | UtteranceBody::Ping => 0,
        };
        size_of::<Self>()
            + self.utterances.capacity() * size_of::<Utterance>()
            + self.utterances.iter().map(words).sum::<usize>()
            + self.closing.as_ref().map_or(0, |closing| closing.reason.len())
    }
}
