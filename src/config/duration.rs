//! Spans of time as people write them: `10s`, `1m30s`, `500ms`.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timeout(pub(super) Duration);

/// Why a text is no span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum DurationError {
    /// Something else than numbers with units.
    #[error("a time is written like `10s`, `1m30s` or `500ms`")]
    Malformed,
    /// A number alone.
    #[error("the unit is missing: h, m, s or ms")]
    NoUnit,
    /// `5s1m`, `1m1m`
    #[error("the units come once each, in the order h, m, s, ms")]
    Order,
    /// Zero, or too long to wait for.
    #[error("a timeout is at least 1ms and at most 1h")]
    OutOfRange,
}

/// Units and their milliseconds, largest first.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl<'t> Read<'t> for Timeout {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let Some(text) = slot.node.as_str().or_else(|| slot.node.as_number()) else {
            problems.push(expected("a time like `10s`", slot));
            return None;
        };
        match parse(text) {
            Ok(duration) => Some(Self(duration)),
            Err(error) => {
                problems.push(slot.invalid(format!("`{text}` is no timeout")).help(error.to_string()));
                None
            }
        }
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

fn parse(text: &str) -> Result<Duration, DurationError> {
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
        let amount = number.parse::<u64>().map_err(|_| DurationError::OutOfRange)?;
        total = total.saturating_add(amount.saturating_mul(*scale));
        rest = after;
    }
    match total {
        0 if text.is_empty() => Err(DurationError::Malformed),
        1..=3_600_000 => Ok(Duration::from_millis(total)),
        _ => Err(DurationError::OutOfRange),
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
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
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
            ("0s", OutOfRange),
            ("61m", OutOfRange),
            ("99999999999999999999h", OutOfRange),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
