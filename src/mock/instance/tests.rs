//! Every instance is checked by the independent validator, formats included.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::instance;
use crate::openapi::definitions::Definitions;

/// The instance, having been found valid.
fn valid_instance(schema: &Value) -> Value {
    valid_with(schema, &Definitions::new())
}

fn valid_with(schema: &Value, definitions: &Definitions) -> Value {
    let found = instance(schema, definitions).unwrap_or_else(|| panic!("no instance of {schema}"));
    let mut whole = schema.clone();
    if !definitions.is_empty() {
        whole["$defs"] = Value::Object(definitions.to_map());
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
    let faults: Vec<String> = validator.iter_errors(&found).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{found} is no instance of {schema}: {faults:?}");
    found
}

fn definitions(value: Value) -> Definitions {
    let Value::Object(map) = value else { panic!("no object") };
    map.into()
}

#[test]
fn plain_types_have_plain_instances() {
    assert_eq!(valid_instance(&json!({ "type": "integer" })), json!(1));
    assert_eq!(valid_instance(&json!({ "type": "boolean" })), json!(true));
    assert_eq!(valid_instance(&json!({ "type": "string" })), json!("text"));
    assert_eq!(valid_instance(&json!({ "type": ["null", "string"] })), json!("text"));
    assert_eq!(valid_instance(&json!({ "type": "null" })), Value::Null);
    assert_eq!(valid_instance(&json!({ "type": "array", "items": { "type": "integer" } })), json!([1]));
    assert_eq!(valid_instance(&json!({ "type": "array" })), json!(["text"]));
    assert_eq!(valid_instance(&json!({ "type": "object" })), json!({}));
    assert_eq!(valid_instance(&json!({ "type": "string", "default": "" })), json!("text"));
    assert_eq!(valid_instance(&json!({ "enum": ["", null, "a"] })), json!("a"));
}

#[test]
fn a_text_says_the_name_of_its_property() {
    let schema = json!({ "type": "object", "properties": { "title": { "type": "string" } } });
    assert_eq!(valid_instance(&schema), json!({ "title": "title" }));
}

#[test]
fn bounds_and_formats_are_kept() {
    for schema in [
        json!({ "type": "integer", "minimum": 5, "maximum": 5 }),
        json!({ "type": "integer", "exclusiveMinimum": 5, "multipleOf": 4 }),
        json!({ "type": "integer", "maximum": -3 }),
        json!({ "type": "integer", "minimum": 1e3 }),
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
        json!({ "type": "number", "minimum": 0.25, "maximum": 0.25 }),
        json!({ "type": "number", "minimum": 0.3, "multipleOf": 0.25 }),
        json!({ "type": "string", "minLength": 30, "maxLength": 31 }),
        json!({ "type": "string", "maxLength": 0 }),
        json!({ "type": "string", "format": "email", "minLength": 50 }),
        json!({ "type": "array", "items": { "type": "string" }, "minItems": 5, "uniqueItems": true }),
        json!({ "type": "array", "items": { "enum": ["a", "b", "c"] }, "minItems": 3, "uniqueItems": true }),
        json!({ "type": "array", "maxItems": 0, "items": { "type": "string" } }),
        json!({ "type": "array", "prefixItems": [{ "const": 1 }, { "type": "string" }], "items": false }),
        json!({ "type": "array", "contains": { "const": 7 } }),
        json!({ "type": "object", "minProperties": 3, "additionalProperties": { "type": "integer" } }),
        json!({ "type": "object", "minProperties": 2, "propertyNames": { "pattern": "^[A-Z]{3}$" } }),
        json!({ "type": "object", "patternProperties": { "^x-": { "type": "integer" } }, "minProperties": 1,
                "additionalProperties": false }),
        json!({ "type": "object", "required": ["a", "b"], "properties": { "a": { "type": "string" } } }),
        json!({ "type": "object", "maxProperties": 1,
                "properties": { "a": { "type": "string" }, "b": { "type": "string" } } }),
    ] {
        valid_instance(&schema);
    }
    for format in [
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ] {
        let array =
            json!({ "type": "array", "minItems": 70, "items": { "type": "string", "format": format } });
        valid_instance(&array);
    }
}

#[test]
fn patterns_are_matched() {
    for pattern in [
        "^[a-z]+$",
        "^\\d{4}-\\d{2}$",
        "^(foo|bar)-[0-9a-f]{8}$",
        "abc",
        "^[^/]+/[^/]+$",
        "^$",
        "^\\S+@\\S+\\.[a-z]{2,}$",
        "^[A-Z][A-Za-z0-9_-]*$",
        "\\.(png|jpe?g)$",
        "^sha256:[A-Fa-f0-9]{64}$",
        "^[\\w.\\-\\/]{3,}$",
        "^\\p{L}+$",
        "^(?!default$)[a-z]+$",
        "^(?=.*[0-9])(?!x[)(])[a-z0-9]{2}$",
        "^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)(?=.*\\W).{8,}$",
    ] {
        valid_instance(&json!({ "type": "string", "pattern": pattern }));
        valid_instance(
            &json!({ "type": "array", "minItems": 3, "items": { "type": "string", "pattern": pattern } }),
        );
    }
    valid_instance(&json!({ "type": "string", "pattern": "^[a-z]+$", "minLength": 12, "maxLength": 14 }));
    valid_instance(&json!({ "type": "string", "pattern": "a", "minLength": 12 }));
}

#[test]
fn branches_are_chosen_so_that_the_whole_holds() {
    let exclusive = json!({ "oneOf": [
        { "type": "object", "properties": { "a": { "type": "string" } } },
        { "type": "object", "properties": { "b": { "type": "string" } }, "required": ["b"] },
        { "type": "object", "properties": { "c": { "type": "integer" } }, "required": ["c"],
          "additionalProperties": false, "minProperties": 1 } ] });
    valid_instance(&exclusive);
    valid_instance(
        &json!({ "anyOf": [{ "type": "string", "maxLength": 3 }, { "type": "integer" }], "minLength": 2 }),
    );
    valid_instance(&json!({ "type": "object", "properties": { "kind": { "type": "string" } },
        "oneOf": [{ "required": ["x"], "properties": { "kind": { "const": "x" }, "x": { "type": "integer" } } },
                  { "required": ["y"], "properties": { "kind": { "const": "y" }, "y": { "type": "integer" } } }] }));
    valid_instance(&json!({ "allOf": [
        { "type": "object", "properties": { "a": { "type": "integer", "minimum": 3 } }, "required": ["a"] },
        { "properties": { "a": { "maximum": 3 }, "b": { "type": "string" } }, "required": ["b"] }] }));
    valid_instance(&json!({ "type": ["string", "null"], "enum": ["a", null] }));
}

#[test]
fn examples_are_used_unless_they_are_wrong() {
    let schema = json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "integer", "example": 7 },
        "name": { "type": "string", "examples": ["Ada"] },
        "size": { "type": "integer", "example": "large" },
        "owner": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } },
                   "example": { "id": "nobody" } } } });
    assert_eq!(valid_instance(&schema), json!({ "id": 7, "name": "Ada", "size": 1, "owner": { "id": 1 } }));
}

