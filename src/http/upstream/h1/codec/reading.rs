//! The reading side of a codec socket: the answer's head, then its body, framed anew for awc.

use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use bytes::Bytes;
use tokio::io::ReadBuf;

use super::super::exchange::{Exchange, UploadState};
use super::writing::Direction;
use super::{CodecSocket, Phase};
use crate::http::framing::head::{HEAD_BYTES_MAX, may_complete};
use crate::http::framing::{
    ChunkPiece, ChunkScanner, Framing, HeadError, HeadOutcome, ResponseHead, parse_head,
};
use crate::http::upstream::error::{TlsFailure, UpstreamError};
use crate::http::upstream::headers::passed_trailers;
use crate::http::upstream::tls;

/// Room kept free in awc's buffer for what the codec writes around the data: a head (below 64
/// bytes), and the size lines of the chunks a read may cut in two (below 32).
const RESERVED_BYTES: usize = 128;
/// Interim answers before a final one. Real servers send one or two.
const INTERIM_HEADS_MAX: u32 = 64;

/// How long an upload waits for a backend to ask for it: many never do. As long as curl waits.
const CONTINUE_WAIT_MAX: Duration = Duration::from_secs(1);

/// How the rest of a body is read.
pub enum BodyReader {
    /// Bytes still to come.
    Length(u64),
    Chunked(ChunkScanner),
    UntilClose,
    Tunnel,
}

/// What a piece of input came to.
enum Step {
    /// Nothing for awc yet: read on.
    ReadMore,
    /// awc has something to look at.
    Deliver,
}

impl CodecSocket {
    /// Reads until awc can be given something: bytes, the end, or a failure.
    pub(super) fn poll_response(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(exchange) = self.exchange.clone() else { return Poll::Ready(Ok(())) };
        if let Some(fault) = exchange.fault() {
            return Poll::Ready(Err(self.fail(fault)));
        }
        loop {
            let step = match &self.phase {
                Phase::Body { reader: BodyReader::Chunked(_), .. } | Phase::AwaitingHead => {
                    self.read_framed(&exchange, cx, buf)
                }
                _ => self.read_through(&exchange, cx, buf),
            };
            match step {
                Poll::Ready(Ok(Step::Deliver)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(Step::ReadMore)) => {}
                Poll::Ready(Err(fault)) => return Poll::Ready(Err(self.fail(fault))),
                Poll::Pending => {
                    if exchange.upload_state() != UploadState::Done {
                        exchange.set_reader(cx.waker());
                    }
                    if exchange.awaits_continue() {
                        let due = self.alive_at + CONTINUE_WAIT_MAX;
                        ready!(self.timer.poll(cx, due));
                        self.start_upload(&exchange, Direction::Body);
                        continue;
                    }
                    return self.poll_overdue(cx).map(|fault| Err(self.fail(fault)));
                }
            }
        }
    }

    /// Reads into the worker's scratch buffer and hands on what is no framing.
    fn read_framed(
        &mut self,
        exchange: &Rc<Exchange>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<Step, UpstreamError>> {
        let worker = Rc::clone(&self.worker);
        let mut scratch = worker.scratch.borrow_mut();
        let room = buf.remaining().saturating_sub(RESERVED_BYTES).min(scratch.len());
        if room == 0 {
            return Poll::Ready(Err(UpstreamError::Transport("read buffer too small")));
        }
        let mut fresh = ReadBuf::new(scratch.get_mut(..room).unwrap_or_default());
        match self.connection.poll_read(cx, &mut fresh) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => {
                return Poll::Ready(Err(read_fault(&error, exchange.is_response_begun())));
            }
            Poll::Ready(Ok(())) => {}
        }
        let fresh = fresh.filled();
        if fresh.is_empty() {
            return Poll::Ready(Err(end_fault(exchange.is_response_begun())));
        }
        let now = Instant::now();
        Poll::Ready(if matches!(self.phase, Phase::AwaitingHead) {
            self.take_head(exchange, fresh, now, buf)
        } else {
            self.alive_at = now;
            self.deliver(fresh, buf)
        })
    }

