//! The one place that spawns tasks: each has a name, and a panic in it is reported.

use std::future::Future;

use tokio::task::JoinHandle;

/// Runs `future` on its own. Dropping the handle lets it run on.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    use tracing::Instrument;
    tokio::spawn(future.instrument(tracing::debug_span!("task", name)))
}
