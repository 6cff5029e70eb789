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

/// Does what keeps this thread busy for long, while its other tasks go on elsewhere. For runtimes of several threads only.
pub fn busy<T>(work: impl FnOnce(&tokio::runtime::Handle) -> T) -> T {
    tokio::task::block_in_place(|| work(&tokio::runtime::Handle::current()))
}

/// Runs `work` on a thread of its own with a stack of this many bytes: for what recurses over foreign data, or keeps
/// a processor busy. Whoever starts one sees to it that it ends.
///
/// # Errors
/// When the system has no thread left.
pub fn thread<T: Send + 'static>(
    name: &'static str,
    stack: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(work)
}