    /// Reads bodies without inner framing straight into awc's buffer.
    fn read_through(
        &mut self,
        exchange: &Rc<Exchange>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<Step, UpstreamError>> {
        let before = buf.filled().len();
        match self.connection.poll_read(cx, buf) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(read_fault(&error, true))),
            Poll::Ready(Ok(())) => {}
        }
        let count = buf.filled().len() - before;
        self.alive_at = Instant::now();
        let Phase::Body { reader, keep_alive } = &mut self.phase else {
            return Poll::Ready(Err(UpstreamError::Transport("body read outside a body")));
        };
        let keep_alive = *keep_alive;
        match reader {
            BodyReader::Length(_) if count == 0 => {
                return Poll::Ready(Err(end_fault(exchange.is_response_begun())));
            }
            BodyReader::Length(left) => {
                let body = usize::try_from(*left).unwrap_or(usize::MAX).min(count);
                *left -= body as u64;
                let done = *left == 0;
                buf.set_filled(before + body);
                if done {
                    // Bytes beyond the end belong to nobody: the connection is not used again.
                    self.finish(keep_alive && body == count);
                }
            }
            _ if count == 0 => self.finish(false),
            _ => {}
        }
        Poll::Ready(Ok(Step::Deliver))
    }

    /// Looks for the final head in what was read, skipping interim ones.
    fn take_head(
        &mut self,
        exchange: &Rc<Exchange>,
        fresh: &[u8],
        now: Instant,
        buf: &mut ReadBuf<'_>,
    ) -> Result<Step, UpstreamError> {
        if self.partial.is_empty() {
            exchange.note_head_start(now);
            return self.parse_heads(exchange, fresh, now, buf);
        }
        let mut partial = std::mem::take(&mut self.partial);
        partial.extend_from_slice(fresh);
        if !may_complete(fresh) && partial.len() < HEAD_BYTES_MAX {
            self.partial = partial;
            return Ok(Step::ReadMore);
        }
        self.parse_heads(exchange, &partial, now, buf)
    }

    fn parse_heads(
        &mut self,
        exchange: &Rc<Exchange>,
        mut input: &[u8],
        now: Instant,
        buf: &mut ReadBuf<'_>,
    ) -> Result<Step, UpstreamError> {
        loop {
            match parse_head(input, exchange.context)? {
                HeadOutcome::Partial => {
                    self.partial = input.to_vec();
                    return Ok(Step::ReadMore);
                }
                HeadOutcome::Interim { length, status, headers } => {
                    self.interim_heads += 1;
                    if self.interim_heads > INTERIM_HEADS_MAX {
                        return Err(HeadError::TooManyInterim.into());
                    }
                    self.alive_at = now;
                    if status != StatusCode::CONTINUE {
                        exchange.pass_interim(status, &headers);
                    } else if exchange.awaits_continue() {
                        self.start_upload(exchange, Direction::Body);
                    }
                    input = input.get(length..).unwrap_or_default();
                    if input.is_empty() {
                        return Ok(Step::ReadMore);
                    }
                    exchange.note_head_start(now);
                }
                HeadOutcome::Final { length, head } => {
                    let rest = input.get(length..).unwrap_or_default();
                    self.alive_at = now;
                    return self.begin_body(exchange, head, rest, buf);
                }
            }
        }
    }

    /// Hands awc a head of its own and what already came of the body.
    fn begin_body(
        &mut self,
        exchange: &Rc<Exchange>,
        head: ResponseHead,
        rest: &[u8],
        buf: &mut ReadBuf<'_>,
    ) -> Result<Step, UpstreamError> {
        let (framing, keep_alive) = (head.framing, head.keep_alive);
        exchange.set_response(head);
        let reader = match framing {
            Framing::Bodiless | Framing::Length(0) => {
                let clean = keep_alive && rest.is_empty();
                put_head(buf, b"HTTP/1.1 200 OK\r\n", clean);
                self.finish(clean);
                return Ok(Step::Deliver);
            }
            // All of it is here: it goes past awc, which then need not take the body apart again.
            Framing::Length(length) if rest.len() as u64 >= length => {
                let (body, surplus) = rest.split_at(usize::try_from(length).unwrap_or(rest.len()));
                let clean = keep_alive && surplus.is_empty();
                exchange.set_whole(Bytes::copy_from_slice(body));
                put_head(buf, b"HTTP/1.1 200 OK\r\n", clean);
                self.finish(clean);
                return Ok(Step::Deliver);
            }
            Framing::Length(length) => {
                buf.put_slice(b"HTTP/1.1 200 OK\r\ncontent-length: ");
                buf.put_slice(itoa::Buffer::new().format(length).as_bytes());
                put_head(buf, b"\r\n", keep_alive);
                BodyReader::Length(length)
            }
            Framing::Chunked => {
                put_head(buf, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n", keep_alive);
                {
                    let scanner = ChunkScanner::of_response();
                    let kept = exchange.passes_trailers();
                    BodyReader::Chunked(if kept { scanner.keeping_trailers() } else { scanner })
                }
            }
            Framing::UntilClose => {
                put_head(buf, b"HTTP/1.0 200 OK\r\n", true);
                BodyReader::UntilClose
            }
            Framing::Tunnel => {
                put_head(buf, b"HTTP/1.0 200 OK\r\n", true);
                self.start_upload(exchange, Direction::Tunnel);
                BodyReader::Tunnel
            }
        };
        self.phase = Phase::Body { reader, keep_alive };
        if !rest.is_empty() {
            self.deliver(rest, buf)?;
        }
        Ok(Step::Deliver)
    }

    /// Hands on the data in `input`, which follows what was handed on before.
    fn deliver(&mut self, input: &[u8], buf: &mut ReadBuf<'_>) -> Result<Step, UpstreamError> {
        let Phase::Body { reader, keep_alive } = &mut self.phase else {
            return Err(UpstreamError::Transport("body bytes outside a body"));
        };
        let keep_alive = *keep_alive;
        match reader {
            BodyReader::Length(left) => {
                let body = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= body as u64;
                let done = *left == 0;
                buf.put_slice(input.get(..body).unwrap_or(input));
                if done {
                    self.finish(keep_alive && body == input.len());
                }
                Ok(Step::Deliver)
            }
            BodyReader::Chunked(scanner) => match deliver_chunks(scanner, input, buf)? {
                Chunks::Framing => Ok(Step::ReadMore),
                Chunks::Data => Ok(Step::Deliver),
                Chunks::End { surplus } => {
                    let trailers = passed_trailers(&scanner.take_trailers());
                    if let Some(exchange) = &self.exchange
                        && let Some(client) =
                            exchange.client.as_ref().filter(|_| !trailers.is_empty())
                    {
                        client.response_trailers(trailers);
                    }
                    self.finish(keep_alive && !surplus);
                    Ok(Step::Deliver)
                }
            },
            BodyReader::UntilClose | BodyReader::Tunnel => {
                buf.put_slice(input);
                Ok(Step::Deliver)
            }
        }
    }
}

