//! What happens, as lines of the log. The names of the fields are the same here, in metrics and in the documentation.

use std::fmt;
use std::panic::PanicHookInfo;
use std::time::{Duration, Instant};

use url::Url;

use crate::clock;

/// One call of a tool, told when it is over: also when it was refused, and when it was dropped in the middle.
#[derive(Debug)]
pub struct CallEvent<'a> {
    tool: &'a str,
    gateway: &'a str,
    base: &'a Url,
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

    /// The call is over: `outcome` is [`CallEvent::OK`] or the code of an error; an alarming one is a warning.
    pub fn finish(mut self, outcome: &'static str, alarming: bool) {
        self.outcome = outcome;
        self.alarming = alarming;
    }
}

impl Drop for CallEvent<'_> {
    fn drop(&mut self) {
        macro_rules! tell {
            ($level:expr) => {
                tracing::event!(
                    target: "toolgate::call",
                    $level,
                    tool = self.tool,
                    gateway = self.gateway,
                    upstream = %Origin(self.base),
                    status = self.status,
                    outcome = self.outcome,
                    duration_ms = milliseconds(clock::now() - self.started),
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
struct Origin<'a>(&'a Url);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
