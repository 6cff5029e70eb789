use std::sync::Mutex;

use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::*;
use crate::access::testing::{Signer, jwks};
use crate::net::fixture::{Answer, Peer, answer};

/// What an authorization server says about its keys at present.
type Script = Arc<Mutex<Vec<u8>>>;

async fn source(script: &Script) -> (Arc<KeySource>, Peer) {
    let script = Arc::clone(script);
    let peer = Peer::start(move |_| Answer::Close(script.lock().unwrap().clone())).await;
    let place = KeyPlace::Url(peer.url.join("jwks").unwrap());
    (Arc::new(KeySource::new("https://login.example.com", place, &Clients::default())), peer)
}

fn script(bytes: Vec<u8>) -> Script {
    Arc::new(Mutex::new(bytes))
}

async fn key(source: &Arc<KeySource>, id: &str) -> Result<(), NoKey> {
    source.key(Wanted { id: Some(id), algorithm: Algorithm::ES256 }).await.map(drop)
}

/// Lets time pass for us and not for the peer.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_thousand_tokens_make_one_fetch() {
    let (source, peer) = source(&script(answer("200 OK", jwks(&[&Signer::ec("a")])))).await;
    let keys = join_all((0..1000).map(|_| key(&source, "a"))).await;
    assert!(keys.iter().all(Result::is_ok));
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_unknown_ones_make_two_fetches_in_a_minute() {
    let now = script(answer("200 OK", jwks(&[&Signer::ec("old")])));
    let (source, peer) = source(&now).await;
    assert_eq!(key(&source, "old").await, Ok(()));
    *now.lock().unwrap() = answer("200 OK", jwks(&[&Signer::ec("new")]));
    assert_eq!(key(&source, "new").await, Ok(()));
    assert_eq!(key(&source, "old").await, Err(NoKey::Unknown), "it was taken back");
    for name in 0..1000 {
        assert_eq!(key(&source, &format!("unknown-{name}")).await, Err(NoKey::Unknown));
    }
    assert_eq!(peer.requests().len(), 2);
    pass(UNKNOWN_APART).await;
    for name in 0..1000 {
        assert_eq!(key(&source, &format!("unknown-{name}")).await, Err(NoKey::Unknown));
    }
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn the_last_good_keys_stay_when_the_server_fails() {
    let now = script(answer("200 OK", jwks(&[&Signer::ec("a")])));
    let (source, peer) = source(&now).await;
    assert_eq!(key(&source, "a").await, Ok(()));
    *now.lock().unwrap() = answer("500 Internal Server Error", "");
    pass(FRESH).await;
    assert_eq!(key(&source, "a").await, Ok(()), "nobody waits for the next ones");
    assert_eq!(key(&source, "b").await, Err(NoKey::Unknown), "it waits for the fetch that is under way");
    assert_eq!(peer.requests().len(), 2);
    assert_eq!(key(&source, "a").await, Ok(()));
}

#[tokio::test]
async fn keys_that_are_taken_back_are_forgotten_after_a_while() {
    let now = script(answer("200 OK", jwks(&[&Signer::ec("a")])));
    let (source, _peer) = source(&now).await;
    assert_eq!(key(&source, "a").await, Ok(()));
    *now.lock().unwrap() = answer("200 OK", jwks(&[]));
    pass(FRESH).await;
    key(&source, "a").await.unwrap();
    let fetching = source.lock().fetching.clone();
    fetching.unwrap().await;
    assert_eq!(key(&source, "a").await, Err(NoKey::Unknown));
}

#[tokio::test]
async fn a_server_that_fails_is_asked_again_after_a_pause() {
    let large = "x".repeat(10 << 20);
    for bad in [
        answer("500 Internal Server Error", ""),
        answer("302 Found\r\nLocation: /elsewhere", ""),
        answer("200 OK", large),
        answer("200 OK", "<html>"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"keys\": [".to_vec(),
    ] {
        let now = script(bad);
        let (source, peer) = source(&now).await;
        for _ in 0..3 {
            assert_eq!(key(&source, "a").await, Err(NoKey::Unavailable));
        }
        assert_eq!(peer.requests().len(), 1, "the others are told at once");
        *now.lock().unwrap() = answer("200 OK", jwks(&[&Signer::ec("a")]));
        pass(PAUSE).await;
        assert_eq!(key(&source, "a").await, Ok(()));
        assert!(peer.requests().iter().all(|request| request.starts_with("GET /jwks ")), "no redirect");
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let peer = Peer::start(|_| Answer::Stall(b"HTTP/1.1 200 OK\r\n".to_vec())).await;
    let place = KeyPlace::Url(peer.url.clone());
    let source = Arc::new(KeySource::new("https://login.example.com", place, &Clients::default()));
    tokio::time::pause();
    assert_eq!(key(&source, "a").await, Err(NoKey::Unavailable));
}

#[tokio::test]
async fn keys_are_where_the_metadata_of_the_issuer_says() {
    for (name, good) in [("", true), ("evil", false)] {
        let peer = Peer::start(move |request| {
            let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
            let metadata =
                json!({"issuer": format!("http://{host}{name}"), "jwks_uri": format!("http://{host}/keys")});
            match request.split(' ').nth(1).unwrap() {
                "/.well-known/openid-configuration" => Answer::Close(answer("200 OK", metadata.to_string())),
                "/keys" => Answer::Close(answer("200 OK", jwks(&[&Signer::ec("a")]))),
                _ => Answer::Close(answer("404 Not Found", "")),
            }
        })
        .await;
        let issuer = peer.url.as_str().trim_end_matches('/').to_owned();
        let place = KeyPlace::Discovered(peer.url.clone());
        let source = Arc::new(KeySource::new(&issuer, place, &Clients::default()));
        let expected = if good { Ok(()) } else { Err(NoKey::Unavailable) };
        assert_eq!(key(&source, "a").await, expected);
        assert_eq!(peer.requests().iter().any(|request| request.starts_with("GET /keys ")), good);
    }
}

#[tokio::test]
async fn metadata_sends_nobody_into_the_own_network_or_over_an_open_line() {
    for url in [
        "http://127.0.0.1:1/keys",
        "http://login.example.com/keys",
        "https://10.0.0.1/keys",
        "file:///etc/passwd",
    ] {
        let peer = Peer::start(move |request| {
            let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
            let metadata = json!({"issuer": format!("http://{host}"), "jwks_uri": url});
            Answer::Close(answer("200 OK", metadata.to_string()))
        })
        .await;
        let issuer = peer.url.as_str().trim_end_matches('/').to_owned();
        let place = KeyPlace::Discovered(peer.url.clone());
        let source = Arc::new(KeySource::new(&issuer, place, &Clients::default()));
        assert_eq!(key(&source, "a").await, Err(NoKey::Unavailable), "{url}");
    }
}
