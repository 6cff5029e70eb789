//! Calls at a steady rate, whatever becomes of them, as many callers make them who know nothing of each other.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use super::mcp::{Era, McpClient, ToolResult};

/// What became of one call.
pub(crate) struct Outcome {
    /// Its number, from 0.
    pub(crate) number: usize,
    /// When it was made.
    pub(crate) began: Instant,
    /// How long it took.
    pub(crate) took: Duration,
    /// Its result.
    pub(crate) result: ToolResult,
}

/// Makes `count` calls, `per_second` of them in a second, and waits for all of them. They are in their order.
pub(crate) async fn offer(
    address: SocketAddr,
    per_second: usize,
    count: usize,
    call: impl Fn(usize) -> (String, Value),
) -> Vec<Outcome> {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / u32::try_from(per_second).unwrap());
    let mut calls = JoinSet::new();
    for number in 0..count {
        ticks.tick().await;
        let (tool, arguments) = call(number);
        calls.spawn(async move {
            let mut client = McpClient::connect(address, "/mcp", Era::Modern).await;
            let began = toolgate::clock::now();
            let result = client.call(&tool, arguments).await;
            Outcome { number, began, took: began.elapsed(), result }
        });
    }
    let mut outcomes = calls.join_all().await;
    outcomes.sort_by_key(|outcome| outcome.number);
    outcomes
}

/// How many of them are as `what` says.
pub(crate) fn count(outcomes: &[Outcome], what: impl Fn(&ToolResult) -> bool) -> usize {
    outcomes.iter().filter(|outcome| what(&outcome.result)).count()
}

/// The time that half of them took less than.
pub(crate) fn median<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Duration {
    let mut times: Vec<Duration> = outcomes.map(|outcome| outcome.took).collect();
    times.sort_unstable();
    times[times.len() / 2]
}
