//! S12, S13 and S14: documents that are made to exhaust or to mislead whoever reads them.

use std::fmt::Write as _;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::gateway::Setup;
use crate::support::upstream::{Answer, Upstream};

/// What reading any of them may take: 64 MiB and a second, and as much again for a debug build on a busy machine.
const MEMORY: usize = 128 << 20;
const TIME: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_text_that_was_made_to_exhaust_its_reader_is_refused() {
    let bomb = ('b'..='z').fold("openapi: 3.1.0\na: &a [x, x]\n".to_owned(), |text, key| {
        let last = (key as u8 - 1) as char;
        text + &format!("{key}: &{key} [{}]\n", format!("*{last}, ").repeat(10).trim_end_matches(", "))
    });
    for (name, text, code) in [
        ("bomb.yaml", bomb, "too-deep"),
        ("flow.yaml", format!("openapi: 3.1.0\na: {}", "[".repeat(20_000)), "too-deep"),
        ("deep.json", format!("{{\"openapi\": \"3.1.0\", \"a\": {}", "[".repeat(20_000)), "too-deep"),
        ("block.yaml", format!("openapi: 3.1.0\na:\n {}x", "- ".repeat(20_000)), "too-deep"),
    ] {
        let (output, memory, time) = checked(Setup::new().source(name, text)).await;
        assert_eq!(codes(&output), [code], "{name}");
        assert!(memory <= MEMORY && time <= TIME, "{name}: {} MiB, {time:?}", memory >> 20);
    }
}

#[tokio::test]
async fn a_file_of_a_gigabyte_is_refused_by_its_size() {
    let setup = Setup::new().source("large.yaml", "openapi: 3.1.0\n");
    let file = std::fs::File::options().write(true).open(setup.path().join("large.yaml")).unwrap();
    file.set_len(1 << 30).unwrap();
    let (output, memory, time) = checked(setup).await;
    assert_eq!(codes(&output), ["source-too-large"]);
    assert!(memory <= 64 << 20 && time <= TIME, "{} MiB, {time:?}", memory >> 20);
}

#[tokio::test]
async fn a_document_makes_nobody_connect_and_reads_nothing_outside_its_folder() {
    let upstream = Upstream::start(|_| Answer::json(&json!({"type": "integer"}))).await;
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.yaml");
    std::fs::write(&secret, "type: string\ndescription: a secret\n").unwrap();
    let references = [
        format!("{}/schema.json", upstream.url()),
        format!("//{}/schema.json", upstream.url().trim_start_matches("http://")),
        secret.display().to_string(),
        format!("file://{}", secret.display()),
        "../../../../../../../../etc/hostname".to_owned(),
        "%2e%2e/%2e%2e/%2e%2e/etc/hostname".to_owned(),
        "link.yaml".to_owned(),
        "linked/secret.yaml".to_owned(),
    ];
    let parameters: Vec<Value> = references
        .iter()
        .enumerate()
        .map(|(index, to)| json!({"name": format!("p{index}"), "in": "query", "schema": {"$ref": to}}))
        .collect();
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "Example", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "parameters": parameters}}}
    });
    let setup = Setup::new().source("openapi.json", document.to_string());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, setup.path().join("link.yaml")).unwrap();
        std::os::unix::fs::symlink(folder.path(), setup.path().join("linked")).unwrap();
    }
    let setup = setup.arguments(["--base-url", "https://api.example.com", "--format", "json"]);
    let tools: Value = serde_json::from_slice(&setup.run("tools").await.stdout).unwrap();
    for index in 0..references.len() {
        let schema = &tools[0]["inputSchema"]["properties"][format!("p{index}")];
        assert!(schema.is_object(), "{} costs its parameter", references[index]);
        assert!(!schema.to_string().contains("secret"), "{} was read", references[index]);
    }
    assert_eq!(codes(&setup.run("check").await), ["refused-reference"; 8]);
    assert_eq!(upstream.ledger().len(), 0);
}

