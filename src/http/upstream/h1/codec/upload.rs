//! Sends the client's stream behind a request head, chunk by chunk, as the backend takes it.

use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::StreamExt;

use super::super::exchange::{Exchange, Upload, UploadFraming, UploadState};
use super::deadline::Deadline;
use crate::http::upstream::error::UpstreamError;
use crate::http::upstream::h1::connection::BackendConnection;
use crate::http::upstream::headers::passed_trailers;

/// Chunks up to this size are copied next to their size line and leave in one write; copying more
/// costs more than a second write.
const COPIED_CHUNK_BYTES_MAX: usize = 16 * 1024;

/// How an upload ended short of its end.
enum Stop {
    /// The backend takes no more; what it answers decides.
    Refused,
    /// The request cannot be completed: nobody needs an answer.
    Fault(UpstreamError),
}

/// Sends the upload and records how it went. The next piece is asked of the client only after the
/// socket took the last one: that is the back-pressure.
pub async fn run(connection: BackendConnection, exchange: Rc<Exchange>, upload: Upload) {
    let raw = upload.framing == UploadFraming::Raw;
    let mut sender = Sender {
        connection: &connection,
        exchange: &exchange,
        stall: exchange.limits.write_stall,
        timer: Deadline::default(),
    };
    match sender.send(upload).await {
        Ok(()) if raw => {
            // The client closed its direction of the tunnel; the backend may still be talking.
            let _ = poll_fn(|cx| connection.poll_shutdown(cx)).await;
            exchange.set_upload_state(UploadState::Done);
        }
        Ok(()) => exchange.set_upload_state(UploadState::Done),
        Err(Stop::Refused) => exchange.set_upload_state(UploadState::Broken),
        Err(Stop::Fault(fault)) => {
            exchange.set_fault(fault);
            connection.close();
            exchange.set_upload_state(UploadState::Broken);
        }
    }
}

/// The end of an upload in chunks, with the client's trailers where they are passed on.
fn last_chunk(exchange: &Exchange) -> Vec<u8> {
    let client = exchange.client.as_ref().filter(|client| client.accepts_trailers());
    let trailers =
        client.map_or_else(Vec::new, |client| passed_trailers(&client.request_trailers()));
    [b"0\r\n", trailers.as_slice(), b"\r\n"].concat()
}

struct Sender<'a> {
    connection: &'a BackendConnection,
    exchange: &'a Exchange,
    stall: Duration,
    timer: Deadline,
}

impl Sender<'_> {
    async fn send(&mut self, upload: Upload) -> Result<(), Stop> {
        let Upload { mut stream, first, framing } = upload;
        let mut left = if let UploadFraming::Sized(length) = framing { length } else { 0 };
        let mut next = first.map(Ok);
        loop {
            let piece: Option<Result<Bytes, PayloadError>> = match next.take() {
                Some(piece) => Some(piece),
                None => stream.next().await,
            };
            let piece = match piece {
                Some(Ok(piece)) if piece.is_empty() => continue,
                Some(Ok(piece)) => piece,
                Some(Err(error)) => return Err(Stop::Fault(UpstreamError::of_upload(&error))),
                None => break,
            };
            match framing {
                UploadFraming::Sized(_) => {
                    left = left.checked_sub(piece.len() as u64).ok_or(Stop::Fault(
                        UpstreamError::Request("body longer than its length"),
                    ))?;
                    self.write_all(&piece).await?;
                }
                UploadFraming::Chunked => self.write_chunk(&piece).await?,
                UploadFraming::Raw => self.write_all(&piece).await?,
            }
            self.flush().await?;
        }
        match framing {
            UploadFraming::Sized(_) if left > 0 => Err(Stop::Fault(UpstreamError::ClientGone)),
            UploadFraming::Chunked => {
                self.write_all(&last_chunk(self.exchange)).await?;
                self.flush().await
            }
            _ => Ok(()),
        }
    }

    async fn write_chunk(&mut self, piece: &Bytes) -> Result<(), Stop> {
        let small = piece.len() <= COPIED_CHUNK_BYTES_MAX;
        let mut line = BytesMut::with_capacity(if small { piece.len() + 12 } else { 12 });
        line.put_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        if small {
            line.put_slice(piece);
            line.put_slice(b"\r\n");
            return self.write_all(&line).await;
        }
        self.write_all(&line).await?;
        self.write_all(piece).await?;
        self.write_all(b"\r\n").await
    }

    async fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while !bytes.is_empty() {
            let connection = self.connection;
            let count = self.in_time(|cx| connection.poll_write(cx, bytes)).await?;
            if count == 0 {
                return Err(Stop::Refused);
            }
            bytes = bytes.get(count..).unwrap_or_default();
            self.exchange.note_upload_progress();
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Stop> {
        let connection = self.connection;
        self.in_time(|cx| connection.poll_flush(cx)).await
    }

    /// Polls until ready, within the write-stall limit.
    async fn in_time<T>(
        &mut self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Result<T, Stop> {
        let mut due = None;
        poll_fn(|cx| {
            if let Poll::Ready(outcome) = poll(cx) {
                return Poll::Ready(outcome.map_err(|_| Stop::Refused));
            }
            let due = *due.get_or_insert_with(|| Instant::now() + self.stall);
            self.timer.poll(cx, due).map(|()| Err(Stop::Fault(UpstreamError::WriteStall)))
        })
        .await
    }
}
