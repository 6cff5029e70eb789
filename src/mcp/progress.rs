//! What a client hears of a call before its answer, when it asked to: how far it is (`notifications/progress`), and what
//! happens (`notifications/message`).
//!
//! For the one a client gives a `progressToken` in `_meta` of its request, and is told a number that grows, not more than
//! ten times a second, however fast pages come. For the other it chooses a level: for a session with
//! `logging/setLevel`, or for one request in `_meta`. Both go before the answer, in the same stream.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::value::RawValue;

use super::json;
use super::level::Level;
use super::line::Line;
use super::message::Meta;
use crate::call::{Progress, Weight};
use crate::clock;

/// The least time between two notifications of how far one call is.
const INTERVAL: Duration = Duration::from_millis(100);

/// How many messages one call may say.
const MOST_MESSAGES: u32 = 200;

/// The token of a client that wants to be told: a text or a number, as raw JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token(Box<str>);

/// Tells one client about one call.
#[derive(Debug)]
pub(crate) struct Reporter {
    token: Option<Token>,
    /// The number that was told last, and when.
    last: Mutex<Option<(u64, Instant)>>,
    /// From which level on it says what happens.
    log: Option<Level>,
    said: AtomicU32,
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
    /// Tells by this line what the client wants to hear; `None` when that is nothing.
    pub(crate) fn of(token: Option<Token>, log: Option<Level>, line: &Line) -> Option<Self> {
        let wants_to_hear = token.is_some() || log.is_some();
        let reporter =
            || Self { token, last: Mutex::new(None), log, said: AtomicU32::new(0), line: line.clone() };
        wants_to_hear.then(reporter)
    }

    /// Whether it is time to tell this number: it grows from one to the next.
    fn is_due(&self, done: u64) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        let is_due = last.is_none_or(|(told, when)| done > told && now.duration_since(when) >= INTERVAL);
        if is_due {
            *last = Some((done, now));
        }
        is_due
    }
}

impl Progress for Reporter {
    fn report(&self, done: u64, total: Option<u64>, message: &str) {
        let Some(Token(token)) = self.token.as_ref().filter(|_| self.is_due(done)) else { return };
        let mut out = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{".to_vec();
        out.extend_from_slice(format!("\"progressToken\":{token},\"progress\":{done}").as_bytes());
        if let Some(total) = total {
            out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        out.extend_from_slice(b",\"message\":");
        json::push_string(&mut out, message.as_bytes());
        out.extend_from_slice(b"}}");
        self.line.notify(Bytes::from(out));
    }

    fn happened(&self, weight: Weight, gateway: &str, message: fmt::Arguments<'_>) {
        let level = level(weight);
        let wants_it = self.log.is_some_and(|from| level >= from);
        if !wants_it || self.said.fetch_add(1, Ordering::Relaxed) >= MOST_MESSAGES {
            return;
        }
        let mut out = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{".to_vec();
        out.extend_from_slice(format!("\"level\":\"{}\",\"logger\":", level.as_str()).as_bytes());
        json::push_string(&mut out, gateway.as_bytes());
        out.extend_from_slice(b",\"data\":{\"message\":");
        json::push_string(&mut out, message.to_string().as_bytes());
        out.extend_from_slice(b"}}}");
        self.line.notify(Bytes::from(out));
    }
}

fn level(weight: Weight) -> Level {
    match weight {
        Weight::Detail => Level::Debug,
        Weight::Step => Level::Info,
        Weight::Unusual => Level::Notice,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::mcp::line::Outlet;

    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Told {
        fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    impl Outlet for Told {
        fn send(&self, message: Bytes) -> bool {
            self.0.lock().unwrap().push(String::from_utf8(message.to_vec()).unwrap());
            true
        }
    }

    fn reporter(token: Option<&str>, log: Option<Level>) -> (Arc<Told>, Option<Reporter>) {
        let told = Arc::new(Told::default());
        let token = token.map(|token| Token(token.into()));
        let reporter = Reporter::of(token, log, &Line::telling(told.clone()));
        (told, reporter)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_is_told_with_its_own_token_a_number_that_grows_and_not_too_often() {
        let (told, reporter) = reporter(Some("\"a\\u0062\""), None);
        let reporter = reporter.unwrap();
        reporter.report(1, None, "one \"page\"");
        reporter.report(2, None, "too soon");
        tokio::time::advance(INTERVAL).await;
        reporter.report(1, None, "no more than before");
        reporter.report(3, Some(9), "three");
        reporter.happened(Weight::Unusual, "shop", format_args!("not asked for"));
        assert_eq!(
            told.take(),
            [
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"a\u0062","progress":1,"message":"one \"page\""}}"#,
                r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"a\u0062","progress":3,"total":9,"message":"three"}}"#,
            ]
        );
    }

    #[test]
    fn a_client_hears_what_happens_from_its_level_on_and_not_without_end() {
        let (told, reporter) = reporter(None, Some(Level::Info));
        let reporter = reporter.unwrap();
        reporter.report(1, None, "not asked for");
        reporter.happened(Weight::Detail, "shop", format_args!("below"));
        assert_eq!(told.take(), [""; 0]);
        for _ in 0..2 * MOST_MESSAGES {
            reporter.happened(Weight::Step, "shop", format_args!("{} pages", 3));
        }
        let told = told.take();
        assert_eq!(told.len(), MOST_MESSAGES as usize);
        assert_eq!(
            told[0],
            r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","logger":"shop","data":{"message":"3 pages"}}}"#
        );
    }

    #[test]
    fn nobody_is_told_who_did_not_ask() {
        assert!(reporter(None, None).1.is_none());
    }
}
