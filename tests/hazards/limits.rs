//! L7, L13: how much is asked of an API at once and in a time.

use std::time::{Duration, Instant};

use serde_json::json;

use super::World;
use crate::support::load::{count, median, offer};
use crate::support::mcp::ToolResult;
use crate::support::upstream::{Answer, Entry, faults};
use crate::support::{figures, wait};

/// The bound on requests in flight in these tests, and on those that wait.
const BOUND: usize = 64;

#[tokio::test]
async fn an_api_that_never_answers_holds_no_more_than_the_bound() {
    let keys = format!("timeout: 6s\nconcurrency: {{requests: {BOUND}, queue: {BOUND}}}\n");
    let world = World::with(|_| Answer::Hang, &keys).await;
    let calls = if figures::full_length() { 10_000 } else { 1500 };
    let before = world.gateway.usage();
    let all = offer(world.gateway.address, 2000, calls, |number| {
        ("read_item".to_owned(), json!({"item": number.to_string()}))
    });
    let one_by_one = async {
        world.upstream.ledger().until_entered(BOUND).await;
        let refusals = refusals_one_by_one(&world).await;
        // Before the first calls are out of time: when one leaves, the API may see the next one come before it sees
        // the other one gone.
        (refusals, world.upstream.ledger().most_open())
    };
    let (outcomes, (mut refusals, most)) = tokio::join!(all, one_by_one);
    refusals.sort_unstable();
    let code = |code: &str| count(&outcomes, |result| result.code() == code);
    let (overloaded, late) = (code("overloaded"), code("timeout_total"));
    figures::row(
        "L7",
        &format!("{calls} calls of an API that never answers, {BOUND} in flight and {BOUND} waiting at most"),
        format!("{most} in flight, {overloaded} refused, {late} out of time"),
    );
    assert!(most <= BOUND, "{most} were in flight");
    assert_eq!(overloaded + late + code("circuit_open"), calls, "each is told what it came to");
    assert!(overloaded >= calls - 4 * BOUND);
    let (fastest, middle) = (refusals[0], refusals[refusals.len() / 2]);
    figures::row("L7", "a refusal meanwhile", format!("{middle:.1?} (the fastest {fastest:.1?})"));
    // The fastest: the others wait for a machine that does other things, too.
    assert!(fastest < Duration::from_millis(10), "{fastest:?}");
    nothing_is_left(&world, before.files).await;
}

/// How long refusals take while the queue is full. A caller who finds it not yet full stays in it.
async fn refusals_one_by_one(world: &World) -> Vec<Duration> {
    let (mut refusals, mut queued) = (Vec::new(), Vec::new());
    let mut client = world.client().await;
    while refusals.len() < 100 && queued.len() <= BOUND {
        let began = toolgate::clock::now();
        let call = client.call("read_item", json!({"item": "more"}));
        match tokio::time::timeout(Duration::from_millis(500), call).await {
            Ok(result) if result.code() == "overloaded" => refusals.push(began.elapsed()),
            Ok(_) => break,
            Err(_) => queued.push(std::mem::replace(&mut client, world.client().await)),
        }
    }
    refusals
}

async fn nothing_is_left(world: &World, files: usize) {
    wait::until("all connections to be closed", || (world.upstream.open_connections() == 0).then_some(()))
        .await;
    wait::until("all files to be closed", || (world.gateway.usage().files <= files + 2).then_some(())).await;
    let mut client = world.client().await;
    let result = client.call("read_item", json!({"item": "after"})).await;
    assert_ne!(result.code(), "overloaded", "places are lost: {}", result.0);
}

/// Tools with a limit of their own.
const KEYS: usize = 8;

