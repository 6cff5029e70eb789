//! How much is in flight to one API at once.
//!
//! An API that answers slowly gathers calls; without a bound they would take all memory and all connections with them.
//! Those that find no place wait in a queue of bounded length, in the order in which they came, and beyond that they
//! are refused at once: a caller who knows at once can do something else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;

use crate::config::gateway::Concurrency;

/// The places of one API.
#[derive(Debug)]
pub(super) struct Places {
    /// How many there are.
    pub(super) bound: Concurrency,
    free: Semaphore,
    waiting: AtomicUsize,
}

/// A request's place; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    _permit: SemaphorePermit<'a>,
}

/// There is no place and there will be none in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPlace;

impl Places {
    /// All of them free.
    pub(super) fn new(bound: Concurrency) -> Self {
        Self { free: Semaphore::new(bound.requests as usize), waiting: AtomicUsize::new(0), bound }
    }

    /// Waits for a place, until `latest`.
    ///
    /// # Errors
    /// [`NoPlace`]: at once when the queue is full.
    pub(super) async fn take(&self, latest: Instant) -> Result<Place<'_>, NoPlace> {
        if let Ok(permit) = self.free.try_acquire() {
            return Ok(Place { _permit: permit });
        }
        let _queued = Queued::of(&self.waiting, self.bound.queue as usize)?;
        match timeout_at(latest.into(), self.free.acquire()).await {
            Ok(Ok(permit)) => Ok(Place { _permit: permit }),
            _ => Err(NoPlace),
        }
    }
}

/// One of the queue.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn of(waiting: &'a AtomicUsize, most: usize) -> Result<Self, NoPlace> {
        let queued = Self(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) < most { Ok(queued) } else { Err(NoPlace) }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock;

    fn places(requests: u32, queue: u32) -> Places {
        Places::new(Concurrency { requests, queue })
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_waited_for_and_a_full_queue_is_told_at_once() {
        let places = places(1, 1);
        let start = clock::now();
        let first = places.take(start).await.unwrap();
        let waiting = places.take(start + Duration::from_secs(5));
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        assert_eq!(places.take(start + Duration::from_secs(5)).await.unwrap_err(), NoPlace);
        assert_eq!(clock::now(), start, "nobody has waited");
        drop(first);
        assert!(waiting.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_beyond_his_time_and_who_leaves_leaves_nothing() {
        let places = places(1, 1);
        let start = clock::now();
        let first = places.take(start).await.unwrap();
        assert!(places.take(start + Duration::from_secs(5)).await.is_err());
        assert_eq!(clock::now() - start, Duration::from_secs(5));
        for _ in 0..10 {
            let waiting =
                tokio::time::timeout(Duration::from_secs(1), places.take(start + Duration::MAX / 4));
            assert!(waiting.await.is_err(), "dropped in the queue");
        }
        drop(first);
        assert!(places.take(start).await.is_ok());
        assert_eq!(places.waiting.load(Ordering::Acquire), 0);
    }
}
