//! Reads what an answer says about when the API wants to be asked again.
//!
//! | header | said by |
//! |---|---|
//! | `Retry-After` | RFC 9110, section 10.2.3, on 429 and 503 |
//! | `RateLimit: "default";r=0;t=30`, with `RateLimit-Policy: "default";q=100;w=60` | draft-ietf-httpapi-ratelimit-headers |
//! | `RateLimit: limit=100, remaining=0, reset=30` | its seventh edition |
//! | `RateLimit-Remaining`, `RateLimit-Reset` (seconds) | its first editions |
//! | `X-RateLimit-Remaining`, `X-RateLimit-Reset`, `X-RateLimit-Resource` | GitHub and most others |
//!
//! Only a quota that is used up is of interest. `X-RateLimit-Reset` is a time in seconds, a time in milliseconds, or a
//! number of seconds, and nothing but its size tells which. Times are compared with the answer's own `Date`, so that
//! clocks that disagree do no harm.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{DATE, HeaderMap};
use http::{HeaderName, StatusCode};

use crate::upstream::retry_after;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const X_RESOURCE: HeaderName = HeaderName::from_static("x-ratelimit-resource");

/// What is a time rather than a number of seconds: from 2001 on.
const TIMES: f64 = 1e9;
/// What is a time in milliseconds rather than in seconds.
const MILLISECONDS: f64 = 1e12;

/// That the API does not want to be asked for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Learned {
    /// For how long.
    pub(super) time: Duration,
    /// It said so of one of several quotas: others may be left.
    pub(super) one_of_several: bool,
}

/// What this answer says; `now` is the time here.
pub(super) fn learned(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Option<Learned> {
    let asked = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
        .then(|| retry_after::seconds(headers, now))
        .flatten();
    let time = match asked {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => standard(headers).or_else(|| early(headers)).or_else(|| widespread(headers, now)),
    };
    let time = time.filter(|time| !time.is_zero())?;
    Some(Learned { time, one_of_several: asked.is_none() && headers.contains_key(X_RESOURCE) })
}

/// The `RateLimit` field: the longest wait of the quotas that are used up.
fn standard(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RATE_LIMIT)?.to_str().ok()?;
    if text.contains("remaining") {
        let members = parameters(text, ',');
        return used_up(&members, "remaining", "reset").flatten();
    }
    let policies = headers.get(RATE_LIMIT_POLICY).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let waits = items(text).filter_map(|item| {
        let members = parameters(item, ';');
        used_up(&members, "r", "t")?.or_else(|| window(policies, name(item)))
    });
    waits.max()
}

/// When this quota is used up, the wait that it says, if it says one.
fn used_up(members: &[(&str, &str)], remaining: &str, reset: &str) -> Option<Option<Duration>> {
    let value = |wanted: &str| members.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    (number(value(remaining)?)? < 1.0).then(|| value(reset).and_then(number).and_then(seconds))
}

/// The window of the policy of this name: no wait for its quota is longer.
fn window(policies: &str, wanted: &str) -> Option<Duration> {
    let policy = items(policies).find(|policy| name(policy) == wanted)?;
    let members = parameters(policy, ';');
    members.iter().find(|(name, _)| *name == "w").and_then(|(_, value)| seconds(number(value)?))
}

/// The three headers of the first editions: `Reset` is in seconds.
fn early(headers: &HeaderMap) -> Option<Duration> {
    (first(headers, &REMAINING)? < 1.0).then(|| seconds(first(headers, &RESET)?)).flatten()
}

/// What most APIs send.
fn widespread(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    if first(headers, &X_REMAINING)? >= 1.0 {
        return None;
    }
    let reset = first(headers, &X_RESET)?;
    if reset < TIMES {
        return seconds(reset);
    }
    let since_1970 = seconds(if reset < MILLISECONDS { reset } else { reset / 1000.0 })?;
    let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    UNIX_EPOCH.checked_add(since_1970)?.duration_since(theirs.unwrap_or(now)).ok()
}

/// The number that a header begins with.
fn first(headers: &HeaderMap, name: &HeaderName) -> Option<f64> {
    number(headers.get(name)?.to_str().ok()?.split([',', ';']).next()?)
}

/// The items of a list (RFC 9651, section 3.1).
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
}

