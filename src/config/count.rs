//! Numbers of things.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count<const LEAST: u64, const MOST: u64>(pub(super) u64);

impl<'t, const LEAST: u64, const MOST: u64> Read<'t> for Count<LEAST, MOST> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let Some(text) = slot.node.as_number() else {
            problems.push(expected("a whole number", slot));
            return None;
        };
        let count = text.parse().ok().filter(|count| (LEAST..=MOST).contains(count));
        if count.is_none() {
            let message = format!("`{text}` is no whole number from {LEAST} to {MOST}");
            problems.push(slot.invalid(message));
        }
        count.map(Self)
    }
}

impl<const LEAST: u64, const MOST: u64> JsonSchema for Count<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("CountFrom{LEAST}To{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": LEAST, "maximum": MOST})
    }
}
