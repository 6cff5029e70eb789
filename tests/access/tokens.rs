//! Access tokens of an authorization server of our own: what is good, and everything that is not.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::{INSUFFICIENT_SCOPE, INVALID_REQUEST, INVALID_TOKEN, NOTHING_SHOWN, UNAVAILABLE, World};
use crate::support::http;
use crate::support::issuer::{Issuer, Keys, RESOURCE, Signer, encoded, now, unsigned};
use crate::support::mcp::Era;

async fn world(issuer: &Issuer) -> World {
    World::with(&server_file(issuer, ""), "").await
}

fn server_file(issuer: &Issuer, more: &str) -> String {
    format!(
        "access:\n  resource: {RESOURCE}\n  implied_scopes: {{admin: [mcp]}}\n  oauth:\n    issuer: {}\n    required_scopes: \
         [mcp]\n{more}",
        issuer.url()
    )
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn whoever_shows_nothing_is_told_where_to_log_in() {
    let issuer = Issuer::start().await;
    let world = world(&issuer).await;
    let token = issuer.token(&json!({}));
    world.refuses(&[], &NOTHING_SHOWN, "nothing").await;
    for nothing in ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNzd29yZA==", "Digest a=b", "token"] {
        world.refuses(&[("Authorization", nothing)], &NOTHING_SHOWN, nothing).await;
    }
    world.refuses(&[("Cookie", &format!("access_token={token}"))], &NOTHING_SHOWN, "a cookie").await;
    world
        .refuses(&[("X-Api-Key", &token)], &NOTHING_SHOWN, "a header for keys, of which there are none")
        .await;
    let call = json!({"name": "read_item", "arguments": {"item": "1"}});
    let target = format!("/mcp?access_token={token}");
    let response = world.ask(&target, Era::Modern, "tools/call", &call, &[]).await;
    assert_eq!(response.status, 401, "a token in the query");
    let challenge = response.header("www-authenticate").unwrap();
    let metadata = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
    assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
    for path in ["", "/mcp", "/mcp/small"] {
        let target = format!("/.well-known/oauth-protected-resource{path}");
        let document = http::exchange(world.gateway.address, &http::request("GET", &target, &[], b"")).await;
        assert_eq!(document.header("content-type"), Some("application/json"));
        let document = document.json();
        assert_eq!(
            (&document["resource"], &document["authorization_servers"]),
            (&json!(RESOURCE), &json!([issuer.url()]))
        );
    }
    world.upstream.ledger().assert_empty("nobody was let in");
    assert_eq!(issuer.keys_read(), 0);
    assert!(!world.gateway.stderr().contains(&token));
}

#[tokio::test]
async fn what_is_no_token_or_more_than_one_is_an_invalid_request() {
    let issuer = Issuer::start().await;
    let world = world(&issuer).await;
    let good = bearer(&issuer.token(&json!({})));
    let two = [("Authorization", good.as_str()), ("Authorization", good.as_str())];
    world.refuses(&two, &INVALID_REQUEST, "twice the same").await;
    let two = [("Authorization", "Basic dTpw"), ("authorization", good.as_str())];
    world.refuses(&two, &INVALID_REQUEST, "Basic and a token").await;
    for form in ["Bearer a b", "Bearer a,Bearer b", "Bearer \"a\"", "Bearer a%0d%0ab", "Bearer ä"] {
        world.refuses(&[("Authorization", form)], &INVALID_REQUEST, form).await;
    }
    // What comes after CR LF is another header, and a bare CR or LF makes no header at all.
    let cut = format!("{}\r\nX-More: b", bearer("abc"));
    world.refuses(&[("Authorization", &cut)], &INVALID_TOKEN, "CR LF").await;
    for broken in ["Bearer a\rb", "Bearer a\n b", "Bearer a\r\n b", "Bearer a\0b"] {
        for (request, response) in world.answers(&[("Authorization", broken)]).await {
            assert_eq!(response.status, 400, "{broken:?}, {request}");
        }
    }
    world.refuses(&[("Authorization", &bearer(&"a".repeat(20 << 10)))], &INVALID_TOKEN, "20 KB").await;
    for (request, response) in world.answers(&[("Authorization", &bearer(&"a".repeat(100 << 10)))]).await {
        // Whether the head as a whole is too large is for the reader of heads to say; a token of this length is none.
        assert!(matches!(response.status, 401 | 431), "100 KB, {request}: {}", response.status);
    }
    world.upstream.ledger().assert_empty("nobody was let in");
}

