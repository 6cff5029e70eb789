//! Callers with tokens of a real authorization server, which we did not write: oidc-provider.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::programs::{NODE, tool};
use crate::access::{INSUFFICIENT_SCOPE, INVALID_REQUEST, INVALID_TOKEN, NOTHING_SHOWN, UNAVAILABLE, World};
use crate::support::gateway::repository;
use crate::support::issuer::{RESOURCE, Signer, encoded, now, unsigned};
use crate::support::wait;

/// The server; it ends when this is dropped.
struct Provider {
    url: String,
    wishes: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Provider {
    async fn start() -> Self {
        let mut command = Command::new(tool(NODE));
        command.arg(repository("tests/clients/access_server.mjs")).arg(RESOURCE);
        command.env("TOOLGATE_NODE_MODULES", tool("node/node_modules"));
        let spawned =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = spawned.spawn().expect("node is there: cargo xtask tools");
        let wishes = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut provider = Self { url: String::new(), wishes, said, _child: child };
        provider.url = provider.next().await["url"].as_str().unwrap().to_owned();
        provider
    }

    async fn wish(&mut self, wish: Value) -> Value {
        self.wishes.write_all(format!("{wish}\n").as_bytes()).await.unwrap();
        self.next().await
    }

    /// A token, in a header.
    async fn token(&mut self, wish: Value) -> String {
        let said = self.wish(wish).await;
        said["access_token"].as_str().unwrap_or_else(|| panic!("no token: {said}")).to_owned()
    }

    /// What is to be answered to whoever wants its keys.
    async fn tell_keys(&mut self, keys: &str) {
        self.wish(json!({"keys": keys})).await;
    }

    /// How often somebody wanted its keys.
    async fn keys_read(&mut self) -> u64 {
        self.wish(json!({"keys_read": true})).await["keys_read"].as_u64().unwrap()
    }

    async fn next(&mut self) -> Value {
        loop {
            let line =
                wait::within("the authorization server", self.said.next_line()).await.unwrap().unwrap();
            // Its library has warnings of its own to write there.
            if line.starts_with('{') {
                return serde_json::from_str(&line).unwrap();
            }
        }
    }

    async fn world(&self, more: &str) -> World {
        let oauth = format!("    issuer: {}\n    required_scopes: [mcp]\n{more}", self.url);
        World::with(&format!("access:\n  resource: {RESOURCE}\n  oauth:\n{oauth}"), "").await
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn tokens_of_oidc_provider_are_let_in_when_they_are_for_us() {
    let mut provider = Provider::start().await;
    let world = provider.world("").await;
    world.refuses(&[], &NOTHING_SHOWN, "nothing").await;
    let elsewhere = provider.token(json!({"mint": {"resource": "https://other.example.com/mcp"}})).await;
    world.refuses(&[("Authorization", &bearer(&elsewhere))], &INVALID_TOKEN, "another audience").await;
    let id_token = provider.token(json!({"id_token": true})).await;
    world.refuses(&[("Authorization", &bearer(&id_token))], &INVALID_TOKEN, "an ID token").await;
    let opaque = provider.token(json!({"mint": {"resource": format!("{RESOURCE}/opaque")}})).await;
    world.refuses(&[("Authorization", &bearer(&opaque))], &INVALID_TOKEN, "an opaque token").await;
    let narrow = bearer(&provider.token(json!({"mint": {"scope": "more"}})).await);
    world.refuses(&[("Authorization", &narrow)], &INSUFFICIENT_SCOPE, "too narrow").await;
    for scope in ["mcp", "mcp more"] {
        let token = provider.token(json!({"mint": {"scope": scope}})).await;
        world.admits(&[("Authorization", &bearer(&token))], &token, scope).await;
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn what_is_made_of_a_token_of_oidc_provider_is_refused() {
    let mut provider = Provider::start().await;
    let world = provider.world("").await;
    let good = provider.token(json!({"mint": {}})).await;
    let two = [("Authorization", bearer(&good)), ("Authorization", bearer(&good))];
    let two = two.each_ref().map(|(name, value)| (*name, value.as_str()));
    world.refuses(&two, &INVALID_REQUEST, "two headers").await;
    let parts: Vec<&str> = good.split('.').collect();
    let claims =
        json!({"iss": provider.url, "aud": RESOURCE, "sub": "admin", "exp": now() + 300, "scope": "mcp"});
    let forger = Signer::new("forged");
    for (why, token) in [
        ("alg none", format!("{}.", unsigned(&json!({"alg": "none"}), &claims))),
        ("other claims", format!("{}.{}.{}", parts[0], encoded(claims.to_string()), parts[2])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("another key", forger.sign(&json!({}), &claims)),
        ("a jwk", forger.sign(&json!({"jwk": forger.public()}), &claims)),
        ("a jku", forger.sign(&json!({"jku": "https://evil.example.com/jwks"}), &claims)),
    ] {
        world.refuses(&[("Authorization", &bearer(&token))], &INVALID_TOKEN, why).await;
    }
    world.admits(&[("Authorization", &bearer(&good))], &good, "the token itself").await;
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn tokens_that_oidc_provider_signed_are_refused_for_what_they_say() {
    let mut provider = Provider::start().await;
    let world = provider.world("").await;
    let elsewhere = "https://other.example.com/mcp";
    for claims in [
        json!({"exp": now() - 60}),
        json!({"exp": null}),
        json!({"nbf": now() + 60}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"aud": [elsewhere, "https://third.example.com"]}),
        json!({"aud": "https://mcp.example.com/mcp2"}),
        json!({"iss": "https://evil.example.com"}),
        json!({"iss": format!("{}/", provider.url)}),
        json!({"iss": null}),
    ] {
        let token = provider.token(json!({"mint": {"claims": claims}})).await;
        world.refuses(&[("Authorization", &bearer(&token))], &INVALID_TOKEN, &claims.to_string()).await;
    }
    for claims in [
        json!({"aud": [RESOURCE]}),
        json!({"aud": [elsewhere, RESOURCE]}),
        json!({"aud": format!("{RESOURCE}/")}),
        json!({"nbf": now() + 5}),
        json!({"exp": now() - 5}),
    ] {
        let token = provider.token(json!({"mint": {"claims": claims}})).await;
        world.admits(&[("Authorization", &bearer(&token))], &token, &claims.to_string()).await;
    }
    let good = provider.token(json!({"mint": {}})).await;
    for key in ["pem", "der", "jwk"] {
        let token = provider.token(json!({"hs256": {"token": good, "key": key}})).await;
        let before = world.answers(&[("Authorization", &bearer(&token))]).await;
        for (request, response) in before {
            assert_eq!(response.status, 401, "HS256 with the public key as {key}, {request}");
        }
    }
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn oidc_provider_is_asked_once_about_a_thousand_keys_that_it_does_not_have() {
    let mut provider = Provider::start().await;
    let world = provider.world("").await;
    let good = provider.token(json!({"mint": {}})).await;
    world.admits(&[("Authorization", &bearer(&good))], &good, "the key that it has").await;
    for number in 0..170 {
        let header = json!({"kid": format!("unknown-{number}")});
        let token = bearer(&provider.token(json!({"mint": {"header": header}})).await);
        for (request, response) in world.answers(&[("Authorization", &token)]).await {
            assert_eq!(response.status, 401, "{request}");
        }
    }
    assert!(provider.keys_read().await <= 2, "1,020 tokens with unknown keys, one more look");
    world.admits(&[("Authorization", &bearer(&good))], &good, "afterwards").await;
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn while_oidc_provider_does_not_give_its_keys_only_those_of_before_count() {
    for keys in ["failing", "hanging", "garbage", "html"] {
        let mut provider = Provider::start().await;
        let (before, after) = (provider.world("").await, provider.world("").await);
        let good = provider.token(json!({"mint": {}})).await;
        before.admits(&[("Authorization", &bearer(&good))], &good, "before").await;
        provider.tell_keys(keys).await;
        let header = json!({"kid": "unknown"});
        let unknown = bearer(&provider.token(json!({"mint": {"header": header}})).await);
        assert_eq!(before.answers(&[("Authorization", &unknown)]).await[0].1.status, 401, "{keys}");
        before.admits(&[("Authorization", &bearer(&good))], &good, keys).await;
        after.refuses(&[("Authorization", &bearer(&good))], &UNAVAILABLE, keys).await;
        after.refuses(&[], &NOTHING_SHOWN, "nothing is still told where to log in").await;
        assert!(provider.keys_read().await <= 6, "{keys}: it is left alone between tries");
    }
    // An empty set is no fault: the server has taken its keys back.
    let mut provider = Provider::start().await;
    let world = provider.world("").await;
    let good = provider.token(json!({"mint": {}})).await;
    provider.tell_keys("empty").await;
    world.refuses(&[("Authorization", &bearer(&good))], &INVALID_TOKEN, "no key is left").await;
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn a_new_key_of_oidc_provider_is_found_at_once() {
    let mut provider = Provider::start().await;
    let world = provider.world("").await;
    let old = provider.token(json!({"mint": {}})).await;
    world.admits(&[("Authorization", &bearer(&old))], &old, "the first key").await;
    provider.wish(json!({"rotate": true})).await;
    let new = provider.token(json!({"mint": {}})).await;
    world.admits(&[("Authorization", &bearer(&new))], &new, "the second key").await;
}

#[tokio::test]
#[ignore = "needs `cargo xtask tools`"]
async fn oidc_provider_is_asked_about_its_opaque_tokens() {
    let mut provider = Provider::start().await;
    let opaque = format!("{RESOURCE}/opaque");
    let more = format!(
        "    audience: {opaque}\n    introspection: {{url: '{}/token/introspection', client_id: app, client_secret: \
         s3cret-of-the-app}}\n",
        provider.url
    );
    let world = provider.world(&more).await;
    world.refuses(&[("Authorization", "Bearer made-up")], &INVALID_TOKEN, "made up").await;
    let narrow = bearer(&provider.token(json!({"mint": {"resource": opaque, "scope": "more"}})).await);
    world.refuses(&[("Authorization", &narrow)], &INSUFFICIENT_SCOPE, "too narrow").await;
    let token = provider.token(json!({"mint": {"resource": opaque}})).await;
    world.admits(&[("Authorization", &bearer(&token))], &token, "a good one").await;
}
