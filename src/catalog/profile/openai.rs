//! OpenAI's strict function calling.
//!
//! Every property is required, and what may be left out may be null instead, which a call takes for the same. Objects
//! have no other properties than those that are named. Lengths of texts and defaults are no keywords there: the
//! default is told in words. An object that takes any property has no strict form, so it stays open: a tool with one
//! is called without `strict`.

use serde_json::{Value, json};

use super::{Keywords, note};

/// Keywords that strict schemas do not have.
const LEFT_OUT: [&str; 2] = ["minLength", "maxLength"];

/// The strict form of a portable schema.
pub(super) fn schema(portable: &Keywords) -> Keywords {
    let mut root = strict(portable);
    if !root.contains_key("properties") {
        root.insert("properties".to_owned(), json!({}));
        root.insert("required".to_owned(), json!([]));
    }
    if let Some(Value::Object(definitions)) = root.get_mut("$defs") {
        for definition in definitions.values_mut() {
            if let Value::Object(keywords) = definition {
                *keywords = strict(keywords);
            }
        }
    }
    root
}

fn strict(schema: &Keywords) -> Keywords {
    let mut shown = Keywords::new();
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            (keyword, _) if LEFT_OUT.contains(&keyword) => {}
            ("default", _) => {}
            ("items" | "additionalProperties", Value::Object(one)) => {
                shown.insert(keyword.clone(), strict(one).into());
            }
            ("anyOf", Value::Array(all)) => {
                let all = all.iter().filter_map(Value::as_object).map(strict);
                shown.insert(keyword.clone(), Value::from_iter(all));
            }
            ("properties" | "required", _) => {}
            _ => drop(shown.insert(keyword.clone(), value.clone())),
        }
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        add_properties(properties, schema, &mut shown);
    }
    if let Some(default) = schema.get("default") {
        note(&mut shown, &format!("Default: {default}."));
    }
    shown
}

fn add_properties(properties: &Keywords, schema: &Keywords, shown: &mut Keywords) {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|candidate| candidate == name));
    let mut all = Keywords::new();
    for (name, property) in properties {
        let Value::Object(property) = property else { continue };
        let property = strict(property);
        let property = if is_required(name) { property } else { or_null(property) };
        all.insert(name.clone(), property.into());
    }
    shown.insert("required".to_owned(), all.keys().cloned().collect());
    shown.insert("properties".to_owned(), all.into());
    if !shown.contains_key("additionalProperties") {
        shown.insert("additionalProperties".to_owned(), false.into());
    }
}

/// The schema with null as one more value.
fn or_null(mut schema: Keywords) -> Keywords {
    if let Some(kind @ Value::String(_)) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    } else if let Some(Value::Array(all)) = schema.get_mut("anyOf") {
        all.push(json!({"type": "null"}));
    } else {
        return Keywords::from_iter([("anyOf".to_owned(), json!([schema, {"type": "null"}]))]);
    }
    if let Some(Value::Array(choices)) = schema.get_mut("enum") {
        choices.push(Value::Null);
    }
    schema
}
