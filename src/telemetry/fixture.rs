//! A log that a test can read.

use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

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
        static UNDECIDED: Once = Once::new();
        UNDECIDED.call_once(|| drop(dispatcher::set_global_default(Dispatch::new(Undecided))));
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

/// Logs nothing, but keeps the library from deciding so once for all threads: a place in the code that is first reached
/// by a test without a log would stay silent in the tests that have one.
struct Undecided;

impl Subscriber for Undecided {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
