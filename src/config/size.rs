//! Numbers of bytes as people write them: `64KiB`, `2MiB`, `500kB`, or a plain number.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;

/// A cap on the bytes of what the agent gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaxBytes(pub(super) usize);

/// Nothing can be said in less: an item, and how many are left.
const LEAST: u64 = 1 << 10;
/// What no answer may be larger than, whatever a file says.
const MOST: u64 = 8 << 20;

/// Units and their bytes.
const UNITS: [(&str, u64); 6] =
    [("", 1), ("B", 1), ("kB", 1_000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20)];

impl<'t> Read<'t> for MaxBytes {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let Some(text) = slot.node.as_str().or_else(|| slot.node.as_number()) else {
            problems.push(expected("a size like `64KiB`", slot));
            return None;
        };
        let bytes = parse(text);
        if bytes.is_none() {
            let help =
                "write a size like `64KiB`, at least 1KiB and at most 8MiB; units are B, kB, KiB, MB, MiB";
            problems.push(slot.invalid(format!("`{text}` is no size of an answer")).help(help));
        }
        bytes.map(Self)
    }
}

impl JsonSchema for MaxBytes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "MaxBytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]+ ?(B|kB|KiB|MB|MiB)?$",
            "minimum": LEAST,
            "maximum": MOST,
            "examples": ["64KiB", "1MiB"]
        })
    }
}

fn parse(text: &str) -> Option<usize> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.strip_prefix(' ').filter(|unit| !unit.is_empty()).unwrap_or(unit);
    let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let bytes = number.parse::<u64>().ok()?.checked_mul(*scale)?;
    (LEAST..=MOST).contains(&bytes).then(|| usize::try_from(bytes).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_binary_or_decimal_units() {
        for (text, bytes) in [
            ("1024", 1_024),
            ("2048B", 2_048),
            ("64KiB", 65_536),
            ("64 KiB", 65_536),
            ("2kB", 2_000),
            ("8MiB", 8_388_608),
        ] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for text in
            ["", "0", "1023", "1kB", "64kb", "64K", "9MiB", "-1", "1.5MiB", "64 ", "99999999999999999999MiB"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
