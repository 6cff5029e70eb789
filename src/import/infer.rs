//! What values may be, told from those that were seen.

use serde_json::{Map, Value, json};

use super::secret;

/// The schema of values that were seen as texts: in a path, a query or a form.
pub(super) fn of_texts(name: &str, texts: &[&str]) -> Map<String, Value> {
    let mut schema = match texts {
        [] => Map::new(),
        [first, rest @ ..] => rest.iter().fold(of_text(first), |known, text| widen(&known, &of_text(text))),
    };
    schema.entry("type").or_insert_with(|| "string".into());
    let harmless = |text: &&&str| !secret::is_secret_name(name) && secret::is_harmless(text);
    if let Some(example) = texts.iter().find(harmless) {
        let is_text = schema.get("type").is_some_and(|kind| kind == "string");
        let parsed = serde_json::from_str(example).ok().filter(|_| !is_text);
        schema.insert("examples".into(), json!([parsed.unwrap_or_else(|| Value::from(*example))]));
    }
    schema
}

fn of_text(text: &str) -> Map<String, Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = (1..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    let keyword = |name: &str, value: &str| (name.to_owned(), Value::from(value));
    if is_whole {
        Map::from_iter([keyword("type", "integer")])
    } else if is_decimal(digits) {
        Map::from_iter([keyword("type", "number")])
    } else if matches!(text, "true" | "false") {
        Map::from_iter([keyword("type", "boolean")])
    } else {
        let format = format_of(text).map(|format| keyword("format", format));
        [keyword("type", "string")].into_iter().chain(format).collect()
    }
}

fn is_decimal(digits: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits.len() <= 15
        && digits.split_once('.').is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction))
}

fn format_of(text: &str) -> Option<&'static str> {
    let is_shape = |shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit(),
                other => byte == other,
            })
    };
    if is_shape("0000-00-00") {
        Some("date")
    } else if text.get(..19).is_some_and(|start| start.as_bytes().get(10) == Some(&b'T'))
        && text.ends_with('Z')
    {
        Some("date-time")
    } else if is_shape("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") {
        Some("uuid")
    } else {
        None
    }
}

/// The schema of JSON values that were seen. No value itself is in it.
pub(super) fn of_values<'v>(values: impl IntoIterator<Item = &'v Value>) -> Value {
    let schemas = values.into_iter().map(of_value);
    Value::Object(schemas.reduce(|known, other| widen(&known, &other)).unwrap_or_default())
}

fn of_value(value: &Value) -> Map<String, Value> {
    let kind = |name: &str| Map::from_iter([("type".to_owned(), Value::from(name))]);
    match value {
        Value::Null => kind("null"),
        Value::Bool(_) => kind("boolean"),
        Value::Number(number) if number.is_i64() || number.is_u64() => kind("integer"),
        Value::Number(_) => kind("number"),
        Value::String(text) => {
            let mut schema = kind("string");
            schema.extend(format_of(text).map(|format| ("format".to_owned(), Value::from(format))));
            schema
        }
        Value::Array(items) => {
            let mut schema = kind("array");
            if !items.is_empty() {
                schema.insert("items".into(), of_values(items));
            }
            schema
        }
        Value::Object(object) => {
            let mut schema = kind("object");
            let properties: Map<String, Value> =
                object.iter().map(|(name, value)| (name.clone(), Value::Object(of_value(value)))).collect();
            if !properties.is_empty() {
                schema.insert("properties".into(), properties.into());
            }
            schema
        }
    }
}

/// A schema that takes what either takes.
fn widen(left: &Map<String, Value>, right: &Map<String, Value>) -> Map<String, Value> {
    if left == right {
        return left.clone();
    }
    let types = types(left, right);
    let mut wide = Map::new();
    match types.as_slice() {
        // Anything.
        [] => return wide,
        [only] => wide.insert("type".into(), only.as_str().into()),
        several => wide.insert("type".into(), json!(several)),
    };
    if left.get("format") == right.get("format") {
        wide.extend(left.get("format").map(|format| ("format".to_owned(), format.clone())));
    }
    for (key, merge) in [("items", widen_values as fn(&Value, &Value) -> Value), ("properties", union)] {
        let merged = match (left.get(key), right.get(key)) {
            (Some(left), Some(right)) => Some(merge(left, right)),
            (one, other) => one.or(other).cloned(),
        };
        wide.extend(merged.map(|merged| (key.to_owned(), merged)));
    }
    wide
}

/// The types of both; a number takes whole numbers too. None when one of them takes anything.
fn types(left: &Map<String, Value>, right: &Map<String, Value>) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for schema in [left, right] {
        let Some(kinds) = schema.get("type") else { return Vec::new() };
        let kinds = kinds.as_array().cloned().unwrap_or_else(|| vec![kinds.clone()]);
        for kind in kinds.iter().filter_map(Value::as_str) {
            if !types.iter().any(|known| known == kind) {
                types.push(kind.to_owned());
            }
        }
    }
    if types.iter().any(|kind| kind == "number") {
        types.retain(|kind| kind != "integer");
    }
    types
}

fn widen_values(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => Value::Object(widen(left, right)),
        _ => json!({}),
    }
}

fn union(left: &Value, right: &Value) -> Value {
    let (Value::Object(left), Value::Object(right)) = (left, right) else { return left.clone() };
    let mut union = left.clone();
    for (name, schema) in right {
        let merged = union.get(name).map_or_else(|| schema.clone(), |known| widen_values(known, schema));
        union.insert(name.clone(), merged);
    }
    Value::Object(union)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_by_all_that_were_seen() {
        let schema = |texts: &[&str]| Value::Object(of_texts("a", texts));
        assert_eq!(schema(&["1", "20"]), json!({"type": "integer", "examples": [1]}));
        assert_eq!(schema(&["1", "2.5"]), json!({"type": "number", "examples": [1]}));
        assert_eq!(schema(&["true"]), json!({"type": "boolean", "examples": [true]}));
        assert_eq!(schema(&["007"]), json!({"type": "string", "examples": ["007"]}));
        assert_eq!(
            schema(&["2024-01-31"]),
            json!({"type": "string", "format": "date", "examples": ["2024-01-31"]})
        );
        assert_eq!(schema(&["hunter2"]), json!({"type": "string"}));
        assert_eq!(Value::Object(of_texts("pin", &["1234"])), json!({"type": "integer"}));
    }

    #[test]
    fn a_body_is_told_by_its_kinds_and_never_by_its_values() {
        let values =
            [json!({"a": 1, "b": [{"c": "x"}], "n": null}), json!({"a": 1.5, "b": [{"d": true}], "n": "y"})];
        assert_eq!(
            of_values(&values),
            json!({"type": "object", "properties": {
                "a": {"type": "number"},
                "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "string"}, "d": {"type": "boolean"}}}},
                "n": {"type": ["null", "string"]},
            }})
        );
        assert_eq!(of_values(&[json!([])]), json!({"type": "array"}));
    }
}
