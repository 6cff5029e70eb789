//! How much may be under way between what comes in and what goes out: a number of requests, and bytes of answers that are
//! not yet written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How many requests are under way at most.
pub(in crate::mcp) const REQUESTS: usize = 128;

/// With more unwritten than this no further request begins. Those that run already may add to it.
const UNWRITTEN_BYTES: usize = 16 << 20;

/// Room for requests.
pub(in crate::mcp) struct Room {
    requests: Arc<Semaphore>,
    unwritten: Arc<Unwritten>,
}

/// The place that one request takes, from when it was read until its answer was written.
pub(in crate::mcp) struct Place {
    _request: Option<OwnedSemaphorePermit>,
    unwritten: Arc<Unwritten>,
    bytes: usize,
}

#[derive(Default)]
struct Unwritten {
    bytes: AtomicUsize,
    less: Notify,
}

impl Room {
    pub(in crate::mcp) fn new() -> Self {
        Self { requests: Arc::new(Semaphore::new(REQUESTS)), unwritten: Arc::default() }
    }

    /// Waits until one more request may begin.
    pub(in crate::mcp) async fn place(&self) -> Place {
        let unwritten = &self.unwritten;
        while unwritten.bytes.load(Ordering::Relaxed) > UNWRITTEN_BYTES {
            // A notice that came since the check is kept, so none is missed.
            unwritten.less.notified().await;
        }
        // Whoever else waits for the same was not woken.
        unwritten.less.notify_one();
        // The semaphore is never closed, so there is always a permit.
        let request = Arc::clone(&self.requests).acquire_owned().await.ok();
        Place { _request: request, unwritten: Arc::clone(unwritten), bytes: 0 }
    }
}

impl Place {
    /// The answer has so many bytes.
    pub(in crate::mcp) fn answered(mut self, bytes: usize) -> Self {
        self.bytes += bytes;
        self.unwritten.bytes.fetch_add(bytes, Ordering::Relaxed);
        self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.unwritten.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
            self.unwritten.less.notify_one();
        }
    }
}
