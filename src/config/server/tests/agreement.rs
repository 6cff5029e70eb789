//! The JSON Schema and the reader say the same, as those of the gateway file do.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::read;
use crate::config::server_schema;
use crate::config::tests::schemas::{self, cases, pointers, values};

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
    schemas::errors(&read(&file.to_string()).1)
}

#[test]
fn a_file_with_every_key_is_fine_for_both() {
    let file = everything();
    schemas::assert_takes(&schemas::validator(&server_schema()), &file);
    is_read(&file).unwrap();
}

#[test]
fn every_key_is_described() {
    schemas::assert_describes_every_key(&server_schema());
}

proptest! {
    #![proptest_config(cases())]

    /// Whatever is changed in a file: what the reader takes, the schema takes.
    #[test]
    fn the_schema_never_says_more_than_the_reader(
        choice in any::<prop::sample::Index>(),
        value in values(),
    ) {
        let mut file = everything();
        let mut places = Vec::new();
        pointers(&file, "", &mut places);
        *file.pointer_mut(choice.get::<String>(&places)).unwrap() = value;
        if is_read(&file).is_ok() {
            schemas::assert_takes(&schemas::validator(&server_schema()), &file);
        }
    }
}
