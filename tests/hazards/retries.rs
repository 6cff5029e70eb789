//! L1, L2, L4, L5: what is sent again, and what is not.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::World;
use crate::support::gateway::Setup;
use crate::support::load::{count, offer};
use crate::support::mcp::Era;
use crate::support::upstream::{Answer, Entry, Upstream, faults};
use crate::support::{api, figures};

/// One of five requests, without a pattern that calls could fall in step with.
fn one_of_five(entry: &Entry) -> bool {
    let mixed = (entry.id as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32).is_multiple_of(5)
}

fn resetting_one_of_five(entry: &Entry) -> Answer {
    if one_of_five(entry) { Answer::Reset } else { faults::echo(entry) }
}

#[tokio::test]
async fn a_write_that_is_reset_is_one_error_and_never_done_twice() {
    let world = World::of(resetting_one_of_five).await;
    let calls = if figures::full_length() { 5000 } else { 400 };
    let outcomes = offer(world.gateway.address, 200, calls, |number| {
        ("create_item".to_owned(), json!({"name": format!("item-{number}")}))
    })
    .await;
    let entries = world.upstream.ledger().entries();
    let reset = entries.iter().filter(|entry| one_of_five(entry)).count();
    let errors = count(&outcomes, |result| result.is_error());
    let twice = entries.iter().filter(|entry| entry.attempt > 1).count();
    figures::row(
        "L1",
        "20 % of POSTs reset after they were read",
        format!("{calls} calls, {reset} resets, {errors} errors, {twice} duplicates"),
    );
    assert_eq!((entries.len(), errors, twice), (calls, reset, 0));
    assert_eq!(count(&outcomes, |result| result.is_error() && result.code() != "reset"), 0);
}

#[tokio::test]
async fn a_read_that_is_reset_is_sent_again_within_the_budget() {
    let world = World::of(resetting_one_of_five).await;
    let calls = if figures::full_length() { 7200 } else { 480 };
    let start = toolgate::clock::now();
    let outcomes = offer(world.gateway.address, 120, calls, |number| {
        ("read_item".to_owned(), json!({"item": format!("{number}")}))
    })
    .await;
    let seconds = start.elapsed().as_secs_f64();
    let good = count(&outcomes, |result| !result.is_error());
    for outcome in outcomes.iter().filter(|outcome| !outcome.result.is_error()) {
        assert_eq!(outcome.result.structured()["target"], json!(format!("/items/{}", outcome.number)));
    }
    let (share, sent) = (good as f64 / calls as f64, world.upstream.ledger().len());
    figures::row(
        "L2",
        "20 % of GETs reset, 120 calls a second",
        format!("{:.2} % succeed, load {:.3} x", share * 100.0, sent as f64 / calls as f64),
    );
    assert!(share >= 0.991, "{share}");
    assert_within_budget(sent, calls, seconds);
}

#[tokio::test]
async fn when_everything_fails_retries_do_not_multiply_the_load() {
    let unavailable = |_: &Entry| Answer::status(503, "text/plain", "busy");
    let world = World::with(unavailable, "timeout: 3s\nbreaker: off\n").await;
    let calls = 500;
    let start = toolgate::clock::now();
    let outcomes = offer(world.gateway.address, 250, calls, |number| {
        ("read_item".to_owned(), json!({"item": format!("{number}")}))
    })
    .await;
    let sent = world.upstream.ledger().len();
    let load = format!("{sent} requests for {calls} calls in {:.1} s", start.elapsed().as_secs_f64());
    figures::row("L2", "503 to everything, breaker off", load);
    assert_eq!(count(&outcomes, |result| result.code() == "unavailable"), calls);
    assert_within_budget(sent, calls, start.elapsed().as_secs_f64());
}

