//! `allOf` and keywords beside a `$ref`, written as one schema. Providers take neither.

use serde_json::{Map, Value};

use crate::catalog::schema::{definition, reference};
use crate::openapi::definitions::Definitions;

/// How deep `allOf`s and `$ref`s in them are followed.
const DEPTH: usize = 12;

/// One schema for a schema and all its `allOf`s. What cannot be said in one is left out, never added: the result takes
/// everything that the schema takes.
pub(super) fn merged(keywords: &Map<String, Value>, definitions: &Definitions) -> Map<String, Value> {
    let mut target = Map::new();
    merge(keywords, definitions, &mut target, DEPTH);
    target
}

fn merge(
    keywords: &Map<String, Value>,
    definitions: &Definitions,
    target: &mut Map<String, Value>,
    depth: usize,
) {
    for (keyword, value) in keywords {
        match keyword.as_str() {
            "allOf" | "$ref" => {}
            "properties" => add_properties(value, target),
            "required" => add_required(value, target),
            _ => {
                if !target.contains_key(keyword) {
                    target.insert(keyword.clone(), value.clone());
                }
            }
        }
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    let referred = keywords.get("$ref").and_then(|_| {
        let name = keywords.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        definition(definitions, name)
    });
    let all = keywords.get("allOf").and_then(Value::as_array).into_iter().flatten();
    for schema in referred.into_iter().chain(all) {
        if let Value::Object(keywords) = schema {
            merge(keywords, definitions, target, depth);
        }
    }
}

fn add_properties(value: &Value, target: &mut Map<String, Value>) {
    let Value::Object(properties) = value else { return };
    let merged = target.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(merged) = merged else { return };
    for (name, schema) in properties {
        match merged.get_mut(name) {
            None => drop(merged.insert(name.clone(), schema.clone())),
            Some(Value::Object(first)) if reference(schema).is_none() && !first.contains_key("$ref") => {
                let Value::Object(second) = schema else { continue };
                for (keyword, value) in second {
                    first.entry(keyword.clone()).or_insert_with(|| value.clone());
                }
            }
            Some(_) => {}
        }
    }
}

fn add_required(value: &Value, target: &mut Map<String, Value>) {
    let Value::Array(names) = value else { return };
    let merged = target.entry("required").or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(merged) = merged else { return };
    for name in names {
        if !merged.contains(name) {
            merged.push(name.clone());
        }
    }
}
