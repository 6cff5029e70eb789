//! How much is in flight to an API at once.

use super::gateway::Concurrency;
use super::whole::Whole;
use super::written::{Optional, written};

written! {
    /// How many requests are in flight to the API at once. Further ones wait; when too many wait, they are refused.
    #[schemars(rename = "Concurrency")]
    pub(super) struct ConcurrencyFile<'t> {
        /// How many requests are in flight.
        #[schemars(extend("default" = 256))]
        requests: Optional<'t, Whole<1, 10_000>>,
        /// How many more wait.
        #[schemars(extend("default" = 1024))]
        queue: Optional<'t, Whole<0, 100_000>>,
    }
}

/// What it means; what is not said is as by default.
pub(super) fn resolve(file: &ConcurrencyFile<'_>) -> Concurrency {
    let default = Concurrency::default();
    Concurrency {
        requests: file.requests.map_or(default.requests, |requests| requests.value.0),
        queue: file.queue.map_or(default.queue, |queue| queue.value.0),
    }
}
