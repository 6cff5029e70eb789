use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::net::fixture::{Answer as Said, Peer, answer};

async fn introspector(in_body: bool, said: &Arc<Mutex<Vec<u8>>>) -> (Introspector, Peer) {
    let said = Arc::clone(said);
    let peer = Peer::start(move |_| Said::Close(said.lock().unwrap().clone())).await;
    let configured = Introspection {
        url: peer.url.join("introspect").unwrap(),
        client_id: "gate way".to_owned(),
        client_secret: "s3cret:of/it".into(),
        in_body,
        ttl: Duration::from_secs(30),
    };
    (Introspector::new(configured, &Clients::default()), peer)
}

fn says(value: &Value) -> Arc<Mutex<Vec<u8>>> {
    Arc::new(Mutex::new(answer("200 OK", value.to_string())))
}

async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn an_answer_is_used_for_a_while_and_for_its_token_alone() {
    let said = says(&json!({"active": true, "sub": "a"}));
    let (introspector, peer) = introspector(false, &said).await;
    for _ in 0..3 {
        assert_eq!(introspector.claims("t1").await.unwrap().claims["sub"], "a");
    }
    assert_eq!(peer.requests().len(), 1);
    *said.lock().unwrap() = answer("200 OK", json!({"active": false}).to_string());
    assert!(matches!(introspector.claims("t2").await, Err(Refusal::InvalidToken(_))));
    assert!(introspector.claims("t1").await.is_ok());
    pass(Duration::from_secs(30)).await;
    assert!(matches!(introspector.claims("t1").await, Err(Refusal::InvalidToken(_))), "it was taken back");
    let request = &peer.requests()[0];
    assert!(request.starts_with("POST /introspect "), "{request}");
    assert!(request.contains("authorization: Basic Z2F0ZSt3YXk6czNjcmV0JTNBb2YlMkZpdA=="), "{request}");
    assert!(request.ends_with("token=t1&token_type_hint=access_token"), "{request}");
}

#[tokio::test]
async fn no_answer_is_used_for_longer_than_its_token_is_good() {
    let soon = crate::access::testing::now() + 5;
    let (introspector, peer) = introspector(false, &says(&json!({"active": true, "exp": soon}))).await;
    introspector.claims("t").await.unwrap();
    pass(Duration::from_secs(6)).await;
    introspector.claims("t").await.unwrap();
    assert_eq!(peer.requests().len(), 2);
}

#[tokio::test]
async fn name_and_secret_can_be_in_the_body() {
    let (introspector, peer) = introspector(true, &says(&json!({"active": false}))).await;
    assert!(introspector.claims("t").await.is_err());
    let request = &peer.requests()[0];
    assert!(!request.contains("authorization"), "{request}");
    assert!(request.ends_with("client_id=gate+way&client_secret=s3cret%3Aof%2Fit"), "{request}");
}

#[tokio::test]
async fn a_server_that_does_not_say_lets_nobody_in_and_is_asked_again() {
    for bad in [
        answer("401 Unauthorized", "{}"),
        answer("302 Found\r\nLocation: /elsewhere", ""),
        answer("200 OK", "{}"),
        answer("200 OK", r#"{"active":"true"}"#),
        answer("200 OK", "x".repeat(1 << 20)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec(),
    ] {
        let said = Arc::new(Mutex::new(bad));
        let (introspector, peer) = introspector(false, &said).await;
        assert!(matches!(introspector.claims("t").await, Err(Refusal::Unavailable)));
        *said.lock().unwrap() = answer("200 OK", r#"{"active":true}"#);
        assert!(introspector.claims("t").await.is_ok());
        assert_eq!(peer.requests().len(), 2);
    }
}

#[test]
fn nothing_of_it_can_be_printed() {
    let configured = Introspection {
        url: "https://login.example.com/introspect".parse().unwrap(),
        client_id: "gate".to_owned(),
        client_secret: "s3cret".into(),
        in_body: false,
        ttl: Duration::from_secs(30),
    };
    assert!(!format!("{:?}", Introspector::new(configured, &Clients::default())).contains("s3cret"));
}
