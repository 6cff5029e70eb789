//! What holds for the JSON Schema of either kind of file: it is the committed one, describes every key, and takes what the
//! reader takes.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::config;
use crate::diagnostic::{Diagnostics, Severity, render};

/// The files that are generated of what the reader says, with what is to be in them.
fn generated() -> [(PathBuf, String); 4] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |schema: Value| serde_json::to_string_pretty(&schema).unwrap() + "\n";
    [
        (root.join("schemas/gateway.schema.json"), text(config::schema())),
        (root.join("schemas/server.schema.json"), text(config::server_schema())),
        (root.join("docs/gateway-file.md"), config::page()),
        (root.join("docs/server-file.md"), config::server_page()),
    ]
}

#[test]
fn the_committed_files_are_current() {
    for (path, expected) in generated() {
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == expected,
            "{} is stale: cargo test --lib write_the_schema -- --ignored",
            path.display()
        );
    }
}

#[test]
#[ignore = "writes schemas/*.schema.json, docs/gateway-file.md and docs/server-file.md"]
fn write_the_schema() {
    for (path, text) in generated() {
        std::fs::write(path, text).unwrap();
    }
}

pub(in crate::config) fn validator(schema: &Value) -> Validator {
    jsonschema::draft7::new(schema).unwrap()
}

/// What is wrong with a file that was read with these diagnostics.
pub(in crate::config) fn errors(diagnostics: &Diagnostics) -> Result<(), String> {
    let is_error = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if is_error { Err(render::text(diagnostics, false)) } else { Ok(()) }
}

pub(in crate::config) fn assert_describes_every_key(schema: &Value) {
    assert!(jsonschema::draft7::meta::is_valid(schema));
    let mut places = Vec::new();
    pointers(schema, "", &mut places);
    let is_property = |place: &&String| {
        let mut parts = place.rsplit('/').skip(1);
        parts.next() == Some("properties") && parts.next() != Some("properties")
    };
    for place in places.iter().filter(is_property) {
        let property = schema.pointer(place).unwrap();
        assert!(property.get("description").is_some_and(Value::is_string), "{place} has no description");
    }
}

pub(in crate::config) fn assert_takes(validator: &Validator, file: &Value) {
    if let Some(error) = validator.iter_errors(file).next() {
        panic!("the schema refuses at {}: {error}\n{file:#}", error.instance_path());
    }
}

/// All places in a value, as JSON pointers.
pub(in crate::config) fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Values that somebody may write where others belong.
pub(in crate::config) fn values() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(7.5),
        json!(""),
        json!("x"),
        json!("10s"),
        json!("GET /x"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({"x": "y"}),
        json!({"type": "string"}),
        json!([{}]),
    ])
}

/// Failures are told with their input; nothing is written beside the sources.
pub(in crate::config) fn cases() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}