#[tokio::test]
async fn tokens_that_say_the_wrong_thing_are_refused() {
    let issuer = Issuer::start().await;
    let world = world(&issuer).await;
    let elsewhere = "https://other.example.com/mcp";
    for change in [
        json!({"iss": "https://evil.example.com"}),
        json!({"iss": format!("{}/", issuer.url())}),
        json!({"iss": null}),
        json!({"aud": elsewhere}),
        json!({"aud": [elsewhere, "https://third.example.com"]}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"exp": now() - 60}),
        json!({"exp": null}),
        json!({"nbf": now() + 60}),
        json!({"sub": null, "client_id": null}),
        json!({"aud": "app", "nonce": "n", "scope": null}),
        json!({"cnf": {"jkt": "x"}}),
    ] {
        let token = issuer.token(&change);
        world.refuses(&[("Authorization", &bearer(&token))], &INVALID_TOKEN, &change.to_string()).await;
    }
    let id_token = issuer.signer.sign(&json!({"typ": "JWT"}), &issuer.claims(&json!({"at_hash": "x"})));
    world.refuses(&[("Authorization", &bearer(&id_token))], &INVALID_TOKEN, "an ID token").await;
    let logout = issuer.signer.sign(&json!({"typ": "logout+jwt"}), &issuer.claims(&json!({})));
    world.refuses(&[("Authorization", &bearer(&logout))], &INVALID_TOKEN, "a logout token").await;
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let issuer = Issuer::start().await;
    let world = world(&issuer).await;
    let (claims, forger) = (issuer.claims(&json!({})), Signer::new("first"));
    let shared = |key: &[u8], header: Value| {
        let message = unsigned(&header, &claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
        format!("{message}.{}", encoded(tag))
    };
    let der = issuer.signer.public_der();
    let hs256 = json!({"alg": "HS256", "kid": "first", "typ": "at+jwt"});
    let good = issuer.token(&json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = unsigned(&json!({"alg": "RS256", "kid": "first"}), &issuer.claims(&json!({"sub": "admin"})));
    for (why, token) in [
        ("alg none", format!("{}.", unsigned(&json!({"alg": "none"}), &claims))),
        ("alg None", format!("{}.", unsigned(&json!({"alg": "None", "kid": "first"}), &claims))),
        ("alg none, signed", format!("{}.{signature}", unsigned(&json!({"alg": "none"}), &claims))),
        ("HS256 with the RSA key", shared(&der, hs256.clone())),
        ("HS256 with the key set", shared(issuer.signer.public().to_string().as_bytes(), hs256)),
        ("another key", forger.sign(&json!({}), &claims)),
        ("jwk", forger.sign(&json!({"jwk": forger.public()}), &claims)),
        ("jku", forger.sign(&json!({"jku": format!("{}/elsewhere", issuer.url())}), &claims)),
        ("x5u", forger.sign(&json!({"x5u": format!("{}/elsewhere", issuer.url())}), &claims)),
        ("crit", issuer.signer.sign(&json!({"crit": ["b64"], "b64": true}), &claims)),
        ("no signature", format!("{message}.")),
        ("the signature of another", format!("{other}.{signature}")),
        ("no JWT", "abc".to_owned()),
    ] {
        world.refuses(&[("Authorization", &bearer(&token))], &INVALID_TOKEN, why).await;
    }
    assert_eq!(issuer.keys_read(), 1);
    assert!(issuer.server.ledger().entries().iter().all(|entry| entry.path() != "/elsewhere"));
}

#[tokio::test]
async fn good_tokens_are_let_in_and_go_no_further() {
    let issuer = Issuer::start().await;
    let world = world(&issuer).await;
    let elsewhere = "https://other.example.com/mcp";
    for change in [
        json!({}),
        json!({"aud": [RESOURCE]}),
        json!({"aud": [elsewhere, RESOURCE]}),
        json!({"exp": now() - 5, "nbf": now() + 5}),
        json!({"scope": "mcp more"}),
        json!({"scope": "admin"}),
        json!({"scope": null, "scp": ["mcp"]}),
        json!({"sub": null}),
    ] {
        let token = issuer.token(&change);
        world.admits(&[("Authorization", &bearer(&token))], &token, &change.to_string()).await;
    }
    let token = issuer
        .signer
        .sign(&json!({"typ": "JWT", "jku": "https://evil.example.com"}), &issuer.claims(&json!({})));
    world.admits(&[("Authorization", &format!("bearer {token}"))], &token, "with a jku, small letters").await;
    assert_eq!(issuer.keys_read(), 1);
    for narrow in ["", "other", "mcp:read", "MCP"] {
        let token = issuer.token(&json!({"scope": narrow}));
        let response = &world.answers(&[("Authorization", &bearer(&token))]).await[5].1;
        assert_eq!(response.status, INSUFFICIENT_SCOPE.status, "{narrow}");
        let challenge = response.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"mcp\""),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn a_thousand_unknown_keys_are_looked_for_once_and_a_new_one_is_found() {
    let mut issuer = Issuer::start().await;
    let world = world(&issuer).await;
    let old = bearer(&issuer.token(&json!({})));
    world.admits(&[("Authorization", &old)], &old, "the first key").await;
    issuer.rotate(Signer::new("second"));
    let new = bearer(&issuer.token(&json!({})));
    world.admits(&[("Authorization", &new)], &new, "the key has changed").await;
    assert_eq!(world.answers(&[("Authorization", &old)]).await[0].1.status, 401, "it was taken back");
    let (forger, before) = (Signer::new("unknown"), issuer.keys_read());
    let claims = issuer.claims(&json!({}));
    for number in 0..170 {
        let token = bearer(&forger.sign(&json!({"kid": format!("unknown-{number}")}), &claims));
        for (_, response) in world.answers(&[("Authorization", &token)]).await {
            assert_eq!(response.status, 401);
        }
    }
    assert_eq!(
        (before, issuer.keys_read()),
        (2, 2),
        "1,020 tokens with unknown keys, and no fetch within 30 s"
    );
}

#[tokio::test]
async fn without_the_issuers_keys_nobody_is_let_in() {
    for keys in [Keys::Huge, Keys::Failing, Keys::Redirecting, Keys::Hanging] {
        let issuer = Issuer::start().await;
        let world = world(&issuer).await;
        issuer.tell_keys(keys);
        let token = bearer(&issuer.token(&json!({})));
        world.refuses(&[("Authorization", &token)], &UNAVAILABLE, &format!("{keys:?}")).await;
        world.refuses(&[], &NOTHING_SHOWN, "nothing is still told where to log in").await;
        assert!(
            issuer.server.ledger().entries().iter().all(|entry| entry.path() != "/elsewhere"),
            "{keys:?}"
        );
        assert!(issuer.keys_read() <= 4, "{keys:?}: it is left alone between tries");
    }
}

#[tokio::test]
async fn the_last_good_keys_stay_in_use() {
    for keys in [Keys::Huge, Keys::Failing, Keys::Redirecting, Keys::Hanging] {
        let issuer = Issuer::start().await;
        let world = world(&issuer).await;
        let token = bearer(&issuer.token(&json!({})));
        world.admits(&[("Authorization", &token)], &token, "before").await;
        issuer.tell_keys(keys);
        let unknown = bearer(&Signer::new("unknown").sign(&json!({}), &issuer.claims(&json!({}))));
        assert_eq!(world.answers(&[("Authorization", &unknown)]).await[0].1.status, 401);
        world.admits(&[("Authorization", &token)], &token, "after").await;
    }
}

#[tokio::test]
async fn an_authorization_server_is_asked_about_opaque_tokens() {
    let issuer = Issuer::start().await;
    let more = format!(
        "    introspection: {{url: '{}/introspect', client_id: gate, client_secret: s3cret-of-the-gate}}\n",
        issuer.url()
    );
    let world = World::with(&server_file(&issuer, &more), "").await;
    let says = |token: &str, change: Value| {
        let mut claims = issuer.claims(&change);
        claims["active"] = json!(true);
        issuer.introspects(token, claims);
    };
    says("opaque-elsewhere", json!({"aud": "https://other.example.com/mcp"}));
    says("opaque-nowhere", json!({"aud": null}));
    says("opaque-old", json!({"exp": now() - 60}));
    says("opaque-foreign", json!({"iss": "https://evil.example.com"}));
    for token in ["opaque-elsewhere", "opaque-nowhere", "opaque-old", "opaque-foreign", "unknown"] {
        world.refuses(&[("Authorization", &bearer(token))], &INVALID_TOKEN, token).await;
    }
    says("opaque-narrow", json!({"scope": "other"}));
    world.refuses(&[("Authorization", "Bearer opaque-narrow")], &INSUFFICIENT_SCOPE, "too narrow").await;
    says("opaque-good", json!({}));
    world.admits(&[("Authorization", "Bearer opaque-good")], "opaque-good", "a good token").await;
    let asked = issuer.server.ledger().entries();
    let of_good = asked.iter().filter(|entry| entry.request.wire().contains("opaque-good"));
    assert_eq!(of_good.count(), 1, "its answer is kept for a while");
    assert!(!world.gateway.stderr().contains("s3cret-of-the-gate"));
}
