//! One stream of an HTTP/2 connection: a request, and its answer.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_rt::time::Instant;
use actix_service::Service;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{Method, Request};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::answer_reader::{AnswerHead, AnswerPiece, AnswerReader};
use super::request_head::{BodyFraming, request_head, trailer_section};
use super::sent_bytes::{CountedStream, SentBytes};
use crate::http::downstream::client_stream::ClientStream;
use crate::http::downstream::h1::ClientSocket;
use crate::http::downstream::{DISCONNECT_TIMEOUT, DownstreamSettings};
use crate::http::log_limiter::LogLimiter;

/// Bytes that may wait in each direction between a stream and its exchange: what actix-http writes
/// at once. More would only be held here instead of at the client or the backend.
const PIPE_BYTES_MAX: usize = 32 * 1024;

/// How long the bytes before a planned end may take to leave; as over HTTP/1.1.
const SENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Requests that are none. One client can send thousands a second.
static MALFORMED: LogLimiter = LogLimiter::new();

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    /// Its answer is handed on, to the end.
    Answered,
    /// From this side, before that.
    Broken,
    /// The client cancelled it, or sent what is no request.
    Cancelled,
}

/// What the streams of one connection have in common.
pub struct StreamContext<S> {
    /// Serves connections of HTTP/1.1.
    pub http_1: Rc<S>,
    /// Of the connection.
    pub peer: SocketAddr,
    /// The connection is behind TLS.
    pub is_secure: bool,
    /// As for every connection.
    pub settings: DownstreamSettings,
    /// What is out.
    pub sent: SentBytes,
}

/// Serves a stream. Dropped before its end, it takes back what it had asked of the backend.
pub async fn serve_stream<S>(
    context: Rc<StreamContext<S>>,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
) -> StreamEnd
where
    S: Service<(ClientSocket, Option<SocketAddr>), Response = (), Error = DispatchError> + 'static,
{
    let (parts, body) = request.into_parts();
    let (head, framing) = match request_head(&parts, body.is_end_stream()) {
        Ok(translated) => translated,
        Err(error) => {
            MALFORMED.warn("", || format!("client: malformed request over HTTP/2: {error}"));
            respond.send_reset(Reason::PROTOCOL_ERROR);
            return StreamEnd::Cancelled;
        }
    };
    let counted = context.sent.count(respond.stream_id().into());
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES_MAX);
    let stream = ClientStream::Memory { pipe: theirs, is_secure: context.is_secure };
    let socket = ClientSocket::new(stream, None, Instant::now(), &context.settings);
    let (exchanges, _) = socket.facts();
    let call = context.http_1.call((socket, Some(context.peer)));
    // Dropped as soon as it ends, and the socket with it: so the pipe tells that nothing follows.
    let mut service = pin!(async move {
        let _ended = call.await;
    });
    let (read, write) = tokio::io::split(ours);
    let mut upload = pin!(send_request(head, framing, body, write));
    let reader = AnswerReader::new(read, parts.method == Method::HEAD);
    let stall_max = context.settings.idle_timeout;
    let mut answer = pin!(send_answer(respond, reader, &counted, stall_max));
    let (mut serving, mut uploading) = (true, true);
    loop {
        tokio::select! {
            _ended = &mut service, if serving => serving = false,
            sent = &mut upload, if uploading => match sent {
                Ok(()) => uploading = false,
                Err(Cancelled) => return StreamEnd::Cancelled,
            },
            end = &mut answer => {
                if end == StreamEnd::Answered && serving {
                    // The client has its answer; what made it notices its end as well, as it would
                    // on a connection that stays open.
                    let ended = poll_fn(|cx| match service.as_mut().poll(cx) {
                        std::task::Poll::Pending if !exchanges.have_ended(1) => {
                            std::task::Poll::Pending
                        }
                        _ => std::task::Poll::Ready(()),
                    });
                    let _late = timeout(DISCONNECT_TIMEOUT, ended).await;
                }
                return end;
            }
        }
    }
}

/// The client cancelled the stream, or sent a body that is none.
struct Cancelled;

/// Writes the request into the pipe. Its window is opened as far as the pipe takes its bytes.
async fn send_request(
    head: Vec<u8>,
    framing: BodyFraming,
    mut body: RecvStream,
    mut pipe: impl AsyncWrite + Unpin,
) -> Result<(), Cancelled> {
    if pipe.write_all(&head).await.is_err() || framing == BodyFraming::None {
        // Answered without being read to its end: there is no use for more of it.
        return Ok(());
    }
    let chunked = framing == BodyFraming::Chunked;
    while let Some(data) = body.data().await {
        let data = data.map_err(|_reset| Cancelled)?;
        let count = data.len();
        let written = write_data(&mut pipe, &data, chunked).await;
        // Fails when the stream has ended, which the next data tells.
        let _released = body.flow_control().release_capacity(count);
        if written.is_err() {
            return Ok(());
        }
    }
    let trailers = body.trailers().await.map_err(|_reset| Cancelled)?;
    if chunked {
        let section = trailers.as_ref().map(trailer_section).unwrap_or_default();
        let _gone = pipe.write_all(&[b"0\r\n", &section[..], b"\r\n"].concat()).await;
    }
    Ok(())
}

