use serde_json::{Value, json};

use super::*;
use crate::catalog::fixture::{body, catalog, operation, parameter};
use crate::openapi::operation::Location;

/// The `inputSchema` of an operation with a parameter `q` of this schema, in a profile.
fn shown(schema: Value, profile: Profile) -> Value {
    let mut one = operation("GET", "/things");
    one.parameters = vec![parameter(Location::Query, "q", schema)];
    let (catalog, _) = catalog(vec![one]);
    let shown: Value = serde_json::from_str(&catalog.face(&catalog.tools()[0], profile)).unwrap();
    shown["inputSchema"]["properties"]["q"].clone()
}

#[test]
fn openai_requires_all_and_takes_null_for_nothing() {
    for (schema, expected) in [
        (json!({"type": "string", "maxLength": 3}), json!({"type": ["string", "null"]})),
        (
            json!({"type": "string", "enum": ["a", "b"], "default": "a", "description": "Which."}),
            json!({"type": ["string", "null"], "enum": ["a", "b", null], "description": "Which. Default: \"a\"."}),
        ),
        (
            json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}),
            json!({
                "type": ["object", "null"],
                "required": ["a", "b"],
                "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}},
                "additionalProperties": false
            }),
        ),
    ] {
        assert_eq!(shown(schema.clone(), Profile::OpenAi), expected, "{schema}");
    }
}

#[test]
fn gemini_has_nothing_beside_a_choice() {
    let schema = json!({"anyOf": [{"type": "string", "description": "Its name."}, {"type": "integer"}], "description": "Which."});
    let expected = json!({"anyOf": [
        {"type": "string", "description": "Which. Its name."}, {"type": "integer", "description": "Which."}
    ]});
    assert_eq!(shown(schema, Profile::Gemini), expected);
    let open = json!({"type": "object", "additionalProperties": {"type": "string"}});
    assert_eq!(shown(open, Profile::Gemini), json!({"type": "object"}));
}

#[test]
fn full_is_what_the_document_says_and_anthropic_too_where_names_allow() {
    let schema =
        json!({"oneOf": [{"const": 1}, {"type": ["string", "null"], "format": "uuid", "title": "T"}]});
    assert_eq!(shown(schema.clone(), Profile::Full), schema);
    assert_eq!(shown(schema.clone(), Profile::Anthropic), schema);
    let odd = json!({"type": "object", "properties": {"a b": {"type": "string"}}});
    assert_eq!(shown(odd.clone(), Profile::Full)["properties"], odd["properties"]);
    assert_eq!(shown(odd.clone(), Profile::Anthropic), shown(odd, Profile::Portable));
}

#[test]
fn recursion_ends_in_every_profile() {
    let mut one = operation("POST", "/trees");
    let tree = json!({"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}});
    one.definitions.insert("Tree", tree);
    one.body = Some(body("application/json", json!({"$ref": "#/$defs/Tree"})));
    let (catalog, _) = catalog(vec![one]);
    for profile in Profile::ALL {
        let face = catalog.face(&catalog.tools()[0], profile);
        assert!(face.contains("children") && face.len() < 2000, "{profile:?}: {face}");
    }
}

#[test]
fn nothing_hidden_is_shown_in_any_profile() {
    for schema in [
        json!({"type": "string", "enum": ["a\u{200b}b", "c"], "default": "a\u{200b}b"}),
        json!({"type": "string", "pattern": "^\u{202e}$", "title": "T\u{e0041}", "description": "D\u{2066}"}),
        json!({"type": "object", "properties": {"k\u{200b}": {"type": "string", "const": "\u{feff}"}}}),
    ] {
        for profile in Profile::ALL {
            let text = shown(schema.clone(), profile).to_string();
            assert!(text.is_ascii(), "{profile:?}: {text}");
        }
    }
}
