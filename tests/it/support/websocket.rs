//! WebSocket on both ends: a client and a server that send exactly the frames they are told to.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use actix_http::ws::hash_key;
use serde_json::Value;

use super::backend::{Backend, BackendConnection, ReceivedHead};
use super::client::{RawAnswer, RawClient};

/// The key of the RFC's example (section 1.3).
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What the server makes of it.
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// A frame of this first byte (`FIN` and reserved bits included), masked as a client's is.
pub fn frame(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let bit = if mask.is_some() { 0x80 } else { 0 };
    let mut out = vec![first];
    match payload.len() {
        short @ ..126 => out.push(bit | short as u8),
        length @ ..65_536 => {
            out.push(bit | 0x7e);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(bit | 0x7f);
            out.extend((length as u64).to_be_bytes());
        }
    }
    let mask_bytes = mask.unwrap_or_default();
    out.extend(mask.iter().flatten());
    out.extend(payload.iter().zip(mask_bytes.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

/// Kind and payload of the next frame, read by `exact`.
fn read_frame(mut exact: impl FnMut(usize) -> Option<Vec<u8>>) -> Option<(u8, Vec<u8>)> {
    let head = exact(2)?;
    let length = match head[1] & 0x7f {
        126 => u16::from_be_bytes(exact(2)?.try_into().unwrap()).into(),
        127 => u64::from_be_bytes(exact(8)?.try_into().unwrap()) as usize,
        short => usize::from(short),
    };
    let mask = if head[1] & 0x80 == 0 { vec![0; 4] } else { exact(4)? };
    let payload = exact(length)?;
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key);
    Some((head[0] & 0x0f, payload.collect()))
}

/// A client's connection, upgraded.
pub struct SocketClient {
    pub raw: RawClient,
    pub answer: RawAnswer,
    /// Ping frames that were answered.
    pub pings: usize,
}

impl SocketClient {
    /// A handshake with further headers; the answer may be a refusal.
    pub fn ask(addr: SocketAddr, path: &str, headers: &[(&str, &str)]) -> (RawClient, RawAnswer) {
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n"
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut raw = RawClient::connect(addr);
        raw.send(format!("{head}\r\n").as_bytes());
        let answer = raw.answer().expect("an answer");
        (raw, answer)
    }

    /// A connection that is upgraded.
    pub fn open(addr: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let (raw, answer) = Self::ask(addr, path, headers);
        assert_eq!(answer.status, 101, "{} {}", answer.head, answer.text());
        assert_eq!(answer.get("sec-websocket-accept"), Some(ACCEPT));
        Self { raw, answer, pings: 0 }
    }

    /// A mocked one.
    pub fn mocked(addr: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::open(addr, path, &[&[("x-mock-enabled", "true")], headers].concat())
    }

    pub fn send(&mut self, kind: u8, payload: &[u8]) {
        self.raw.send(&frame(0x80 | kind, payload, Some([1, 2, 3, 4])));
    }

    pub fn say(&mut self, message: &Value) {
        self.send(TEXT, message.to_string().as_bytes());
    }

    /// The next frame but pings, which are answered; `None` when the connection ended.
    pub fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            let (kind, payload) = read_frame(|count| self.raw.read_exact(count))?;
            if kind != PING {
                return Some((kind, payload));
            }
            self.pings += 1;
            self.send(PONG, &payload);
        }
    }

    pub fn text(&mut self) -> String {
        let (kind, payload) = self.frame().expect("a message");
        assert_eq!(kind, TEXT, "{}", String::from_utf8_lossy(&payload));
        String::from_utf8(payload).unwrap()
    }

    pub fn json(&mut self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// Nothing is said for so long.
    pub fn is_silent_for(&mut self, time: Duration) -> bool {
        let began = Instant::now();
        self.raw.stream().set_read_timeout(Some(time)).unwrap();
        let heard = read_frame(|count| self.raw.read_exact(count));
        let patience = super::backend::PATIENCE;
        self.raw.stream().set_read_timeout(Some(patience)).unwrap();
        heard.is_none() && began.elapsed() >= time
    }

    /// The closing handshake, begun by the client; the server's code.
    pub fn close(&mut self, code: u16) -> Option<u16> {
        self.send(CLOSE, &code.to_be_bytes());
        self.closed()
    }

    /// The code of the server's close frame, whatever it says before; `None` for none.
    pub fn closed(&mut self) -> Option<u16> {
        loop {
            let (kind, payload) = self.frame()?;
            if kind == CLOSE {
                return payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
            }
        }
    }
}

/// A server's connection, upgraded.
pub struct SocketServer<'c> {
    pub raw: &'c mut BackendConnection,
    pub head: ReceivedHead,
    /// It has sent its close frame.
    pub is_closing: bool,
}

impl SocketServer<'_> {
    pub fn send(&mut self, kind: u8, payload: &[u8]) {
        self.raw.write(&frame(0x80 | kind, payload, None));
    }

    pub fn say(&mut self, message: &Value) {
        self.send(TEXT, message.to_string().as_bytes());
    }

    /// The next message, pings answered; `None` when the client closed, which is answered, or left.
    pub fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            let (kind, payload) = read_frame(|count| self.raw.read_exact(count))?;
            match kind {
                // It closed first: what comes now is the client's answer to that.
                _ if self.is_closing && kind != CLOSE => {}
                CLOSE if self.is_closing => return None,
                PING => self.send(PONG, &payload),
                PONG => {}
                CLOSE => {
                    self.send(CLOSE, &payload);
                    return None;
                }
                kind => return Some((kind, payload)),
            }
        }
    }

    pub fn json(&mut self) -> Option<Value> {
        let (_, payload) = self.hear()?;
        Some(serde_json::from_slice(&payload).unwrap_or_default())
    }

    /// The closing handshake, begun by the server.
    pub fn close(&mut self, code: u16, reason: &str) {
        self.send(CLOSE, &[&code.to_be_bytes()[..], reason.as_bytes()].concat());
        self.is_closing = true;
        while self.hear().is_some() {}
        self.raw.finish();
    }
}

/// A backend that upgrades each connection, with these further headers, and runs `script` on it.
pub fn socket_backend(
    headers: &'static str,
    script: impl Fn(&mut SocketServer<'_>) + Send + Sync + 'static,
) -> Backend {
    Backend::start(move |connection| {
        let Some(head) = connection.read_head() else { return };
        let key = head.get("sec-websocket-key").unwrap_or_default().to_owned();
        let accept = String::from_utf8(hash_key(key.as_bytes()).to_vec()).unwrap();
        connection.write(
            format!(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-accept: {accept}\r\n{headers}\r\n"
            )
            .as_bytes(),
        );
        script(&mut SocketServer { raw: connection, head, is_closing: false });
    })
}
