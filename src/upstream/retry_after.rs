//! `Retry-After` (RFC 9110, section 10.2.3).

use std::time::SystemTime;

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// How many seconds to wait, rounded up: of a date, those from `now`, or 0 when it has passed. `None` when the header
/// is not there or says nothing that can be read.
pub(crate) fn seconds(headers: &HeaderMap, now: SystemTime) -> Option<u64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok();
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let wait = date.duration_since(now).unwrap_or_default();
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(value: &str) -> Option<u64> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000_000_500);
        seconds(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]), now)
    }

    #[test]
    fn seconds_and_dates_are_read_and_nonsense_is_not() {
        assert_eq!(read("0"), Some(0));
        assert_eq!(read(" 86400 "), Some(86400));
        assert_eq!(read("Sun, 09 Sep 2001 01:46:45 GMT"), Some(5));
        assert_eq!(read("Sun, 09 Sep 2001 01:00:00 GMT"), Some(0));
        for nonsense in ["-1", "abc", "", "1.5", "99999999999999999999999", "Sun, 99 Sep 2001"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
