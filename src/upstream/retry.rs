//! What is tried again, when, and how often.
//!
//! | what happened | tried again |
//! |---|---|
//! | it certainly never reached the API: no address, no connection, a connection that was closed before | always |
//! | the connection broke later, or ended in the middle of the answer | what may be repeated |
//! | one of the statuses 408, 425, 429, 502, 503, 504 (`retry: {on: …}`) | what may be repeated |
//! | anything else | never |
//!
//! What may be repeated: GET, HEAD, OPTIONS and QUERY, which change nothing; PUT and DELETE, which change the same
//! however often they are done (RFC 9110, section 9.2.2); operations whose author says that they do; and writes that
//! carry an idempotency key. No other write is ever sent twice on a guess, not even after 429: that the request was
//! refused before anything was done is likely, but nothing says so (RFC 6585, section 4).
//!
//! Pauses grow exponentially and are random in their whole length ("full jitter"): those that failed together do not
//! come back together. They are never shorter than what `Retry-After` asks for; that one is kept to by the limiter
//! ([`super::limit`]), for this call and for all others in the same name. And all retries of an upstream together are
//! paid from one [`RetryBudget`], but for those of what never reached it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::budget::RetryBudget;
use super::{HttpRequest, Reply, SendError};
use crate::config::gateway::RetryRules;

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(10);

/// What is tried again of the calls of one tool.
#[derive(Debug)]
pub(crate) struct RetryPlan {
    /// How often a request is sent at most, the first time included.
    pub(crate) attempts: u32,
    statuses: Box<[StatusCode]>,
    backoff: Duration,
    /// The request may reach the API twice.
    pub(crate) repeatable: bool,
    /// The header for a key that makes it so.
    pub(crate) idempotency_key: Option<HeaderName>,
    budget: Arc<RetryBudget>,
}

impl RetryPlan {
    /// `harmless`: the request may reach the API twice as it is. If not, it gets a key in this header, if there is
    /// one.
    pub(super) fn new(
        rules: &RetryRules,
        harmless: bool,
        declared_key: Option<&HeaderName>,
        budget: &Arc<RetryBudget>,
    ) -> Self {
        let key = rules.idempotency_key.as_ref().or(declared_key).filter(|_| !harmless);
        Self {
            attempts: rules.attempts,
            statuses: rules.statuses.as_slice().into(),
            backoff: rules.backoff,
            repeatable: harmless || key.is_some(),
            idempotency_key: key.cloned(),
            budget: Arc::clone(budget),
        }
    }

