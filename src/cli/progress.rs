//! That something takes long, shown to whoever watches a terminal. A pipe never sees it, and neither does who waits
//! for a moment only.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;

/// What takes less is not spoken of.
const PATIENCE: Duration = Duration::from_millis(400);
/// Between two turns of the spinner.
const TURN: Duration = Duration::from_millis(100);

/// A sign of life on stderr until it is dropped.
pub(super) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Says `message` if it takes long.
    pub(super) fn new(message: String) -> Self {
        if !super::output::is_stderr_terminal() {
            return Self(None);
        }
        let (end, ended) = mpsc::channel();
        let thread =
            std::thread::Builder::new().name("progress".to_owned()).spawn(move || spin(message, &ended));
        // Without a thread there is no sign of life, and all else goes on.
        Self(thread.ok().map(|thread| (end, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.0.take() {
            drop(end);
            // The line must be gone before anything else is written.
            let _ended = thread.join();
        }
    }
}

/// A thread of its own: reading a document keeps the one that waits for it busy.
fn spin(message: String, ended: &Receiver<()>) {
    let waits = |time| ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !waits(PATIENCE) {
        return;
    }
    let spinner = ProgressBar::new_spinner().with_message(message);
    spinner.tick();
    while waits(TURN) {
        spinner.tick();
    }
    spinner.finish_and_clear();
}