#[tokio::test]
async fn what_is_granted_is_exactly_what_the_limit_says() {
    let (limit, burst, offered, seconds) =
        if figures::full_length() { (100, 20, 2000, 10) } else { (20, 5, 480, 3) };
    let endpoints: String = (0..KEYS)
        .map(|key| {
            format!(
                "  tool{key}: {{request: 'GET /key{key}/{{item}}', \
                 rate_limit: {{requests: {limit}, per: 1s, burst: {burst}}}}}\n"
            )
        })
        .collect();
    let world = World::with(faults::echo, &format!("timeout: 2s\nendpoints:\n{endpoints}")).await;
    let start = toolgate::clock::now();
    let outcomes = offer(world.gateway.address, offered, offered * seconds, |number| {
        (format!("tool{}", number % KEYS), json!({"item": number.to_string()}))
    })
    .await;
    let entries = world.upstream.ledger().entries();
    let mut granted = Vec::new();
    for key in 0..KEYS {
        let mine: Vec<&Entry> =
            entries.iter().filter(|entry| entry.path().starts_with(&format!("/key{key}/"))).collect();
        granted.push(checked(&mine, start, limit, burst));
    }
    let refused = count(&outcomes, |result| result.code() == "rate_limited");
    // On a busy machine a few get their turn and no time after it.
    let late = count(&outcomes, |result| result.code() == "timeout_total");
    let good = count(&outcomes, |result| !result.is_error());
    assert_eq!(good + refused + late, outcomes.len());
    assert!((good..=good + late).contains(&entries.len()), "{good} good, {late} late, {}", entries.len());
    let told = |result: &ToolResult| result.retry_after().is_some_and(|seconds| (1..=3).contains(&seconds));
    assert_eq!(count(&outcomes, told), refused, "each refusal says when to come back");
    figures::row(
        "L13",
        &format!("{offered} calls a second offered to {limit} a second, {KEYS} keys"),
        format!(
            "granted {granted:?}; {refused} told at once when to come back, in {:.1?}",
            refusal(&outcomes)
        ),
    );
}

fn refusal(outcomes: &[crate::support::load::Outcome]) -> Duration {
    median(outcomes.iter().filter(|outcome| outcome.result.is_error()))
}

/// How many were granted, and how many the time until the last of them allows.
fn checked(entries: &[&Entry], start: Instant, limit: usize, burst: usize) -> (usize, usize) {
    let allowed = |since: Instant| {
        let time = entries.last().unwrap().at - since;
        burst + (time.as_secs_f64() * limit as f64) as usize
    };
    // No grant is earlier than the first call, and no request earlier than its grant.
    let most = allowed(start) + 1;
    assert!(entries.len() <= most, "{} granted, at most {most} may be", entries.len());
    // A request may be late by what a busy machine takes for it.
    let least = allowed(entries[0].at).saturating_sub(1 + limit / 10);
    assert!(entries.len() >= least, "{} granted, at least {least} should be", entries.len());
    (entries.len(), allowed(start))
}

#[tokio::test]
async fn what_the_api_says_about_its_limits_is_kept_to() {
    for (remaining, reset) in
        [("X-RateLimit-Remaining", "X-RateLimit-Reset"), ("RateLimit-Remaining", "RateLimit-Reset")]
    {
        let script = move |entry: &Entry| {
            let left = if entry.id == 0 { "0" } else { "9" };
            faults::echo(entry).header(remaining, left).header(reset, "1")
        };
        let world = World::with(script, "timeout: 5s\n").await;
        let mut client = world.client().await;
        client.call("read_item", json!({"item": "1"})).await.success();
        let result = client.call("read_item", json!({"item": "2"})).await.success();
        assert!(result.meta("toolgate/waited_ms").as_u64().unwrap() > 500, "{}", result.0);
        client.call("read_item", json!({"item": "3"})).await.success();
        let entries = world.upstream.ledger().entries();
        assert!(entries[1].at - entries[0].at >= Duration::from_secs(1), "{remaining}");
    }
}

#[tokio::test]
async fn a_caller_who_leaves_the_queue_leaves_his_turn_to_the_next() {
    let keys = "timeout: 20s\nrate_limit: {requests: 2, per: 1s, burst: 1}\n";
    let world = World::with(faults::echo, keys).await;
    let mut first = world.client().await;
    first.call("read_item", json!({"item": "0"})).await.success();
    let mut leaving = Vec::new();
    for _ in 0..20 {
        let mut client = world.client().await;
        client.send("tools/call", json!({"name": "read_item", "arguments": {"item": "gone"}})).await;
        leaving.push(client);
    }
    drop(leaving);
    let began = toolgate::clock::now();
    first.call("read_item", json!({"item": "1"})).await.success();
    // Twenty turns would be ten seconds.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}
