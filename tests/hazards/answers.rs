//! L6: answers that are none. The model must never be told success.

use serde_json::json;

use super::World;
use crate::support::mcp::ERAS;
use crate::support::upstream::faults;

#[tokio::test]
async fn a_broken_answer_is_a_tool_error_that_says_how_it_is_broken() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.gateway.client(era).await;
        for (fault, code) in faults::BROKEN {
            for tool in ["fault", "post_fault"] {
                let result = client.call(tool, json!({"name": *fault})).await;
                assert_eq!(result.code(), *code, "{fault}");
                assert!(!result.error().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_write_that_may_have_been_executed_is_sent_once() {
    let world = World::new().await;
    let mut client = world.client().await;
    for (count, (fault, _)) in faults::BROKEN.iter().enumerate() {
        client.call("post_fault", json!({"name": *fault})).await.error();
        assert_eq!(world.upstream.ledger().len(), count + 1, "{fault}");
    }
    let entries = world.upstream.ledger().entries();
    assert!(entries.iter().all(|entry| entry.attempt == 1), "{entries:#?}");
}

#[tokio::test]
async fn after_any_broken_answer_the_next_one_is_its_own() {
    let world = World::new().await;
    let mut client = world.client().await;
    for (fault, _) in faults::BROKEN {
        client.call("fault", json!({"name": *fault})).await.error();
        let result = client.call("read_item", json!({"item": *fault})).await.success();
        assert_eq!(result.structured()["target"], json!(format!("/items/{fault}")), "a foreign answer");
    }
}

#[tokio::test]
async fn calls_one_after_the_other_share_a_connection_until_an_answer_breaks_it() {
    let world = World::new().await;
    let mut client = world.client().await;
    for item in ["1", "2"] {
        client.call("read_item", json!({"item": item})).await.success();
    }
    client.call("fault", json!({"name": "truncated-body"})).await.error();
    client.call("read_item", json!({"item": "3"})).await.success();
    let connections: Vec<usize> =
        world.upstream.ledger().entries().iter().map(|entry| entry.connection).collect();
    assert_eq!(connections[..3], [0, 0, 0]);
    // What breaks is tried again, each time on another one.
    let others = &connections[3..];
    assert!(others.iter().enumerate().all(|(index, number)| *number == index + 1), "{connections:?}");
}

#[tokio::test]
async fn an_error_status_is_told_with_its_reason() {
    let world = World::new().await;
    let mut client = world.client().await;
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 502, 503] {
        let text = client.call("status", json!({"code": status.to_string()})).await.error();
        assert!(text.contains(&status.to_string()), "{status}: {text}");
        assert!(text.contains("As asked"), "the upstream's own words are lost: {text}");
    }
    client.call("status", json!({"code": "204"})).await.success();
}
