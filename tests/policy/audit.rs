//! The audit log: who did what with what outcome, and nothing of what was said.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::gateway::Setup;
use crate::support::mcp::{ERAS, Era};
use crate::support::upstream::Upstream;
use crate::support::wait;

#[tokio::test]
async fn each_call_is_a_line_without_what_was_said() {
    let upstream = Upstream::echo().await;
    let gateway_file = format!(
        "gateway: shop\nbase_url: {}\nendpoints:\n  find: {{request: GET /canary-path, parameters: {{q: {{type: string}}}}}}\n",
        upstream.url()
    );
    let setup = Setup::new().source("shop.yaml", gateway_file);
    let setup =
        setup.file("server.yaml", "audit: {file: audit.jsonl}\n").arguments(["--config", "server.yaml"]);
    let path = setup.path().join("audit.jsonl");
    let gateway = setup.serve().await;
    for era in ERAS {
        let mut client = gateway.client(era).await;
        client.call("find", json!({"q": "canary-argument"})).await.success();
        client.call("find", json!({"quu": "canary-argument"})).await.error();
        client.request("tools/call", json!({"name": "no_such_tool"})).await;
    }
    let read = || -> Option<Vec<Value>> {
        let text = std::fs::read_to_string(&path).ok()?;
        assert!(!text.contains("canary"), "{text}");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines.len() >= 6).then_some(lines)
    };
    let lines = wait::until("six lines", read).await;
    let said = |line: &Value| format!("{} {} {}", line["tool"], line["outcome"], line["status"]);
    let expected =
        [r#""find" "ok" 200"#, r#""find" "invalid_arguments" null"#, r#""no_such_tool" "unknown_tool" null"#];
    assert_eq!(lines.iter().map(said).collect::<Vec<_>>(), [expected, expected].concat());
    let keys: BTreeSet<&String> = lines[0].as_object().unwrap().keys().collect();
    let expected = [
        "duration_ms",
        "gateway",
        "outcome",
        "principal",
        "request_id",
        "status",
        "target",
        "timestamp",
        "tool",
    ];
    assert!(expected.iter().all(|key| keys.contains(&(*key).to_owned())), "{keys:?}");
    assert_eq!(lines[0]["principal"], "local");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_said_before_anything_is_served() {
    let setup = Setup::new()
        .source("shop.yaml", "gateway: a\nbase_url: http://127.0.0.1:9\nendpoints: {a: {request: GET /a}}\n");
    let setup = setup
        .file("server.yaml", "audit: {file: no/such/folder/a.jsonl}\n")
        .arguments(["--config", "server.yaml"]);
    let output = setup.arguments(["--listen", "127.0.0.1:0"]).run("serve").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write no/such/folder/a.jsonl"), "{said}");
}

#[tokio::test]
async fn a_call_that_asks_first_is_written_down_as_what_it_came_to() {
    let upstream = Upstream::echo().await;
    let gateway_file = format!(
        "gateway: shop\nbase_url: {}\nendpoints: {{order: {{request: POST /orders, confirm: true}}}}\n",
        upstream.url()
    );
    let setup =
        Setup::new().source("shop.yaml", gateway_file).file("server.yaml", "audit: {file: audit.jsonl}\n");
    let setup = setup.arguments(["--config", "server.yaml"]);
    let path = setup.path().join("audit.jsonl");
    let gateway = setup.serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let mut call = async |capabilities: Value, more: Value| {
        let mut params = json!({"name": "order", "arguments": {}});
        params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": capabilities});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        client.request("tools/call", params).await
    };
    call(json!({}), json!({})).await;
    let can_ask = json!({"elicitation": {}});
    let asked = call(can_ask.clone(), json!({})).await;
    let state = &asked["result"]["requestState"];
    for action in ["decline", "accept"] {
        let answer = json!({"confirm": {"action": action}});
        call(can_ask.clone(), json!({"inputResponses": answer, "requestState": state})).await;
    }
    call(can_ask, json!({"requestState": "forged"})).await;
    let read = || -> Option<Vec<String>> {
        let text = std::fs::read_to_string(&path).ok()?;
        let outcome =
            |line| serde_json::from_str::<Value>(line).unwrap()["outcome"].as_str().unwrap().to_owned();
        let outcomes: Vec<String> = text.lines().map(outcome).collect();
        (outcomes.len() >= 5).then_some(outcomes)
    };
    let outcomes = wait::until("five lines", read).await;
    assert_eq!(outcomes, ["cannot_ask", "input_required", "declined", "ok", "invalid_arguments"]);
}