#[tokio::test]
async fn references_of_any_length_and_shape_give_one_tool_each() {
    let chain = (0..10_000).fold(String::new(), |mut text, index| {
        writeln!(text, "    c{index}: {{$ref: '#/components/schemas/c{}'}}", index + 1).unwrap();
        text
    });
    let text = format!(
        "openapi: 3.1.0
info: {{title: Example, version: '1'}}
servers: [{{url: https://api.example.com}}]
paths:
  /a: {{post: {{operationId: chain, requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/c0'}}}}}}}}}}}}
  /b: {{post: {{operationId: itself, requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/itself'}}}}}}}}}}}}
  /c: {{post: {{operationId: mutual, requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/one'}}}}}}}}}}}}
  /d: {{post: {{operationId: all, requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/all'}}}}}}}}}}}}
  /e: {{$ref: '#/paths/~1a'}}
components:
  schemas:
    c10000: {{type: object, properties: {{end: {{type: integer}}}}}}
    itself: {{type: object, properties: {{next: {{$ref: '#/components/schemas/itself'}}}}}}
    one: {{type: object, properties: {{two: {{$ref: '#/components/schemas/two'}}}}}}
    two: {{type: array, items: {{$ref: '#/components/schemas/one'}}}}
    all: {{allOf: [{{$ref: '#/components/schemas/every'}}, {{properties: {{x: {{type: integer}}}}}}]}}
    every: {{allOf: [{{$ref: '#/components/schemas/all'}}, {{properties: {{y: {{type: integer}}}}}}]}}
{chain}"
    );
    let setup = Setup::new().source("openapi.yaml", text).arguments(["--allow-writes", "--format", "json"]);
    let tools: Vec<Value> = serde_json::from_slice(&setup.run("tools").await.stdout).unwrap();
    assert_eq!(tools.len(), 5);
    assert_eq!(tools[0]["inputSchema"]["properties"]["end"]["type"], "integer", "{}", tools[0]);
}

#[tokio::test]
async fn schemas_that_expand_without_bound_are_shown_in_part() {
    // Each level holds the next one twice: 2^40 schemas, written out.
    let levels: String = (0..40).fold(String::new(), |mut text, index| {
        let next = format!("{{$ref: '#/components/schemas/s{}'}}", index + 1);
        writeln!(text, "    s{index}: {{type: object, properties: {{a: {next}, b: {next}}}}}").unwrap();
        writeln!(text, "    t{index}: {{allOf: [{{$ref: '#/components/schemas/t{0}'}}, {{$ref: '#/components/schemas/t{0}'}}]}}", index + 1).unwrap();
        writeln!(text, "    u{index}: {{anyOf: [{{$ref: '#/components/schemas/u{0}'}}, {{type: array, items: {{$ref: '#/components/schemas/u{0}'}}}}]}}", index + 1).unwrap();
        text
    });
    let body = |name: &str| {
        format!(
            "  /{name}: {{post: {{operationId: {name}, requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/{name}0'}}}}}}}}}}}}\n"
        )
    };
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: Example, version: '1'}}\nservers: [{{url: https://api.example.com}}]\npaths:\n{}{}{}components:\n  schemas:\n    s40: {{type: integer}}\n    t40: {{type: object}}\n    u40: {{type: integer}}\n{levels}",
        body("s"),
        body("t"),
        body("u")
    );
    let setup = Setup::new().source("openapi.yaml", text).argument("--allow-writes");
    let (output, memory, time) = checked(setup).await;
    assert!(output.status.code().is_some_and(|code| code <= 1), "{output:?}");
    assert!(memory <= MEMORY && time <= TIME, "{} MiB, {time:?}", memory >> 20);
}

#[tokio::test]
async fn a_pattern_that_explodes_costs_no_time() {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "Example", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "parameters": [
            {"name": "b", "in": "query", "schema": {"type": "string", "pattern": "^(a+)+$"}},
            {"name": "c", "in": "query", "schema": {"type": "string", "pattern": "^(?=(a+)+$)x"}},
            {"name": "d", "in": "query", "schema": {"type": "string", "pattern": "^((a{1,100}){1,100}){1,100}$"}}
        ]}}}
    });
    // Of a longer text, the pattern is for the API to judge.
    for (length, expected) in [(4_000, 2), (30_000, 0)] {
        let value = format!("{}!", "a".repeat(length));
        let setup = Setup::new()
            .source("openapi.json", document.to_string())
            .arguments(["--base-url", "https://api.example.com", "--tool", "a", "--args"])
            .argument(json!({"b": value, "c": value, "d": value}).to_string());
        let start = toolgate::clock::now();
        let output = setup.run("explain").await;
        assert_eq!(output.status.code(), Some(expected), "{output:?}");
        assert!(start.elapsed() < TIME, "{:?}", start.elapsed());
    }
}

/// Checks the sources; with the most memory that was seen in use, and the time that it took.
async fn checked(setup: Setup) -> (Output, usize, Duration) {
    let setup = setup.arguments(["--format", "json"]);
    let start = toolgate::clock::now();
    let (output, peak) = setup.run_measured("check").await;
    (output, peak, start.elapsed())
}

/// The codes of what was told, as JSON.
fn codes(output: &Output) -> Vec<String> {
    let records: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    records.iter().map(|record| record["code"].as_str().unwrap_or_default().to_owned()).collect()
}
