//! That something takes long, shown to whoever watches a terminal. A pipe never sees it.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

/// A sign of life on stderr until it is dropped.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(message: String) -> Self {
        if !super::output::is_stderr_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
