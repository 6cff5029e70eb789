//! From documents to tools: nothing is lost, and what is shown is what every provider takes.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use toolgate::catalog::Catalog;
use toolgate::catalog::build::{BuildOptions, Served, build};
use toolgate::config::Gateway;
use toolgate::diagnostic::Diagnostics;
use toolgate::openapi::Document;
use toolgate::source::Source;
use toolgate::upstream::Upstream;

use crate::corpus::sources;

/// Keywords that Anthropic, OpenAI (not strict) and Gemini take.
const KEYWORDS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "anyOf",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "properties",
    "required",
    "type",
];

#[test]
fn every_operation_of_a_real_document_becomes_a_tool_that_all_providers_take() {
    for source in sources(|_| true).into_iter().chain([odd_document()]) {
        let Some((operations, catalog)) = load(&source) else { continue };
        assert_eq!(catalog.tools().len(), operations, "{}", source.name());
        let mut names = BTreeSet::new();
        for tool in catalog.tools() {
            assert!(names.insert(&*tool.name), "{}: {} comes twice", source.name(), tool.name);
            assert!(is_name(&tool.name, "_-"), "{}: {}", source.name(), tool.name);
            let face: Value = serde_json::from_str(&tool.face).unwrap();
            let description = face["description"].as_str().unwrap();
            assert!((1..=1024).contains(&description.chars().count()), "{}", tool.name);
            let faults = Lint::of(&face["inputSchema"]);
            assert!(faults.is_empty(), "{}: {}: {faults:?}", source.name(), tool.name);
        }
    }
}

#[test]
fn the_arguments_of_every_tool_can_be_validated() {
    for source in sources(|_| true).into_iter().chain([odd_document()]) {
        let Some((_, catalog)) = load(&source) else { continue };
        for tool in catalog.tools() {
            assert!(tool.plan.arguments.validator(0).is_some(), "{}: {}", source.name(), tool.name);
        }
    }
}

/// What real documents have, in one that is always there.
pub(crate) fn odd_document() -> Arc<Source> {
    let text = r##"{
      "openapi": "3.1.0", "info": {"title": "Odd", "version": "1"}, "servers": [{"url": "https://api.example.com"}],
      "paths": {
        "/a/{id}": {"post": {
          "operationId": "a/b c", "description": "x<!-- y -->",
          "parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "tags[]", "in": "query", "schema": {"type": "array"}},
            {"name": "limit", "in": "query", "schema": {"type": ["integer", "null"], "enum": [1, 2, null]}}
          ],
          "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}},
          "responses": {"200": {"description": "ok"}}
        }},
        "/b": {"put": {
          "requestBody": {"required": true, "content": {"application/json": {"schema": {
            "oneOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "string", "const": "none"}]}}}},
          "responses": {"200": {"description": "ok"}}
        }}
      },
      "components": {"schemas": {"Tree": {"type": "object", "properties": {
        "any/thing": true, "value": {}, "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
      }}}}
    }"##;
    Source::new("odd.json", text)
}

/// The number of operations that were read, and their catalog.
pub(crate) fn load(source: &Arc<Source>) -> Option<(usize, Catalog)> {
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(source, &mut diagnostics)?;
    let operations = document.operations(&mut diagnostics);
    let count = operations.len();
    let served = Served {
        gateway: Gateway::named("api"),
        upstream: Arc::new(Upstream::new("api", Vec::new(), Vec::new(), &[], &Default::default())),
        document_url: None,
        operations,
        schemes: Vec::new(),
    };
    let options = BuildOptions {
        allow_writes: true,
        assumed_server: "https://api.example.com".parse().ok(),
        ..BuildOptions::default()
    };
    Some((count, build(&[served], &options, &mut diagnostics)))
}

fn is_name(name: &str, more: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || more.contains(character))
}

/// Holds a schema against what the providers publish about the schemas that they take.
struct Lint<'a> {
    definitions: Option<&'a Map<String, Value>>,
    referred: BTreeSet<&'a str>,
    faults: Vec<String>,
}

impl<'a> Lint<'a> {
    fn of(root: &'a Value) -> Vec<String> {
        let definitions = root.get("$defs").and_then(Value::as_object);
        let mut lint = Self { definitions, referred: BTreeSet::new(), faults: Vec::new() };
        lint.expect(root["type"] == "object", "the root is no object");
        lint.expect(root["additionalProperties"] == false, "the root is open");
        lint.expect(root.get("anyOf").is_none(), "the root is a choice");
        lint.within(root);
        for (name, definition) in definitions.into_iter().flatten() {
            lint.expect(is_name(name, "_.-"), name);
            lint.schema(definition);
        }
        let unused =
            definitions.into_iter().flatten().find(|(name, _)| !lint.referred.contains(name.as_str()));
        lint.expect(unused.is_none(), "a definition is not used");
        lint.faults
    }

    fn schema(&mut self, schema: &'a Value) {
        let Some(keywords) = schema.as_object() else { return self.expect(false, &schema.to_string()) };
        for keyword in keywords.keys() {
            self.expect(KEYWORDS.contains(&keyword.as_str()), keyword);
        }
        self.reference(keywords);
        let kind = schema.get("type").map(|kind| kind.as_str().unwrap_or_default());
        let has_form = kind.is_some() || schema.get("anyOf").is_some() || schema.get("$ref").is_some();
        self.expect(has_form, "neither type nor choice");
        self.expect(kind != Some(""), "several types");
        self.expect(kind != Some("array") || schema.get("items").is_some(), "an array without items");
        let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        let choices = schema.get("enum").and_then(Value::as_array);
        self.expect(
            choices.is_none_or(|all| kind == Some("string") && all.iter().all(is_text)),
            "an odd enum",
        );
        self.expect(schema.get("format").is_none_or(|format| format == "date-time"), "an odd format");
        self.within(schema);
    }

    fn within(&mut self, schema: &'a Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            self.expect(is_name(name, "_.-"), name);
            self.schema(property);
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let is_there =
                properties.is_some_and(|properties| properties.contains_key(name.as_str().unwrap()));
            self.expect(is_there, "an unknown name is required");
        }
        let one = ["items", "additionalProperties"].into_iter().filter_map(|keyword| schema.get(keyword));
        one.filter(|value| !value.is_boolean()).for_each(|value| self.schema(value));
        schema.get("anyOf").and_then(Value::as_array).into_iter().flatten().for_each(|one| self.schema(one));
    }

    fn reference(&mut self, keywords: &'a Map<String, Value>) {
        let Some(reference) = keywords.get("$ref").and_then(Value::as_str) else { return };
        let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
        self.referred.insert(name);
        self.expect(keywords.len() == 1, "something beside a reference");
        let is_there = self.definitions.is_some_and(|definitions| definitions.contains_key(name));
        self.expect(is_there, "a reference that leads nowhere");
    }

    fn expect(&mut self, holds: bool, fault: &str) {
        if !holds {
            self.faults.push(fault.to_owned());
        }
    }
}
