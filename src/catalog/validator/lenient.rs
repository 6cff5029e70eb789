//! What documents say and do not mean.
//!
//! Two mistakes make schemas that no value satisfies, and real documents are full of them: `oneOf` whose alternatives
//! overlap, and `additionalProperties: false` on the parts of a composition, each of which then forbids what the others
//! ask for. Validation that took them at their word would refuse every call.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

/// The same schema with `oneOf` as `anyOf`, and parts of compositions open.
pub(super) fn lenient(mut schema: Value) -> Value {
    let mut parts = FxHashSet::default();
    collect_parts(&schema, &mut parts);
    add_parts_of_parts(&schema, &mut parts);
    let closed = schema.get("properties").and_then(|_| schema.get("additionalProperties")).cloned();
    relax(&mut schema, false);
    // What a tool takes is known, whatever rules there are about it.
    if let (Value::Object(keywords), Some(closed)) = (&mut schema, closed) {
        keywords.insert("additionalProperties".to_owned(), closed);
    }
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for (_, definition) in definitions.iter_mut().filter(|(name, _)| parts.contains(*name)) {
            if let Value::Object(keywords) = definition {
                open_again(keywords);
            }
        }
    }
    schema
}

/// The name of `{"$ref": "#/$defs/NAME"}`.
fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The names of definitions that are parts of a composition.
fn collect_parts(schema: &Value, parts: &mut FxHashSet<String>) {
    match schema {
        Value::Object(keywords) => {
            for keyword in ["allOf", "anyOf", "oneOf"] {
                let all = keywords.get(keyword).and_then(Value::as_array).into_iter().flatten();
                if keyword == "allOf" || keywords.contains_key("properties") {
                    parts.extend(all.filter_map(reference).map(str::to_owned));
                }
            }
            if keywords.contains_key("properties") || keywords.contains_key("allOf") {
                parts.extend(reference(schema).map(str::to_owned));
            }
            values(keywords).for_each(|value| collect_parts(value, parts));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_parts(item, parts)),
        _ => {}
    }
}

/// What a part refers to beside other keywords is a part, too.
fn add_parts_of_parts(schema: &Value, parts: &mut FxHashSet<String>) {
    let Some(definitions) = schema.get("$defs").and_then(Value::as_object) else { return };
    let mut open: Vec<String> = parts.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let target = definitions.get(&name).and_then(reference).map(str::to_owned);
        open.extend(target.filter(|target| parts.insert(target.clone())));
    }
}

fn values(keywords: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    keywords.iter().filter(|(keyword, _)| !is_data(keyword)).map(|(_, value)| value)
}

/// Keywords whose values are no schemas.
fn is_data(keyword: &str) -> bool {
    matches!(keyword, "enum" | "const" | "default" | "example" | "examples" | "required")
}

fn relax(schema: &mut Value, is_part: bool) {
    match schema {
        Value::Object(keywords) => {
            let is_composed =
                ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|name| keywords.contains_key(*name));
            if is_part {
                open_again(keywords);
            } else if is_composed {
                open_if_closed(keywords);
            }
            let has_own = keywords.contains_key("properties");
            declare_required(keywords);
            for (keyword, value) in keywords.iter_mut().filter(|(keyword, _)| !is_data(keyword)) {
                let makes_parts =
                    keyword == "allOf" || has_own && matches!(keyword.as_str(), "anyOf" | "oneOf");
                relax(value, makes_parts);
            }
            one_of_as_any_of(keywords);
            // Whoever reads the file says better what is wrong with it.
            if keywords.contains_key("contentEncoding") {
                keywords.shift_remove("pattern");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| relax(item, is_part)),
        _ => {}
    }
}

/// Lets a closed object have what it requires, also where it forgets to declare it.
fn declare_required(keywords: &mut Map<String, Value>) {
    let Some(Value::Array(required)) = keywords.get("required").cloned() else { return };
    let Some(Value::Object(properties)) = keywords.get_mut("properties") else { return };
    for name in required.iter().filter_map(Value::as_str) {
        properties.entry(name).or_insert(Value::Bool(true));
    }
}

