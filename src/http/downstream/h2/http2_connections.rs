//! The HTTP/2 connections of a listener: how many are open, and when they are to come to their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// Shared by all workers. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Http2Connections(Arc<State>);

#[derive(Debug)]
struct State {
    open: AtomicUsize,
    ending: watch::Sender<bool>,
}

/// A connection that is open until this is dropped.
#[derive(Debug)]
pub struct OpenConnection {
    all: Http2Connections,
    ending: watch::Receiver<bool>,
}

impl Default for Http2Connections {
    fn default() -> Self {
        Self(Arc::new(State { open: AtomicUsize::new(0), ending: watch::channel(false).0 }))
    }
}

impl Http2Connections {
    /// A connection begins.
    pub(super) fn begin(&self) -> OpenConnection {
        self.0.open.fetch_add(1, Ordering::AcqRel);
        OpenConnection { all: self.clone(), ending: self.0.ending.subscribe() }
    }

    /// Connections open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    /// Has every client told to begin no more streams; a connection ends with its last one.
    pub fn end(&self) {
        self.0.ending.send_replace(true);
    }
}

impl OpenConnection {
    /// Ready once connections are to end.
    pub async fn told_to_end(&mut self) {
        // The sender lives as long as this connection holds on to all of them.
        let _told = self.ending.wait_for(|ending| *ending).await;
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.all.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}
