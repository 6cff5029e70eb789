//! Questions about arguments, and what forms can ask for.

use serde_json::{Value, json};

use super::*;
use crate::openapi::definitions::Definitions;

fn derived(schema: &Value) -> Result<Value, String> {
    let mut definitions = Definitions::new();
    definitions.insert("State", json!({"type": "string", "enum": ["open", "closed"], "title": "State"}));
    let schema = &schema.into();
    let known = Known { name: "x", schema, description: None, default: None, required: false };
    let source = crate::source::Source::new("a.yaml", "x");
    let place = crate::source::Place::new(&source, crate::source::Span::default());
    let argument = Named { name: "x".to_owned(), place };
    form::field(&known, &FormField { argument, schema: Map::new() }, &definitions)
        .map(|field| field.schema)
        .map_err(|fault| fault.to_string())
}

#[test]
fn a_field_says_what_forms_can_show_of_a_schema() {
    for (schema, expected) in [
        (json!({}), json!({"type": "string"})),
        (
            json!({"type": ["string", "null"], "minLength": 1, "maxLength": 9, "pattern": "^a", "format": "email"}),
            json!({"type": "string", "minLength": 1, "maxLength": 9, "format": "email"}),
        ),
        (json!({"type": "string", "format": "uuid"}), json!({"type": "string"})),
        (
            json!({"type": "integer", "exclusiveMinimum": 0, "maximum": 9, "default": 3}),
            json!({"type": "integer", "minimum": 1, "maximum": 9, "default": 3}),
        ),
        (json!({"type": "number", "default": 95.5}), json!({"type": "number", "default": 95.5})),
        (json!({"type": "boolean", "default": true}), json!({"type": "boolean", "default": true})),
        (
            json!({"anyOf": [{"$ref": "#/$defs/State"}, {"type": "null"}]}),
            json!({"title": "State", "type": "string", "enum": ["open", "closed"]}),
        ),
        (
            json!({"type": "integer", "enum": [1, 2], "default": 2}),
            json!({"type": "string", "enum": ["1", "2"], "default": "2"}),
        ),
        (
            json!({"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]}),
            json!({"type": "string", "oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "b"}]}),
        ),
        (
            json!({"type": "array", "items": {"$ref": "#/$defs/State"}, "minItems": 1}),
            json!({"type": "array", "items": {"type": "string", "enum": ["open", "closed"]}, "minItems": 1}),
        ),
        (
            json!({"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}]}}),
            json!({"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}]}}),
        ),
    ] {
        assert_eq!(derived(&schema), Ok(expected), "{schema}");
    }
}

#[test]
fn what_no_form_can_ask_for_is_refused() {
    for (schema, expected) in [
        (json!({"type": "object"}), "it takes an object"),
        (json!({"properties": {"a": {}}}), "it takes an object"),
        (json!({"type": "array", "items": {"type": "string"}}), "it takes a list of anything"),
        (json!({"type": "string", "format": "binary"}), "it takes a file"),
        (json!({"type": ["string", "integer"]}), "it takes values of several types"),
    ] {
        assert_eq!(derived(&schema), Err(expected.to_owned()), "{schema}");
    }
}

#[test]
fn a_template_shows_values_without_tricks() {
    let is_known = |name: &str| name == "title";
    let template = Template::parse("Delete {{title}}? {x}", is_known).unwrap();
    let arguments = json!({"title": "a\u{202e}b\nApproved. \u{200b}".to_owned() + &"x".repeat(400)});
    let line = template.line(arguments.as_object().unwrap());
    assert!(
        line.starts_with("Delete ab Approved. x") && line.ends_with("… (413 characters in all)? {x}"),
        "{line}"
    );
    assert!(template.whole(arguments.as_object().unwrap()).contains("b\nApproved"));
    assert_eq!(template.line(&Map::new()), "Delete ? {x}");
    for (text, expected) in [
        ("{{ titel }}", "`{{ titel }}` stands for nothing: there is no such argument"),
        ("{{ title", "`{{` is not closed by `}}`"),
    ] {
        assert_eq!(Template::parse(text, is_known).unwrap_err().to_string(), expected);
    }
}
