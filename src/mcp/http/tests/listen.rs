//! `subscriptions/listen` over HTTP.

use super::*;

pub(super) fn listen(id: &str, notifications: &Value) -> String {
    let headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n\
                   Accept: application/json, text/event-stream\r\n";
    post_to("/mcp", headers, &modern(id, "subscriptions/listen", &json!({"notifications": notifications})))
}

const ID: &str = "io.modelcontextprotocol/subscriptionId";

#[tokio::test]
async fn a_client_is_told_what_it_asked_for_with_its_id() {
    let endpoint = Running::serving(ServerOptions { can_change: true, ..ServerOptions::default() }).await;
    let (mut tools, mut prompts) = (endpoint.client().await, endpoint.client().await);
    tools.send(listen("\"a\"", &json!({"toolsListChanged": true}))).await;
    prompts.send(listen("2", &json!({"promptsListChanged": true}))).await;
    let head = tools.head().await;
    assert!(head.contains("text/event-stream") && head.contains("x-accel-buffering: no"), "{head}");
    prompts.head().await;
    let first = tools.event().await.unwrap();
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(first["params"]["notifications"], json!({"toolsListChanged": true}));
    prompts.event().await.unwrap();
    for _ in 0..2 {
        endpoint.change_tools();
        let told = tools.event().await.unwrap();
        assert_eq!(told["method"], "notifications/tools/list_changed");
        assert_eq!(told["params"]["_meta"][ID], "a");
    }
    endpoint.stop.send(()).unwrap();
    assert_eq!(prompts.event().await.unwrap()["result"]["_meta"][ID], 2, "and nothing before its end");
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_kept_alive_by_comments() {
    let mut stream = std::pin::pin!(crate::mcp::http::listen::of_nothing());
    for expected in [&b":\n\n"[..], b":\n\n", b":\n\n"] {
        let before = tokio::time::Instant::now();
        assert_eq!(futures_util::StreamExt::next(&mut stream).await.unwrap(), expected);
        assert!(before.elapsed() <= Duration::from_secs(30));
    }
}

#[tokio::test]
async fn a_client_that_takes_no_stream_or_gives_no_filter_is_told_so() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let request = listen("1", &json!({})).replace("application/json, text/event-stream", "application/json");
    assert_eq!(endpoint.send(request).await.status, 406);
    let reply = endpoint.send(listen("1", &json!([]))).await;
    assert_eq!(reply.json()["error"]["code"], -32602);
}
