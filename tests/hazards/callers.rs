//! S7: what a caller's own headers may do, and whose answer is whose.

use serde_json::{Value, json};

use super::World;
use crate::support::mcp::{ERAS, Era};

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
