//! How many connections clients may hold, in all and from one address.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Counts the connections of a listener, over all workers.
#[derive(Debug)]
pub struct ConnectionLimits {
    open_max: usize,
    per_peer_max: usize,
    open: AtomicUsize,
    refused: AtomicUsize,
    /// Bounded by the open connections. Locked when one opens or closes, never for a request.
    peers: Mutex<FxHashMap<IpAddr, usize>>,
}

/// The place of one connection, given back on drop.
#[derive(Debug)]
pub struct ConnectionPermit {
    limits: Arc<ConnectionLimits>,
    peer: IpAddr,
}

impl ConnectionLimits {
    /// `open_max` connections in all, `per_peer_max` of one address.
    #[must_use]
    pub fn new(open_max: usize, per_peer_max: usize) -> Self {
        Self {
            open_max,
            per_peer_max,
            open: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            peers: Mutex::default(),
        }
    }

    /// Takes a place, if there is one.
    #[must_use]
    pub fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<ConnectionPermit> {
        let peer = peer.to_canonical();
        let mut peers = self.peers.lock();
        let of_peer = peers.get(&peer).copied().unwrap_or(0);
        // Counted under the lock, so that the two limits cannot be passed by a race.
        if self.open.load(Ordering::Relaxed) >= self.open_max || of_peer >= self.per_peer_max {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        peers.insert(peer, of_peer + 1);
        Some(ConnectionPermit { limits: Arc::clone(self), peer })
    }

    /// Connections open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Connections refused so far.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut peers = self.limits.peers.lock();
        self.limits.open.fetch_sub(1, Ordering::Relaxed);
        if let Some(count) = peers.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                peers.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_in_all_and_per_address() {
        let limits = Arc::new(ConnectionLimits::new(3, 2));
        let (one, two): (IpAddr, IpAddr) =
            ("192.0.2.1".parse().unwrap(), "::ffff:192.0.2.2".parse().unwrap());
        let first = limits.admit(one).unwrap();
        let _second = limits.admit(one).unwrap();
        assert!(limits.admit(one).is_none());
        let _third = limits.admit(two).unwrap();
        assert!(limits.admit(two).is_none(), "the limit of all");
        drop(first);
        assert!(limits.admit("192.0.2.2".parse().unwrap()).is_some());
        assert_eq!((limits.open(), limits.refused()), (2, 2));
    }
}
