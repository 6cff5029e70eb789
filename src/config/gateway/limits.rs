//! How much may be asked of an API, and what is done when it fails: meant forms of `rate_limit`, `concurrency`,
//! `breaker` and `retry`.

use std::time::Duration;

use http::{HeaderName, StatusCode};

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// How many; at least 1.
    pub requests: u32,
    /// In how much time; at least a microsecond for each request.
    pub per: Duration,
    /// How many of them may go at once; from 1 to `requests`.
    pub burst: u32,
    /// What has a count of its own.
    pub for_each: ForEach,
}

/// What a rate limit is counted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ForEach {
    /// All requests that the limit is about together.
    #[default]
    Together,
    /// Each tool by itself.
    Tool,
    /// Each identity at the API by itself: a credential, or a caller whose own one is passed on.
    Credential,
    /// Each caller of the gateway by itself.
    Caller,
}

/// How much is in flight to an API at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Concurrency {
    /// How many requests; at least 1.
    pub requests: u32,
    /// How many more wait for their places; further ones are refused.
    pub queue: u32,
}

/// When an API that fails is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BreakerRules {
    /// After so many failures in a row; at least 1.
    pub failures: u32,
    /// The time that is looked back on.
    pub window: Duration,
    /// When fewer than this many of a hundred answers in the window are good ones; from 1 to 99.
    pub success_rate: u32,
}

/// What is sent again when it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryRules {
    /// How often a request is sent at most, the first time included; 1 for never again.
    pub attempts: u32,
    /// The statuses after which a request is sent again that may be.
    pub statuses: Vec<StatusCode>,
    /// The longest pause before the second attempt. It doubles for each further one.
    pub backoff: Duration,
    /// The header in which the API takes a key that makes a repeated write harmless.
    pub idempotency_key: Option<HeaderName>,
}

impl Default for Concurrency {
    /// As many requests as connections that are kept open to one host; so many more that a burst of a thousand calls
    /// is served, and an upstream that hangs does not pile up all there are.
    fn default() -> Self {
        Self { requests: 256, queue: 1024 }
    }
}

impl Default for BreakerRules {
    /// So many failures that one who calls now and then never meets it, and so few that a busy gateway leaves an API
    /// that is down alone within a fraction of a second.
    fn default() -> Self {
        Self { failures: 20, window: Duration::from_secs(10), success_rate: 25 }
    }
}

impl RetryRules {
    /// Nothing is sent twice.
    #[must_use]
    pub fn off() -> Self {
        Self { attempts: 1, ..Self::default() }
    }
}

impl Default for RetryRules {
    /// Of an API that loses one request in five, one call in 125 fails with three attempts, and one in 625 with four.
    fn default() -> Self {
        Self {
            attempts: 4,
            statuses: vec![
                StatusCode::REQUEST_TIMEOUT,
                StatusCode::TOO_EARLY,
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::BAD_GATEWAY,
                StatusCode::SERVICE_UNAVAILABLE,
                StatusCode::GATEWAY_TIMEOUT,
            ],
            backoff: Duration::from_millis(100),
            idempotency_key: None,
        }
    }
}
