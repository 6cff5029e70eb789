//! Whole numbers within bounds.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::config::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;

/// Declares a number, what it may be, and what it is called when it is not.
macro_rules! number {
    ($($(#[$meta:meta])* $name:ident($type:ty) = $range:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub(in crate::config) struct $name(pub(in crate::config) $type);

        impl<'t> Read<'t> for $name {
            fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
                let Some(text) = slot.node.as_number() else {
                    problems.push(expected("a whole number", slot));
                    return None;
                };
                let number = text.parse::<$type>().ok().filter(|number| $range.contains(number));
                if number.is_none() {
                    let help = format!("it is a whole number from {} to {}", $range.start(), $range.end());
                    problems.push(slot.invalid(format!("{text} is out of bounds")).help(help));
                }
                number.map(Self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "integer", "minimum": $range.start(), "maximum": $range.end()})
            }
        }
    )+};
}

number! {
    /// How many pages are gathered at most.
    MaxPages(usize) = 1..=1000;
    /// How many items are gathered at most.
    MaxItems(usize) = 1..=100_000;
    /// The number of the first page.
    First(u64) = 0..=1;
}
