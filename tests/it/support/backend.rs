//! A backend that does byte for byte what a test says, one thread per connection.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// No test waits longer than this for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A byte stream: plain or TLS.
pub trait ByteStream: Read + Write + Send {
    /// Says that no more will come (TLS `close_notify`); plain streams say so by closing.
    fn announce_end(&mut self) {}
}

impl ByteStream for TcpStream {}

/// A listening backend. Its connections end with it.
pub struct Backend {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    stop: AtomicBool,
    accepted: AtomicUsize,
    /// The open connections by index.
    sockets: Mutex<HashMap<usize, TcpStream>>,
    received: Mutex<Vec<u8>>,
    heads: Mutex<Vec<String>>,
    streams: Mutex<Vec<Vec<u8>>>,
}

/// One accepted connection, in the hands of the script.
pub struct BackendConnection {
    stream: Box<dyn ByteStream>,
    socket: TcpStream,
    /// 0 for the first accepted connection.
    pub index: usize,
    buffered: Vec<u8>,
    shared: Arc<Shared>,
}

/// A request head as it arrived.
#[derive(Debug, Clone)]
pub struct ReceivedHead {
    pub line: String,
    pub text: String,
}

impl ReceivedHead {
    /// The values of a field, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        fields(&self.text).filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v).collect()
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

pub fn fields(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(n, v)| (n, v.trim()))
}

impl Backend {
    /// Runs `script` for each connection; the connection is closed when it returns.
    pub fn start(script: impl Fn(&mut BackendConnection) + Send + Sync + 'static) -> Self {
        Self::start_with(|socket| Ok(Box::new(socket)), script)
    }

    /// As [`start`](Self::start), with a handshake first. A failed one drops the connection.
    pub fn start_with(
        accept: impl Fn(TcpStream) -> io::Result<Box<dyn ByteStream>> + Send + Sync + 'static,
        script: impl Fn(&mut BackendConnection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            accepted: AtomicUsize::new(0),
            sockets: Mutex::default(),
            received: Mutex::default(),
            heads: Mutex::default(),
            streams: Mutex::default(),
        });
        let (state, accept, script) = (Arc::clone(&shared), Arc::new(accept), Arc::new(script));
        thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(socket) = socket else { continue };
                if state.stop.load(Ordering::SeqCst) {
                    return;
                }
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                socket.set_nodelay(true).unwrap();
                let index = state.accepted.fetch_add(1, Ordering::SeqCst);
                state.sockets.lock().unwrap().insert(index, socket.try_clone().unwrap());
                let (state, accept) = (Arc::clone(&state), Arc::clone(&accept));
                let script = Arc::clone(&script);
                thread::Builder::new()
                    .stack_size(256 * 1024)
                    .spawn(move || {
                        let raw = socket.try_clone().unwrap();
                        let Ok(stream) = accept(socket) else { return };
                        let mut connection = BackendConnection {
                            stream,
                            socket: raw,
                            index,
                            buffered: Vec::new(),
                            shared: state,
                        };
                        script(&mut connection);
                        let _ = connection.stream.flush();
                        let _ = connection.socket.shutdown(Shutdown::Both);
                        connection.shared.sockets.lock().unwrap().remove(&index);
                    })
                    .unwrap();
            }
        });
        Self { addr, shared }
    }

    /// Answers every request of every connection with the same bytes.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |connection| {
            while connection.read_request().is_some() {
                connection.write(&answer);
            }
        })
    }

    /// As [`answering`](Self::answering), for requests of any number that are counted by head and
    /// body only; keeps each connection's bytes apart.
    pub fn recording(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |connection| {
            let mut stream = Vec::new();
            while let Some(request) = connection.read_raw_request() {
                stream.extend(request);
                connection.write(&answer);
            }
            // What is left is the beginning of a request that was not finished.
            stream.append(&mut connection.buffered);
            connection.shared.streams.lock().unwrap().push(stream);
        })
    }

    /// The bytes of each connection that ended, for a [`recording`](Self::recording) backend; ends
    /// the others first.
    pub fn streams(&self) -> Vec<Vec<u8>> {
        for socket in self.shared.sockets.lock().unwrap().values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        super::eventually("all connections ended", || {
            self.shared.streams.lock().unwrap().len() == self.connections()
        });
        self.shared.streams.lock().unwrap().clone()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Every byte read from any connection so far.
    pub fn received(&self) -> Vec<u8> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The request heads read so far.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for (_, socket) in self.shared.sockets.lock().unwrap().drain() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        let _ = TcpStream::connect(self.addr);
    }
}

