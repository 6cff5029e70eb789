//! Questions about JSON Schemas, answered through `$ref`s.

use crate::openapi::definitions::Definitions;
use crate::openapi::shared::{Json, Object};

/// How many `$ref`s and combinators a question is followed through.
const DEPTH: usize = 24;

/// The name of `{"$ref": "#/$defs/NAME"}`.
pub(crate) fn reference(schema: &Json) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The definition that a `$ref` leads to, or the schema itself; of a chain, the last one.
pub(crate) fn resolve<'a>(schema: &'a Json, definitions: &'a Definitions) -> &'a Json {
    let mut schema = schema;
    for _ in 0..DEPTH {
        match reference(schema).and_then(|name| definition(definitions, name)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// The definition of a name as it stands in a reference, where `/` and `~` are escaped.
pub(crate) fn definition<'a>(definitions: &'a Definitions, name: &str) -> Option<&'a Json> {
    if !name.contains(['~', '%']) {
        return definitions.get(name);
    }
    let decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    definitions.get(name).or_else(|| definitions.get(&decoded.replace("~1", "/").replace("~0", "~")))
}

/// Whether the type of the schema, as far as it says one, may be `name`.
pub(super) fn may_be(schema: &Object, name: &str) -> bool {
    match schema.get("type") {
        Some(Json::String(only)) => only.as_str() == name,
        Some(Json::Array(names)) => names.iter().any(|candidate| candidate == name),
        _ => true,
    }
}

/// Whether `null` is among the values that the schema takes.
pub(super) fn takes_null(schema: &Json, definitions: &Definitions) -> bool {
    takes_null_within(schema, definitions, DEPTH)
}

fn takes_null_within(schema: &Json, definitions: &Definitions, depth: usize) -> bool {
    let schema = resolve(schema, definitions);
    let Json::Object(keywords) = schema else { return *schema != Json::Bool(false) };
    if depth == 0 {
        return false;
    }
    let takes = |schema: &Json| takes_null_within(schema, definitions, depth - 1);
    let all =
        |name: &str, of: &dyn Fn(&[Json]) -> bool| keywords.get(name).and_then(Json::as_array).is_none_or(of);
    may_be(keywords, "null")
        && all("enum", &|values| values.contains(&Json::Null))
        && keywords.get("const").is_none_or(Json::is_null)
        && all("allOf", &|schemas| schemas.iter().all(takes))
        && all("anyOf", &|schemas| schemas.iter().any(takes))
        && all("oneOf", &|schemas| schemas.iter().any(takes))
}

/// Whether the values are bytes of a file rather than text: `format: binary`, or a media type that is not text and
/// no encoding that makes it text.
pub(super) fn is_file(schema: &Json, definitions: &Definitions) -> bool {
    /// Alternatives within alternatives; what is nested deeper is no file.
    const NESTED: usize = 3;
    is_file_within(schema, definitions, NESTED)
}

fn is_file_within(schema: &Json, definitions: &Definitions, depth: usize) -> bool {
    let Json::Object(keywords) = resolve(schema, definitions) else { return false };
    let text = |name: &str| keywords.get(name).and_then(Json::as_str);
    let branches = ["anyOf", "oneOf", "allOf"].into_iter().find_map(|name| keywords.get(name));
    if let Some(Json::Array(branches)) = branches {
        let Some(depth) = depth.checked_sub(1) else { return false };
        return branches.iter().any(|branch| is_file_within(branch, definitions, depth));
    }
    may_be(keywords, "string")
        && (matches!(text("format"), Some("binary" | "file"))
            || text("contentEncoding") == Some("binary")
            || text("contentMediaType").is_some_and(|media| !is_text(media))
                && text("contentEncoding").is_none())
}

fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/") || media_type.ends_with("json") || media_type.ends_with("xml")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definitions() -> Definitions {
        let mut definitions = Definitions::new();
        definitions.insert("Pet", json!({"type": "object"}));
        definitions.insert("a/b", json!({"type": ["string", "null"]}));
        definitions.insert("Loop", json!({"$ref": "#/$defs/Loop"}));
        definitions.insert("Or", json!({"anyOf": [{"$ref": "#/$defs/Or"}, {"$ref": "#/$defs/Pet"}]}));
        definitions
    }

    #[test]
    fn null_is_looked_for_through_references_and_combinators() {
        for (schema, expected) in [
            (json!({}), true),
            (json!(true), true),
            (json!(false), false),
            (json!({"type": "string"}), false),
            (json!({"type": ["string", "null"]}), true),
            (json!({"type": ["string", "null"], "enum": ["a"]}), false),
            (json!({"enum": ["a", null]}), true),
            (json!({"$ref": "#/$defs/Pet"}), false),
            (json!({"$ref": "#/$defs/a~1b"}), true),
            (json!({"oneOf": [{"$ref": "#/$defs/Pet"}, {"type": "null"}]}), true),
            (json!({"allOf": [{"$ref": "#/$defs/Pet"}]}), false),
            (json!({"$ref": "#/$defs/Or"}), false),
        ] {
            assert_eq!(takes_null(&schema.clone().into(), &definitions()), expected, "{schema}");
        }
        takes_null(&json!({"$ref": "#/$defs/Loop"}).into(), &definitions());
    }

    #[test]
    fn files_are_told_from_texts() {
        for (schema, expected) in [
            (json!({"type": "string", "format": "binary"}), true),
            (json!({"type": "string", "contentMediaType": "image/png"}), true),
            (json!({"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"}), false),
            (json!({"type": "string", "contentMediaType": "application/json"}), false),
            (json!({"type": "string", "format": "byte"}), false),
            (json!({"anyOf": [{"type": "string", "format": "binary"}, {"type": "null"}]}), true),
            (json!({"allOf": [{"type": "string"}, {"format": "binary"}]}), true),
            (json!({"type": "string", "contentEncoding": "binary"}), true),
            (json!({"$ref": "#/$defs/Or"}), false),
        ] {
            assert_eq!(is_file(&schema.clone().into(), &definitions()), expected, "{schema}");
        }
    }
}
