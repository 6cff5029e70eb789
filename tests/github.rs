//! GitHub's own document, the whole way: 1,223 operations, each a tool, each called through the stand-in.
//!
//! The document is GitHub's and no part of this repository: `cargo xtask tools` fetches it, and these tests are
//! `ignored` until `cargo xtask test documents` asks for them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::support::gateway::Setup;
use crate::support::mcp::Era;

/// How many of the tools must answer; the stand-in cannot make an answer of every schema.
const ANSWERING: usize = 1000;

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn every_operation_is_a_tool_and_every_schema_holds_together() {
    let output = setup().arguments(["--format", "json"]).run("tools").await;
    let tools: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(tools.len(), operations().len());
    let names: std::collections::BTreeSet<&str> = tools.iter().map(name).collect();
    assert_eq!(names.len(), tools.len(), "two tools have one name");
    for tool in &tools {
        let schema = &tool["inputSchema"];
        assert!(is_name(name(tool)), "{}", name(tool));
        assert_eq!(schema["type"], "object", "{}", name(tool));
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            panic!("{}: {error}", name(tool));
        }
        for reference in references(schema) {
            let found = reference.strip_prefix('#').is_some_and(|pointer| schema.pointer(pointer).is_some());
            assert!(found, "{}: {reference} leads out of the schema", name(tool));
        }
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn check_finds_no_error_in_it() {
    let output = setup().arguments(["--format", "json"]).run("check").await;
    let diagnostics: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mut kinds = BTreeMap::new();
    for diagnostic in &diagnostics {
        *kinds.entry(format!("{} {}", diagnostic["severity"], diagnostic["code"])).or_insert(0) += 1;
    }
    println!("{kinds:#?}");
    let errors: Vec<&Value> =
        diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn a_thousand_tools_answer_through_the_stand_in() {
    let gateway = setup().argument("--mock").serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let tools = client.tools().await;
    let mut failures = BTreeMap::new();
    let mut answered = 0;
    for tool in &tools {
        let result = client.call(name(tool), arguments(&tool["inputSchema"])).await;
        if result.is_error() {
            failures.insert(name(tool), result.text());
        } else {
            answered += 1;
        }
    }
    println!("{answered} of {} tools answered", tools.len());
    let shown: Vec<_> = failures.iter().take(20).collect();
    assert!(answered >= ANSWERING, "{answered} of {} answered; others: {shown:#?}", tools.len());
}

fn setup() -> Setup {
    let path = document().to_string_lossy().into_owned();
    Setup::new().argument(path).argument("--allow-writes")
}

fn document() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let package = "tools/documents/node_modules/@octokit/openapi";
    target.parent().unwrap().join(package).join("generated/api.github.com.json")
}

/// Method and path of every operation, counted without our own reader.
fn operations() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(document()).expect("cargo xtask tools");
    let document: Value = serde_json::from_str(&text).unwrap();
    let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let named = item.as_object().unwrap().keys().filter(|key| methods.contains(&key.as_str()));
        named.map(|method| (method.clone(), path.clone()))
    });
    operations.collect()
}

/// Arguments that a tool takes: what is required, by its own schema.
fn arguments(schema: &Value) -> Value {
    let definitions = schema["$defs"].as_object().cloned().unwrap_or_default();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut arguments = Map::new();
    for name in required.iter().filter_map(Value::as_str) {
        let value = toolgate::mock::instance(&schema["properties"][name], &definitions.clone().into());
        arguments.insert(name.to_owned(), value.unwrap_or(Value::Null));
    }
    Value::Object(arguments)
}

fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn name(tool: &Value) -> &str {
    tool["name"].as_str().unwrap()
}

fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(legal)
}
