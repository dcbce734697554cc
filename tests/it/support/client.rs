//! A client that sends exactly the bytes it is given and reads answers strictly.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use super::backend::{PATIENCE, fields, find};

pub struct RawClient {
    stream: TcpStream,
    buffered: Vec<u8>,
}

/// An answer as read from the wire.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    /// Chunking taken off.
    pub body: Vec<u8>,
    /// Whether the answer arrived up to its declared end.
    pub complete: bool,
}

impl RawAnswer {
    pub fn all(&self, name: &str) -> Vec<&str> {
        fields(&self.head).filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v).collect()
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One GET on a connection of its own.
pub fn get(addr: SocketAddr, path: &str) -> RawAnswer {
    RawClient::connect(addr).get(path)
}

impl RawClient {
    pub fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffered: Vec::new() }
    }

    pub fn get(&mut self, path: &str) -> RawAnswer {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes());
        self.answer().expect("an answer")
    }

    /// Sends bytes; false when the peer takes no more.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The head of the next answer; `None` when the connection ended instead.
    pub fn head(&mut self) -> Option<String> {
        let end = loop {
            if let Some(at) = find(&self.buffered, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        Some(String::from_utf8_lossy(&self.buffered.drain(..end).collect::<Vec<_>>()).into_owned())
    }

    /// The next final answer to a request that was not HEAD.
    pub fn answer(&mut self) -> Option<RawAnswer> {
        self.answer_to(false)
    }

    pub fn answer_to(&mut self, head_request: bool) -> Option<RawAnswer> {
        let (head, status) = loop {
            let head = self.head()?;
            let status: u16 = head.get(9..12)?.parse().ok()?;
            if status >= 200 || status == 101 {
                break (head, status);
            }
        };
        let mut answer = RawAnswer { status, head, body: Vec::new(), complete: true };
        if head_request || [101, 204, 304].contains(&status) {
            return Some(answer);
        }
        if let Some(length) = answer.get("content-length") {
            let length = length.parse().unwrap();
            while self.buffered.len() < length && self.fill().is_some() {}
            answer.complete = self.buffered.len() >= length;
            answer.body = self.take(length);
        } else if answer.get("transfer-encoding").is_some() {
            answer.complete = self.read_chunks(&mut answer.body).is_some();
        } else {
            while self.fill().is_some() {}
            answer.body = std::mem::take(&mut self.buffered);
        }
        Some(answer)
    }

    /// Chunks into `body`; `None` when they broke off.
    fn read_chunks(&mut self, body: &mut Vec<u8>) -> Option<()> {
        loop {
            let piece = self.read_chunk()?;
            if piece.is_empty() {
                return Some(());
            }
            body.extend(piece);
        }
    }

    /// One chunk; an empty one is the last.
    pub fn read_chunk(&mut self) -> Option<Vec<u8>> {
        let end = loop {
            if let Some(at) = find(&self.buffered, b"\r\n") {
                break at;
            }
            self.fill()?;
        };
        let line = String::from_utf8(self.take(end)).unwrap();
        self.take(2);
        let size = usize::from_str_radix(&line, 16).expect("a chunk size");
        while self.buffered.len() < size + 2 {
            self.fill()?;
        }
        let piece = self.take(size);
        assert_eq!(self.take(2), b"\r\n");
        Some(piece)
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        self.buffered.drain(..count.min(self.buffered.len())).collect()
    }

    /// Bytes as they come; `None` at the end of the stream.
    pub fn read_some(&mut self) -> Option<Vec<u8>> {
        if self.buffered.is_empty() {
            self.fill()?;
        }
        Some(std::mem::take(&mut self.buffered))
    }

    pub fn read_exact(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.buffered.len() < count {
            self.fill()?;
        }
        Some(self.take(count))
    }

    /// Everything until the peer closes.
    pub fn read_to_end(&mut self) -> Vec<u8> {
        while self.fill().is_some() {}
        std::mem::take(&mut self.buffered)
    }

    fn fill(&mut self) -> Option<()> {
        let mut chunk = vec![0; 64 * 1024];
        let count = self.stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        self.buffered.extend_from_slice(&chunk[..count]);
        Some(())
    }

    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Leaves without a goodbye.
    pub fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}
