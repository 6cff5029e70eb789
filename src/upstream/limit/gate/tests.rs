use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{advance, timeout};

use super::*;
use crate::clock;
use crate::config::gateway::ForEach;

const SECOND: Duration = Duration::from_secs(1);

fn gate(requests: u32, burst: u32) -> Gate {
    Gate::new(&[RateLimit { requests, per: SECOND, burst, for_each: ForEach::Together }])
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_go_in_order_and_those_who_would_wait_too_long_are_told_when() {
    let gate = Arc::new(gate(10, 2));
    let start = clock::now();
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let gate = Arc::clone(&gate);
        calls.spawn(async move { (number, gate.pass(start + SECOND).await, clock::now() - start) });
    }
    let mut came = Vec::new();
    while let Some(call) = calls.join_next().await {
        came.push(call.unwrap());
    }
    came.sort_by_key(|(number, ..)| *number);
    for (number, passed, at) in came {
        let turn = SECOND / 10 * (u32::try_from(number).unwrap().saturating_sub(1));
        if turn <= SECOND {
            assert_eq!((passed, at.as_millis()), (Ok(()), turn.as_millis()), "{number}");
        } else {
            // Those who were refused do not stand in the queue, so all of them would have had the next turn.
            assert_eq!(
                (passed, at),
                (Err(Shut::Until(start + SECOND / 10 * 11)), Duration::ZERO),
                "{number}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_who_leaves_the_queue_takes_no_turn_with_him() {
    let gate = gate(1, 1);
    let start = clock::now();
    gate.pass(start).await.unwrap();
    for _ in 0..10 {
        let waiting = timeout(Duration::from_millis(50), gate.pass(start + 60 * SECOND));
        assert!(waiting.await.is_err(), "dropped in the queue");
    }
    gate.pass(start + 60 * SECOND).await.unwrap();
    assert_eq!(clock::now() - start, SECOND);
    assert_eq!(gate.waiting.load(Ordering::Acquire), 0);
}

#[tokio::test(start_paused = true)]
async fn a_queue_has_an_end() {
    let gate = Arc::new(gate(1000, 1));
    let latest = clock::now() + 60 * SECOND;
    gate.pass(latest).await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..MOST_WAITING + 5 {
        let gate = Arc::clone(&gate);
        calls.spawn(async move { gate.pass(latest).await });
    }
    let results = calls.join_all().await;
    assert_eq!(results.iter().filter(|result| **result == Err(Shut::Full)).count(), 5);
}

#[test]
fn grants_are_exact_under_many_threads() {
    let gate = Arc::new(gate(2000, 50));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).enable_all().build().unwrap();
    let (granted, taken) = runtime.block_on(async {
        let start = clock::now();
        let latest = start + Duration::from_millis(500);
        let mut calls = JoinSet::new();
        for _ in 0..64 {
            let gate = Arc::clone(&gate);
            calls.spawn(async move {
                let mut granted = 0_u128;
                // Refused ones ask again: far more is asked for than there is.
                while clock::now() < latest {
                    match gate.pass(latest).await {
                        Ok(()) => granted += 1,
                        Err(_) => tokio::task::yield_now().await,
                    }
                }
                granted
            });
        }
        (calls.join_all().await.into_iter().sum::<u128>(), start.elapsed())
    });
    let most = 50 + 2000 * taken.as_millis() / 1000 + 1;
    assert!(granted <= most, "{granted} were granted, at most {most} may be");
    // Most turns of the time were taken; a machine with other work loses some.
    assert!(granted >= 50 + 500, "only {granted} were granted");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_used_is_not_saved_up() {
    let gate = gate(10, 3);
    advance(3600 * SECOND).await;
    let now = clock::now();
    let mut granted = 0;
    while gate.pass(now).await.is_ok() {
        granted += 1;
    }
    assert_eq!(granted, 3);
}
