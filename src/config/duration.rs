//! Spans of time as people write them: `10s`, `1m30s`, `500ms`.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timeout(pub(super) Duration);

/// Any span of time up to a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeSpan(pub(super) Duration);

/// Why a text is no span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DurationError {
    /// Something else than numbers with units.
    #[error("a time is written like `10s`, `1m30s` or `500ms`")]
    Malformed,
    /// A number alone.
    #[error("the unit is missing: d, h, m, s or ms")]
    NoUnit,
    /// `5s1m`, `1m1m`
    #[error("the units come once each, from the largest to the smallest")]
    Order,
    /// Zero, or too long to wait for.
    #[error("it is at least 1ms and at most {0}")]
    OutOfRange(&'static str),
}

/// Units and their milliseconds, largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
/// The longest timeout.
const HOUR: (u64, &str) = (3_600_000, "1h");
/// The longest span.
const YEAR: (u64, &str) = (366 * 86_400_000, "366d");

impl<'t> Read<'t> for Timeout {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        read(slot, "timeout", HOUR, problems).map(Self)
    }
}

impl<'t> Read<'t> for TimeSpan {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        read(slot, "span of time", YEAR, problems).map(Self)
    }
}

/// Reads a span of time up to a year, as an option of the command line has it.
///
/// # Errors
/// [`DurationError`] when it is none.
pub(crate) fn time_span(text: &str) -> Result<Duration, DurationError> {
    parse(text, YEAR)
}

fn read(
    slot: Slot<'_>,
    kind: &str,
    most: (u64, &'static str),
    problems: &mut Diagnostics,
) -> Option<Duration> {
    let Some(text) = slot.node.as_str().or_else(|| slot.node.as_number()) else {
        problems.push(expected("a time like `10s`", slot));
        return None;
    };
    match parse(text, most) {
        Ok(duration) => Some(duration),
        Err(error) => {
            problems.push(slot.invalid(format!("`{text}` is no {kind}")).help(error.to_string()));
            None
        }
    }
}

impl JsonSchema for TimeSpan {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeSpan".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
            "examples": ["60s", "1h30m", "7d"]
        })
    }
}

impl JsonSchema for Timeout {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Timeout".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
            "examples": ["10s", "1m30s", "500ms"]
        })
    }
}

fn parse(text: &str, (most, named): (u64, &'static str)) -> Result<Duration, DurationError> {
    let mut units = UNITS.iter();
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(DurationError::NoUnit)?;
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        if number.is_empty() || !UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(DurationError::Malformed);
        }
        let (_, scale) = units.find(|(name, _)| *name == unit).ok_or(DurationError::Order)?;
        let amount = number.parse::<u64>().map_err(|_| DurationError::OutOfRange(named))?;
        total = total.saturating_add(amount.saturating_mul(*scale));
        rest = after;
    }
    match total {
        0 if text.is_empty() => Err(DurationError::Malformed),
        1.. if total <= most => Ok(Duration::from_millis(total)),
        _ => Err(DurationError::OutOfRange(named)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_with_units() {
        for (text, milliseconds) in [
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("1h", 3_600_000),
            ("0h1m", 60_000),
            ("1ms", 1),
        ] {
            assert_eq!(parse(text, HOUR), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        use DurationError::{Malformed, NoUnit, Order, OutOfRange};
        for (text, error) in [
            ("", Malformed),
            ("10", NoUnit),
            ("1m30", NoUnit),
            ("s", Malformed),
            ("1.5s", Malformed),
            ("10 s", Malformed),
            ("-1s", Malformed),
            ("10sec", Malformed),
            ("1s1m", Order),
            ("1s1s", Order),
            ("0s", OutOfRange("1h")),
            ("61m", OutOfRange("1h")),
            ("99999999999999999999h", OutOfRange("1h")),
        ] {
            assert_eq!(parse(text, HOUR), Err(error), "{text}");
        }
    }

    #[test]
    fn spans_may_be_days() {
        assert_eq!(parse("1d12h", YEAR), Ok(Duration::from_secs(36 * 3600)));
        assert_eq!(parse("367d", YEAR), Err(DurationError::OutOfRange("366d")));
        assert_eq!(parse("1d", HOUR), Err(DurationError::OutOfRange("1h")));
    }
}
