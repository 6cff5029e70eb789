use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::access::testing::{Signer, access_of, claims, expected_of, jwks, now};
use crate::config::server::access::Tokens;
use crate::net::fixture::{Peer, answer};

async fn of_signers(signers: &[&Signer]) -> (Gatekeeper, Peer) {
    let peer = Peer::answering(answer("200 OK", jwks(signers))).await;
    (Gatekeeper::new(access_of(expected_of(peer.url.as_str())), &Clients::default()), peer)
}

fn bearer(text: &str) -> HeaderMap {
    HeaderMap::from_iter([(
        http::header::AUTHORIZATION,
        HeaderValue::from_str(&format!("Bearer {text}")).unwrap(),
    )])
}

async fn admitted(gatekeeper: &Gatekeeper, token: &str) -> Result<String, (StatusCode, String)> {
    let admitted = gatekeeper.admit(&bearer(token)).await;
    admitted.map(|principal| principal.id().to_owned()).map_err(|refused| {
        let challenge = refused.challenge.as_ref().map_or("", |value| value.to_str().unwrap());
        assert!(!challenge.contains(token) && !format!("{refused:?}").contains(token));
        (refused.status(), challenge.to_owned())
    })
}

fn changed(change: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn good_tokens_of_all_kinds_are_let_in() {
    let (rsa, ec) = (Signer::rsa("r"), Signer::ec("e"));
    let (gatekeeper, peer) = of_signers(&[&rsa, &ec]).await;
    let id = Ok("token:https://login.example.com user-1".to_owned());
    for _ in 0..3 {
        assert_eq!(admitted(&gatekeeper, &rsa.token()).await, id);
        assert_eq!(admitted(&gatekeeper, &ec.token()).await, id);
    }
    // Nobody looks at what a header says about keys: the issuer's own is taken.
    let with_url = ec.sign(&json!({"jku": "https://evil.example.com/jwks", "typ": "JWT"}), &claims());
    assert_eq!(admitted(&gatekeeper, &with_url).await, id);
    assert_eq!(peer.requests().len(), 1);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let (rsa, other) = (Signer::rsa("r"), Signer::rsa("r"));
    let (gatekeeper, peer) = of_signers(&[&rsa]).await;
    let good = rsa.token();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let shared = |key: &[u8]| {
        let message = format!("{}.{}", part(json!({"alg": "HS256", "kid": "r"})), part(claims()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let modulus = rsa.jwk()["n"].as_str().unwrap().to_owned();
    let another = changed(&json!({"sub": "admin"}));
    let tokens = [
        other.token(),
        other.sign(&json!({"jwk": other.jwk()}), &claims()),
        other.sign(
            &json!({"jku": "https://evil.example.com/jwks", "x5u": "https://evil.example.com/c"}),
            &claims(),
        ),
        shared(&URL_SAFE_NO_PAD.decode(&modulus).unwrap()),
        shared(rsa.jwk().to_string().as_bytes()),
        format!("{}.{}.", part(json!({"alg": "none"})), part(claims())),
        format!("{}.{}.{signature}", part(json!({"alg": "none", "kid": "r"})), part(claims())),
        format!("{}.{}.{signature}", message.split_once('.').unwrap().0, part(another)),
        format!("{message}."),
        format!("{message}.AAAA"),
        rsa.sign(&json!({"alg": "PS256"}), &claims()),
        rsa.sign(&json!({"crit": ["exp"]}), &claims()),
        Signer::ec("unknown").token(),
    ];
    for token in tokens {
        let (status, challenge) = admitted(&gatekeeper, &token).await.unwrap_err();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{token}");
        assert!(
            challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="),
            "{challenge}"
        );
    }
    assert!(peer.requests().len() <= 2);
    assert!(admitted(&gatekeeper, &good).await.is_ok());
}

#[tokio::test]
async fn a_token_that_would_not_do_anyway_makes_nobody_fetch_keys() {
    let signer = Signer::ec("e");
    let (gatekeeper, peer) = of_signers(&[&signer]).await;
    for change in [
        json!({"iss": "https://evil.example.com"}),
        json!({"aud": "https://other.example.com"}),
        json!({"aud": null}),
        json!({"aud": ["a", "b"]}),
        json!({"exp": now() - 3600}),
        json!({"nbf": now() + 3600}),
        json!({"exp": null}),
        json!({"aud": "client-1", "nonce": "n", "at_hash": "h"}),
        json!({"cnf": {"jkt": "x"}}),
    ] {
        let refused = admitted(&gatekeeper, &signer.sign(&json!({}), &changed(&change))).await;
        assert_eq!(refused.unwrap_err().0, StatusCode::UNAUTHORIZED, "{change}");
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn scopes_that_are_too_narrow_are_named_all_at_once_and_broader_ones_do() {
    let signer = Signer::ec("e");
    let (gatekeeper, _peer) = of_signers(&[&signer]).await;
    for narrow in ["", "other", "mcp:read", "MCP", "mcpx"] {
        let token = signer.sign(&json!({}), &changed(&json!({"scope": narrow})));
        let (status, challenge) = admitted(&gatekeeper, &token).await.unwrap_err();
        assert_eq!(status, StatusCode::FORBIDDEN, "{narrow}");
        assert!(
            challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"mcp\""),
            "{challenge}"
        );
    }
    for broad in ["mcp other", "admin"] {
        let token = signer.sign(&json!({}), &changed(&json!({"scope": broad})));
        assert!(admitted(&gatekeeper, &token).await.is_ok(), "{broad}");
    }
    let step_up = gatekeeper.insufficient_scope(["write", "mcp", "delete"]).challenge.unwrap();
    assert!(step_up.to_str().unwrap().contains("scope=\"mcp write delete\""));
}

#[tokio::test]
async fn keys_are_let_in_by_either_header_and_beside_tokens() {
    let signer = Signer::ec("e");
    let peer = Peer::answering(answer("200 OK", jwks(&[&signer]))).await;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, b"toolgate_k").as_ref());
    let key = ApiKey { name: "ci".to_owned(), sha256, scopes: vec!["admin".to_owned()], expires: None };
    let access = Access { keys: vec![key], ..access_of(expected_of(peer.url.as_str())) };
    let gatekeeper = Gatekeeper::new(access, &Clients::default());
    assert_eq!(admitted(&gatekeeper, "toolgate_k").await, Ok("key:ci".to_owned()));
    assert!(admitted(&gatekeeper, &signer.token()).await.is_ok());
    let mut headers = bearer("something-for-an-api");
    headers.insert("x-api-key", HeaderValue::from_static("toolgate_k"));
    let principal = gatekeeper.admit(&headers).await.unwrap();
    let caller = principal.caller().unwrap();
    assert_eq!((caller.key(), caller.header().as_str()), (Some("ci"), "x-api-key"));
    assert!(caller.has_scope("write"), "it comes with admin");
    headers.insert("x-api-key", HeaderValue::from_static("toolgate_x"));
    assert_eq!(gatekeeper.admit(&headers).await.unwrap_err().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn whoever_shows_nothing_is_told_where_to_log_in() {
    let (gatekeeper, peer) = of_signers(&[]).await;
    for header in [None, Some("Basic dTpw"), Some("Bearer"), Some("")] {
        let headers = header.map(|value| (http::header::AUTHORIZATION, HeaderValue::from_static(value)));
        let refused = gatekeeper.admit(&headers.into_iter().collect()).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let challenge = refused.challenge.unwrap();
        let challenge = challenge.to_str().unwrap();
        assert!(
            challenge.contains("resource_metadata=") && challenge.contains("scope=\"mcp\""),
            "{challenge}"
        );
        assert!(!challenge.contains("error"), "{challenge}");
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn a_key_that_is_taken_out_of_the_file_is_refused_and_the_issuers_keys_stay_known() {
    let signer = Signer::ec("e");
    let peer = Peer::answering(answer("200 OK", jwks(&[&signer]))).await;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, b"toolgate_k").as_ref());
    let key = ApiKey { name: "ci".to_owned(), sha256, scopes: Vec::new(), expires: None };
    let tokens = expected_of(peer.url.as_str());
    let access = access_of(tokens.clone());
    let gatekeeper = Gatekeeper::new(Access { keys: vec![key], ..access.clone() }, &Clients::default());
    assert!(admitted(&gatekeeper, "toolgate_k").await.is_ok());
    assert!(admitted(&gatekeeper, &signer.token()).await.is_ok());
    gatekeeper.replace(access);
    assert!(admitted(&gatekeeper, "toolgate_k").await.is_err());
    assert!(admitted(&gatekeeper, &signer.token()).await.is_ok());
    assert_eq!(peer.requests().len(), 1);
    gatekeeper.replace(access_of(Tokens { required_scopes: vec!["more".to_owned()], ..tokens }));
    assert_eq!(admitted(&gatekeeper, &signer.token()).await.unwrap_err().0, StatusCode::FORBIDDEN);
}
