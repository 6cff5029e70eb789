//! S8, L11, L12: answers that are kept: who gets them, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::figures;
use crate::support::gateway::Setup;
use crate::support::mcp::{ERAS, Era, McpClient, ToolResult};
use crate::support::upstream::{Answer, Entry, Upstream};

/// Two gateways before one API, with a credential each.
fn setup(upstream: &Upstream, cache: &str) -> Setup {
    let mut setup = Setup::new();
    for name in ["one", "two"] {
        let text = format!(
            "gateway: {name}
base_url: {}
credentials: {{a: {{bearer: token-a}}, b: {{bearer: token-b}}}}
cache: {cache}
endpoints:
  read_a: {{request: \"GET /things/{{thing}}\", credential: a}}
  read_b: {{request: \"GET /things/{{thing}}\", credential: b}}
  write: {{request: \"PUT /things/{{thing}}\", credential: a}}
",
            upstream.url()
        );
        setup = setup.source(&format!("{name}.yaml"), text);
    }
    setup
}

fn text(result: &ToolResult) -> String {
    result.0["content"][0]["text"].as_str().unwrap_or_default().to_owned()
}

/// An answer that is the caller's own: it says whose credential it was. (The credential itself would be blanked.)
fn personal(entry: &Entry) -> Answer {
    let name = match entry.header("authorization") {
        Some("Bearer token-a") => "user a",
        Some("Bearer token-b") => "user b",
        _ => "nobody",
    };
    Answer::status(200, "text/plain", format!("{name} at {}", entry.path()))
}

#[tokio::test]
async fn what_came_with_one_credential_is_never_given_to_another() {
    let upstream = Upstream::start(personal).await;
    let gateway = setup(&upstream, "{ttl: 1h}").serve().await;
    let mut foreign = 0;
    let mut calls = 0;
    for _ in 0..3 {
        for era in ERAS {
            let mut client = gateway.client(era).await;
            for name in ["one", "two"] {
                for credential in ["a", "b"] {
                    let tool = format!("{name}_read_{credential}");
                    let said = text(&client.call(&tool, json!({"thing": "1"})).await.success());
                    foreign += usize::from(!said.contains(&format!("user {credential}")));
                    calls += 1;
                }
            }
        }
    }
    figures::row("S8", "two gateways, two credentials, one URL", format!("{foreign} foreign of {calls}"));
    assert_eq!(foreign, 0);
    // Each gateway asked once with each credential.
    assert_eq!(upstream.ledger().len(), 4);
}

#[tokio::test]
async fn what_an_api_forbids_is_not_kept() {
    for header in
        ["Cache-Control: no-store", "Cache-Control: private, max-age=60", "Set-Cookie: a=b", "Vary: *"]
    {
        let (name, value) = header.split_once(": ").unwrap();
        let upstream = Upstream::start(move |entry| personal(entry).header(name, value)).await;
        let gateway = setup(&upstream, "{ttl: 1h}").serve().await;
        let mut client = gateway.client(Era::Modern).await;
        for _ in 0..3 {
            client.call("one_read_a", json!({"thing": "1"})).await.success();
        }
        figures::row("S8", header, format!("asked {} times of 3", upstream.ledger().len()));
        assert_eq!(upstream.ledger().len(), 3, "{header}");
    }
}

#[tokio::test]
async fn a_thousand_identical_cold_reads_are_one_request() {
    let upstream = Upstream::start(personal).await;
    let gateway = setup(&upstream, "{ttl: 1h}").serve().await;
    let clients = join_all((0..50).map(|_| gateway.client(Era::Modern))).await;
    let each = |mut client: McpClient| async move {
        for _ in 0..20 {
            client.call("one_read_a", json!({"thing": "1"})).await.success();
        }
    };
    join_all(clients.into_iter().map(each)).await;
    let asked = upstream.ledger().len();
    figures::row("L11", "1,000 identical cold reads by 50 clients", format!("{asked} requests"));
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn while_the_api_is_down_what_was_kept_is_given_and_marked_but_never_after_a_refusal() {
    let down = Arc::new(AtomicBool::new(false));
    let is_down = Arc::clone(&down);
    let upstream = Upstream::start(move |entry| match (is_down.load(Ordering::SeqCst), entry.path()) {
        (true, "/things/refused") => Answer::status(403, "text/plain", "no"),
        (true, _) => Answer::status(503, "text/plain", "down"),
        (false, _) => personal(entry),
    })
    .await;
    let gateway = setup(&upstream, "{ttl: 1ms, stale_if_error: 1h}").serve().await;
    let mut client = gateway.client(Era::Modern).await;
    for thing in ["1", "refused"] {
        client.call("one_read_a", json!({"thing": thing})).await.success();
    }
    down.store(true, Ordering::SeqCst);
    // First: later the API counts as down, and is not even asked.
    let refused = loop {
        let result = client.call("one_read_a", json!({"thing": "refused"})).await;
        // Good for a millisecond.
        if result.0["_meta"]["toolgate/cache"] != json!("hit") {
            break result;
        }
    };
    refused.error();
    figures::row("L12", "a kept answer where the API now answers 403", "the refusal is told");
    let mut stale = 0;
    while stale == 0 {
        let result = client.call("one_read_a", json!({"thing": "1"})).await.success();
        stale += usize::from(result.0["_meta"]["toolgate/cache"] == json!("stale"));
    }
    for _ in 0..20 {
        let result = client.call("one_read_a", json!({"thing": "1"})).await.success();
        assert!(text(&result).contains("user a"));
        stale += usize::from(result.0["_meta"]["toolgate/cache"] == json!("stale"));
    }
    figures::row("L12", "reads while the API answers 503", format!("{stale} of 21 given, marked stale"));
    assert_eq!(stale, 21);
    client.call("one_read_a", json!({"thing": "2"})).await.error();
}

#[tokio::test]
async fn after_a_write_what_it_changed_is_asked_for_anew() {
    let upstream = Upstream::start(personal).await;
    let gateway = setup(&upstream, "{ttl: 1h}").serve().await;
    let mut client = gateway.client(Era::Modern).await;
    for _ in 0..2 {
        client.call("one_read_a", json!({"thing": "1"})).await.success();
        client.call("one_read_b", json!({"thing": "1"})).await.success();
        client.call("one_read_a", json!({"thing": "2"})).await.success();
        client.call("one_write", json!({"thing": "1"})).await.success();
    }
    // Twice the first thing in two names, once the second thing, two writes.
    assert_eq!(upstream.ledger().len(), 4 + 1 + 2);
}
