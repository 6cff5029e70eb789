use serde_json::json;

use super::super::reach::Library;
use super::*;

/// What is shown of an argument with this schema: its schema, and `$defs`.
fn shown(schema: &Value, definitions: &Definitions) -> (Value, Value) {
    let schema = &Json::from(schema);
    let reach = Library::default().reach(&[schema], definitions, 8000);
    let mut portable = Portable::new(definitions, &reach, Limits::of(Detail::Full)[0], Room::ENDLESS);
    let shown = portable.argument(schema, None, None, false, &[], 200);
    (shown, portable.take_definitions().into())
}

fn alone(schema: &Value) -> Value {
    shown(schema, &Definitions::new()).0
}

#[test]
fn every_construct_becomes_what_all_providers_take() {
    for (schema, expected) in [
        (
            json!({"type": "string", "title": "T", "example": "e", "x-a": 1, "xml": {}}),
            json!({"type": "string"}),
        ),
        (json!({"type": ["string", "null"]}), json!({"type": "string"})),
        (
            json!({"type": ["string", "integer"], "maxLength": 3}),
            json!({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}),
        ),
        (json!({"const": "a"}), json!({"type": "string", "enum": ["a"]})),
        (json!({"type": "string", "enum": ["a", "", null, 5]}), json!({"type": "string", "enum": ["a"]})),
        (
            json!({"type": "integer", "enum": [1, 2, 5]}),
            json!({"type": "integer", "minimum": 1, "maximum": 5, "description": "One of 1, 2, 5."}),
        ),
        (
            json!({"oneOf": [{"const": "a", "title": "A"}, {"enum": ["b", "c"]}, {"type": "null"}]}),
            json!({"type": "string", "enum": ["a", "b", "c"]}),
        ),
        (
            json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
        ),
        (
            json!({"type": "string", "format": "date", "description": "The day"}),
            json!({
                "type": "string",
                "pattern": r"^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
                "description": "The day. YYYY-MM-DD.",
            }),
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 0, "maximum": 9_223_372_036_854_775_807_i64}),
            json!({"type": "integer", "minimum": 1}),
        ),
        (
            json!({"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}),
            json!({"type": "number", "minimum": 0, "description": "More than 0. A multiple of 0.5."}),
        ),
        (
            json!({"properties": {"a": {"minLength": 1}}}),
            json!({"type": "object", "properties": {"a": {"type": "string", "minLength": 1}}}),
        ),
        (json!({"type": "object"}), json!({"type": "object", "additionalProperties": true})),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer", "format": "int32"}}),
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
        ),
        (
            json!({"type": "boolean", "default": false, "not": {}}),
            json!({"type": "boolean", "default": false}),
        ),
        (json!({"type": "string", "default": 5}), json!({"type": "string"})),
        (json!({"type": "string", "pattern": "^[z-a]"}), json!({"type": "string"})),
        (
            json!({"type": "string", "deprecated": true, "description": "Old"}),
            json!({"type": "string", "description": "Deprecated. Old"}),
        ),
    ] {
        assert_eq!(alone(&schema), expected, "{schema}");
    }
}

#[test]
fn what_says_nothing_takes_every_type_and_arrays_have_items() {
    for schema in [json!({}), json!(true), json!({"description": "x"})] {
        let types: Vec<_> =
            alone(&schema)["anyOf"].as_array().unwrap().iter().map(|one| one["type"].clone()).collect();
        assert_eq!(types, ["string", "number", "boolean", "object", "array"]);
    }
    for schema in [
        json!({"type": "array"}),
        json!({"type": "array", "items": {}}),
        json!({"prefixItems": [{"type": "string"}]}),
    ] {
        assert!(alone(&schema)["items"]["anyOf"].is_array(), "{schema}");
    }
}

#[test]
fn compositions_are_one_object() {
    let mut definitions = Definitions::new();
    definitions.insert(
        "Base",
        json!({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}),
    );
    let schema = json!({
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"name": {"type": "string"}}, "required": ["name"]}],
        "oneOf": [{"required": ["id"]}, {"properties": {"x": {"type": "boolean"}}}],
    });
    let (schema, _) = shown(&schema, &definitions);
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "x": {"type": "boolean"}},
            "required": ["id", "name"],
        })
    );
}

