//! S7 and S9: what a caller's own headers may do, and who may call at all.

use serde_json::{Value, json};

use super::World;
use crate::support::http::{self, Response};
use crate::support::mcp::{self, ERAS, Era};

#[tokio::test]
async fn not_one_byte_of_the_callers_headers_goes_upstream() {
    let world = World::new().await;
    for era in ERAS {
        let names =
            ["Cookie", "X-Api-Key", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Custom", "Via"];
        let mut client = world.gateway.client(era).await.header("Authorization", "Bearer callers-own-value");
        for name in names {
            client = client.header(name, "callers-own-value");
        }
        let client =
            client.header("User-Agent", "callers-own-value").header("Referer", "http://callers-own-value");
        let mut client = client.header("Accept-Language", "callers-own-value");
        client.call("read_item", json!({"item": "1"})).await.success();
    }
    assert_eq!(world.upstream.ledger().len(), 2);
    let wire = world.upstream.ledger().wire();
    assert!(!wire.contains("callers-own-value"), "{wire}");
}

#[tokio::test]
async fn another_sites_host_or_origin_is_forbidden_and_nothing_is_called() {
    let world = World::new().await;
    let port = world.gateway.address.port();
    let own = format!("127.0.0.1:{port}");
    let foreign: Vec<Vec<(&str, String)>> = vec![
        vec![("Host", "evil.example.com".into())],
        vec![("Host", format!("evil.example.com:{port}"))],
        vec![("Host", format!("127.0.0.1.evil.example.com:{port}"))],
        vec![("Host", format!("127.0.0.1:{port}@evil.example.com"))],
        vec![("Host", own.clone()), ("Origin", "https://evil.example.com".into())],
        vec![("Host", own.clone()), ("Origin", "null".into())],
        vec![("Host", own.clone()), ("Origin", "http://localhost.evil.example.com".into())],
        vec![("Host", own.clone()), ("Origin", "http://127.0.0.1.evil.example.com".into())],
    ];
    for era in ERAS {
        for headers in &foreign {
            let response = call_with(&world, era, headers).await;
            assert_eq!(response.status, 403, "{headers:?}: {}", response.text());
        }
    }
    world.upstream.ledger().assert_empty("no site of that name is served");
}

#[tokio::test]
async fn loopback_names_and_origins_are_served() {
    let world = World::new().await;
    let port = world.gateway.address.port();
    let good: Vec<Vec<(&str, String)>> = vec![
        vec![("Host", format!("127.0.0.1:{port}"))],
        vec![("Host", format!("localhost:{port}"))],
        vec![("Host", "LOCALHOST".into())],
        vec![("Host", format!("[::1]:{port}"))],
        vec![("Host", format!("localhost:{port}")), ("Origin", format!("http://localhost:{port}"))],
        vec![("Host", format!("localhost:{port}")), ("Origin", "http://127.0.0.1:6274".into())],
    ];
    for era in ERAS {
        for headers in &good {
            let response = call_with(&world, era, headers).await;
            assert_eq!(response.status, 200, "{headers:?}: {}", response.text());
        }
    }
    assert_eq!(world.upstream.ledger().len(), 2 * good.len());
}

#[tokio::test]
async fn two_clients_with_the_same_ids_get_their_own_answers() {
    let world = World::new().await;
    let ask = |era: Era, name: &'static str| {
        let connecting = world.gateway.client(era);
        async move {
            let mut client = connecting.await;
            for number in 0..50 {
                let item = format!("{name}-{number}");
                let result = client.call("read_item", json!({"item": item})).await.success();
                assert_eq!(
                    result.structured()["target"],
                    Value::from(format!("/items/{item}")),
                    "a foreign answer"
                );
            }
        }
    };
    let (a, b, c, d) =
        (ask(Era::Legacy, "a"), ask(Era::Legacy, "b"), ask(Era::Modern, "c"), ask(Era::Modern, "d"));
    tokio::join!(a, b, c, d);
    assert_eq!(world.upstream.ledger().len(), 200, "none lost, none twice");
}

async fn call_with(world: &World, era: Era, headers: &[(&str, String)]) -> Response {
    let mut all: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend(mcp::headers_of(era, "tools/call", "read_item"));
    let params = json!({"name": "read_item", "arguments": {"item": "1"}});
    let body = mcp::body(era, 1, "tools/call", params);
    http::exchange(world.gateway.address, &http::request("POST", "/mcp", &all, body.as_bytes())).await
}