/// What an item is called, without its quotes.
fn name(item: &str) -> &str {
    item.split(';').next().unwrap_or_default().trim().trim_matches('"')
}

/// `name=value` pairs.
fn parameters(text: &str, separator: char) -> Vec<(&str, &str)> {
    let pairs = text.split(separator).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value)).collect()
}

fn number(text: &str) -> Option<f64> {
    text.trim().trim_matches('"').parse::<f64>().ok().filter(|number| number.is_finite())
}

fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Seconds to wait after an answer at 1,800,000,000 with these headers.
    fn wait(status: u16, headers: &[(&'static str, &str)]) -> Option<f64> {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let learned = learned(StatusCode::from_u16(status).unwrap(), &headers.collect(), now);
        learned.map(|learned| learned.time.as_secs_f64())
    }

    #[test]
    fn what_a_refusal_asks_for_is_kept_to() {
        assert_eq!(wait(429, &[("retry-after", "7")]), Some(7.0));
        assert_eq!(wait(503, &[("retry-after", "Fri, 15 Jan 2027 08:00:09 GMT")]), Some(9.0));
        for nothing in ["0", "-1", "abc", "Fri, 15 Jan 2027 07:59:59 GMT"] {
            assert_eq!(wait(429, &[("retry-after", nothing)]), None, "{nothing}");
        }
        // Of a redirect or a 202 it says when to look there (RFC 9110, section 10.2.3).
        assert_eq!(wait(202, &[("retry-after", "7")]), None);
    }

    #[test]
    fn a_quota_that_is_used_up_closes_and_one_that_is_not_does_not() {
        for (header, used_up, expected) in [
            ("ratelimit", r#""default";r=0;t=30"#, 30.0),
            ("ratelimit", r#""a";r=5;t=60, "b, c";r=0;t=20, "d";r=0;t=10"#, 20.0),
            ("ratelimit", "limit=100, remaining=0, reset=50", 50.0),
        ] {
            assert_eq!(wait(200, &[(header, used_up)]), Some(expected), "{used_up}");
            let left = used_up.replace("r=0", "r=3").replace("remaining=0", "remaining=3");
            assert_eq!(wait(200, &[(header, &left)]), None, "{left}");
        }
        let policy = ("ratelimit-policy", r#""burst";q=100;w=60, "day";q=1000;w=86400"#);
        assert_eq!(wait(200, &[policy, ("ratelimit", r#""burst";r=0"#)]), Some(60.0));
        assert_eq!(wait(200, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "12")]), Some(12.0));
        assert_eq!(wait(200, &[("ratelimit-remaining", "1"), ("ratelimit-reset", "12")]), None);
    }

    #[test]
    fn a_reset_is_a_time_or_a_span_whatever_fits_its_size() {
        for (reset, expected) in [
            ("1800000030", Some(30.0)),
            ("1800000030000", Some(30.0)),
            ("1800000000.500", Some(0.5)),
            ("30", Some(30.0)),
            ("0.25", Some(0.25)),
            ("1700000000", None),
            ("-5", None),
            ("soon", None),
            ("NaN", None),
            ("1e300", None),
        ] {
            let found = wait(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)]);
            assert_eq!(found, expected, "{reset}");
        }
        let ahead = ("date", "Fri, 15 Jan 2027 08:00:20 GMT");
        let reset = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800000030"), ahead];
        assert_eq!(wait(200, &reset), Some(10.0), "their clock is twenty seconds ahead of ours");
    }

    #[test]
    fn one_of_several_quotas_is_told_apart() {
        let headers =
            [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9"), ("x-ratelimit-resource", "search")];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let learned = learned(StatusCode::OK, &headers.into_iter().collect(), UNIX_EPOCH);
        assert_eq!(learned, Some(Learned { time: Duration::from_secs(9), one_of_several: true }));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fail(value in "[ -~]{0,40}", name in 0_usize..6) {
            let names = ["ratelimit", "ratelimit-policy", "ratelimit-reset", "x-ratelimit-reset", "retry-after", "date"];
            let zeros = [("ratelimit-remaining", "0"), ("x-ratelimit-remaining", "0")];
            wait(429, &[zeros[0], zeros[1], (names[name], &value)]);
        }
    }
}
