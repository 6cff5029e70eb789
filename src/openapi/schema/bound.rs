//! Keeping a schema to a size.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::openapi::shared::Json;

/// Keywords whose values are schemas, by how they hold them.
const ONE: [&str; 10] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
];
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];

/// Cuts the deepest schemas out of `schema`, level by level, until it is at most `most` bytes of JSON. Gives the
/// schema that remains, its length, and whether something was cut.
pub(super) fn bound(schema: Json, most: usize) -> (Json, usize, bool) {
    let bytes = length_of_shared(&schema);
    if bytes <= most {
        return (schema, bytes, false);
    }
    let mut schema = schema.to_value();
    let mut levels = Vec::new();
    measure(&mut schema, 0, &mut levels);
    let mut total = 0_usize;
    let fitting = levels.iter().take_while(|level| {
        total = total.saturating_add(**level);
        total <= most
    });
    cut(&mut schema, fitting.count());
    let bytes = length(&schema);
    (schema.into(), bytes, true)
}

/// What remains of a schema that is cut: its type.
pub(super) fn stub(types: Option<&impl Serialize>) -> Json {
    types.map_or_else(|| json!({}), |types| json!({ "type": types })).into()
}

/// Calls `visit` for each schema that stands directly in a schema.
fn children(schema: &mut Map<String, Value>, mut visit: impl FnMut(&mut Value)) {
    for (key, value) in schema {
        match value {
            Value::Array(list) if LIST.contains(&key.as_str()) => list.iter_mut().for_each(&mut visit),
            Value::Object(map) if MAP.contains(&key.as_str()) => map.values_mut().for_each(&mut visit),
            value if ONE.contains(&key.as_str()) => visit(value),
            _ => {}
        }
    }
}

/// Adds up how much of the JSON is on each level of schemas.
fn measure(schema: &mut Value, level: usize, levels: &mut Vec<usize>) -> usize {
    let all = length(schema);
    let mut below = 0;
    if let Value::Object(map) = schema {
        children(map, |child| below += measure(child, level + 1, levels));
    }
    if levels.len() <= level {
        levels.resize(level + 1, 0);
    }
    if let Some(here) = levels.get_mut(level) {
        *here += all.saturating_sub(below);
    }
    all
}

/// Replaces the schemas on level `levels` by what remains of them: their type.
fn cut(schema: &mut Value, levels: usize) {
    let Value::Object(map) = schema else { return };
    if levels == 0 {
        *schema = stub(map.get("type")).to_value();
        return;
    }
    children(map, |child| cut(child, levels - 1));
}

/// About the length of the JSON text of a value.
fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(number) => number.as_str().len() + 1,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => items.iter().map(length).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + 4 + length(value)).sum::<usize>() + 2,
    }
}

/// The same of a schema that is shared.
fn length_of_shared(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) => 5,
        Json::Number(number) => number.as_str().len() + 1,
        Json::String(text) => text.as_str().len() + 3,
        Json::Array(items) => items.iter().map(length_of_shared).sum::<usize>() + 2,
        Json::Object(object) => {
            let member = |(key, value): (&str, &Json)| key.len() + 4 + length_of_shared(value);
            object.iter().map(member).sum::<usize>() + 2
        }
    }
}
