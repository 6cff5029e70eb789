//! Leaves an API alone that fails, and finds out when it is back.
//!
//! Two signals open the breaker, because each alone is blind to something:
//!
//! - **Failures in a row** see an outage at once. They never see an API that fails most of the time, but not always.
//! - **The rate of good answers** over a window sees that, but only after a while.
//!
//! A failure is a request without the head of an answer (no connection, no TLS, a reset, no answer in time) or one of
//! the statuses 500 to 599 but 501, which is an answer about the request. 4xx are answers about the request too, 429
//! included: that one is the limiter's business. A call that its client cancelled says nothing.
//!
//! While the breaker is open one request a second is let through, whichever comes first; the others are told when to
//! come back. So whoever calls less than once a second never meets an open breaker at all, and an API that is back is
//! found within a second. The first good answer closes it, and all is forgotten.
//!
//! What this costs a call when all is well: two atomic reads and one addition. Nothing is held while a request is on
//! its way, so that a dropped call cannot leave anything behind.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::epoch::{Epoch, nanoseconds};
use crate::clock;
use crate::config::gateway::BreakerRules;

/// Between two probes.
const PROBE: Duration = Duration::from_secs(1);
/// So many answers make a rate.
const LEAST_ANSWERS: u64 = 100;

/// The breaker of one origin.
#[derive(Debug)]
pub(crate) struct Breaker {
    rules: BreakerRules,
    epoch: Epoch,
    /// When the next probe may go; 0 while the breaker is closed.
    next_probe: AtomicU64,
    failures_in_a_row: AtomicU32,
    /// Good answers that are not in the record yet.
    good: AtomicU32,
    record: Mutex<Record>,
}

/// What came back in the present half of the window and in the one before.
#[derive(Debug, Default)]
struct Record {
    began: u64,
    present: Counts,
    before: Counts,
    last_failure: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    good: u64,
    bad: u64,
}

/// A request that was let through and whose end the breaker waits for. Dropped without a word, it was cancelled: a
/// failure when its time was up, and else nothing.
#[derive(Debug)]
pub(crate) struct Watched<'a> {
    breaker: Option<&'a Breaker>,
    probe: bool,
    deadline: Instant,
}

/// The API is left alone at present; the next request may go then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// When the next probe may go.
    pub(crate) until: Instant,
}

impl Breaker {
    /// A closed one.
    pub(crate) fn new(rules: BreakerRules) -> Self {
        Self {
            rules,
            epoch: Epoch::begin(),
            next_probe: AtomicU64::new(0),
            failures_in_a_row: AtomicU32::new(0),
            good: AtomicU32::new(0),
            record: Mutex::default(),
        }
    }

    /// In words.
    pub(crate) fn described(&self) -> String {
        let BreakerRules { failures, window, success_rate } = self.rules;
        format!(
            "opens after {failures} failures in a row, or below {success_rate} good answers of 100 in {window:?}"
        )
    }

    /// Whether the API is left alone at present.
    pub(crate) fn is_open(&self) -> bool {
        self.next_probe.load(Ordering::Relaxed) != 0
    }

    /// Whether a request would be let through now.
    ///
    /// # Errors
    /// [`Open`] when not.
    pub(crate) fn check(&self) -> Result<(), Open> {
        let next = self.next_probe.load(Ordering::Acquire);
        if next == 0 || next <= self.epoch.now() { Ok(()) } else { Err(self.open(next)) }
    }

    /// Lets a request through that must have its answer by `deadline`.
    ///
    /// # Errors
    /// [`Open`] when not.
    pub(crate) fn admit(&self, deadline: Instant) -> Result<Watched<'_>, Open> {
        let next = self.next_probe.load(Ordering::Acquire);
        let watched = |probe| Watched { breaker: Some(self), probe, deadline };
        if next == 0 {
            return Ok(watched(false));
        }
        let now = self.epoch.now();
        if next > now {
            return Err(self.open(next));
        }
        let after = now.saturating_add(nanoseconds(PROBE));
        match self.next_probe.compare_exchange(next, after, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(watched(true)),
            Err(0) => Ok(watched(false)),
            Err(next) => Err(self.open(next)),
        }
    }

    fn open(&self, until: u64) -> Open {
        Open { until: self.epoch.instant(until) }
    }

    fn success(&self, probe: bool) {
        if probe {
            *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Record::default();
            self.good.store(0, Ordering::Relaxed);
            self.next_probe.store(0, Ordering::Release);
        }
        self.good.fetch_add(1, Ordering::Relaxed);
        // A read is cheaper than a write when many write to the same place.
        if self.failures_in_a_row.load(Ordering::Relaxed) != 0 {
            self.failures_in_a_row.store(0, Ordering::Relaxed);
        }
    }

    fn failure(&self) {
        let now = self.epoch.now();
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let window = nanoseconds(self.rules.window);
        // Failures that lie far apart are not in a row, whatever came or did not come in between.
        if now.saturating_sub(record.last_failure) > window {
            self.failures_in_a_row.store(0, Ordering::Relaxed);
        }
        record.last_failure = now;
        record.count(now, window / 2, self.good.swap(0, Ordering::Relaxed));
        let in_a_row = self.failures_in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
        if in_a_row >= self.rules.failures || record.is_below(self.rules.success_rate) {
            let next = now.saturating_add(nanoseconds(PROBE));
            // Only a closed one is opened: while it is open the probes keep the time.
            let _ = self.next_probe.compare_exchange(0, next, Ordering::AcqRel, Ordering::Acquire);
        }
    }
}

impl Record {
    /// Counts one failure, and the good answers since the last one.
    fn count(&mut self, now: u64, half: u64, good: u32) {
        let halves = now.saturating_sub(self.began) / half.max(1);
        // Good answers of a long time are no good answers of this window.
        let good = if halves == 0 { u64::from(good) } else { 0 };
        if halves > 0 {
            self.before = if halves == 1 { self.present } else { Counts::default() };
            self.present = Counts::default();
            self.began = now;
        }
        self.present.good += good;
        self.present.bad += 1;
    }

    fn is_below(&self, success_rate: u32) -> bool {
        let good = self.present.good + self.before.good;
        let all = good + self.present.bad + self.before.bad;
        all >= LEAST_ANSWERS && good * 100 < all * u64::from(success_rate)
    }
}

impl Watched<'_> {
    /// A request that nobody watches.
    pub(crate) fn unwatched() -> Self {
        Self { breaker: None, probe: false, deadline: clock::now() }
    }

    /// The API is there.
    pub(crate) fn success(mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.success(self.probe);
        }
    }

    /// The API is not there, or not in order.
    pub(crate) fn failure(mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.failure();
        }
    }

    /// The request says nothing about the API: it never got so far.
    pub(crate) fn unknown(mut self) {
        self.breaker = None;
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.filter(|_| clock::now() >= self.deadline) {
            breaker.failure();
        }
    }
}

#[cfg(test)]
mod tests;
