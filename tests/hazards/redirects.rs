//! S4: an upstream that sends us, and what we carry, elsewhere.

use serde_json::json;

use super::{GATEWAY_FILE, PARTNER, TOKEN, World, setup};
use crate::support::mcp::Era;
use crate::support::upstream::{Answer, Upstream, faults};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed_and_says_where_it_led() {
    let other = Upstream::echo().await;
    let port = other.url().rsplit(':').next().unwrap().to_owned();
    let targets = [
        format!("{}/stolen", other.url()),
        format!("//127.0.0.1:{port}/stolen"),
        format!("http://localhost:{port}/stolen"),
        format!("http://user:password@127.0.0.1:{port}/stolen"),
        format!("http:\\\\127.0.0.1:{port}\\stolen"),
        format!("https://127.0.0.1:{port}/stolen"),
    ];
    for target in &targets {
        for status in STATUSES {
            let location = target.clone();
            let world = World::of(move |_| Answer::redirect(status, &location)).await;
            let mut client = world.client().await;
            let read = client.call("read_item", json!({"item": "1"})).await.error();
            let write = client.call("create_item", json!({"name": "n"})).await.error();
            for text in [read, write] {
                assert!(text.contains(&port), "{status} to {target}: {text:?} does not say where");
                assert!(!text.contains("password"), "{text}");
            }
            assert_eq!(world.upstream.ledger().len(), 2);
        }
    }
    other.ledger().assert_empty("it is another origin");
}

#[tokio::test]
async fn a_redirect_to_another_scheme_or_to_nowhere_is_an_error() {
    for location in
        ["ftp://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "http://[::1", "http://"]
    {
        let world = World::of(move |_| Answer::redirect(302, location)).await;
        world.client().await.call("read_item", json!({"item": "1"})).await.error();
        assert_eq!(world.upstream.ledger().len(), 1);
    }
    let without = World::of(|_| Answer::status(302, "text/plain", "moved")).await;
    without.client().await.call("read_item", json!({"item": "1"})).await.error();
}

#[tokio::test]
async fn a_read_follows_redirects_on_its_own_origin_three_times_and_no_further() {
    let world = World::of(|entry| match entry.path() {
        "/items/near" => Answer::redirect(302, "/moved/1"),
        "/moved/1" => Answer::redirect(307, "2"),
        "/moved/2" => Answer::redirect(308, "/moved/3?a=b"),
        "/items/loop" => Answer::redirect(302, "/items/loop"),
        _ => faults::echo(entry),
    })
    .await;
    let mut client = world.client().await;
    let result = client.call("read_item", json!({"item": "near"})).await.success();
    assert_eq!(result.structured()["target"], "/moved/3?a=b");
    assert_eq!(world.upstream.ledger().len(), 4);
    client.call("read_item", json!({"item": "loop"})).await.error();
    assert_eq!(world.upstream.ledger().len(), 8, "one request and three redirects");
}

#[tokio::test]
async fn a_write_is_executed_once_whatever_it_is_redirected_to() {
    for status in STATUSES {
        let world = World::of(move |entry| match entry.path() {
            "/items" => Answer::redirect(status, "/elsewhere"),
            _ => faults::echo(entry),
        })
        .await;
        world.client().await.call("create_item", json!({"name": "n"})).await;
        let entries = world.upstream.ledger().entries();
        let same = |entry: &&crate::support::upstream::Entry| {
            entry.request.method == "POST" && entry.path() == "/items"
        };
        assert_eq!(entries.iter().filter(same).count(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_key_in_the_query_does_not_travel_with_a_redirect() {
    let other = Upstream::echo().await;
    let location = format!("{}/stolen?key={TOKEN}&partner={PARTNER}", other.url());
    let upstream = Upstream::start(move |_| Answer::redirect(302, &location)).await;
    let file = GATEWAY_FILE
        .replace("{bearer: \"${TOKEN}\"}", "{api_key: {in: query, name: key, value: \"${TOKEN}\"}}");
    let gateway = setup(&upstream).file("gateway.yaml", file).serve().await;
    let text = gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await.error();
    assert!(
        upstream.ledger().only().request.target.contains(TOKEN),
        "the credential goes to its own upstream"
    );
    assert!(!text.contains(TOKEN) && !text.contains(PARTNER), "{text}");
    other.ledger().assert_empty("it is another origin");
}