#[test]
fn recursion_ends() {
    let definitions = definitions(json!({
        "Tree": { "type": "object", "required": ["name"], "properties": {
            "name": { "type": "string" },
            "parent": { "$ref": "#/$defs/Tree" },
            "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } } },
        "Either": { "oneOf": [{ "$ref": "#/$defs/Pair" }, { "type": "string" }] },
        "Pair": { "type": "object", "required": ["left", "right"], "properties": {
            "left": { "$ref": "#/$defs/Either" }, "right": { "$ref": "#/$defs/Either" } } },
        "Self": { "$ref": "#/$defs/Self" },
        "Never": { "type": "object", "required": ["next"], "properties": { "next": { "$ref": "#/$defs/Never" } } }
    }));
    let tree = valid_with(&json!({ "$ref": "#/$defs/Tree" }), &definitions);
    assert!(tree.to_string().len() < 500, "{tree}");
    valid_with(&json!({ "$ref": "#/$defs/Either" }), &definitions);
    assert_eq!(instance(&json!({ "$ref": "#/$defs/Never" }), &definitions), None);
    let optional = json!({ "type": "object", "properties": { "a": { "$ref": "#/$defs/Never" } } });
    assert_eq!(valid_with(&optional, &definitions), json!({}));
    assert!(instance(&json!({ "$ref": "#/$defs/Self" }), &definitions).is_some());
}

#[test]
fn what_takes_nothing_has_no_instance() {
    assert_eq!(instance(&json!(false), &Definitions::new()), None);
    let nothing = json!({ "type": "object", "required": ["a"], "properties": { "a": false } });
    assert_eq!(instance(&nothing, &Definitions::new()), None);
}

/// Schemas as documents have them: satisfiable, three levels deep.
fn schemas() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just(json!({ "type": "string" })),
        (0_usize..40, 0_usize..40).prop_map(
            |(least, more)| json!({ "type": "string", "minLength": least, "maxLength": least + more })
        ),
        prop::sample::select(vec!["date-time", "uuid", "email", "uri", "ipv4", "unknown"])
            .prop_map(|format| json!({ "type": "string", "format": format })),
        prop::sample::select(vec!["^[a-z]{2,9}$", "^x", "[0-9]+$", "^(a|b)c?$"])
            .prop_map(|pattern| json!({ "type": "string", "pattern": pattern })),
        prop::collection::vec("[a-z]{1,5}", 1..4).prop_map(|values| json!({ "enum": values })),
    ];
    let number = prop_oneof![
        (-1000_i64..1000, 0_i64..1000)
            .prop_map(|(low, more)| json!({ "type": "integer", "minimum": low, "maximum": low + more })),
        (-100_i64..100, 1_i64..50).prop_map(
            |(low, step)| json!({ "type": "integer", "exclusiveMinimum": low, "multipleOf": step })
        ),
        (-100.0_f64..100.0, 0.5_f64..10.0).prop_map(
            |(low, more)| json!({ "type": "number", "exclusiveMinimum": low, "maximum": low + more })
        ),
    ];
    let leaf = prop_oneof![text, number, Just(json!({ "type": "boolean" })), Just(json!({}))];
    leaf.prop_recursive(3, 40, 4, |inner| {
        let properties = prop::collection::btree_map("[a-z]{1,4}", inner.clone(), 0..4);
        prop_oneof![
            (properties.clone(), any::<bool>(), any::<bool>()).prop_map(|(properties, all, closed)| {
                let names: Vec<&String> = properties.keys().filter(|_| all).collect();
                json!({ "type": "object", "required": names, "properties": properties,
                        "additionalProperties": !closed })
            }),
            (inner.clone(), 0_usize..4, 0_usize..4).prop_map(|(items, least, more)| {
                json!({ "type": "array", "items": items, "minItems": least, "maxItems": least + more })
            }),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| json!({ "anyOf": [one, other] })),
            inner.clone().prop_map(|inner| json!({ "oneOf": [{ "type": "null" }, inner] })),
            (properties, inner.clone()).prop_map(|(properties, other)| {
                json!({ "allOf": [{ "type": "object", "properties": properties },
                                  { "type": "object", "properties": { "other_name": other },
                                    "required": ["other_name"] }] })
            }),
            (inner, 1_usize..4).prop_map(|(values, least)| {
                json!({ "type": "object", "additionalProperties": values, "minProperties": least })
            }),
        ]
    })
}

proptest! {
    #[test]
    fn an_instance_of_any_usual_schema_is_valid(schema in schemas()) {
        valid_instance(&schema);
    }

    #[test]
    fn the_same_schema_gives_the_same_instance(schema in schemas()) {
        prop_assert_eq!(instance(&schema, &Definitions::new()), instance(&schema, &Definitions::new()));
    }
}
