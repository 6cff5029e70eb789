//! Sessions of legacy clients.

use super::*;

const ASKABLE: &str = r#"{"elicitation":{}}"#;

fn initialize(path: &str, capabilities: &str) -> String {
    let params = format!(r#"{{"protocolVersion":"2025-11-25","capabilities":{capabilities}}}"#);
    post_to(path, "", &format!(r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{params}}}"#))
}

fn session_of(reply: &Reply) -> Option<String> {
    reply.head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).map(str::to_owned)
}

fn with_session(id: &str) -> String {
    format!("Mcp-Session-Id: {id}\r\n")
}

fn bare(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{headers}\r\n")
}

impl Running {
    async fn session(&self) -> String {
        session_of(&self.send(initialize("/mcp", ASKABLE)).await).unwrap()
    }

    async fn ping(&self, headers: &str) -> u16 {
        self.send(post_to("/mcp", headers, &legacy("1", "ping", &json!({})))).await.status
    }
}

#[tokio::test]
async fn a_session_is_given_to_clients_that_need_one_alone() {
    for (can_change, capabilities, given) in [
        (false, "{}", false),
        (false, r#"{"experimental":{}}"#, false),
        (false, r#"{"sampling":{}}"#, true),
        (false, r#"{"roots":{"listChanged":true}}"#, true),
        (false, ASKABLE, true),
        (true, "{}", true),
    ] {
        let endpoint = Running::serving(ServerOptions { can_change, ..ServerOptions::default() }).await;
        let reply = endpoint.send(initialize("/mcp", capabilities)).await;
        assert_eq!(session_of(&reply).is_some(), given, "{can_change} {capabilities}");
        assert_eq!(endpoint.ping("").await, 200, "a request without a session is served as ever");
    }
    let endpoint = Running::start(HttpOptions { max_sessions: 0, ..HttpOptions::default() }).await;
    assert_eq!(session_of(&endpoint.send(initialize("/mcp", ASKABLE)).await), None);
}

#[tokio::test]
async fn a_handshake_that_fails_begins_no_session() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let body = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{"roots":{}}}}"#;
    assert_eq!(session_of(&endpoint.send(post_to("/mcp", "", body)).await), None);
}

#[tokio::test]
async fn a_session_is_known_until_its_client_ends_it() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let id = endpoint.session().await;
    assert!(id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_graphic()), "{id}");
    let mine = with_session(&id);
    assert_eq!(endpoint.ping(&mine).await, 200);
    let end = |path: &str| bare("DELETE", path, &mine);
    assert_eq!(endpoint.send(end("/mcp/shop")).await.status, 404);
    assert_eq!(endpoint.ping(&mine).await, 200);
    assert_eq!(endpoint.send(end("/mcp")).await.status, 204);
    assert_eq!(endpoint.send(end("/mcp")).await.status, 404);
    assert_eq!(endpoint.ping(&mine).await, 404);
    assert_eq!(endpoint.send(bare("GET", "/mcp", &mine)).await.status, 404);
}

#[tokio::test]
async fn ids_that_are_no_good_are_all_the_same_404() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let id = endpoint.session().await;
    let guesses = [
        "x".to_owned(),
        "0".repeat(32),
        id.to_uppercase(),
        format!("{id}0"),
        id[1..].to_owned(),
        format!("{id}, {id}"),
        format!("\"{id}\""),
        "a".repeat(10_000),
    ];
    for guess in guesses.iter().filter(|guess| **guess != id) {
        assert_eq!(endpoint.ping(&with_session(guess)).await, 404, "{guess}");
    }
    let two = format!("{}{}", with_session(&id), with_session(&id));
    assert_eq!(endpoint.ping(&two).await, 400);
    let elsewhere = post_to("/mcp/shop", &with_session(&id), &legacy("1", "ping", &json!({})));
    assert_eq!(endpoint.send(elsewhere).await.status, 404);
    let same = post_to("/mcp/", &with_session(&id), &legacy("1", "ping", &json!({})));
    assert_eq!(endpoint.send(same).await.status, 200);
}

