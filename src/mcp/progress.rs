//! `notifications/progress`: how far a call is, for a client that asked to be told.
//!
//! A client asks with a `progressToken` in `_meta` of its request, and is told as the token says: before the answer, in
//! the same stream, with a number that grows. Not more than ten times a second, however fast pages come.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::value::RawValue;

use super::json;
use super::line::Line;
use super::message::Meta;
use crate::call::Progress;
use crate::clock;

/// The least time between two notifications of one call.
const INTERVAL: Duration = Duration::from_millis(100);

/// The token of a client that wants to be told: a text or a number, as raw JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token(Box<str>);

/// Tells one client about one call.
#[derive(Debug)]
pub(crate) struct Reporter {
    token: Token,
    last: Mutex<Option<Instant>>,
    line: Line,
}

impl Token {
    /// The token of a request; `None` when it has none that can be sent back.
    pub(crate) fn of(meta: Option<&Meta<'_>>) -> Option<Self> {
        let raw = meta?.progress_token.map(RawValue::get)?;
        raw.starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit())
            .then(|| Self(raw.into()))
    }
}

impl Reporter {
    /// Tells by this line.
    pub(crate) fn new(token: Token, line: Line) -> Self {
        Self { token, last: Mutex::new(None), line }
    }

    /// Whether it is time for another one.
    fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        let is_due = last.is_none_or(|last| now.duration_since(last) >= INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

impl Progress for Reporter {
    fn report(&self, done: u64, total: Option<u64>, message: &str) {
        if !self.is_due() {
            return;
        }
        let mut out = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{".to_vec();
        out.extend_from_slice(format!("\"progressToken\":{},\"progress\":{done}", self.token.0).as_bytes());
        if let Some(total) = total {
            out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        out.extend_from_slice(b",\"message\":");
        json::push_string(&mut out, message.as_bytes());
        out.extend_from_slice(b"}}");
        self.line.notify(Bytes::from(out));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::mcp::line::Outlet;

    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Outlet for Told {
        fn send(&self, message: Bytes) -> bool {
            self.0.lock().unwrap().push(String::from_utf8(message.to_vec()).unwrap());
            true
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_is_told_with_its_own_token_and_not_too_often() {
        let told = Arc::new(Told::default());
        let reporter = Reporter::new(Token("\"a\\u0062\"".into()), Line::telling(told.clone()));
        reporter.report(1, None, "one \"page\"");
        reporter.report(2, None, "too soon");
        tokio::time::advance(INTERVAL).await;
        reporter.report(3, Some(9), "three");
        assert_eq!(
            *told.0.lock().unwrap(),
            [
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"a\u0062","progress":1,"message":"one \"page\""}}"#,
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"a\u0062","progress":3,"total":9,"message":"three"}}"#,
            ]
        );
    }
}
