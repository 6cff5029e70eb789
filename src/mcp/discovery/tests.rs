use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::{Value, json};

use crate::catalog::{Catalog, GatewayEntry};
use crate::config::gateway::Introduction;
use crate::config::shown::{Discover, Shown};
use crate::mcp::line::Line;
use crate::mcp::testing::{RUNNER, answered, legacy, modern, tool, value};
use crate::mcp::{Server, ServerOptions};

/// A server whose gateway `shop` is searched and whose gateway `sky` is listed. The tools are those of
/// [`crate::mcp::testing`].
fn server() -> Arc<Server> {
    let id = json!({"id": {"type": "integer"}});
    let tools = vec![
        tool("shop", "echo", &id),
        tool("shop", "fail", &json!({})),
        tool("shop", "list", &json!({})),
        tool("sky", "picture", &json!({})),
    ];
    let entry = |name: &str, discover| GatewayEntry {
        name: Arc::from(name),
        introduction: Introduction::default(),
        shown: Shown { discover, ..Shown::default() },
    };
    let gateways = vec![entry("shop", Discover::On), entry("sky", Discover::Off)];
    let catalog = Arc::new(ArcSwap::from_pointee(Catalog::new(tools, gateways)));
    Arc::new(Server { runner: RUNNER, ..Server::new(catalog, ServerOptions::default()) })
}

async fn result(params: &Value) -> Value {
    let received = server().receive_all(legacy("1", "tools/call", params).as_bytes(), None);
    value(&answered(received).await.unwrap())["result"].clone()
}

async fn call(name: &str, arguments: Value) -> Value {
    result(&json!({"name": name, "arguments": arguments})).await
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn the_list_has_the_three_and_what_is_not_searched() {
    for message in [legacy("1", "tools/list", &json!({})), modern("1", "tools/list", &json!({}))] {
        let answer = server().ask(&message).await.unwrap();
        let names: Vec<&str> = answer["result"]["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["search_tools", "describe_tool", "call_tool", "picture"]);
    }
}

#[tokio::test]
async fn a_search_answers_with_names_as_text_and_as_data() {
    let result = call("search_tools", json!({"query": "echo"})).await;
    assert_eq!(result["isError"], false);
    assert_eq!(result["structuredContent"]["tools"][0]["name"], "echo");
    assert_eq!(serde_json::from_str::<Value>(text(&result)).unwrap(), result["structuredContent"]);
}

#[tokio::test]
async fn a_tool_is_described_as_the_list_would_show_it() {
    let result = call("describe_tool", json!({"name": "echo"})).await;
    let face = &result["structuredContent"];
    assert_eq!((&face["name"], &face["inputSchema"]["type"]), (&json!("echo"), &json!("object")));
}

#[tokio::test]
async fn a_call_is_the_call_of_the_tool_with_its_arguments_byte_for_byte() {
    let arguments = r#"{"name":"echo","arguments":{"id":9007199254740993,"x":1.0}}"#;
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"call_tool","arguments":{arguments}}}}}"#
    );
    let received = server().receive_all(message.as_bytes(), None);
    let crate::mcp::dispatch::Received::Work(work) = received else { panic!("a call was expected") };
    let crate::mcp::work::Job::Call(call) = &work.job else { panic!("a call was expected") };
    assert_eq!(&*call.plan.tool, "echo", "it is logged and limited under its own name");
    assert_eq!(call.arguments.as_ref().unwrap().get(), r#"{"id":9007199254740993,"x":1.0}"#);
    let answer = value(&work.run(Line::default()).await);
    assert_eq!(answer["result"]["content"][0]["text"], r#"{"id":9007199254740993,"x":1.0}"#);
}

#[tokio::test]
async fn arguments_may_be_a_text_and_may_be_left_out() {
    for (arguments, expected) in [
        (json!({"name": "echo", "arguments": "{\"id\": 7}"}), "{\"id\": 7}"),
        (json!({"name": "echo", "arguments": ""}), "{}"),
        (json!({"name": "echo", "arguments": null}), "{}"),
        (json!({"name": "echo"}), "{}"),
    ] {
        assert_eq!(text(&call("call_tool", arguments.clone()).await), expected, "{arguments}");
    }
}

#[tokio::test]
async fn the_error_of_a_tool_is_the_error_of_the_call() {
    let result = call("call_tool", json!({"name": "fail"})).await;
    assert_eq!((result["isError"].clone(), text(&result)), (json!(true), "404 Not Found: check the id"));
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told_to_the_model() {
    for (name, arguments, expected) in [
        ("search_tools", json!({}), "query"),
        ("search_tools", json!({"querry": "echo"}), "did you mean `query`?"),
        ("search_tools", json!({"query": "echo", "limit": 0}), "limit"),
        ("search_tools", json!({"query": "echo", "gateway": "shpo"}), "no argument"),
        ("describe_tool", json!({"name": "ecko"}), "did you mean `echo`? search_tools finds others"),
        ("describe_tool", json!({"name": "search_tools"}), "search_tools finds the names of tools"),
        ("call_tool", json!({"name": "xyz"}), "there is no tool `xyz`"),
        (
            "call_tool",
            json!({"name": "call_tool", "arguments": {"name": "echo"}}),
            "there is no tool `call_tool`",
        ),
        ("call_tool", json!({"name": "echo", "arguments": "[1]"}), "this text is no JSON object"),
        ("call_tool", json!({"name": "echo", "arguments": "{\"id\":"}), "this text is no JSON object"),
        ("call_tool", json!({"name": "echo", "arguments": [1]}), "arguments"),
        ("call_tool", json!({"arguments": {}}), "name"),
    ] {
        let result = call(name, arguments.clone()).await;
        assert_eq!(result["isError"], true, "{name} {arguments}");
        if expected != "no argument" {
            assert!(text(&result).contains(expected), "{name} {arguments}: {}", text(&result));
        }
        assert_eq!(result["structuredContent"]["error"]["code"], "invalid_arguments");
    }
}

#[tokio::test]
async fn a_tool_that_is_not_listed_can_be_called_by_its_name_all_the_same() {
    assert_eq!(text(&call("echo", json!({"id": 1})).await), r#"{"id":1}"#);
}

/// The schema of `id` of the tool `echo`, as it is shown to a client of this name.
async fn shown_to(client: &str) -> (Value, Value) {
    let mut message: Value = serde_json::from_str(&modern(
        "1",
        "tools/call",
        &json!({"name": "describe_tool", "arguments": {"name": "echo"}}),
    ))
    .unwrap();
    message["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] =
        json!({"name": client, "version": "1"});
    let described = server().ask(&message.to_string()).await.unwrap();
    message["method"] = "tools/list".into();
    let listed = server().ask(&message.to_string()).await.unwrap();
    let schema = described["result"]["structuredContent"]["inputSchema"]["properties"]["id"]["type"].clone();
    (schema, listed["result"]["cacheScope"].clone())
}

#[tokio::test]
async fn a_modern_client_is_shown_what_its_provider_takes_by_its_name() {
    assert_eq!(shown_to("somebody").await, (json!("integer"), json!("public")));
    assert_eq!(shown_to("openai-mcp").await, (json!(["integer", "null"]), json!("private")));
}
