//! S10: JSON that says two things at once, is too deep, too large, or too precise for a float.

use std::time::Duration;

use serde_json::Value;

use super::World;
use crate::support::http::{self, Response};
use crate::support::mcp::{self, Era, LEGACY};

#[tokio::test]
async fn a_key_twice_is_refused_wherever_it_decides_something() {
    let world = World::new().await;
    let bodies = [
        r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","params":{"name":"read_item","arguments":{"item":"a"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"read_item","arguments":{"item":"a"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ours","name":"read_item","arguments":{"item":"a"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_item","arguments":{"item":"a","item":"b"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_item","arguments":{"item":"a","\u0069tem":"b"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_item","arguments":{"name":"a","extra":{"b":1,"b":2}}}}"#,
    ];
    for body in bodies {
        let response = post(&world, body.as_bytes()).await;
        let message = response.json();
        let refused = message.get("error").is_some() || message["result"]["isError"] == Value::Bool(true);
        assert!(refused, "{body}: {message}");
    }
    world.upstream.ledger().assert_empty("it is not known which of the two was meant");
}

#[tokio::test]
async fn two_hundred_thousand_brackets_are_refused_at_once() {
    let world = World::new().await;
    let brackets = "[".repeat(200_000);
    let as_argument = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"create_item","arguments":{{"name":"a","extra":{brackets}{}}}}}}}"#,
        "]".repeat(200_000)
    );
    for body in [brackets.clone(), as_argument, r#"{"a":"#.repeat(200_000)] {
        let before = world.gateway.usage().cpu;
        for _ in 0..10 {
            let response = post(&world, body.as_bytes()).await;
            assert_eq!(response.status, 400, "{}", response.text());
            assert!(response.json()["error"]["code"].is_number());
        }
        let each = (world.gateway.usage().cpu - before) / 10;
        assert!(each < Duration::from_millis(10), "{each:?}");
    }
    world.upstream.ledger().assert_empty("nothing of it is a call");
}

#[tokio::test]
async fn a_body_above_the_cap_is_refused_before_it_is_read() {
    let world = World::new().await;
    let before = world.gateway.usage();
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"create_item","arguments":{{"name":"{}"}}}}}}"#,
        "x".repeat(20 << 20)
    );
    assert_eq!(post(&world, body.as_bytes()).await.status, 413);
    let chunked = [
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n".as_slice(),
        b"Accept: application/json, text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).as_bytes(),
    ]
    .concat();
    assert_eq!(http::exchange(world.gateway.address, &chunked).await.status, 413);
    assert!(world.gateway.usage().peak < before.peak + (16 << 20));
    world.upstream.ledger().assert_empty("nothing was accepted");
}

#[tokio::test]
async fn numbers_are_carried_byte_for_byte_in_both_directions() {
    let upstream_says =
        r#"{"id":9007199254740993,"price":1.10,"huge":123456789012345678901234567890,"tiny":1e-400}"#;
    let world =
        World::of(move |_| crate::support::upstream::Answer::status(200, "application/json", upstream_says))
            .await;
    let arguments = r#"{"name":"a","count":9007199254740993,"price":1.10}"#;
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{{"name":"create_item","arguments":{arguments}}}}}"#
    );
    let text = post(&world, body.as_bytes()).await.text();
    let sent = String::from_utf8(world.upstream.ledger().only().request.body).unwrap();
    assert!(sent.contains("9007199254740993") && sent.contains("1.10"), "{sent}");
    assert!(text.contains(r#""id":9007199254740993"#), "{text}");
    for number in ["9007199254740993", "1.10", "123456789012345678901234567890", "1e-400"] {
        assert!(text.matches(number).count() >= 2, "{number} is not in text and structured content: {text}");
    }
}

#[tokio::test]
async fn what_is_no_json_rpc_gets_the_code_for_it() {
    let world = World::new().await;
    let cases = [
        ("", -32700),
        ("nonsense", -32700),
        ("{\"jsonrpc\":\"2.0\",", -32700),
        ("\u{feff}\"", -32700),
        ("[]", -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        ("1", -32600),
        (r#"{"id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
    ];
    for (body, code) in cases {
        let response = post(&world, body.as_bytes()).await;
        assert_eq!(
            (response.status, &response.json()["error"]["code"]),
            (400, &Value::from(code)),
            "{body:?}"
        );
    }
}

/// Posts a body as a client of the legacy era does.
async fn post(world: &World, body: &[u8]) -> Response {
    let headers = mcp::headers_of(Era::Legacy, "", "");
    assert!(headers.contains(&("MCP-Protocol-Version", LEGACY)));
    http::exchange(world.gateway.address, &http::request("POST", "/mcp", &headers, body)).await
}
