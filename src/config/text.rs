//! The kinds of text (and of other values) that keys take.
//!
//! They differ in what a `$` means. In a [`Template`] it begins a reference; in a [`Literal`] a reference is refused,
//! because a name or a path that changes with the environment would be a surprise; free text (`&str`) and examples
//! may say what they like.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::written::{Read, Slot, text};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::openapi::node::Node;

/// A text in which `${NAME}`, `${NAME:-default}` and `${file:PATH}` stand for something else.
#[derive(Clone, Copy)]
pub(super) struct Template<'t>(pub(super) &'t str);

/// A text that means what it says.
#[derive(Clone, Copy)]
pub(super) struct Literal<'t>(pub(super) &'t str);

/// Any JSON value.
#[derive(Clone, Copy)]
pub(super) struct Json<'t>(pub(super) Node<'t>);

/// Any JSON value that is sent to the API.
#[derive(Clone, Copy)]
pub(super) struct Sent<'t>(pub(super) Node<'t>);

impl<'t> Read<'t> for &'t str {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        text(slot, problems)
    }
}

impl<'t> Read<'t> for Template<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        text(slot, problems).map(Self)
    }
}

impl<'t> Read<'t> for Literal<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let text = text(slot, problems)?;
        if looks_like_reference(text) {
            problems.push(refused_reference(slot));
            return None;
        }
        Some(Self(text))
    }
}

impl<'t> Read<'t> for Json<'t> {
    fn read(slot: Slot<'t>, _: &mut Diagnostics) -> Option<Self> {
        Some(Self(slot.node))
    }
}

impl<'t> Read<'t> for Sent<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let before = problems.len();
        refuse_references(slot.node, problems);
        (problems.len() == before).then_some(Self(slot.node))
    }
}

impl Sent<'_> {
    /// As a value.
    pub(super) fn to_value(self) -> Value {
        self.0.to_value()
    }
}

/// Whether an author would expect something of it to be replaced.
fn looks_like_reference(text: &str) -> bool {
    text.contains("${")
}

fn refuse_references(node: Node<'_>, problems: &mut Diagnostics) {
    if node.as_str().is_some_and(looks_like_reference) {
        problems.push(refused_reference(Slot::root(node)));
    }
    node.items().for_each(|item| refuse_references(item, problems));
    node.entries().for_each(|entry| refuse_references(entry.value, problems));
}

fn refused_reference(slot: Slot<'_>) -> Diagnostic {
    slot.invalid("`${…}` stands for nothing here")
        .help("it is resolved in base_url, in openapi, in credentials and in the values of headers")
}

/// The schema of a type that is a text or any value.
macro_rules! schema_of {
    ($($type:ident = $schema:tt),+) => {$(
        impl JsonSchema for $type<'_> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}
schema_of!(Template = { "type": "string" }, Literal = { "type": "string" }, Json = {}, Sent = {});