/// A fifth of the calls, ten a second, and the five that may be saved up.
fn assert_within_budget(sent: usize, calls: usize, seconds: f64) {
    let most = calls as f64 * 1.2 + 10.0 * seconds + 5.0;
    assert!(sent as f64 <= most, "{sent} requests for {calls} calls in {seconds} seconds");
}

#[tokio::test]
async fn a_write_that_met_no_listener_is_sent_again() {
    let upstream = Upstream::start(closing_echo).await;
    let mut door = Door::before(&upstream).await;
    let setup = Setup::new().file("api.json", api::document().to_string());
    let file = format!(
        "gateway: small\nbase_url: http://{}\nopenapi: ./api.json\noperations: {{writes: allow}}\n",
        door.address
    );
    let gateway = setup.source("gateway.yaml", file).serve().await;
    let rounds = if figures::full_length() { 200 } else { 25 };
    let (mut refused, mut good, mut sent_again) = (0, 0, 0);
    for round in 0..rounds {
        let closed = round % 5 == 4;
        if closed {
            door.close().await;
            refused += 8;
        }
        let calls = offer(gateway.address, 10_000, 8, |number| {
            ("create_item".to_owned(), json!({"name": format!("item-{round}-{number}")}))
        });
        let opening = async {
            if closed {
                tokio::time::sleep(Duration::from_millis(15)).await;
                door.open().await;
            }
        };
        let (outcomes, ()) = tokio::join!(calls, opening);
        good += count(&outcomes, |result| !result.is_error());
        sent_again += count(&outcomes, |result| result.meta("toolgate/retries").is_u64());
    }
    let entries = upstream.ledger().entries();
    let bodies: BTreeSet<&[u8]> = entries.iter().map(|entry| entry.request.body.as_slice()).collect();
    figures::row(
        "L4",
        "20 % of POSTs meet a port that is closed",
        format!("{} calls, {refused} while closed, {sent_again} sent again, {good} succeed", rounds * 8),
    );
    assert_eq!((good, entries.len(), bodies.len()), (rounds * 8, rounds * 8, rounds * 8));
    assert!(sent_again > 0, "no connection was refused");
}

/// An [`faults::echo`] after which the connection is closed, so that every request needs a new one.
fn closing_echo(entry: &Entry) -> Answer {
    let body = json!({"target": entry.request.target}).to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    Answer::Raw(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// A port before an upstream that can be closed, so that connections to it are refused.
struct Door {
    address: SocketAddr,
    behind: SocketAddr,
    open: Option<(CancellationToken, tokio::task::JoinHandle<()>)>,
}

impl Door {
    async fn before(upstream: &Upstream) -> Self {
        let behind = upstream.url().trim_start_matches("http://").parse().unwrap();
        let mut door = Self { address: ([127, 0, 0, 1], 0).into(), behind, open: None };
        door.open().await;
        door
    }

    async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let (closing, behind) = (CancellationToken::new(), self.behind);
        let accepting = closing.clone().run_until_cancelled_owned(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                toolgate::tasks::spawn("door", async move {
                    let mut behind = TcpStream::connect(behind).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut behind).await;
                });
            }
        });
        let accepting = toolgate::tasks::spawn("door", async {
            let _ = accepting.await;
        });
        self.open = Some((closing, accepting));
    }

    /// Nobody may be on his way in: he would be thrown out in the middle.
    async fn close(&mut self) {
        let (closing, accepting) = self.open.take().unwrap();
        closing.cancel();
        accepting.await.unwrap();
    }
}

/// What a `Retry-After` says, and how long the API is not asked for it: nothing for what is no wait.
fn waits() -> Vec<(String, Duration)> {
    let date = |time| httpdate::fmt_http_date(time);
    let second = Duration::from_secs(1);
    let mut waits: Vec<(String, Duration)> = ["0", "-1", "abc", "1.5", "99999999999999999999"]
        .map(|text| (text.to_owned(), Duration::ZERO))
        .into();
    waits.push((date(toolgate::clock::wall() - 100 * second), Duration::ZERO));
    waits.push(("1".to_owned(), second));
    waits.push(("5".to_owned(), 5 * second));
    waits.push(("86400".to_owned(), 86_400 * second));
    waits
}