    /// The request as it is sent in each attempt: with a key of its own, where there is a header for it and the
    /// caller has not given one.
    pub(crate) fn keyed<'r>(&self, request: &'r HttpRequest) -> Cow<'r, HttpRequest> {
        let Some(header) = self.idempotency_key.as_ref().filter(|name| !request.headers.contains_key(*name))
        else {
            return Cow::Borrowed(request);
        };
        // RFC 9562, version 4: some APIs take nothing else.
        let key = uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string();
        let mut request = request.clone();
        if let Ok(key) = HeaderValue::try_from(key) {
            request.headers.insert(header, key);
        }
        Cow::Owned(request)
    }

    /// In words.
    pub(crate) fn described(&self, method: &Method) -> String {
        let what = match &self.idempotency_key {
            _ if self.attempts == 1 => return "off".to_owned(),
            Some(header) => format!("{method} with a key of its own in `{header}`"),
            None if self.repeatable => format!("{method} may be repeated"),
            None => format!("{method} writes, so only what certainly did not reach the API"),
        };
        format!("{what}; at most {} attempts", self.attempts)
    }

    /// Counts a call: it earns the budget a part of a retry.
    pub(crate) fn count_call(&self) {
        self.budget.call();
    }

    /// Whether a request that came to this may be sent once more, and when; `attempts` have been made.
    pub(crate) fn pause(&self, attempts: u32, result: &Result<Reply, SendError>) -> Option<Duration> {
        // What never got there was no load for the API, so sending it again is none on top.
        let is_free = result.as_ref().is_err_and(SendError::certainly_not_written);
        if attempts >= self.attempts || !self.may_follow(result) || !(is_free || self.budget.retry()) {
            return None;
        }
        let doubled = self.backoff.saturating_mul(1 << (attempts - 1).min(16));
        Some(doubled.min(LONGEST).mul_f64(rand::random()))
    }

    fn may_follow(&self, result: &Result<Reply, SendError>) -> bool {
        match result {
            Ok(reply) => self.repeatable && self.statuses.contains(&reply.status),
            Err(error) => error.is_transient() && (self.repeatable || error.certainly_not_written()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    fn plan(rules: &RetryRules, harmless: bool, declared: Option<&HeaderName>) -> RetryPlan {
        RetryPlan::new(rules, harmless, declared, &Arc::default())
    }

    fn request() -> HttpRequest {
        let url = "https://api.example.com/".parse().unwrap();
        HttpRequest { method: Method::POST, url, headers: HeaderMap::new(), body: Bytes::new() }
    }

    fn answered(status: u16) -> Result<Reply, SendError> {
        let HttpRequest { url, headers, body, .. } = request();
        Ok(Reply { status: StatusCode::from_u16(status).unwrap(), headers, body, url })
    }

    fn refused() -> Result<Reply, SendError> {
        Err(SendError::Connect { reason: "refused".to_owned() })
    }

    fn reset(unsent: bool) -> Result<Reply, SendError> {
        Err(SendError::Reset { unsent })
    }

    #[test]
    fn a_write_is_sent_again_only_when_it_was_certainly_not_written() {
        let rules = RetryRules::default();
        let (write, read) = (plan(&rules, false, None), plan(&rules, true, None));
        for (result, write_again, read_again) in [
            (refused(), true, true),
            (reset(true), true, true),
            (reset(false), false, true),
            (Err(SendError::Truncated), false, true),
            (Err(SendError::TooLarge { limit: 1 }), false, false),
            (Err(SendError::InvalidChunk), false, false),
            (answered(429), false, true),
            (answered(503), false, true),
            (answered(500), false, false),
            (answered(200), false, false),
        ] {
            assert_eq!(write.may_follow(&result), write_again, "a write after {result:?}");
            assert_eq!(read.may_follow(&result), read_again, "a read after {result:?}");
        }
    }

    #[test]
    fn a_key_makes_a_write_repeatable_and_is_another_one_for_each_call() {
        let header = HeaderName::from_static("idempotency-key");
        let keyed = plan(&RetryRules::default(), false, Some(&header));
        assert!(keyed.may_follow(&reset(false)));
        let keys = [(); 2].map(|()| keyed.keyed(&request()).headers[&header].to_str().unwrap().to_owned());
        assert_ne!(keys[0], keys[1]);
        assert_eq!(keys[0].len(), 36);
        let mut given = request();
        given.headers.insert(&header, HeaderValue::from_static("mine"));
        assert_eq!(keyed.keyed(&given).headers[&header], "mine");
        assert!(
            plan(&RetryRules::default(), true, Some(&header)).idempotency_key.is_none(),
            "no need for one"
        );
    }

    #[test]
    fn attempts_and_pauses_have_an_end() {
        let read = plan(&RetryRules::default(), true, None);
        (0..5000).for_each(|_| read.count_call());
        let pauses = |attempts| [(); 200].map(|()| read.pause(attempts, &refused()));
        let longest = pauses(1).into_iter().flatten().max().unwrap();
        assert!(longest <= Duration::from_millis(100) && longest > Duration::from_millis(50), "{longest:?}");
        let longest = pauses(3).into_iter().flatten().max().unwrap();
        assert!(longest <= Duration::from_millis(400) && longest > Duration::from_millis(200), "{longest:?}");
        assert_eq!(pauses(4), [None; 200]);
        let off = plan(&RetryRules::off(), true, None);
        assert_eq!(off.pause(1, &refused()), None);
    }

    #[test]
    fn what_the_budget_does_not_pay_is_not_sent_unless_it_never_got_there() {
        let read = plan(&RetryRules::default(), true, None);
        let paid =
            |result: &Result<Reply, SendError>| (0..100).filter(|_| read.pause(1, result).is_some()).count();
        assert!(paid(&reset(false)) < 10);
        assert_eq!(paid(&refused()), 100);
    }
}
