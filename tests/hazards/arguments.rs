//! S2 and S6: arguments that the tool does not take, and values that would be more than a value on the wire.

use serde_json::{Value, json};

use super::World;
use crate::support::api;
use crate::support::mcp::ERAS;

#[tokio::test]
async fn what_a_tool_does_not_take_is_refused_with_a_hint() {
    let cases: &[(&str, Value, &[&str])] = &[
        ("read_item", json!({"itme": "1"}), &["itme", "did you mean", "item"]),
        ("read_item", json!({}), &["item"]),
        ("read_item", json!({"item": "1", "extra": true}), &["extra"]),
        ("read_item", json!({"item": null}), &["item"]),
        ("read_item", json!({"item": ["1"]}), &["item"]),
        ("list_items", json!({"limit": "many"}), &["limit", "integer"]),
        ("list_items", json!({"limit": 1.5}), &["limit", "integer"]),
        ("create_item", json!({"count": 1}), &["name"]),
        ("create_item", json!({"name": "a", "count": "1"}), &["count", "integer"]),
        ("create_item", json!({"name": {"first": "a"}}), &["name", "text"]),
    ];
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.gateway.client(era).await;
        for (tool, arguments, words) in cases {
            let text = client.call(tool, arguments.clone()).await.error();
            for word in *words {
                assert!(text.contains(word), "{tool} {arguments}: no {word:?} in {text:?}");
            }
            world.upstream.ledger().assert_empty(&arguments.to_string());
        }
    }
}

#[tokio::test]
async fn arguments_that_are_no_object_and_unknown_tools_are_protocol_errors() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.gateway.client(era).await;
        for params in [
            json!({"name": "read_item", "arguments": ["1"]}),
            json!({"name": "read_item", "arguments": "1"}),
            json!({"name": "no_such_tool", "arguments": {}}),
            json!({"arguments": {}}),
        ] {
            let answer = client.request("tools/call", params.clone()).await;
            assert_eq!(answer["error"]["code"], -32602, "{params}: {answer}");
        }
    }
    world.upstream.ledger().assert_empty("no call was good");
}

#[tokio::test]
async fn line_breaks_and_nul_in_header_and_cookie_values_are_refused_not_stripped() {
    let world = World::new().await;
    let mut client = world.client().await;
    for value in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\r\n\r\nGET /evil HTTP/1.1"] {
        for argument in ["X-Note", "theme"] {
            let text = client.call("list_items", json!({argument: value})).await.error();
            assert!(text.contains(argument), "{argument} is not named in {text:?}");
        }
    }
    world.upstream.ledger().assert_empty("no value could be sent");
}

#[tokio::test]
async fn a_cookie_value_never_becomes_a_second_cookie() {
    let world = World::new().await;
    let mut client = world.client().await;
    for value in ["dark; admin=1", "dark,admin=1", "\"dark\"", "a b"] {
        client.call("list_items", json!({"theme": value})).await;
    }
    for entry in world.upstream.ledger().entries() {
        let cookie = entry.header("cookie").unwrap_or_default();
        assert!(!cookie.contains(';') && cookie.starts_with("theme="), "{cookie:?}");
    }
}

#[tokio::test]
async fn headers_that_are_ours_are_no_parameters_whatever_the_document_says() {
    let world = World::new().await;
    let mut client = world.client().await;
    let tools = client.tools().await;
    let tool = tools.iter().find(|tool| tool["name"] == "ours").expect("the tool is served without them");
    assert_eq!(tool["inputSchema"]["properties"].as_object().map_or(0, serde_json::Map::len), 0, "{tool}");
    for name in api::OURS {
        client.call("ours", json!({name: "evil.example.com"})).await.error();
    }
    world.upstream.ledger().assert_empty("no parameter of that name is there");
    client.call("ours", json!({})).await.success();
    let entry = world.upstream.ledger().only();
    assert_eq!(entry.header("host"), world.upstream.url().strip_prefix("http://"));
    assert_eq!(entry.header("authorization"), Some(format!("Bearer {}", super::TOKEN).as_str()));
    for name in ["transfer-encoding", "forwarded", "x-forwarded-for", "cookie"] {
        assert_eq!(entry.header(name), None);
    }
}