#[test]
fn names_that_clients_refuse_are_told_in_words() {
    let schema = json!({"type": "object", "properties": {"a/b": {"type": "string"}, "c": {"type": "string"}}, "required": ["a/b"]});
    let expected = json!({
        "type": "object", "properties": {"c": {"type": "string"}}, "additionalProperties": true,
        "description": "Also takes `a/b`.",
    });
    assert_eq!(alone(&schema), expected);
}

#[test]
fn recursion_stays_behind_a_reference_that_no_required_property_holds() {
    let mut definitions = Definitions::new();
    definitions.insert(
        "Node<T>",
        json!({"type": "object", "properties": {
            "label": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node<T>"}},
        }, "required": ["label", "children"]}),
    );
    let (schema, defs) = shown(&json!({"$ref": "#/$defs/Node<T>", "description": "A tree"}), &definitions);
    let name = defs.as_object().unwrap().keys().next().unwrap().clone();
    assert!(name.starts_with("Node_T_"), "{name}");
    let reference = json!({"$ref": format!("#/$defs/{name}")});
    assert_eq!(schema, json!({"anyOf": [reference], "description": "A tree"}));
    assert_eq!(defs[&name]["properties"]["children"]["items"], reference);
    assert_eq!(defs[&name]["required"], json!(["label"]));
}

#[test]
fn what_is_used_once_or_small_is_written_where_it_is_used() {
    let mut definitions = Definitions::new();
    let large = json!({"type": "object", "properties": {"a": {"type": "string", "description": "x".repeat(300)}, "b": {"type": "string", "pattern": "y".repeat(90)}}});
    definitions.insert("Small", json!({"type": "string", "maxLength": 5}));
    definitions.insert("Once", large.clone());
    definitions.insert("Twice", large);
    let schema = json!({"type": "object", "properties": {
        "s1": {"$ref": "#/$defs/Small"}, "s2": {"$ref": "#/$defs/Small"}, "o": {"$ref": "#/$defs/Once"},
        "t1": {"$ref": "#/$defs/Twice"}, "t2": {"$ref": "#/$defs/Twice"},
    }});
    let (schema, defs) = shown(&schema, &definitions);
    assert_eq!(schema["properties"]["s2"], json!({"type": "string", "maxLength": 5}));
    assert_eq!(schema["properties"]["o"]["type"], "object");
    assert_eq!(schema["properties"]["t2"], json!({"$ref": "#/$defs/Twice"}));
    assert_eq!(defs.as_object().unwrap().keys().collect::<Vec<_>>(), ["Twice"]);
}

#[test]
fn a_schema_that_doubles_at_every_step_is_cut_in_time() {
    let mut definitions = Definitions::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/L{}", level + 1)});
        definitions
            .insert(format!("L{level}"), json!({"type": "object", "properties": {"a": next, "b": next}}));
    }
    definitions.insert("L40", json!({"type": "string"}));
    let root = json!({"$ref": "#/$defs/L0"}).into();
    let reach = Library::default().reach(&[&root], &definitions, 8000);
    let mut portable = Portable::new(&definitions, &reach, Limits::of(Detail::Full)[0], Room::ENDLESS);
    let schema = portable.argument(&root, None, None, false, &[], 200);
    assert!(portable.has_cut());
    assert!(schema.to_string().len() < 1_000_000);
}

#[test]
fn what_is_too_deep_still_says_what_it_requires() {
    let mut schema = json!({"type": "object", "properties": {"kind": {"type": "string"}, "note": {"type": "string"}}, "required": ["kind"]});
    for _ in 0..Limits::of(Detail::Full)[0].depth {
        schema = json!({"type": "array", "items": schema});
    }
    let mut shown = alone(&schema);
    for _ in 0..Limits::of(Detail::Full)[0].depth {
        shown = shown["items"].take();
    }
    assert_eq!(
        shown,
        json!({"type": "object", "additionalProperties": true, "properties": {"kind": {"type": "string"}}, "required": ["kind"]})
    );
}
