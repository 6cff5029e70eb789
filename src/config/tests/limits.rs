//! `rate_limit`, `concurrency`, `retry` and `breaker`.

use std::time::Duration;

use http::{HeaderName, StatusCode};

use super::{good, problems, with_endpoint};
use crate::config::gateway::{BreakerRules, Concurrency, ForEach, RateLimit, RetryRules};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn limits_mean_what_they_say() {
    let text = "
    rate_limit: {requests: 3, per: 1s}
    retry: off
rate_limit:
  - {requests: 5000, per: 1h, burst: 50}
  - {requests: 100, per: 1m, for_each: credential}
concurrency: {requests: 8}
retry: {attempts: 2, on: [503], idempotency_key: X-Key}
breaker: {failures: 3}
";
    let gateway = good(&with_endpoint(text.trim_start_matches('\n')));
    let hour = RateLimit { requests: 5000, per: 3600 * SECOND, burst: 50, for_each: ForEach::Together };
    let minute = RateLimit { requests: 100, per: 60 * SECOND, burst: 10, for_each: ForEach::Credential };
    assert_eq!(gateway.rate_limits, [hour, minute]);
    assert_eq!(gateway.concurrency, Concurrency { requests: 8, ..Concurrency::default() });
    let retry = RetryRules {
        attempts: 2,
        statuses: vec![StatusCode::SERVICE_UNAVAILABLE],
        idempotency_key: Some(HeaderName::from_static("x-key")),
        ..RetryRules::default()
    };
    assert_eq!(gateway.retry, retry);
    assert_eq!(gateway.breaker, Some(BreakerRules { failures: 3, ..BreakerRules::default() }));
    let change = &gateway.endpoints[0].change;
    let own = RateLimit { requests: 3, per: SECOND, burst: 1, for_each: ForEach::Together };
    assert_eq!((&*change.rate_limits, change.retry.as_ref()), (&[own][..], Some(&RetryRules::off())));
    assert_eq!(good(&with_endpoint("breaker: off\n")).breaker, None);
}

#[test]
fn limits_that_cannot_be_meant_are_refused() {
    for (text, expected) in [
        ("rate_limit: {requests: 0, per: 1s}", "6:24 0: `0` is not a whole number from 1 to 1000000"),
        ("rate_limit: {requests: 5}", "6:1 rate_limit: `per` is missing"),
        (
            "rate_limit: {requests: 5, per: 0s}",
            "6:32 0s: `0s` is no span of time (it is at least 1ms and at most 366d)",
        ),
        (
            "rate_limit: {requests: 5, per: 1s, burst: 6}",
            "6:43 6: a burst of 6 is more than the 5 requests that may go in all",
        ),
        (
            "rate_limit: {requests: 5, per: 1s, burst: 0}",
            "6:43 0: `0` is not a whole number from 1 to 1000000",
        ),
        (
            "rate_limit: {requests: 1000000, per: 1ms}",
            "6:24 1000000: more than a million requests a second are no limit that could be kept",
        ),
        (
            "rate_limit: {requests: 5, per: 1s, for_each: key}",
            "6:46 key: `key` is none of tool, credential, caller (write one of tool, credential, caller)",
        ),
        ("retry: {attempts: 11}", "6:19 11: `11` is not a whole number from 1 to 10"),
        ("retry: {on: [200]}", "6:14 200: `200` is not a whole number from 400 to 599"),
        ("retry: {backoff: 11s}", "6:18 11s: a pause is at most 10s"),
        ("retry: never", "6:8 never: `never` is none of off (write one of off)"),
        ("retry: {idempotency_key: Host}", "6:26 Host: no key can be sent here (it comes from base_url)"),
        ("breaker: {window: 11m}", "6:19 11m: a window is at least 1s and at most 10m"),
        ("breaker: {success_rate: 100}", "6:25 100: `100` is not a whole number from 1 to 99"),
        ("concurrency: {requests: 0}", "6:25 0: `0` is not a whole number from 1 to 10000"),
    ] {
        assert_eq!(problems(&with_endpoint(&format!("{text}\n"))), [expected], "{text}");
    }
    let own = "    rate_limit: {requests: 3, per: 1s, for_each: tool}\n";
    assert_eq!(
        problems(&with_endpoint(own)),
        ["6:50 tool: a limit that is written at a tool is for this tool alone (leave `for_each` out)"]
    );
}
