//! A queue before the quotas of one limit.
//!
//! Requests go through in the order in which they came. Only the first of them watches the clock; the others wait for
//! it to be gone, by whatever way: one that is dropped in the queue takes nothing with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::time::sleep_until;

use super::meter::Meter;
use crate::config::gateway::RateLimit;
use crate::upstream::epoch::Epoch;

/// How many wait before one gate; each of them is a call with all that it holds.
const MOST_WAITING: u64 = 4096;

/// Quotas and the queue before them.
#[derive(Debug)]
pub(super) struct Gate {
    epoch: Epoch,
    meter: Mutex<Meter>,
    /// Held by the first of the queue. Tokio's mutex is fair: it is given on in the order of asking.
    turn: tokio::sync::Mutex<()>,
    waiting: AtomicU64,
}

/// Why a request does not go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// Its turn would come then, which is too late.
    Until(Instant),
    /// Too many wait already.
    Full,
}

impl Gate {
    /// A gate that nothing has gone through yet.
    pub(super) fn new(limits: &[RateLimit]) -> Self {
        Self {
            epoch: Epoch::begin(),
            meter: Mutex::new(Meter::new(limits)),
            turn: tokio::sync::Mutex::default(),
            waiting: AtomicU64::new(0),
        }
    }

    /// Waits for the turn of one request, which must come by `latest`.
    ///
    /// # Errors
    /// [`Shut`], at once: nobody waits for a turn that comes too late.
    pub(super) async fn pass(&self, latest: Instant) -> Result<(), Shut> {
        let arrived = self.epoch.now();
        if self.waiting.load(Ordering::Acquire) == 0 && self.meter().take(arrived, arrived).is_ok() {
            return Ok(());
        }
        let queued = Queued::behind(&self.waiting)?;
        self.by(latest, self.meter().slot(queued.ahead))?;
        let _turn = self.turn.lock().await;
        loop {
            let now = self.epoch.now();
            let Err(slot) = self.meter().take(arrived, now) else { return Ok(()) };
            sleep_until(self.by(latest, slot)?.into()).await;
        }
    }

    /// Lets one request through where nobody waits.
    ///
    /// # Errors
    /// When the next one may go.
    pub(super) fn pass_at_once(&self) -> Result<(), Instant> {
        let now = self.epoch.now();
        self.meter().take(now, now).map_err(|slot| self.epoch.instant(slot))
    }

    /// Whether it is as good as a new one.
    pub(super) fn is_fresh(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0 && self.meter().is_fresh(self.epoch.now())
    }

    fn by(&self, latest: Instant, slot: u64) -> Result<Instant, Shut> {
        let slot = self.epoch.instant(slot);
        if slot > latest { Err(Shut::Until(slot)) } else { Ok(slot) }
    }

    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the queue.
struct Queued<'a> {
    waiting: &'a AtomicU64,
    /// How many came before.
    ahead: u64,
}

impl<'a> Queued<'a> {
    fn behind(waiting: &'a AtomicU64) -> Result<Self, Shut> {
        let queued = Self { waiting, ahead: waiting.fetch_add(1, Ordering::AcqRel) };
        if queued.ahead < MOST_WAITING { Ok(queued) } else { Err(Shut::Full) }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
