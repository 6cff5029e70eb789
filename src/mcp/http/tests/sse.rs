//! The HTTP transport of 2024-11-05.

use super::*;

const OPEN: &str = "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

async fn endpoint() -> Running {
    Running::start(HttpOptions { legacy_sse: true, ..HttpOptions::default() }).await
}

/// A stream, and where its client posts.
async fn open(endpoint: &Running, request: &str) -> (Client, String) {
    let mut client = endpoint.client().await;
    client.send(request).await;
    let head = client.head().await;
    assert!(head.contains("text/event-stream"), "{head}");
    client.until(b"event: endpoint\ndata: ").await.unwrap();
    let target = String::from_utf8(client.until(b"\n").await.unwrap()).unwrap();
    client.until(b"\r\n").await.unwrap();
    (client, target.trim().to_owned())
}

#[tokio::test]
async fn what_a_client_posts_is_answered_on_its_stream_alone() {
    let endpoint = endpoint().await;
    let (mut mine, to_mine) = open(&endpoint, OPEN).await;
    let (mut yours, to_yours) = open(&endpoint, &OPEN.replace("/sse", "/sse/weather")).await;
    assert_ne!(to_mine, to_yours);
    for (target, name) in [(&to_mine, "mine"), (&to_yours, "yours")] {
        let begin = legacy("1", "initialize", &json!({"protocolVersion": "2024-11-05", "capabilities": {}}));
        let reply = endpoint.send(post_to(target, "", &begin)).await;
        assert_eq!((reply.status, reply.body.len()), (202, 0), "{name}");
        assert_eq!(
            endpoint.send(post_to(target, "", &legacy("2", "tools/list", &json!({})))).await.status,
            202
        );
    }
    for (client, tools) in [(&mut mine, 6), (&mut yours, 1)] {
        assert_eq!(client.event().await.unwrap()["result"]["protocolVersion"], "2024-11-05");
        assert_eq!(client.event().await.unwrap()["result"]["tools"].as_array().unwrap().len(), tools);
    }
    let call =
        legacy("3", "tools/call", &json!({"name": "echo", "arguments": {"n": 9_007_199_254_740_993_u64}}));
    endpoint.send(post_to(&to_mine, "", &call)).await;
    assert_eq!(mine.event().await.unwrap()["result"]["structuredContent"]["n"], 9_007_199_254_740_993_u64);
}

#[tokio::test]
async fn a_call_is_cancelled_by_its_id_and_ends_with_the_stream() {
    let endpoint = endpoint().await;
    let (client, target) = open(&endpoint, OPEN).await;
    for (id, name) in [("1", "sse, cancelled"), ("2", "sse, gone")] {
        let call = legacy(id, "tools/call", &json!({"name": "wait", "arguments": {"probe": name}}));
        assert_eq!(endpoint.send(post_to(&target, "", &call)).await.status, 202);
        happened(&Probe::named(name).started).await;
    }
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    endpoint.send(post_to(&target, "", cancel)).await;
    happened(&Probe::named("sse, cancelled").gone).await;
    assert_eq!(Probe::named("sse, gone").gone.available_permits(), 0);
    drop(client);
    happened(&Probe::named("sse, gone").gone).await;
    assert_eq!(Probe::named("sse, gone").finished.available_permits(), 0);
    assert_eq!(endpoint.send(post_to(&target, "", cancel)).await.status, 404);
}

#[tokio::test]
async fn an_id_that_nobody_has_and_a_transport_that_is_off_are_not_found() {
    let endpoint = endpoint().await;
    let ping = legacy("1", "ping", &json!({}));
    let (_client, target) = open(&endpoint, OPEN).await;
    for odd in [
        "/messages",
        "/messages?sessionId=",
        "/messages?sessionId=0",
        &target.to_uppercase(),
        &format!("{target}0"),
    ] {
        assert_eq!(endpoint.send(post_to(odd, "", &ping)).await.status, 404, "{odd}");
    }
    assert_eq!(endpoint.send(OPEN.replace("/sse", "/sse/nobody")).await.status, 404);
    assert_eq!(endpoint.send(OPEN.replace("GET", "DELETE")).await.status, 405);
    let off = Running::start(HttpOptions::default()).await;
    assert_eq!(off.send(OPEN).await.status, 404);
}

#[tokio::test]
async fn a_shutdown_lets_what_runs_be_answered_and_ends_the_stream() {
    let endpoint = endpoint().await;
    let (mut client, target) = open(&endpoint, OPEN).await;
    let probe = Probe::named("sse, shutdown");
    let call = legacy("1", "tools/call", &json!({"name": "wait", "arguments": {"probe": "sse, shutdown"}}));
    endpoint.send(post_to(&target, "", &call)).await;
    happened(&probe.started).await;
    endpoint.stop.send(()).unwrap();
    probe.release.add_permits(1);
    assert_eq!(client.event().await.unwrap()["id"], 1);
    assert_eq!(client.event().await, None);
    endpoint.ended.await.unwrap().unwrap();
}