async fn write_data(
    pipe: &mut (impl AsyncWrite + Unpin),
    data: &Bytes,
    chunked: bool,
) -> io::Result<()> {
    if !chunked {
        return pipe.write_all(data).await;
    }
    // A chunk without data would be the last.
    if data.is_empty() {
        return Ok(());
    }
    pipe.write_all(format!("{:x}\r\n", data.len()).as_bytes()).await?;
    pipe.write_all(data).await?;
    pipe.write_all(b"\r\n").await
}

/// Sends what comes out of the pipe.
async fn send_answer(
    mut respond: SendResponse<Bytes>,
    mut reader: AnswerReader<impl tokio::io::AsyncRead + Unpin>,
    counted: &CountedStream,
    stall_max: Duration,
) -> StreamEnd {
    let (mut stream, heads) = match send_heads(&mut respond, &mut reader).await {
        Ok(begun) => begun,
        Err(end) => return end,
    };
    let mut handed = 0;
    loop {
        let piece = tokio::select! {
            piece = reader.piece() => piece,
            _reset = poll_fn(|cx| stream.poll_reset(cx)) => return StreamEnd::Cancelled,
        };
        let sent = match piece {
            Ok(AnswerPiece::Data(data, last)) => {
                handed += data.len() as u64;
                match send_data(&mut stream, data, last, stall_max).await {
                    Ok(()) if last => Ok(()),
                    Ok(()) => continue,
                    Err(end) => return end,
                }
            }
            Ok(AnswerPiece::End(None)) => stream.send_data(Bytes::new(), true),
            Ok(AnswerPiece::End(Some(trailers))) => stream.send_trailers(trailers),
            Err(_broken) => {
                let sent = poll_fn(|cx| counted.poll_sent(cx, heads, handed));
                let _late = timeout(SENT_TIMEOUT, sent).await;
                stream.send_reset(Reason::INTERNAL_ERROR);
                return StreamEnd::Broken;
            }
        };
        return sent.map_or(StreamEnd::Cancelled, |()| StreamEnd::Answered);
    }
}

/// Sends the head, and those before it; gives their number, and what the body goes into. The error
/// is how the stream ended where none follows.
async fn send_heads(
    respond: &mut SendResponse<Bytes>,
    reader: &mut AnswerReader<impl tokio::io::AsyncRead + Unpin>,
) -> Result<(SendStream<Bytes>, u64), StreamEnd> {
    let mut heads = 0;
    loop {
        let head = tokio::select! {
            head = reader.head() => head,
            _reset = poll_fn(|cx| respond.poll_reset(cx)) => return Err(StreamEnd::Cancelled),
        };
        heads += 1;
        match head {
            Ok(AnswerHead::Interim(response)) => {
                // A hint; where it cannot be sent, the answer cannot either.
                let _sent = respond.send_informational(response);
            }
            Ok(AnswerHead::Final(response, ends)) => {
                let stream = respond.send_response(response, ends);
                let stream = stream.map_err(|_reset| StreamEnd::Cancelled)?;
                return if ends { Err(StreamEnd::Answered) } else { Ok((stream, heads)) };
            }
            Err(_broken) => {
                respond.send_reset(Reason::INTERNAL_ERROR);
                return Err(StreamEnd::Broken);
            }
        }
    }
}

/// Sends data as the client's windows let it go. A client that opens none for `stall_max` is a
/// reader that stalls. The error is how the stream ended.
async fn send_data(
    stream: &mut SendStream<Bytes>,
    mut data: Bytes,
    last: bool,
    stall_max: Duration,
) -> Result<(), StreamEnd> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        // What was there before is not told again.
        let room = match stream.capacity() {
            0 => match timeout(stall_max, poll_fn(|cx| stream.poll_capacity(cx))).await {
                Ok(Some(Ok(room))) => room,
                Ok(_reset) => return Err(StreamEnd::Cancelled),
                Err(_stalled) => {
                    stream.send_reset(Reason::CANCEL);
                    return Err(StreamEnd::Broken);
                }
            },
            room => room,
        };
        let part = data.split_to(room.min(data.len()));
        let sent = stream.send_data(part, last && data.is_empty());
        sent.map_err(|_reset| StreamEnd::Cancelled)?;
    }
    Ok(())
}
