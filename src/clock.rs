//! The one place that reads clocks.

use std::time::{Instant, SystemTime};

/// The monotonic clock; it stands still under `tokio::time::pause`.
#[must_use]
pub fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The calendar: for `Retry-After` dates and the like, never for durations.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}
