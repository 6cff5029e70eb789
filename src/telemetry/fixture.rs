//! A log that a test can read.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::dispatcher::{self, DefaultGuard, Dispatch};

use super::format::Form;
use super::{Guard, subscriber};

/// What is logged on this thread, until [`Log::lines`] is asked for.
pub(crate) struct Log {
    sink: Sink,
    default: DefaultGuard,
    guard: Guard,
}

#[derive(Clone, Default)]
pub(super) struct Sink(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Logs as text what the filter lets through.
    pub(crate) fn text(filter: &str) -> Self {
        Self::start(filter, Form::Text)
    }

    pub(super) fn start(filter: &str, form: Form) -> Self {
        let sink = Sink::default();
        let (subscriber, guard) = subscriber(Some(filter), form, sink.clone()).unwrap();
        Self { sink, default: dispatcher::set_default(&Dispatch::new(subscriber)), guard }
    }

    /// Ends logging; gives everything that was logged.
    pub(crate) fn lines(self) -> String {
        drop(self.default);
        drop(self.guard);
        String::from_utf8(self.sink.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
