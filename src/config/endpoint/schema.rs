//! Whether a schema that was written can be used, and whether a default is one of its values.

use serde_json::Value;

use super::super::keyword::{Inline, SchemaText};
use super::super::resolver::Resolver;
use super::super::text::Sent;
use super::super::written::{Optional, Slot, Written};

/// The schema of a parameter or a body: from `schema`, or from the keywords beside the other keys.
pub(super) fn resolve(
    schema: &Optional<'_, SchemaText<'_>>,
    keywords: Inline<'_>,
    owner: Slot<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Value> {
    let inline = keywords.to_value();
    let (value, slot) = match (schema, inline) {
        (Some(schema), Some(_)) => {
            let message = "a schema is written under `schema` or beside the other keys, not both";
            resolver.problem(schema.slot.invalid(message));
            return None;
        }
        (Some(schema), None) => return Some(usable(schema, resolver)),
        (None, inline) => (inline?, owner),
    };
    check(&value, slot, resolver);
    Some(value)
}

/// The schema that was written, reported when no validator takes it.
pub(super) fn usable(schema: &Written<'_, SchemaText<'_>>, resolver: &mut Resolver<'_>) -> Value {
    let value = schema.value.to_value();
    check(&value, schema.slot, resolver);
    value
}

fn check(schema: &Value, slot: Slot<'_>, resolver: &mut Resolver<'_>) {
    if let Err(error) = jsonschema::draft202012::new(schema) {
        resolver.problem(slot.invalid(format!("this schema cannot be used: {error}")));
    }
}

/// Reports a default that the schema itself does not allow.
pub(super) fn check_default(schema: &Value, default: &Written<'_, Sent<'_>>, resolver: &mut Resolver<'_>) {
    let Ok(validator) = jsonschema::draft202012::new(schema) else { return };
    if let Err(error) = validator.validate(&default.value.to_value()) {
        resolver
            .problem(default.slot.invalid(format!("the default is not a value that is allowed: {error}")));
    }
}
