//! Calls whose answers are kept, before a peer that counts.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::Value;

use super::*;
use crate::call::ToolOutcome;
use crate::call::fixture::{call_tool, catalog_of, text};
use crate::catalog::{Catalog, fixture};
use crate::config::gateway::CacheRules;
use crate::net::fixture::{Answer, Peer, answer};

const LONG: Duration = Duration::from_secs(20);
const NOT_LONG: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// `GET /thing` and `POST /thing`, kept by these rules.
fn things(peer: &Peer, times: CacheTimes) -> Catalog {
    let operations = vec![fixture::operation("GET", "/thing"), fixture::operation("POST", "/thing")];
    catalog_of(&peer.url, operations, |gateway| gateway.cache = Some(CacheRules::On(times)))
}

/// What the client is told about the cache.
fn told(outcome: &ToolOutcome) -> Option<&str> {
    outcome.meta.iter().find(|(name, _)| *name == "toolgate/cache").and_then(|(_, value)| value.as_str())
}

async fn get(catalog: &Catalog) -> ToolOutcome {
    call_tool(&catalog.tools()[0], "{}", LONG).await
}

async fn post(catalog: &Catalog) -> ToolOutcome {
    call_tool(&catalog.tools()[1], "{}", LONG).await
}

/// A peer that numbers its answers.
async fn counting(head: &'static str) -> Peer {
    let count = AtomicUsize::new(0);
    Peer::start(move |_| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Answer::Write(answer(
            &format!("200 OK\r\nContent-Type: application/json\r\n{head}"),
            number.to_string(),
        ))
    })
    .await
}

#[tokio::test]
async fn a_thousand_who_ask_the_same_at_once_cost_the_api_one_request() {
    let peer = counting("Cache-Control: max-age=60").await;
    let catalog = things(&peer, CacheTimes::default());
    let outcomes = join_all((0..1000).map(|_| get(&catalog))).await;
    assert_eq!(peer.requests().len(), 1);
    assert!(outcomes.iter().all(|outcome| text(outcome) == "0"));
    assert_eq!(outcomes.iter().filter(|outcome| told(outcome) == Some(MISS)).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| told(outcome) == Some(HIT)).count(), 999);
}

#[tokio::test]
async fn answers_that_may_not_be_shared_are_each_callers_own() {
    let peer = counting("Cache-Control: no-store").await;
    let catalog = things(&peer, CacheTimes { ttl: Some(HOUR), ..CacheTimes::default() });
    let outcomes = join_all((0..50).map(|_| get(&catalog))).await;
    let mut answers: Vec<String> = outcomes.iter().map(text).collect();
    answers.sort_unstable();
    answers.dedup();
    assert_eq!((peer.requests().len(), answers.len()), (50, 50));
    assert!(outcomes.iter().all(|outcome| told(outcome).is_none()));
}

#[tokio::test]
async fn when_the_one_who_asks_leaves_another_one_asks() {
    let count = AtomicUsize::new(0);
    let peer = Peer::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::Stall(Vec::new()),
        _ => Answer::Write(answer("200 OK\r\nCache-Control: max-age=60", "x")),
    })
    .await;
    let catalog = things(&peer, CacheTimes::default());
    let mut leader = Box::pin(get(&catalog));
    let mut follower = Box::pin(get(&catalog));
    while peer.requests().is_empty() {
        assert!(futures_util::poll!(&mut leader).is_pending());
        assert!(futures_util::poll!(&mut follower).is_pending());
        tokio::task::yield_now().await;
    }
    drop(leader);
    assert_eq!(text(&follower.await), "x");
    assert_eq!(peer.requests().len(), 2);
}

