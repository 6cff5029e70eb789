//! The async runtime and the signals that end it.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::failure::Failure;

/// Runs a verb that does one thing, on this thread.
pub(super) fn once<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::System)?.block_on(work)
}

/// Runs a verb that serves, on all cores.
pub(super) fn serving<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::System)?;
    let done = runtime.block_on(work);
    // Whoever is told to end at once does not wait for a load that is in the middle of a document.
    runtime.shutdown_background();
    done
}

/// What the signals ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop {
    /// After the first one: finish what runs, then end.
    pub gently: CancellationToken,
    /// After the second one: end.
    pub now: CancellationToken,
}

/// Listens for SIGINT and SIGTERM from here on.
///
/// # Errors
/// [`Failure::System`] when the system has no place for a handler.
pub(super) fn stop_at_signals() -> Result<Stop, Failure> {
    let stop = Stop::default();
    let mut signals = Signals::new().map_err(Failure::System)?;
    let told = stop.clone();
    crate::tasks::spawn("signals", async move {
        signals.next().await;
        told.gently.cancel();
        signals.next().await;
        told.now.cancel();
    });
    Ok(stop)
}

/// SIGHUP, which asks for a reload; where there is none it never comes.
#[cfg(unix)]
pub(super) struct Hangup {
    signal: tokio::signal::unix::Signal,
    on_terminal: bool,
}

#[cfg(unix)]
impl Hangup {
    /// Listens from here on.
    ///
    /// # Errors
    /// [`Failure::System`] when the system has no place for a handler.
    pub(super) fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup()).map_err(Failure::System)?;
        Ok(Self { signal, on_terminal: super::output::is_stderr_terminal() })
    }

    /// Waits for the next one. Whether it means the end: the terminal that we were started on is gone.
    pub(super) async fn next(&mut self) -> bool {
        self.signal.recv().await;
        self.on_terminal && !super::output::is_stderr_terminal()
    }
}

#[cfg(not(unix))]
pub(super) struct Hangup;

#[cfg(not(unix))]
impl Hangup {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> bool {
        std::future::pending().await
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the default of the system holds, which is to end the process.
            std::future::pending().await
        }
    }
}