#[tokio::test]
async fn the_modern_era_has_no_sessions() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let id = endpoint.session().await;
    let modern = format!("MCP-Protocol-Version: 2026-07-28\r\n{}", with_session(&id));
    for method in ["GET", "DELETE"] {
        assert_eq!(endpoint.send(bare(method, "/mcp", &modern)).await.status, 405, "{method}");
    }
    let call = modern_call("1", "echo", &json!({})).replacen(
        "Host: localhost\r\n",
        "Host: localhost\r\nMcp-Session-Id: nobody\r\n",
        1,
    );
    assert_eq!(endpoint.send(call).await.status, 200);
}

#[tokio::test]
async fn a_call_is_cancelled_in_its_own_session_alone() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let (mine, yours) = (endpoint.session().await, endpoint.session().await);
    let (probe, other) = (Probe::named("cancel, mine"), Probe::named("cancel, yours"));
    let call = |session: &str, probe: &str, headers: &str| {
        let body = legacy("1", "tools/call", &json!({"name": "wait", "arguments": {"probe": probe}}));
        post_to("/mcp", &format!("{}{headers}", with_session(session)), &body)
    };
    let (mut a, mut b) = (endpoint.client().await, endpoint.client().await);
    a.send(call(&mine, "cancel, mine", "Accept: application/json, text/event-stream\r\n")).await;
    b.send(call(&yours, "cancel, yours", "")).await;
    happened(&probe.started).await;
    happened(&other.started).await;
    let cancel = |headers: &str| {
        let body = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
        post_to("/mcp", headers, body)
    };
    assert_eq!(endpoint.send(cancel("")).await.status, 202);
    assert_eq!(endpoint.send(cancel(&with_session(&mine))).await.status, 202);
    happened(&probe.gone).await;
    assert_eq!(probe.finished.available_permits(), 0);
    // Nothing is sent for what was cancelled: a stream that ends at once.
    let head = a.head().await;
    assert!(head.contains("text/event-stream"), "{head}");
    assert_eq!(a.event().await, None);
    assert_eq!(other.gone.available_permits(), 0);
    other.release.add_permits(1);
    assert_eq!(b.reply().await.unwrap().json()["result"]["structuredContent"]["probe"], "cancel, yours");
}

#[tokio::test]
async fn a_cancelled_call_of_a_client_that_takes_no_streams_is_answered_with_nothing() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let session = with_session(&endpoint.session().await);
    let probe = Probe::named("cancel, no streams");
    let body =
        legacy("\"a\"", "tools/call", &json!({"name": "wait", "arguments": {"probe": "cancel, no streams"}}));
    let mut client = endpoint.client().await;
    client.send(post_to("/mcp", &format!("{session}Accept: application/json\r\n"), &body)).await;
    happened(&probe.started).await;
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}"#;
    assert_eq!(endpoint.send(post_to("/mcp", &session, cancel)).await.status, 202);
    let reply = client.reply().await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (202, &b""[..]));
}

#[tokio::test]
async fn an_answer_to_nothing_is_taken_and_changes_nothing() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let session = with_session(&endpoint.session().await);
    for body in [
        r#"{"jsonrpc":"2.0","id":"toolgate-0","result":{"action":"accept"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}"#,
    ] {
        for headers in ["", &session] {
            assert_eq!(endpoint.send(post_to("/mcp", headers, body)).await.status, 202, "{body}");
        }
        assert_eq!(endpoint.send(post_to("/mcp", &with_session("x"), body)).await.status, 404);
    }
}