#[tokio::test]
async fn an_old_answer_is_asked_about_and_given_again_when_it_is_still_good() {
    let peer = Peer::start(|request| {
        let head = "Content-Type: application/json\r\nETag: \"v1\"\r\nCache-Control: max-age=0";
        if request.contains("if-none-match: \"v1\"") {
            Answer::Write(answer(&format!("304 Not Modified\r\n{head}"), ""))
        } else {
            Answer::Write(answer(&format!("200 OK\r\n{head}"), r#"{"big":1}"#))
        }
    })
    .await;
    let catalog = things(&peer, CacheTimes::default());
    let first = get(&catalog).await;
    let second = get(&catalog).await;
    assert_eq!((told(&first), told(&second)), (Some(MISS), Some(REVALIDATED)));
    assert_eq!(text(&second), text(&first));
    assert_eq!(peer.requests().len(), 2);
}

#[tokio::test]
async fn an_old_answer_is_given_while_a_new_one_is_asked_for() {
    let peer = counting("X: y").await;
    let times =
        CacheTimes { ttl: Some(NOT_LONG), stale_while_revalidate: HOUR, stale_if_error: Duration::ZERO };
    let catalog = things(&peer, times);
    assert_eq!(text(&get(&catalog).await), "0");
    let stale = loop {
        let outcome = get(&catalog).await;
        if told(&outcome) == Some(STALE) {
            break outcome;
        }
    };
    assert_eq!(text(&stale), "0", "the one who asks does not wait");
    while text(&get(&catalog).await) == "0" {
        tokio::task::yield_now().await;
    }
    assert!(peer.requests().len() >= 2);
}

#[tokio::test]
async fn an_old_answer_is_given_when_the_api_fails_but_never_when_it_refuses() {
    for (failure, is_given) in [
        (Answer::Write(answer("503 Service Unavailable", "down")), true),
        (Answer::Write(answer("500 Internal Server Error", "")), true),
        (Answer::Reset(Vec::new()), true),
        (Answer::Write(answer("401 Unauthorized", "")), false),
        (Answer::Write(answer("403 Forbidden", "")), false),
        (Answer::Write(answer("404 Not Found", "")), false),
        (Answer::Write(answer("429 Too Many Requests", "")), false),
    ] {
        let failure = std::sync::Mutex::new(Some(failure));
        let count = AtomicUsize::new(0);
        let peer = Peer::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::Write(answer("200 OK", "good")),
            _ => failure.lock().unwrap().take().unwrap_or_else(|| Answer::Reset(Vec::new())),
        })
        .await;
        let times = CacheTimes { ttl: Some(NOT_LONG), stale_if_error: HOUR, ..CacheTimes::default() };
        let catalog = things(&peer, times);
        get(&catalog).await;
        let outcome = loop {
            let outcome = get(&catalog).await;
            if told(&outcome) != Some(HIT) {
                break outcome;
            }
        };
        let given = !outcome.is_error && text(&outcome) == "good" && told(&outcome) == Some(STALE);
        assert_eq!(given, is_given, "{}", text(&outcome));
    }
}

#[tokio::test]
async fn a_write_makes_what_is_kept_about_the_same_place_old() {
    let peer = Peer::start(|request| {
        let head =
            if request.starts_with("GET") { "200 OK\r\nCache-Control: max-age=60" } else { "201 Created" };
        Answer::Write(answer(head, "x"))
    })
    .await;
    let catalog = things(&peer, CacheTimes::default());
    let mut words = Vec::new();
    for _ in 0..2 {
        words.push(told(&get(&catalog).await).map(str::to_owned));
        words.push(told(&get(&catalog).await).map(str::to_owned));
        assert!(!post(&catalog).await.is_error);
    }
    let words: Vec<Option<&str>> = words.iter().map(Option::as_deref).collect();
    assert_eq!(words, [Some(MISS), Some(HIT), Some(MISS), Some(HIT)]);
}

#[tokio::test]
async fn a_write_that_the_api_refused_makes_nothing_old_and_one_that_nobody_knows_of_does() {
    for (refusal, expected) in
        [(Answer::Write(answer("422 Unprocessable Content", "")), HIT), (Answer::Reset(Vec::new()), MISS)]
    {
        let refusal = std::sync::Mutex::new(Some(refusal));
        let peer = Peer::start(move |request| match request.starts_with("GET") {
            true => Answer::Write(answer("200 OK\r\nCache-Control: max-age=60", "x")),
            false => refusal.lock().unwrap().take().unwrap(),
        })
        .await;
        let catalog = things(&peer, CacheTimes::default());
        get(&catalog).await;
        assert!(post(&catalog).await.is_error);
        assert_eq!(told(&get(&catalog).await), Some(expected));
    }
}

#[tokio::test]
async fn the_age_of_a_kept_answer_is_told() {
    let peer = counting("Cache-Control: max-age=60\r\nAge: 7").await;
    let catalog = things(&peer, CacheTimes::default());
    get(&catalog).await;
    let outcome = get(&catalog).await;
    let age = outcome.meta.iter().find(|(name, _)| *name == "toolgate/age_seconds").map(|(_, age)| age);
    assert!(matches!(age.and_then(Value::as_u64), Some(7..=27)), "{age:?}");
}

#[tokio::test]
async fn where_the_file_says_nothing_callers_wait_for_each_other_only_after_an_answer_could_be_kept() {
    let peer = counting("Cache-Control: max-age=60").await;
    let catalog = catalog_of(&peer.url, vec![fixture::operation("GET", "/thing")], |_| ());
    join_all((0..20).map(|_| get(&catalog))).await;
    assert_eq!(peer.requests().len(), 20);
    assert_eq!(told(&get(&catalog).await), Some(HIT));
}