#[tokio::test]
async fn the_api_is_never_asked_earlier_than_it_wants_to_be() {
    for status in [429, 503] {
        for (text, wait) in waits() {
            let header = text.clone();
            let world = World::of(move |entry| match entry.id {
                0 => Answer::status(status, "text/plain", "later").header("Retry-After", &header),
                _ => faults::echo(entry),
            });
            let world = world.await;
            let mut client = world.client().await;
            let start = toolgate::clock::now();
            let result = client.call("read_item", json!({"item": "1"})).await;
            let measured = if wait < Duration::from_secs(2) {
                result.success();
                let entries = world.upstream.ledger().entries();
                assert_eq!(entries.len(), 2, "{text}");
                let gap = entries[1].at - entries[0].at;
                assert!(gap >= wait, "{text}: asked again after {gap:?}");
                format!("asked again after {gap:.0?}")
            } else {
                let took = start.elapsed();
                assert_eq!(result.retry_after(), Some(wait.as_secs()), "{text}: {}", result.0);
                // Not again for the next one either: it is told at once.
                let next = client.call("read_item", json!({"item": "2"})).await;
                assert_eq!(next.code(), "rate_limited", "{text}: {}", next.0);
                assert!(next.retry_after().is_some_and(|seconds| seconds <= wait.as_secs()), "{}", next.0);
                assert_eq!(world.upstream.ledger().len(), 1, "{text}");
                format!("answered after {took:.0?} with retry_after_seconds {}", wait.as_secs())
            };
            figures::row("L5", &format!("{status} with Retry-After: {text}"), measured);
        }
    }
}

#[tokio::test]
async fn a_date_to_come_is_waited_for() {
    let date = toolgate::clock::wall() + Duration::from_secs(3);
    let text = httpdate::fmt_http_date(date);
    let whole = httpdate::parse_http_date(&text).unwrap();
    let world = World::with(
        move |entry| match entry.id {
            0 => Answer::status(429, "text/plain", "later").header("Retry-After", &text),
            _ => faults::echo(entry),
        },
        "timeout: 10s\n",
    )
    .await;
    let result = world.client().await.call("read_item", json!({"item": "1"})).await.success();
    let arrived = toolgate::clock::wall();
    assert!(arrived >= whole, "asked again before {whole:?}");
    assert!(result.meta("toolgate/waited_ms").as_u64().unwrap() > 1000, "{}", result.0);
    figures::row("L5", "429 with Retry-After: a date to come", "not asked before it");
}

#[tokio::test]
async fn a_write_with_an_idempotency_key_is_sent_again_under_the_same_key() {
    let world = World::with(
        |entry| if entry.id % 2 == 0 { Answer::Reset } else { faults::echo(entry) },
        "endpoints:\n  pay:\n    request: POST /pay\n    parameters:\n      Idempotency-Key: {in: header, required: true}\n      amount: {type: integer}\n",
    )
    .await;
    let mut client = world.gateway.client(Era::Modern).await;
    let tools = client.tools().await;
    assert!(tools[0]["inputSchema"].get("required").is_none(), "nobody has to give a key: {}", tools[0]);
    for _ in 0..2 {
        let result = client.call("pay", json!({"amount": 1})).await.success();
        assert_eq!(result.meta("toolgate/retries"), &Value::from(1));
    }
    let entries = world.upstream.ledger().entries();
    let keys: Vec<&str> = entries.iter().map(|entry| entry.header("idempotency-key").unwrap()).collect();
    assert_eq!((keys[0], keys[2]), (keys[1], keys[3]), "one key for all attempts of a call");
    assert_ne!(keys[0], keys[2], "another one for another call");
}