#[tokio::test]
async fn a_session_hears_of_changes_once_and_what_it_missed_when_it_comes_back() {
    let endpoint = Running::serving(ServerOptions { can_change: true, ..ServerOptions::default() }).await;
    let session = with_session(&endpoint.session().await);
    endpoint.change_tools();
    endpoint.change_tools();
    let mut first = endpoint.client().await;
    first.send(bare("GET", "/mcp", &session)).await;
    let head = first.head().await;
    assert!(head.contains("text/event-stream") && head.contains("x-accel-buffering: no"), "{head}");
    let changed = json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"});
    assert_eq!(first.event().await, Some(changed.clone()));
    drop(first);
    let mut second = endpoint.client().await;
    second.send(bare("GET", "/mcp", &session)).await;
    second.head().await;
    endpoint.change_tools();
    assert_eq!(second.event().await, Some(changed));
    assert_eq!(endpoint.send(bare("DELETE", "/mcp", &session)).await.status, 204);
    assert_eq!(second.event().await, None, "the stream of a session ends with it");
}

#[tokio::test]
async fn a_stream_needs_a_client_that_takes_one() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let session = with_session(&endpoint.session().await);
    let get = format!("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{session}\r\n");
    assert_eq!(endpoint.send(get).await.status, 406);
}

#[tokio::test]
async fn open_streams_do_not_hold_up_a_shutdown() {
    let endpoint = Running::serving(ServerOptions { can_change: true, ..ServerOptions::default() }).await;
    let session = with_session(&endpoint.session().await);
    let mut legacy = endpoint.client().await;
    legacy.send(bare("GET", "/mcp", &session)).await;
    legacy.head().await;
    let mut modern = endpoint.client().await;
    modern.send(super::listen::listen("7", &json!({"toolsListChanged": true}))).await;
    modern.head().await;
    assert_eq!(modern.event().await.unwrap()["method"], "notifications/subscriptions/acknowledged");
    endpoint.stop.send(()).unwrap();
    let end = modern.event().await.unwrap();
    assert_eq!((&end["id"], &end["result"]["resultType"]), (&json!(7), &json!("complete")));
    assert_eq!(modern.event().await, None);
    assert_eq!(legacy.event().await, None);
    endpoint.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_hears_of_the_resources_that_it_watches() {
    let endpoint = Running::serving(ServerOptions { can_change: true, ..ServerOptions::default() }).await;
    let session = with_session(&endpoint.session().await);
    let watch =
        |method: &str, uri: &Value| post_to("/mcp", &session, &legacy("1", method, &json!({"uri": uri})));
    for uri in ["test://a", "test://b"] {
        assert_eq!(
            endpoint.send(watch("resources/subscribe", &json!(uri))).await.json()["result"],
            json!({})
        );
    }
    endpoint.send(watch("resources/unsubscribe", &json!("test://b"))).await;
    let mut stream = endpoint.client().await;
    stream.send(bare("GET", "/mcp", &session)).await;
    stream.head().await;
    let updated = vec!["test://a".into(), "test://b".into(), "test://c".into()];
    endpoint.server.replace(endpoint.server.catalog.load_full(), Changed { updated, ..Changed::default() });
    let told = stream.event().await.unwrap();
    assert_eq!(
        (&told["method"], &told["params"]["uri"]),
        (&json!("notifications/resources/updated"), &json!("test://a"))
    );
    endpoint.change_tools();
    assert_eq!(stream.event().await.unwrap()["method"], "notifications/tools/list_changed");

    for odd in [json!(null), json!(7), json!("x".repeat(3000))] {
        assert_eq!(
            endpoint.send(watch("resources/subscribe", &odd)).await.json()["error"]["code"],
            -32602,
            "{odd}"
        );
    }
    for number in 0..1000 {
        endpoint.send(watch("resources/subscribe", &json!(number.to_string()))).await;
    }
    assert_eq!(
        endpoint.send(watch("resources/subscribe", &json!("more"))).await.json()["error"]["code"],
        -32602
    );
    let nobody = post_to("/mcp", "", &legacy("1", "resources/subscribe", &json!({"uri": "test://a"})));
    assert_eq!(endpoint.send(nobody).await.status, 400);
}
