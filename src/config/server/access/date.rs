//! Days and moments as people write them: `2027-01-31`, `2027-01-31T12:00:00Z` (RFC 3339).

use std::time::{Duration, SystemTime};

/// The moment, in UTC; of a day its beginning. `None` when it is neither.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (day, time) = match text.split_once(['T', ' ']) {
        None => (text, 0),
        Some((day, time)) => (day, seconds(time)?),
    };
    let seconds = days(day)?.checked_mul(86_400)?.checked_add(time)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Days since 1970-01-01.
fn days(text: &str) -> Option<u64> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let february = if is_leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    if year < 1970 || day == 0 || day > *lengths.get(index)? {
        return None;
    }
    let years: u64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    Some(years + lengths.iter().take(index).sum::<u64>() + day - 1)
}

/// Seconds since midnight: `12:00:00Z`
fn seconds(text: &str) -> Option<u64> {
    let [hour, minute, second] = numbers(text.strip_suffix('Z')?, ':', [2, 2, 2])?;
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-03-01", 951_868_800),
            ("2024-02-29", 1_709_164_800),
            ("2027-01-01", 1_798_761_600),
            ("2027-01-01T12:30:01Z", 1_798_806_601),
        ] {
            assert_eq!(parse(text), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "2027",
            "2027-1-1",
            "2027-13-01",
            "2027-00-01",
            "2027-02-29",
            "2027-01-00",
            "1969-12-31",
            "soon",
            "2027-01-01T12:00:00",
            "2027-01-01T24:00:00Z",
            "2027-01-01T12:00:00+01:00",
            "2027-01-01-01",
            "+027-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
