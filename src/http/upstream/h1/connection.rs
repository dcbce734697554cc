//! A connection to the backend, shared by the two that use it.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;

use crate::http::upstream::transport::Transport;

/// The transport of one connection, shared by its reader (awc) and its writer (the upload task).
///
/// Both live on one thread and hold the borrow only while polling. Closing is taking the transport
/// out: the descriptor is closed then, whoever still holds the connection.
#[derive(Clone)]
pub struct BackendConnection(Rc<RefCell<Option<Transport>>>);

impl BackendConnection {
    pub fn new(transport: Transport) -> Self {
        Self(Rc::new(RefCell::new(Some(transport))))
    }

    pub fn is_open(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Closes the descriptor at once.
    pub fn close(&self) {
        let transport = self.0.borrow_mut().take();
        drop(transport);
    }

    /// True when an unused connection has something to say (bytes, its end, an error), which it
    /// must not have before a request: it is stale.
    ///
    /// On TLS this also is true for a late session ticket; a reused connection then is given up
    /// without need, which costs a handshake and never a wrong answer.
    pub fn has_spoken(&self) -> bool {
        let transport = self.0.borrow();
        let Some(transport) = transport.as_ref() else { return true };
        // Straight from the kernel: the runtime's readiness may lag behind by a turn of its loop.
        let mut byte = [std::mem::MaybeUninit::uninit()];
        let peeked = socket2::SockRef::from(transport.tcp()).peek(&mut byte);
        !matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Reads an idle connection to nowhere: `Pending` means it is silent, as it should be.
    /// On TLS this takes in session tickets.
    pub fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut byte = [0; 1];
        self.poll_read(cx, &mut ReadBuf::new(&mut byte)).map(drop)
    }

    /// [`poll_idle`](Self::poll_idle) without anybody to wake.
    pub fn is_silent(&self) -> bool {
        self.poll_idle(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    pub fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.0.borrow_mut().as_mut() {
            Some(transport) => transport.as_async().poll_read(cx, buf),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    pub fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.0.borrow_mut().as_mut() {
            Some(transport) => transport.as_async().poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0.borrow_mut().as_mut() {
            Some(transport) => transport.as_async().poll_flush(cx),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Ends the writing direction of a tunnel (TCP half close, TLS `close_notify`).
    pub fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0.borrow_mut().as_mut() {
            Some(transport) => transport.as_async().poll_shutdown(cx),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}
