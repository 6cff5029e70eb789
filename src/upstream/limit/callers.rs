//! A rate limit of callers rather than of an API: the same arithmetic, and nobody waits.

use std::time::Instant;

use super::gates::Gates;
use crate::config::gateway::RateLimit;

/// So many requests of each caller in so much time.
#[derive(Debug)]
pub(crate) struct CallerGates(Gates);

impl CallerGates {
    /// Gates that nobody has gone through yet. Those of callers who have not been here for a while are forgotten.
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self(Gates::new(limit.for_each, vec![limit]))
    }

    /// Lets one request of a caller through.
    ///
    /// # Errors
    /// When the next one may come.
    pub(crate) fn pass(&self, caller: &str) -> Result<(), Instant> {
        self.0.pass_at_once(caller)
    }
}