enum Chunks {
    /// Only framing was read.
    Framing,
    Data,
    End {
        surplus: bool,
    },
}

/// Takes the backend's chunking off and puts plain chunking on: a size, the data, nothing else.
fn deliver_chunks(
    scanner: &mut ChunkScanner,
    mut input: &[u8],
    buf: &mut ReadBuf<'_>,
) -> Result<Chunks, UpstreamError> {
    let mut seen = Chunks::Framing;
    loop {
        let (used, piece) = scanner.advance(input)?;
        input = input.get(used..).unwrap_or_default();
        match piece {
            ChunkPiece::NeedMore => return Ok(seen),
            ChunkPiece::Data(data) => {
                put_chunk(buf, data);
                seen = Chunks::Data;
            }
            ChunkPiece::End => {
                buf.put_slice(b"0\r\n\r\n");
                return Ok(Chunks::End { surplus: !input.is_empty() });
            }
        }
    }
}

fn put_chunk(buf: &mut ReadBuf<'_>, data: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // Most significant digit first, leading zeros left out.
    let nibbles = (usize::BITS - data.len().leading_zeros()).div_ceil(4);
    for nibble in (0..nibbles).rev() {
        buf.put_slice(&[DIGITS[(data.len() >> (4 * nibble)) & 0xf]]);
    }
    buf.put_slice(b"\r\n");
    buf.put_slice(data);
    buf.put_slice(b"\r\n");
}

fn put_head(buf: &mut ReadBuf<'_>, lines: &[u8], keep_alive: bool) {
    buf.put_slice(lines);
    // Told to close, awc drops the socket instead of pooling one that is already closed.
    buf.put_slice(if keep_alive { b"\r\n" } else { b"connection: close\r\n\r\n" });
}

fn end_fault(begun: bool) -> UpstreamError {
    if begun { UpstreamError::Truncated } else { UpstreamError::Reset }
}

fn read_fault(error: &io::Error, begun: bool) -> UpstreamError {
    match tls::fault_of(error) {
        Some(TlsFailure::Handshake) | None => end_fault(begun),
        Some(fault) => UpstreamError::Tls(fault),
    }
}
