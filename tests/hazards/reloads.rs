//! L9: reloads under load, half of them of files that are bad.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{ERAS, Era};
use crate::support::upstream::Upstream;
use crate::support::{figures, wait};

/// Callers that never stop while files change.
const CALLERS: usize = 8;

/// Version `number` of a gateway of many tools. All of them say in their descriptions, and to the API, of which version
/// they are.
fn version(number: usize, base_url: &str) -> String {
    let tool = |tool: usize| {
        format!(
            "  tool_{tool}: {{request: 'GET /v{number}/{tool}?version={number}', description: of version {number}}}\n"
        )
    };
    let endpoints: String = (0..50).map(tool).collect();
    format!("gateway: small\nbase_url: {base_url}\nendpoints:\n{endpoints}")
}

fn reloads(gateway: &Gateway) -> usize {
    gateway.stderr().lines().filter(|line| line.contains("\"message\":\"reloaded\"")).count()
}

#[tokio::test]
async fn reloads_under_load_lose_no_call_mix_no_catalogs_and_leave_no_memory_behind() {
    let count = if figures::full_length() { 1000 } else { 60 };
    let upstream = Upstream::echo().await;
    let setup = Setup::new()
        .source("gateway.yaml", version(0, &upstream.url()))
        .argument("--watch")
        .environment("TOOLGATE_LOG", "warn,toolgate::reload=info,toolgate::cli=info");
    let path = setup.path().join("gateway.yaml");
    let gateway = Arc::new(setup.serve().await);
    let over = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let (gateway, over) = (Arc::clone(&gateway), Arc::clone(&over));
        callers.spawn(async move { call_until(&gateway, ERAS[number % 2], &over).await });
    }
    let mut early = 0;
    for number in 1..=count {
        let bad = number % 2 == 0;
        let text = if bad {
            format!("gateway: small\nbase_url: [ # {number}\n")
        } else {
            version(number, &upstream.url())
        };
        std::fs::write(&path, text).unwrap();
        wait::until("the reload", || (reloads(&gateway) >= number).then_some(())).await;
        if number == count / 10 {
            early = gateway.usage().memory;
        }
    }
    over.store(true, Ordering::SeqCst);
    let calls: usize = callers.join_all().await.into_iter().sum();
    let late = gateway.usage().memory;
    figures::row(
        "L9",
        &format!("{count} reloads, half of them bad, {CALLERS} callers"),
        format!("{calls} calls, none lost; {} MiB after a tenth, {} MiB at the end", early >> 20, late >> 20),
    );
    assert!(late <= early + early / 20 + (2 << 20), "memory grew from {early} to {late}");
}

/// Lists and calls until it is over. How many calls it were.
async fn call_until(gateway: &Gateway, era: Era, over: &AtomicBool) -> usize {
    let mut client = gateway.client(era).await;
    let mut calls = 0;
    while !over.load(Ordering::SeqCst) {
        let tools = client.tools().await;
        let mut versions: Vec<&str> =
            tools.iter().map(|tool| tool["description"].as_str().unwrap()).collect();
        versions.dedup();
        assert_eq!((tools.len(), versions.len()), (50, 1), "of one catalog");
        let result = client.call("tool_7", json!({})).await.success();
        let target = result.structured()["target"].as_str().unwrap().to_owned();
        let (path, version) = target.split_once("?version=").unwrap();
        assert_eq!(path, format!("/v{version}/7"), "of one catalog");
        calls += 1;
    }
    calls
}
