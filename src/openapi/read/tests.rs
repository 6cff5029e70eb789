use std::sync::Arc;

use serde_json::{Value, json};

use crate::diagnostic::Diagnostics;
use crate::openapi::Document;
use crate::openapi::operation::{Encoding, Location, Operation, Parameter, Style};
use crate::source::Source;

/// The operations of a document, and the codes of what was told about it.
fn operations_of(document: &Value) -> (Vec<Operation>, Vec<&'static str>) {
    let mut diagnostics = Diagnostics::default();
    let source: Arc<Source> = Source::new("openapi.json", document.to_string());
    let operations = Document::read(&source, &mut diagnostics)
        .map(|document| document.operations(&mut diagnostics))
        .unwrap_or_default();
    (operations, diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect())
}

/// A 3.1 document with these paths.
fn paths(paths: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths})
}

/// The only operation of a document about which nothing is told.
fn only(document: &Value) -> Operation {
    let (mut operations, codes) = operations_of(document);
    assert!(codes.is_empty(), "{codes:?}");
    assert_eq!(operations.len(), 1);
    operations.remove(0)
}

fn parameter<'a>(operation: &'a Operation, name: &str) -> &'a Parameter {
    operation.parameters.iter().find(|parameter| parameter.name == name).unwrap()
}

fn signatures(operations: &[Operation]) -> Vec<String> {
    operations.iter().map(Operation::signature).collect()
}

#[test]
fn every_method_of_a_path_is_an_operation() {
    let document = paths(&json!({"/a": {
        "get": {}, "put": {}, "post": {}, "delete": {}, "options": {}, "head": {}, "patch": {}, "trace": {},
        "query": {}, "x-get": {}, "parameters": [], "summary": "s", "servers": []
    }, "x-paths": "none"}));
    let (operations, codes) = operations_of(&document);
    assert!(codes.is_empty(), "{codes:?}");
    let expected = "GET PUT POST DELETE OPTIONS HEAD PATCH TRACE".split(' ');
    assert_eq!(signatures(&operations), expected.map(|method| format!("{method} /a")).collect::<Vec<_>>());
}

#[test]
fn an_odd_operation_costs_no_other_one_anything() {
    let document = paths(&json!({
        "/a": {"get": 1, "put": {}}, "/b": {"get": {"$ref": "#/nowhere"}}, "/c": "text", "/{d": {"get": {}},
        "/e": {"$ref": "other.yaml"}, "f": {"get": {}}
    }));
    let (operations, codes) = operations_of(&document);
    assert_eq!(signatures(&operations), ["PUT /a", "GET /f"]);
    let unservable = "unservable-operation";
    assert_eq!(codes, [unservable, unservable, "unexpected-type", unservable, unservable]);
}

#[test]
fn parameters_of_the_path_hold_unless_the_operation_has_its_own() {
    let operation = only(&paths(&json!({"/a/{id}": {
        "parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
            {"name": "id", "in": "query", "schema": {"type": "string"}},
            {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}
        ],
        "get": {"parameters": [{"name": "x-trace", "in": "header", "required": true, "schema": {"type": "boolean"}}]}
    }})));
    let found: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| (&*parameter.name, parameter.location, parameter.required, &*parameter.schema))
        .collect();
    assert_eq!(
        found,
        [
            ("id", Location::Path, true, &json!({"type": "integer"})),
            ("id", Location::Query, false, &json!({"type": "string"})),
            ("x-trace", Location::Header, true, &json!({"type": "boolean"})),
        ]
    );
}

#[test]
fn recursive_schemas_become_definitions_that_refer_to_themselves() {
    let mut document = paths(&json!({"/a": {"post": {"requestBody": {"content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Node"}}}}}}}));
    document["components"] = json!({"schemas": {"Node": {
        "type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}}});
    let operation = only(&document);
    let schema = json!({"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}});
    assert_eq!(*operation.body.unwrap().media[0].schema, schema);
    assert_eq!(operation.definitions.get("Node"), Some(&schema));
}

#[test]
fn a_style_that_is_not_for_the_place_becomes_the_default() {
    let document = paths(&json!({"/a": {"get": {"parameters": [
        {"name": "q", "in": "query", "style": "matrix", "schema": {"type": "array", "items": {"type": "string"}}}
    ]}}}));
    let (operations, codes) = operations_of(&document);
    assert_eq!(codes, ["invalid-parameter"]);
    let form =
        Encoding::Style { style: Style::Form, explode: true, allow_reserved: false, allow_empty: false };
    assert_eq!(parameter(&operations[0], "q").encoding, form);
}
