//! The upstream is held to its own promises: a fault that does not happen proves nothing.

use super::ledger::End;
use super::{Upstream, faults};
use crate::support::http::{self, Connection};

#[tokio::test]
async fn the_ledger_holds_what_came_over_the_wire() {
    let upstream = Upstream::echo().await;
    let bytes = http::request("POST", "/a/%2e%2E?b#c", &[("x-Odd", "1"), ("x-Odd", "2")], b"{}");
    let response = http::exchange(upstream.address, &bytes).await;
    let entry = upstream.ledger().only();
    assert_eq!(response.json()["target"], "/a/%2e%2E?b#c");
    assert_eq!((entry.request.method.as_str(), entry.path()), ("POST", "/a/%2e%2E"));
    assert!(entry.request.headers.ends_with(&[("x-Odd".into(), "1".into()), ("x-Odd".into(), "2".into())]));
    assert_eq!(entry.request.body, b"{}");
}

#[tokio::test]
async fn a_request_is_in_the_ledger_although_its_answer_never_comes() {
    let upstream = Upstream::start(faults::by_path).await;
    for attempt in 1..=2 {
        Connection::open(upstream.address).await.send(&http::request("GET", "/faults/reset", &[], b"")).await;
        upstream.ledger().until_entered(attempt).await;
        assert_eq!(upstream.ledger().entries()[attempt - 1].attempt, attempt);
    }
}

#[tokio::test]
async fn the_upstream_notices_a_client_that_leaves() {
    let upstream = Upstream::start(faults::by_path).await;
    for (count, fault) in ["hang", "slow", "endless", "endless-headers"].into_iter().enumerate() {
        let mut connection = Connection::open(upstream.address).await;
        connection.send(&http::request("GET", &format!("/faults/{fault}"), &[], b"")).await;
        upstream.ledger().until_entered(count + 1).await;
        assert_eq!(upstream.ledger().ended(End::ClientLeft), count);
        drop(connection);
        upstream.ledger().until_left(count + 1).await;
    }
}
