//! Moments as numbers, so that they fit into atomics.

use std::time::{Duration, Instant};

use crate::clock;

/// Where the nanoseconds of one state are counted from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch(Instant);

impl Epoch {
    /// Counts from now.
    pub(super) fn begin() -> Self {
        Self(clock::now())
    }

    /// Nanoseconds from the beginning to now.
    pub(super) fn now(self) -> u64 {
        self.of(clock::now())
    }

    /// Nanoseconds from the beginning to `moment`; 0 for what was before it.
    pub(super) fn of(self, moment: Instant) -> u64 {
        nanoseconds(moment.saturating_duration_since(self.0))
    }

    /// The moment after so many nanoseconds.
    pub(super) fn instant(self, nanoseconds: u64) -> Instant {
        self.0 + Duration::from_nanos(nanoseconds)
    }
}

/// A span as a number; about 584 years for any longer one.
pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