/// Takes back that the object is closed.
fn open_if_closed(keywords: &mut Map<String, Value>) {
    for keyword in ["additionalProperties", "unevaluatedProperties"] {
        if keywords.get(keyword) == Some(&Value::Bool(false)) {
            keywords.shift_remove(keyword);
        }
    }
}

/// Takes back what the object says of properties that it does not name: the other parts name some.
fn open_again(keywords: &mut Map<String, Value>) {
    for keyword in ["additionalProperties", "unevaluatedProperties"] {
        keywords.shift_remove(keyword);
    }
}

fn one_of_as_any_of(keywords: &mut Map<String, Value>) {
    let Some(alternatives) = keywords.shift_remove("oneOf") else { return };
    if keywords.contains_key("anyOf") {
        let all = keywords.entry("allOf").or_insert_with(|| json!([]));
        if let Value::Array(all) = all {
            all.push(json!({"anyOf": alternatives}));
        }
    } else {
        keywords.insert("anyOf".into(), alternatives);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::validator::compile;

    fn takes(schema: &Value, value: &Value) -> bool {
        compile(lenient(schema.clone())).unwrap().is_valid(value)
    }

    #[test]
    fn alternatives_may_overlap() {
        let schema = json!({"oneOf": [{"type": "string"}, {"type": "string", "format": "date"}]});
        assert!(takes(&schema, &json!("2026-11-21")));
        let both = json!({"anyOf": [{"minLength": 2}], "oneOf": [{"type": "string"}, {"maxLength": 3}]});
        assert!(takes(&both, &json!("abc")));
        assert!(!takes(&both, &json!("a")));
    }

    #[test]
    fn parts_of_a_composition_are_open_and_other_objects_stay_closed() {
        let closed = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}, "additionalProperties": false});
        let schema = json!({
            "allOf": [closed("a"), {"$ref": "#/$defs/B"}],
            "additionalProperties": false,
            "$defs": {"B": closed("b")},
        });
        assert!(takes(&schema, &json!({"a": "x", "b": "y"})));
        assert!(!takes(&schema, &json!({"a": 1})));
        assert!(!takes(&closed("a"), &json!({"b": "y"})));
        assert!(!takes(&json!({"anyOf": [closed("a"), closed("b")]}), &json!({"c": "y"})));
    }

    #[test]
    fn what_a_closed_object_requires_it_may_have() {
        let schema =
            json!({"required": ["a", "b"], "properties": {"a": true}, "additionalProperties": false});
        assert!(takes(&json!({"items": schema}), &json!([{"a": 1, "b": 2}])));
        assert!(!takes(&json!({"items": schema}), &json!([{"a": 1}])));
        assert!(!takes(&json!({"items": schema}), &json!([{"a": 1, "b": 2, "c": 3}])));
    }

    #[test]
    fn parts_of_parts_are_parts() {
        let closed = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}, "additionalProperties": false});
        let schema = json!({
            "allOf": [{"$ref": "#/$defs/A"}, closed("c")],
            "$defs": {"A": {"$ref": "#/$defs/B", "required": ["b"]}, "B": closed("b")},
        });
        assert!(takes(&schema, &json!({"b": "x", "c": "y"})));
        let typed = json!({"type": "object", "additionalProperties": {"type": "object"}});
        let named = json!({"properties": {"a": {"type": "string"}}});
        assert!(takes(&json!({"allOf": [typed, named]}), &json!({"a": "x"})));
    }

    #[test]
    fn a_tool_with_rules_takes_no_unknown_argument() {
        let schema = json!({
            "properties": {"a": true, "b": true},
            "allOf": [{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}],
            "additionalProperties": false,
        });
        assert!(takes(&schema, &json!({"a": 1})));
        assert!(!takes(&schema, &json!({"a": 1, "c": 1})));
        assert!(!takes(&schema, &json!({})));
    }
}
