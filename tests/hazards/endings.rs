//! L10: the end of the program, asked for or not.

use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::Era;
use crate::support::upstream::{Answer, Entry, Upstream};
use crate::support::{figures, http, wait};

/// How many calls are in flight when the program is told to end.
const CALLS: usize = 500;

/// A gateway before an API that answers when `gate` is opened.
async fn held(gate: &CancellationToken, arguments: &[&str]) -> (Upstream, Gateway) {
    let gate = gate.clone();
    let upstream = Upstream::start(move |entry: &Entry| {
        Answer::json(&json!({"it": entry.path().rsplit('/').next()})).held(&gate)
    })
    .await;
    let file = format!(
        "gateway: small\nbase_url: {}\ntimeout: 60s\nconcurrency: {{requests: {CALLS}}}\nendpoints:\n  get: {{request: 'GET /it/{{id}}', parameters: {{id: {{in: path, type: string}}}}}}\n",
        upstream.url()
    );
    let mut setup = Setup::new().source("gateway.yaml", file);
    for argument in arguments {
        setup = setup.argument(*argument);
    }
    (upstream, setup.serve().await)
}

async fn readiness(gateway: &Gateway) -> u16 {
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {}\r\n\r\n", gateway.address);
    http::exchange(gateway.address, request.as_bytes()).await.status
}

#[cfg(unix)]
#[tokio::test]
async fn what_runs_at_sigterm_is_finished_and_nothing_new_is_begun() {
    let gate = CancellationToken::new();
    let (upstream, mut gateway) = held(&gate, &[]).await;
    assert_eq!(readiness(&gateway).await, 200);
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let era = if number % 2 == 0 { Era::Modern } else { Era::Legacy };
        let mut client = gateway.client(era).await;
        calls.spawn(async move {
            let result = client.call("get", json!({"id": number.to_string()})).await.success();
            assert_eq!(result.structured()["it"], number.to_string());
        });
    }
    upstream.ledger().until_entered(CALLS).await;
    gateway.signal("TERM").await;
    let told = toolgate::clock::now();
    let asked = async {
        while readiness(&gateway).await != 503 {
            tokio::task::yield_now().await;
        }
    };
    wait::within("/readyz to turn", asked).await;
    let turned = told.elapsed().as_millis();
    gate.cancel();
    let answered = calls.join_all().await.len();
    assert_eq!(gateway.exit_code().await, Some(0));
    assert_eq!((answered, upstream.ledger().len()), (CALLS, CALLS));
    figures::row(
        "L10",
        &format!("SIGTERM with {CALLS} calls in flight"),
        format!("{answered} answered, /readyz 503 after {turned} ms, exit 0"),
    );
}

#[cfg(unix)]
#[tokio::test]
async fn after_the_grace_time_the_program_ends_all_the_same() {
    let gate = CancellationToken::new();
    let (upstream, mut gateway) = held(&gate, &["--grace", "100ms"]).await;
    let mut client = gateway.client(Era::Legacy).await;
    let call = toolgate::tasks::spawn("call", async move { client.call("get", json!({"id": "1"})).await });
    upstream.ledger().until_entered(1).await;
    gateway.signal("TERM").await;
    assert_eq!(gateway.exit_code().await, Some(0));
    upstream.ledger().until_left(1).await;
    assert!(call.await.is_err(), "nobody answered it");
}

#[cfg(unix)]
#[tokio::test]
async fn what_runs_at_sigterm_is_finished_over_standard_streams_too() {
    let gate = CancellationToken::new();
    let held = gate.clone();
    let upstream = Upstream::start(move |_: &Entry| Answer::json(&json!({"it": 1})).held(&held)).await;
    let file =
        format!("gateway: small\nbase_url: {}\nendpoints: {{get: {{request: GET /it}}}}\n", upstream.url());
    let mut client = Setup::new().source("gateway.yaml", file).serve_stdio().initialize().await;
    for _ in 0..10 {
        let call = client.message("tools/call", json!({"name": "get", "arguments": {}}));
        client.send(&call).await;
    }
    upstream.ledger().until_entered(10).await;
    client.signal("TERM").await;
    gate.cancel();
    let mut ids = Vec::new();
    while let Some(answer) = client.receive().await {
        assert!(answer["result"].is_object(), "{answer}");
        ids.push(answer["id"].as_u64().unwrap());
    }
    ids.sort_unstable();
    // The first one said hello.
    assert_eq!(ids, (2..12).collect::<Vec<_>>());
    assert!(client.ended().await.success());
}

#[cfg(unix)]
#[tokio::test]
async fn after_kill_there_is_nothing_to_repair() {
    const TOOLS: usize = 1000;
    let upstream = Upstream::echo().await;
    let endpoints: String =
        (0..TOOLS).map(|number| format!("  tool_{number}: {{request: GET /it/{number}}}\n")).collect();
    let file = format!("gateway: small\nbase_url: {}\nendpoints:\n{endpoints}", upstream.url());
    let mut started = Vec::new();
    for _ in 0..2 {
        let began = toolgate::clock::now();
        let mut gateway = Setup::new().source("gateway.yaml", &file).serve().await;
        assert_eq!(readiness(&gateway).await, 200);
        started.push(began.elapsed().as_millis());
        let mut client = gateway.client(Era::Modern).await;
        client.call("tool_999", json!({})).await.success();
        gateway.signal("KILL").await;
        assert_eq!(gateway.exit_code().await, None);
    }
    figures::row("L10", &format!("ready with {TOOLS} tools after kill -9"), format!("{} ms", started[1]));
}
