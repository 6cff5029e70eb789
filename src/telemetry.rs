//! What is told to the operator: one line per call, no secrets, no argument values.
//!
//! Lines go to stderr, as text when that is a terminal and as JSON otherwise, through a thread of their own
//! (`writer`): a call never waits for whoever reads them. Other people's libraries may say warnings and worse, and
//! nothing below: at `trace` they print requests, and so credentials.

pub mod audit;
pub mod events;
#[cfg(test)]
pub(crate) mod fixture;
mod format;
pub mod metrics;
pub mod redact;
mod writer;

use std::io::{IsTerminal as _, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Registry, fmt};

use format::{Form, Lines};
pub use metrics::Metrics;
pub use redact::Redactor;
pub use writer::Guard;
use writer::Writer;

/// What is logged when the operator says nothing.
pub const DEFAULT_FILTER: &str = "info";

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The filter cannot be read.
    #[error("the log filter cannot be read: {0}")]
    Filter(#[from] ParseError),
    /// The thread that writes could not be started.
    #[error("the log cannot be written: {0}")]
    Thread(#[from] std::io::Error),
    /// Something else logs already.
    #[error("the log is set up already")]
    Twice,
}

/// Logs what `filter` lets through (`TOOLGATE_LOG`; [`DEFAULT_FILTER`] when nothing is said) to stderr, until the
/// guard is dropped.
///
/// # Errors
/// [`InitError`] when the filter cannot be read, or when this process logs already.
pub fn init(filter: Option<&str>) -> Result<Guard, InitError> {
    let stderr = std::io::stderr();
    let form = if stderr.is_terminal() { Form::Text } else { Form::Json };
    let (subscriber, guard) = subscriber(filter, form, stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError::Twice)?;
    std::panic::set_hook(Box::new(events::panic));
    Ok(guard)
}

fn subscriber(
    filter: Option<&str>,
    form: Form,
    sink: impl Write + Send + 'static,
) -> Result<(impl tracing::Subscriber + Send + Sync, Guard), InitError> {
    let filter = EnvFilter::try_new(filter.unwrap_or(DEFAULT_FILTER))?;
    let (writer, guard) = Writer::start(sink, "log")?;
    let layer = fmt::layer().event_format(Lines(form)).with_writer(writer);
    Ok((Registry::default().with(layer.with_filter(filter.and(filter_fn(may_speak)))), guard))
}

fn may_speak(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN || metadata.target().starts_with(env!("CARGO_PKG_NAME"))
}

#[cfg(test)]
mod tests;
