//! What happens, as lines of the log. The names of the fields are the same here, in metrics and in the documentation.

use std::borrow::Cow;
use std::fmt;
use std::panic::PanicHookInfo;
use std::time::{Duration, Instant};

use url::{Position, Url};

use super::metrics::ToolMetrics;
use crate::clock;

/// One call of a tool, told and counted when it is over: also when it was refused, and when it was dropped in the middle.
#[derive(Debug)]
pub struct CallEvent<'a> {
    tool: &'a str,
    gateway: &'a str,
    base: &'a Url,
    metrics: Option<&'a ToolMetrics>,
    started: Instant,
    /// Status of the last answer.
    pub status: Option<u16>,
    /// Size of the answer's body, decoded.
    pub bytes: usize,
    /// What the cache had to do with it.
    pub cache: &'static str,
    /// How many requests were sent.
    pub attempts: u32,
    /// How many of them were further attempts at the same.
    pub retries: u32,
    /// How long it waited for its turn.
    pub waited: Duration,
    outcome: &'static str,
    alarming: bool,
}

impl<'a> CallEvent<'a> {
    /// What a call is told as when nobody says otherwise before it is dropped.
    pub const CANCELLED: &'static str = "cancelled";
    /// What a call is told as that succeeded.
    pub const OK: &'static str = "ok";

    /// A call that begins now. `base` is the URL of the API; its origin is told.
    #[must_use]
    pub fn begin(tool: &'a str, gateway: &'a str, base: &'a Url) -> Self {
        Self {
            tool,
            gateway,
            base,
            metrics: None,
            started: clock::now(),
            status: None,
            bytes: 0,
            cache: "off",
            attempts: 0,
            retries: 0,
            waited: Duration::ZERO,
            outcome: Self::CANCELLED,
            alarming: false,
        }
    }

    /// The same, counted too.
    #[must_use]
    pub fn counted(mut self, metrics: &'a ToolMetrics) -> Self {
        metrics.gateway.began();
        self.metrics = Some(metrics);
        self
    }

    /// The call is over: `outcome` is [`CallEvent::OK`] or the code of an error; an alarming one is a warning.
    pub fn finish(mut self, outcome: &'static str, alarming: bool) {
        self.outcome = outcome;
        self.alarming = alarming;
    }
}

impl Drop for CallEvent<'_> {
    fn drop(&mut self) {
        let duration = clock::now() - self.started;
        if let Some(metrics) = self.metrics {
            metrics.ended(self.outcome, duration);
            metrics.gateway.ended(self.retries, self.bytes, self.waited, self.cache);
        }
        let upstream = origin(self.base);
        macro_rules! tell {
            ($level:expr) => {
                tracing::event!(
                    target: "toolgate::call",
                    $level,
                    tool = self.tool,
                    gateway = self.gateway,
                    upstream = &*upstream,
                    status = self.status,
                    outcome = self.outcome,
                    duration_ms = milliseconds(duration),
                    bytes = self.bytes,
                    cache = self.cache,
                    attempts = self.attempts,
                    retries = self.retries,
                    waited_ms = milliseconds(self.waited),
                    "call"
                )
            };
        }
        if self.alarming {
            tell!(tracing::Level::WARN);
        } else {
            tell!(tracing::Level::INFO);
        }
    }
}

/// A reload: what was read again is served.
#[derive(Debug)]
pub struct ReloadEvent<'a> {
    /// Why: `files`, `signal` or `timer`.
    pub reason: &'static str,
    /// What changed, in a few words.
    pub changes: &'a str,
    /// Gateways that are served as before, because what their files say is bad.
    pub kept: &'a [String],
    /// How many tools there are.
    pub tools: usize,
    /// From reading to serving.
    pub duration: Duration,
}

impl ReloadEvent<'_> {
    /// Tells it.
    pub fn tell(&self) {
        let duration_ms = milliseconds(self.duration);
        let (reason, changes, tools) = (self.reason, self.changes, self.tools);
        if self.kept.is_empty() {
            tracing::info!(target: RELOAD, reason, changes, tools, duration_ms, "reloaded");
        } else {
            let kept = self.kept.join(", ");
            tracing::warn!(target: RELOAD, reason, changes, kept, tools, duration_ms, "reloaded");
        }
    }
}

/// A reload that changed nothing, because nothing would be left.
pub fn not_reloaded(reason: &str, error: &dyn fmt::Display) {
    tracing::error!(target: RELOAD, reason, %error, "not reloaded: everything is served as before");
}

/// A document that could not be fetched again.
pub fn not_refreshed(error: &dyn fmt::Display) {
    tracing::warn!(target: RELOAD, %error, "a document is kept as it was");
}

/// A server file that is not kept to.
pub fn access_kept(why: &str) {
    tracing::error!(target: RELOAD, "{why}");
}

/// What a reload changed about one tool.
pub fn changed(tool: &str, change: &dyn fmt::Display) {
    tracing::info!(target: RELOAD, tool, "{change}");
}

/// How many changes more there are than were told.
pub fn more_changed(more: usize) {
    tracing::info!(target: RELOAD, more, "more tools changed");
}

const RELOAD: &str = "toolgate::reload";

/// A panic, without what it says when that was put together at run time: it may quote an argument or a secret.
pub(super) fn panic(info: &PanicHookInfo<'_>) {
    let message = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not shown)");
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    match info.location() {
        Some(location) => tracing::error!(target: "toolgate::panic", thread, %location, message, "panic"),
        None => tracing::error!(target: "toolgate::panic", thread, message, "panic"),
    }
}

/// Scheme, host and port of a URL: no user, no path, no query.
fn origin(url: &Url) -> Cow<'_, str> {
    // As it stands in the URL, where nothing has to be left out: an address that is written anew takes a quarter of the
    // time of the line.
    if url.username().is_empty() && url.password().is_none() {
        return Cow::Borrowed(&url[..Position::AfterPort]);
    }
    format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort]).into()
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
