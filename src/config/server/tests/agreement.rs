//! The JSON Schema and the reader say the same, as those of the gateway file do.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{read, repository};
use crate::config::tests::agreement::{cases, pointers};
use crate::diagnostic::{Severity, render};

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&crate::config::server_schema()).unwrap()
}

/// All keys there are.
fn everything() -> Value {
    json!({
        "$schema": "server.schema.json",
        "x-notes": [1],
        "access": {"keys": {"a": {"sha256": "ab".repeat(32), "scopes": ["a"]}}},
        "toolsets": {
            "support": {
                "include": ["gateway:shop tag:orders"], "exclude": ["DELETE *"], "instructions": "a", "discover": {"above": 3},
                "scopes": ["a"], "allow": [{"key": "a"}], "deny": [{"claim": "a"}]
            }
        },
        "rules": [{
            "tools": ["tag:a"], "scopes": ["a:b"],
            "allow": [{"key": "a*"}, {"scope": "a"}, {"claim": "a.b", "is": 1}, {"claim": "a", "contains": "b"}],
            "deny": [{"claim": "a"}]
        }],
        "limits": {"per_caller": {"requests": 600, "per": "1m", "burst": 60}, "concurrent": 5},
        "audit": {"file": "audit.jsonl"},
        "cors": {"origins": ["https://app.example.com", "vscode-webview://abc"]}
    })
}

fn is_read(file: &Value) -> Result<(), String> {
    let (_, diagnostics) = read(&file.to_string());
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(render::text(&diagnostics, false));
    }
    Ok(())
}

#[test]
fn the_committed_files_are_current() {
    let schema = serde_json::to_string_pretty(&crate::config::server_schema()).unwrap() + "\n";
    for (path, expected) in
        [("schemas/server.schema.json", schema), ("docs/server-file.md", crate::config::server_page())]
    {
        let committed = std::fs::read_to_string(repository(path)).unwrap_or_default();
        assert!(committed == expected, "{path} is stale: cargo test --lib write_the_schema -- --ignored");
    }
}

#[test]
fn a_file_with_every_key_is_fine_for_both() {
    let file = everything();
    if let Some(error) = validator().iter_errors(&file).next() {
        panic!("{error} at {}", error.instance_path());
    }
    is_read(&file).unwrap();
}

#[test]
fn every_key_is_described() {
    let schema = crate::config::server_schema();
    assert!(jsonschema::draft7::meta::is_valid(&schema));
    let mut places = Vec::new();
    pointers(&schema, "", &mut places);
    let is_property = |place: &&String| {
        let mut parts = place.rsplit('/').skip(1);
        parts.next() == Some("properties") && parts.next() != Some("properties")
    };
    for place in places.iter().filter(is_property) {
        let described = schema.pointer(place).unwrap().get("description").is_some_and(Value::is_string);
        assert!(described, "{place} has no description");
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Whatever is changed in a file: what the reader takes, the schema takes.
    #[test]
    fn the_schema_never_says_more_than_the_reader(
        choice in any::<prop::sample::Index>(),
        value in prop::sample::select(vec![
            json!(null), json!(true), json!(0), json!(7.5), json!(""), json!("x"), json!("10s"), json!("GET /x"), json!([]),
            json!(["x"]), json!({}), json!({"x": "y"}), json!([{}]),
        ]),
    ) {
        let mut file = everything();
        let mut places = Vec::new();
        pointers(&file, "", &mut places);
        *file.pointer_mut(choice.get::<String>(&places)).unwrap() = value;
        if is_read(&file).is_ok() && let Some(error) = validator().iter_errors(&file).next() {
            prop_assert!(false, "the schema refuses at {}: {error}\n{file:#}", error.instance_path());
        }
    }
}
