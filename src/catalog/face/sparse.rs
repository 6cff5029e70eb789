//! What a face goes without when it has to be short.
//!
//! A limit that is not shown is still checked, and whoever breaks it is told. So bounds and patterns go first, and of
//! arguments that may be left out all but name and type. Hints that only repeat what MCP takes for granted go too.

use serde_json::{Map, Value};

use super::portable::Limits;
use crate::config::shown::Detail;

/// Keywords that only bound a value.
const BOUNDS: [&str; 8] =
    ["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern", "format"];

/// Lists of texts longer than this are not shown of arguments that may be left out.
const CHOICES: usize = 12;

/// The schema of an argument as this detail has it.
pub(super) fn argument(mut schema: Value, required: bool, detail: Detail) -> Value {
    match detail {
        Detail::Full => schema,
        Detail::Minimal if !required => bare(&schema).into(),
        Detail::Lean | Detail::Minimal => {
            without_bounds(&mut schema);
            schema
        }
    }
}

fn without_bounds(schema: &mut Value) {
    let Value::Object(keywords) = schema else { return };
    keywords.retain(|keyword, _| !BOUNDS.contains(&keyword.as_str()));
    for (keyword, value) in keywords.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(all)) => all.values_mut().for_each(without_bounds),
            ("items" | "additionalProperties", one) => without_bounds(one),
            ("anyOf", Value::Array(all)) => all.iter_mut().for_each(without_bounds),
            _ => {}
        }
    }
}

/// No more of a schema than its type.
fn bare(schema: &Value) -> Map<String, Value> {
    let mut shown = Map::new();
    match schema.get("type") {
        Some(kind) => drop(shown.insert("type".to_owned(), kind.clone())),
        None => match schema.get("anyOf").and_then(Value::as_array) {
            Some(all) => {
                let mut alternatives: Vec<Map<String, Value>> = Vec::new();
                for one in all.iter().map(bare) {
                    if !alternatives.contains(&one) {
                        alternatives.push(one);
                    }
                }
                match alternatives.len() {
                    1 => shown = alternatives.remove(0),
                    _ => drop(shown.insert("anyOf".to_owned(), Value::from_iter(alternatives))),
                }
            }
            None => drop(shown.insert("type".to_owned(), "object".into())),
        },
    }
    if let Some(items) = schema.get("items") {
        shown.insert("items".to_owned(), bare(items).into());
    }
    let choices = schema.get("enum").filter(|all| all.as_array().is_some_and(|all| all.len() <= CHOICES));
    shown.extend(choices.map(|choices| ("enum".to_owned(), choices.clone())));
    shown
}

/// Only the hints that say something else than what MCP takes for granted.
pub(super) fn annotations(hints: Value, detail: Detail) -> Option<Value> {
    if detail == Detail::Full {
        return Some(hints);
    }
    let Value::Object(mut hints) = hints else { return None };
    if hints.get("readOnlyHint") == Some(&Value::Bool(true)) {
        // The other hints are about changes.
        hints.retain(|name, _| name == "readOnlyHint");
    }
    hints.retain(|name, value| {
        *value != Value::Bool(matches!(name.as_str(), "destructiveHint" | "openWorldHint"))
    });
    (!hints.is_empty()).then_some(hints.into())
}

/// How long the description of an argument may be.
pub(super) fn description(limits: Limits, required: bool) -> usize {
    if required { limits.argument } else { limits.optional }
}

/// Leaves out definitions that nothing refers to any more.
pub(super) fn keep_referred(definitions: &mut Map<String, Value>, schema: &Map<String, Value>) {
    let mut names = Vec::new();
    schema.values().for_each(|value| add_references(value, &mut names));
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        definitions.get(&name).iter().for_each(|definition| add_references(definition, &mut names));
    }
    definitions.retain(|name, _| names.contains(name));
}

fn add_references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(keywords) => {
            let own = keywords.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
            if let Some(name) = own.filter(|name| !names.iter().any(|known| known == name)) {
                names.push(name.to_owned());
            }
            keywords.values().for_each(|value| add_references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| add_references(item, names)),
        _ => {}
    }
}
