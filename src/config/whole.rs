//! Whole numbers within bounds.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole<const LEAST: u32, const MOST: u32>(pub(super) u32);

impl<const LEAST: u32, const MOST: u32> Whole<LEAST, MOST> {
    /// It, for what is counted in memory.
    pub(super) fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<'t, const LEAST: u32, const MOST: u32> Read<'t> for Whole<LEAST, MOST> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let Some(text) = slot.node.as_number() else {
            problems.push(expected("a whole number", slot));
            return None;
        };
        let number = text.parse().ok().filter(|number| (LEAST..=MOST).contains(number));
        if number.is_none() {
            let message = format!("`{text}` is not a whole number from {LEAST} to {MOST}");
            problems.push(slot.invalid(message));
        }
        number.map(Self)
    }
}

impl<const LEAST: u32, const MOST: u32> JsonSchema for Whole<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Whole{LEAST}To{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": LEAST, "maximum": MOST})
    }
}
