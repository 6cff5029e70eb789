//! L16: what may happen at the pipes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{GATEWAY_FILE, setup};
use crate::support::stdio::StdioClient;
use crate::support::upstream::{Upstream, faults};
use crate::support::wait;

async fn world() -> (Upstream, StdioClient) {
    let upstream = Upstream::start(faults::by_path).await;
    let client = setup(&upstream).serve_stdio();
    (upstream, client)
}

#[tokio::test]
async fn both_eras_call_tools_over_stdio() {
    let (upstream, mut client) = world().await;
    client.call("read_item", json!({"item": "1"})).await.success();
    let mut client = client.initialize().await;
    client.call("read_item", json!({"item": "2"})).await.success();
    assert_eq!(upstream.ledger().len(), 2);
}

#[tokio::test]
async fn when_the_parent_is_gone_the_program_ends_within_a_second() {
    let (upstream, mut client) = world().await;
    let hanging = client.message("tools/call", json!({"name": "fault", "arguments": {"name": "hang"}}));
    client.send(&hanging).await;
    upstream.ledger().until_entered(1).await;
    let gone = toolgate::clock::now();
    client.close_input();
    client.ended().await;
    assert!(gone.elapsed() < Duration::from_secs(1), "{:?}: {}", gone.elapsed(), client.stderr());
    upstream.ledger().until_left(1).await;
}

#[tokio::test]
async fn garbage_and_a_line_of_a_hundred_megabytes_are_answered_and_the_next_call_works() {
    let (upstream, mut client) = world().await;
    client.call("read_item", json!({"item": "1"})).await.success();
    let before = client.usage();
    for garbage in ["nonsense\n".as_bytes(), b"{\"jsonrpc\n", b"\xff\xfe\n", b"\0\n"] {
        client.send_bytes(garbage).await.unwrap();
        assert_eq!(client.receive().await.expect("an answer")["error"]["code"], -32700);
    }
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        client.send_bytes(&megabyte).await.unwrap();
    }
    client.send_bytes(b"\n").await.unwrap();
    assert_eq!(client.receive().await.expect("an answer")["error"]["code"], -32700);
    let grown = client.usage().peak.saturating_sub(before.memory);
    assert!(grown <= 16 << 20, "memory grew by {} KiB", grown >> 10);
    client.call("read_item", json!({"item": "2"})).await.success();
    assert_eq!(upstream.ledger().len(), 2);
}

#[tokio::test]
async fn a_client_that_does_not_read_bounds_the_program_and_gets_every_answer_later() {
    let upstream = Upstream::start(faults::by_path).await;
    // What a call waits for its turn counts, too, and this machine may be slow.
    let patient = GATEWAY_FILE.replace("timeout: 2s", "timeout: 60s");
    let mut client = setup(&upstream).file("gateway.yaml", patient).serve_stdio();
    let first = client.call("bytes", json!({"count": "100000"})).await.success();
    let before = client.usage();
    let mut sent = 0;
    // As many calls as the program takes in while nobody reads what it says.
    for _ in 0..5000 {
        let line =
            client.message("tools/call", json!({"name": "bytes", "arguments": {"count": "100000"}})) + "\n";
        let sending = client.send_bytes(line.as_bytes());
        match tokio::time::timeout(Duration::from_millis(500), sending).await {
            Ok(result) => result.unwrap(),
            Err(_) => break,
        }
        sent += 1;
    }
    assert!(sent < 5000, "the program takes in calls without a bound");
    let grown = client.usage().peak.saturating_sub(before.memory);
    assert!(grown <= 64 << 20, "memory grew by {} KiB", grown >> 10);
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..sent {
        let answer = client.receive().await.expect("an answer");
        assert_eq!(answer["result"]["structuredContent"], *first.structured(), "{answer}");
        assert!(ids.insert(answer["id"].as_u64().unwrap()), "answered twice: {answer}");
    }
    assert!(upstream.ledger().len() >= sent);
}

#[tokio::test]
async fn several_calls_at_once_are_answered_each_under_its_own_id() {
    let (_upstream, mut client) = world().await;
    for number in 1..=100 {
        let arguments = json!({"name": "read_item", "arguments": {"item": number.to_string()}});
        let line = client.message("tools/call", arguments);
        client.send(&line).await;
    }
    for _ in 0..100 {
        let answer = client.receive().await.expect("an answer");
        let target = &answer["result"]["structuredContent"]["target"];
        assert_eq!(*target, Value::from(format!("/items/{}", answer["id"])), "a foreign answer");
    }
}

#[tokio::test]
async fn a_cancelled_call_ends_at_the_upstream_and_is_not_answered() {
    let (upstream, mut client) = world().await;
    let hanging = client.message("tools/call", json!({"name": "fault", "arguments": {"name": "hang"}}));
    client.send(&hanging).await;
    upstream.ledger().until_entered(1).await;
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#).await;
    upstream.ledger().until_left(1).await;
    // The next message is the answer to the next request: nothing was said about the cancelled one.
    client.call("read_item", json!({"item": "1"})).await.success();
}

#[tokio::test]
async fn nothing_but_messages_is_on_stdout_even_when_the_log_is_at_its_loudest() {
    let upstream = Upstream::start(faults::by_path).await;
    let mut client = setup(&upstream).environment("TOOLGATE_LOG", "trace").serve_stdio();
    client.call("read_item", json!({"item": "1"})).await.success();
    client.call("fault", json!({"name": "reset"})).await.error();
    client.close_input();
    assert_eq!(client.receive().await, None);
    wait::until("the log", || client.stderr().contains("read_item").then_some(())).await;
}
