//! Schemas whose parts were cut.
//!
//! A part that was cut accepts more than the document says. Most keywords then accept more as well; `oneOf`, `not`
//! and `if` would accept less, and refuse what the API takes. They are loosened wherever something was cut below.

use serde_json::{Map, Value};

use crate::openapi::shared::Json;

/// Keywords that accept less when what they hold accepts more.
const TURNING: [&str; 8] =
    ["not", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "maxContains", "oneOf"];

/// The schema in a form that accepts more when its parts do; `None` when it is of that form.
pub(super) fn relaxed(schema: &Json) -> Option<Value> {
    turns(schema).then(|| {
        let mut schema = schema.to_value();
        relax(&mut schema);
        schema
    })
}

fn turns(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(turns),
        Json::Object(map) => map.iter().any(|(key, value)| TURNING.contains(&key) || turns(value)),
        _ => false,
    }
}

fn relax(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(relax),
        Value::Object(map) => {
            loosen(map);
            for (key, value) in map {
                match value {
                    // The names in it are no keywords.
                    Value::Object(schemas) if key == "properties" => schemas.values_mut().for_each(relax),
                    _ if matches!(key.as_str(), "enum" | "const" | "default") => {}
                    value => relax(value),
                }
            }
        }
        _ => {}
    }
}

fn loosen(schema: &mut Map<String, Value>) {
    let branches = schema.shift_remove("oneOf");
    for key in TURNING {
        // A property of that name holds no schema keyword here: this is a schema, its properties are below.
        schema.shift_remove(key);
    }
    if let Some(branches) = branches
        && !schema.contains_key("anyOf")
    {
        schema.insert("anyOf".to_owned(), branches);
    }
}