impl BackendConnection {
    /// The next request head; `None` when the peer left.
    pub fn read_head(&mut self) -> Option<ReceivedHead> {
        let end = loop {
            if let Some(at) = find(&self.buffered, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let text = String::from_utf8_lossy(&self.buffered[..end]).into_owned();
        self.buffered.drain(..end);
        self.shared.heads.lock().unwrap().push(text.clone());
        Some(ReceivedHead { line: text.lines().next().unwrap_or_default().to_owned(), text })
    }

    /// The bytes of the next request, framing and all. They are left in the buffer when the peer
    /// leaves before its end.
    pub fn read_raw_request(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = raw_request_end(&self.buffered) {
                return Some(self.buffered.drain(..end).collect());
            }
            self.fill()?;
        }
    }

    /// The next request with its whole body, chunking taken off.
    pub fn read_request(&mut self) -> Option<(ReceivedHead, Vec<u8>)> {
        let head = self.read_head()?;
        let body = if let Some(length) = head.get("content-length") {
            self.read_exact(length.parse().unwrap())?
        } else if head.get("transfer-encoding").is_some() {
            self.read_chunked()?
        } else {
            Vec::new()
        };
        Some((head, body))
    }

    pub fn read_exact(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.buffered.len() < count {
            self.fill()?;
        }
        Some(self.buffered.drain(..count).collect())
    }

    fn read_chunked(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line()?;
            let size = usize::from_str_radix(line.trim(), 16).unwrap();
            if size == 0 {
                self.read_line()?;
                return Some(body);
            }
            body.extend(self.read_exact(size)?);
            self.read_exact(2)?;
        }
    }

    pub fn read_line(&mut self) -> Option<String> {
        let end = loop {
            if let Some(at) = find(&self.buffered, b"\n") {
                break at + 1;
            }
            self.fill()?;
        };
        Some(String::from_utf8_lossy(&self.buffered.drain(..end).collect::<Vec<_>>()).into_owned())
    }

    /// Whatever comes next; `None` at the end of the stream.
    pub fn read_some(&mut self) -> Option<Vec<u8>> {
        if self.buffered.is_empty() {
            self.fill()?;
        }
        Some(std::mem::take(&mut self.buffered))
    }

    /// Waits until the peer closes or resets; the bytes that still came.
    pub fn read_to_end(&mut self) -> Vec<u8> {
        while self.fill().is_some() {}
        std::mem::take(&mut self.buffered)
    }

    fn fill(&mut self) -> Option<()> {
        let mut chunk = vec![0; 64 * 1024];
        let count = self.stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        self.buffered.extend_from_slice(&chunk[..count]);
        let mut received = self.shared.received.lock().unwrap();
        // Enough to look for smuggled requests; large uploads are counted by their tests.
        if received.len() < 1 << 20 {
            received.extend_from_slice(&chunk[..count]);
        }
        Some(())
    }

    /// Writes all of it; false when the peer left.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).and_then(|()| self.stream.flush()).is_ok()
    }

    /// Ends the connection by a reset instead of a regular close.
    pub fn reset(&mut self) {
        SockRef::from(&self.socket).set_linger(Some(Duration::ZERO)).unwrap();
        // The other handles to this socket must go, too, or the kernel keeps it open.
        self.shared.sockets.lock().unwrap().remove(&self.index);
        let placeholder = TcpListener::bind("127.0.0.1:0").unwrap();
        let stand_in = TcpStream::connect(placeholder.local_addr().unwrap()).unwrap();
        self.stream = Box::new(stand_in.try_clone().unwrap());
        self.socket = stand_in;
    }

    /// Says that no more will come, before the connection is closed.
    pub fn announce_end(&mut self) {
        self.stream.announce_end();
    }

    /// Closes the writing direction.
    pub fn finish(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }
}

/// Where the first request in `bytes` ends, once it is whole.
fn raw_request_end(bytes: &[u8]) -> Option<usize> {
    let head_end = find(bytes, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
    if head.contains("\r\ntransfer-encoding:") {
        let mut at = head_end;
        // The double sends plain chunks: a size, the data, nothing else.
        loop {
            let line = find(bytes.get(at..)?, b"\r\n")?;
            let size = std::str::from_utf8(&bytes[at..at + line]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            at += line + 2 + size + 2;
            if size == 0 {
                return (bytes.len() >= at).then_some(at);
            }
        }
    }
    let length = fields(&head).find(|(name, _)| *name == "content-length");
    let end = head_end + length.map_or(0, |(_, value)| value.parse::<usize>().unwrap());
    (bytes.len() >= end).then_some(end)
}

pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
