//! S11: answers without an end, in size or in time.

use std::time::Duration;

use serde_json::json;

use super::World;
use crate::support::figures;
use crate::support::mcp::Era;
use crate::support::upstream::ledger::End;
use crate::support::wait;

/// How much more memory any of it may take.
const GROWTH: usize = 16 << 20;
/// The deadline of a call in these tests.
const DEADLINE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn an_answer_without_an_end_is_cut_at_the_cap_and_its_socket_closed() {
    for fault in ["gzip-bomb", "endless", "ten-gigabytes", "many-headers", "endless-headers"] {
        let world = World::new().await;
        let mut client = world.client().await;
        client.call("bytes", json!({"count": "1000"})).await.success();
        let before = world.gateway.usage();
        client.call("fault", json!({"name": fault})).await.error();
        let grown = world.gateway.usage().peak.saturating_sub(before.memory);
        figures::row(
            "S11",
            &format!("an answer without an end: {fault}"),
            format!("{} KiB more memory", grown >> 10),
        );
        assert!(grown <= GROWTH, "{fault}: memory grew by {} KiB", grown >> 10);
        wait::until(&format!("the socket to be closed after {fault}"), || {
            let ledger = world.upstream.ledger();
            (ledger.ended(End::ClientLeft) + ledger.ended(End::Closed) == 1).then_some(())
        })
        .await;
        wait::until("the connection to be gone", || (world.upstream.open_connections() <= 1).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn an_answer_that_drips_or_never_comes_ends_at_the_deadline() {
    let world = World::new().await;
    for (count, fault) in ["slow", "hang"].into_iter().enumerate() {
        for era in [Era::Legacy, Era::Modern] {
            let mut client = world.gateway.client(era).await;
            let start = toolgate::clock::now();
            let text = client.call("fault", json!({"name": fault})).await.error();
            let taken = start.elapsed();
            assert!(taken >= DEADLINE, "{fault}: given up after {taken:?}");
            // 100 ms are promised; the rest is for a machine that does other things, too.
            assert!(taken < DEADLINE + Duration::from_millis(900), "{fault}: {taken:?}");
            let late = taken.saturating_sub(DEADLINE).as_millis();
            figures::row(
                "S11",
                &format!("an answer that is {fault}, {era:?}"),
                format!("over {late} ms after the deadline"),
            );
            assert!(text.contains("2 s") || text.contains("time"), "{text}");
        }
        world.upstream.ledger().until_left(2 * (count + 1)).await;
    }
    assert_eq!(world.upstream.ledger().len(), 4, "nothing was tried twice");
}

#[tokio::test]
async fn an_answer_that_is_compressed_twice_is_read_or_refused_but_never_garbled() {
    let world = World::new().await;
    let result = world.client().await.call("fault", json!({"name": "double-gzip"})).await;
    assert!(result.is_error() || result.structured()["twice"] == json!(true), "{}", result.0);
}

#[tokio::test]
async fn large_answers_below_the_cap_come_whole() {
    let world = World::new().await;
    let mut client = world.client().await;
    for count in [10, 100_000, 5_000_000] {
        let result = client.call("bytes", json!({"count": count.to_string()})).await.success();
        assert_eq!(result.structured()["text"].as_str().map(str::len), Some(count));
    }
}
