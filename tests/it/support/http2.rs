//! Clients that speak HTTP/2: one that does it well, and one that sends any frames.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::backend::PATIENCE;
use super::client::RawClient;

/// Runs a client to its end.
pub fn run<T>(client: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE * 3, client).await.expect("in time") })
}

/// Waits until `holds`, which others make true, while the client goes on.
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// A connection by prior knowledge or by ALPN.
#[derive(Clone)]
pub struct Http2Client {
    send: SendRequest<Bytes>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Http2Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
}

impl Http2Answer {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Http2Client {
    pub async fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream).await
    }

    /// Over TLS; whatever is agreed upon, with the protocol.
    pub async fn connect_tls(addr: SocketAddr, offers: &[&[u8]]) -> (Option<Self>, Vec<u8>) {
        let config = stunt_double::http::upstream::tls::client_config(None, true, None).unwrap();
        let mut config = (*config).clone();
        config.alpn_protocols = offers.iter().map(|offer| offer.to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(addr).await.unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        let agreed = stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec();
        if agreed != b"h2" {
            return (None, agreed);
        }
        (Some(Self::over(stream).await), agreed)
    }

    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let (send, connection) = h2::client::Builder::new()
            .initial_window_size(1 << 20)
            .initial_connection_window_size(1 << 21)
            .max_header_list_size(1 << 20)
            .handshake(stream)
            .await
            .unwrap();
        // Its error is told to the streams as well.
        tokio::spawn(async move { drop(connection.await) });
        Self { send }
    }

    /// Whether the server lets more streams begin.
    pub async fn is_open(&self) -> bool {
        self.send.clone().ready().await.is_ok()
    }

    /// Begins a request; with `ends`, it has no body.
    pub async fn begin(
        &self,
        request: Request<()>,
        ends: bool,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        self.send.clone().ready().await?.send_request(request, ends)
    }

    /// One request and its whole answer.
    pub async fn send(
        &self,
        request: Request<()>,
        body: Option<&[u8]>,
    ) -> Result<Http2Answer, h2::Error> {
        let (answer, stream) = self.begin(request, body.is_none()).await?;
        let upload = async {
            match body {
                Some(body) => upload(stream, body).await,
                None => Ok(()),
            }
        };
        let read = async { whole(answer.await?).await };
        let (_sent, answer) = tokio::join!(upload, read);
        answer
    }

    pub async fn get(&self, path: &str) -> Http2Answer {
        self.send(get(path), None).await.unwrap()
    }
}

/// A GET.
pub fn get(path: &str) -> Request<()> {
    with("GET", path, &[])
}

/// A request with these fields.
pub fn with(method: &str, path: &str, fields: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder().method(method).uri(format!("http://localhost{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

/// Sends a body as far as the windows let it go, to its end.
pub async fn upload(mut stream: SendStream<Bytes>, body: &[u8]) -> Result<(), h2::Error> {
    let mut rest = Bytes::copy_from_slice(body);
    while !rest.is_empty() {
        stream.reserve_capacity(rest.len());
        let room = std::future::poll_fn(|cx| stream.poll_capacity(cx)).await;
        let room = room.ok_or(h2::Error::from(Reason::CANCEL))??;
        stream.send_data(rest.split_to(room.min(rest.len())), false)?;
    }
    stream.send_data(Bytes::new(), true)
}

/// An answer read to its end.
pub async fn whole(response: Response<RecvStream>) -> Result<Http2Answer, h2::Error> {
    let (parts, mut stream) = response.into_parts();
    let mut body = Vec::new();
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    let trailers = stream.trailers().await?;
    Ok(Http2Answer { status: parts.status.as_u16(), headers: parts.headers, body, trailers })
}

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A client that sends any frames.
pub struct FrameClient {
    pub raw: RawClient,
}

/// A frame as it came.
#[derive(Debug, Clone)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// What came of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamOutcome {
    /// It was answered to its end.
    Answered,
    /// By `RST_STREAM`, with this code.
    Reset(u32),
    /// By `GOAWAY`, with this code.
    GoneAway(u32),
    /// The connection closed without a word.
    Closed,
}

impl FrameClient {
    /// A connection with its preface and empty settings.
    pub fn connect(addr: SocketAddr) -> Self {
        let mut client = Self { raw: RawClient::connect(addr) };
        client.raw.send(&[PREFACE, &frame(SETTINGS, 0, 0, b"")].concat());
        client
    }

    /// False when the peer takes no more.
    pub fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        self.raw.send(&frame(kind, flags, stream, payload))
    }

    /// A whole list of fields.
    pub fn headers(&mut self, stream: u32, fields: &[(&str, &str)], ends: bool) -> bool {
        let flags = END_HEADERS | if ends { END_STREAM } else { 0 };
        self.send(HEADERS, flags, stream, &block(fields))
    }

    /// The next frame; `None` when the connection ended.
    pub fn frame(&mut self) -> Option<Frame> {
        let head = self.raw.read_exact(9)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let payload = if length > 0 { self.raw.read_exact(length)? } else { Vec::new() };
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// Reads until it is known what came of a stream.
    pub fn outcome(&mut self, stream: u32) -> StreamOutcome {
        while let Some(frame) = self.frame() {
            let code = |at: usize| {
                let bytes = frame.payload.get(at..at + 4).unwrap();
                u32::from_be_bytes(bytes.try_into().unwrap())
            };
            match frame.kind {
                RST_STREAM if frame.stream == stream => return StreamOutcome::Reset(code(0)),
                GOAWAY if code(4) != 0 => return StreamOutcome::GoneAway(code(4)),
                HEADERS | DATA if frame.stream == stream && frame.flags & END_STREAM != 0 => {
                    return StreamOutcome::Answered;
                }
                _ => {}
            }
        }
        StreamOutcome::Closed
    }
}

/// A frame on the wire.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Fields as HPACK literals that are not indexed (RFC 7541, section 6.2.2).
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            length(&mut block, text.len());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541, section 5.1).
fn length(block: &mut Vec<u8>, length: usize) {
    if length < 127 {
        block.push(u8::try_from(length).unwrap());
        return;
    }
    block.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
}

/// The pseudo-fields of a request.
pub fn request<'a>(method: &'a str, path: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![(":method", method), (":scheme", "http"), (":path", path), (":authority", "double.test")]
}
