//! S4, S7 and S16 for every kind of credential: tokens are asked for once, go where they belong, and are seen nowhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{GATEWAY_FILE, PARTNER, TOKEN, setup};
use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{Era, McpClient};
use crate::support::upstream::{Answer, Entry, Upstream, faults};

/// What a token endpoint gives, with a number behind it.
const GIVEN: &str = "g1ven-Xw3rTz6yPq8sKj2";
/// What a caller has of his own.
const CALLERS: &str = "c4llers-Dm5hVb9nRe1wQu7";

/// An API with a token endpoint. Its tokens are numbered; what `refuses` says is answered 401.
struct Api {
    upstream: Upstream,
    tokens: Arc<AtomicUsize>,
}

impl Api {
    async fn new(refuses: impl Fn(&Entry) -> bool + Send + Sync + 'static) -> Self {
        let tokens = Arc::<AtomicUsize>::default();
        let given = Arc::clone(&tokens);
        let upstream = Upstream::start(move |entry| {
            if entry.path() == "/token" {
                let number = given.fetch_add(1, Ordering::SeqCst) + 1;
                let token = format!("{GIVEN}-{number}");
                return Answer::json(
                    &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}),
                );
            }
            if refuses(entry) {
                let told = entry.header("authorization").unwrap_or_default();
                return Answer::status(401, "application/json", json!({"seen": told}).to_string());
            }
            faults::echo(entry)
        });
        Self { upstream: upstream.await, tokens }
    }

    async fn serve(&self, credential: &str) -> Gateway {
        with_credential(&self.upstream, credential).serve().await
    }

    /// The requests that did not go to the token endpoint.
    fn calls(&self) -> Vec<Entry> {
        self.upstream.ledger().entries().into_iter().filter(|entry| entry.path() != "/token").collect()
    }

    fn tokens(&self) -> usize {
        self.tokens.load(Ordering::SeqCst)
    }
}

fn with_credential(upstream: &Upstream, credential: &str) -> Setup {
    let file = GATEWAY_FILE.replace("{bearer: \"${TOKEN}\"}", credential).replace("2s", "10s");
    setup(upstream).file("gateway.yaml", file).environment("TOOLGATE_LOG", "trace")
}

const OAUTH2: &str =
    "{oauth2: {token_url: \"${UPSTREAM}/token\", client_id: me, client_secret: \"${TOKEN}\"}}";
const EXCHANGE: &str = "{oauth2: {token_url: \"${UPSTREAM}/token\", grant: token_exchange, client_id: me, \
                        client_secret: \"${TOKEN}\", subject_token: {header: X-User-Token}}}";
const PASS_THROUGH: &str = "{pass_through: {headers: [X-User-Token]}}";
const SIGV4: &str = "{sigv4: {access_key_id: AKIDEXAMPLE, secret_access_key: \"${TOKEN}\", region: eu-central-1, \
                     service: execute-api}}";
const HMAC: &str = "{hmac: {key: \"${TOKEN}\", sign: [timestamp, method, target, body], header: X-Signature, \
                    timestamp: {header: X-Timestamp}}}";

async fn caller(gateway: &Gateway, token: &str) -> McpClient {
    gateway
        .client(Era::Modern)
        .await
        .header("X-User-Token", token)
        .header("Authorization", "Bearer callers-own-value")
}

async fn read(client: &mut McpClient) -> Value {
    client.call("read_item", json!({"item": "1"})).await.0
}

#[tokio::test]
async fn many_calls_at_once_ask_the_token_endpoint_once() {
    let api = Api::new(|_| false).await;
    let gateway = api.serve(OAUTH2).await;
    let clients = join_all((0..40).map(|_| gateway.client(Era::Modern))).await;
    join_all(clients.into_iter().map(|mut client| async move {
        client.call("read_item", json!({"item": "1"})).await.success();
    }))
    .await;
    assert_eq!((api.tokens(), api.calls().len()), (1, 40));
    let expected = format!("Bearer {GIVEN}-1");
    assert!(api.calls().iter().all(|entry| entry.header("authorization") == Some(&expected)));
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_replaced_once_and_the_call_sent_once_more() {
    let api =
        Api::new(|entry| entry.header("authorization").is_some_and(|value| value.ends_with("-1"))).await;
    let gateway = api.serve(OAUTH2).await;
    let mut client = gateway.client(Era::Modern).await;
    client.call("create_item", json!({"name": "n"})).await.success();
    let statuses: Vec<bool> =
        api.calls().iter().map(|entry| entry.header("authorization").unwrap().ends_with("-2")).collect();
    assert_eq!((api.tokens(), statuses), (2, vec![false, true]));
}

#[tokio::test]
async fn an_api_that_refuses_every_token_is_not_asked_for_ever() {
    let api = Api::new(|_| true).await;
    let gateway = api.serve(OAUTH2).await;
    let mut client = gateway.client(Era::Modern).await;
    for _ in 0..3 {
        let result = client.call("read_item", json!({"item": "1"})).await;
        assert_eq!(result.code(), "unauthorized");
        assert!(!result.0.to_string().contains(GIVEN), "{}", result.0);
    }
    // The first call is sent twice; after that no token is replaced for a while.
    assert_eq!((api.tokens(), api.calls().len()), (2, 4));
}

#[tokio::test]
async fn a_token_endpoint_that_fails_is_told_without_secrets_and_nothing_is_sent() {
    let upstream = Upstream::start(|entry| {
        let said = String::from_utf8_lossy(&entry.request.body).into_owned();
        let told = json!({"error": "invalid_client", "error_description": format!("{TOKEN} {said}")});
        Answer::status(401, "application/json", told.to_string())
    })
    .await;
    let body = OAUTH2.replace("client_id: me", "client_id: me, client_authentication: body");
    let gateway = with_credential(&upstream, &body).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let result = client.call("read_item", json!({"item": "1"})).await;
    assert_eq!(result.code(), "credential");
    assert!(result.text().contains("/token answered 401 Unauthorized: invalid_client"), "{}", result.text());
    client.call("read_item", json!({"item": "1"})).await.error();
    assert_eq!(upstream.ledger().only().path(), "/token", "a failure is not asked about again at once");
    let said = result.0.to_string() + &gateway.stderr();
    assert!(!said.contains(TOKEN), "{said}");
}

#[tokio::test]
async fn only_the_header_that_is_listed_goes_on_and_is_blanked_on_its_way_back() {
    let api = Api::new(|_| false).await;
    let gateway = api.serve(PASS_THROUGH).await;
    let mut client = caller(&gateway, CALLERS).await;
    let told = read(&mut client).await.to_string();
    let entry = api.upstream.ledger().only();
    assert_eq!(entry.header("x-user-token"), Some(CALLERS));
    assert!(!entry.request.wire().contains("callers-own-value"));
    assert!(!told.contains(CALLERS) && told.contains("***"), "{told}");
    assert!(!gateway.stderr().contains(CALLERS));

    let without = gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await;
    assert_eq!(without.code(), "credential");
    assert!(without.text().contains("x-user-token"), "{}", without.text());
    let mut twice = caller(&gateway, CALLERS).await.header("X-User-Token", "another");
    twice.call("read_item", json!({"item": "1"})).await.error();
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn a_header_of_a_caller_is_never_there_on_stdio() {
    let api = Api::new(|_| false).await;
    let output = with_credential(&api.upstream, PASS_THROUGH)
        .arguments(["--tool", "read_item", "--args", r#"{"item": "1"}"#])
        .run("call")
        .await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    api.upstream.ledger().assert_empty("the caller has no headers");
}

#[tokio::test]
async fn each_callers_token_is_exchanged_for_one_of_his_own() {
    let api = Api::new(|_| false).await;
    let gateway = api.serve(EXCHANGE).await;
    for caller_token in [CALLERS, "other-callers-token", CALLERS] {
        let mut client = caller(&gateway, caller_token).await;
        let told = read(&mut client).await.to_string();
        assert!(!told.contains(GIVEN) && !told.contains(caller_token), "{told}");
    }
    let sent: Vec<String> =
        api.calls().iter().map(|entry| entry.header("authorization").unwrap().to_owned()).collect();
    let given = |number: usize| format!("Bearer {GIVEN}-{number}");
    assert_eq!(sent, [given(1), given(2), given(1)]);
    let exchanges = api.upstream.ledger().entries();
    let first = exchanges.iter().find(|entry| entry.path() == "/token").unwrap();
    assert!(String::from_utf8_lossy(&first.request.body).contains(&format!("subject_token={CALLERS}")));
    assert!(api.calls().iter().all(|entry| entry.header("x-user-token").is_none()));
    let stderr = gateway.stderr();
    assert!(!stderr.contains(GIVEN) && !stderr.contains(CALLERS), "{stderr}");
}

#[tokio::test]
async fn a_redirect_to_another_origin_takes_no_credential_of_any_kind_there() {
    let other = Upstream::echo().await;
    for credential in [OAUTH2, EXCHANGE, PASS_THROUGH, SIGV4, HMAC] {
        let target = format!("{}/stolen", other.url());
        let upstream = Upstream::start(move |entry| match entry.path() {
            "/token" => Answer::json(&json!({"access_token": GIVEN})),
            _ => Answer::redirect(307, &target),
        })
        .await;
        let gateway = with_credential(&upstream, credential).serve().await;
        let result = caller(&gateway, CALLERS).await.call("read_item", json!({"item": "1"})).await;
        assert_eq!(result.code(), "redirect_refused", "{credential}: {}", result.0);
    }
    other.ledger().assert_empty("it is another origin");
}

#[tokio::test]
async fn no_kind_of_credential_is_seen_in_a_result_a_log_or_an_explanation() {
    for credential in [OAUTH2, EXCHANGE, PASS_THROUGH, SIGV4, HMAC] {
        let api = Api::new(|entry| entry.path() == "/items/401").await;
        let setup = with_credential(&api.upstream, credential);
        let explained = with_credential(&api.upstream, credential)
            .arguments(["--tool", "read_item", "--args", r#"{"item": "1"}"#])
            .run("explain")
            .await;
        let explained = [explained.stdout, explained.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat();
        let kind = credential.trim_start_matches('{').split(':').next().unwrap();
        assert!(explained.contains(&format!("credential: default, {kind} ***")), "{credential}: {explained}");
        api.upstream.ledger().assert_empty("`explain` sends nothing");
        let gateway = setup.serve().await;
        let mut client = caller(&gateway, CALLERS).await;
        let mut said = explained;
        for item in ["1", "401"] {
            said.push_str(&client.call("read_item", json!({"item": item})).await.0.to_string());
        }
        said.push_str(&gateway.stderr());
        said.push_str(&gateway.stdout());
        for secret in [TOKEN, PARTNER, GIVEN, CALLERS] {
            assert!(!said.contains(secret), "{credential}: {secret} is in {said}");
        }
        assert!(!api.calls().iter().any(|entry| entry.request.wire().contains(TOKEN)), "{credential}");
    }
}

#[tokio::test]
async fn a_token_in_a_file_is_read_again_when_it_changes() {
    let api = Api::new(|_| false).await;
    let setup = with_credential(&api.upstream, "{bearer: \"${file:./token}\"}")
        .file("token", "first-of-the-tokens\n");
    let file = setup.path().join("token");
    let gateway = setup.serve().await;
    let mut client = gateway.client(Era::Modern).await;
    for token in ["first-of-the-tokens", "the-second-token"] {
        std::fs::write(&file, format!("{token}\n")).unwrap();
        assert!(!read(&mut client).await.to_string().contains(token), "what a file holds is blanked too");
        assert_eq!(
            api.calls().last().unwrap().header("authorization"),
            Some(format!("Bearer {token}").as_str())
        );
    }
}

#[tokio::test]
async fn security_chooses_among_several_credentials() {
    let api = Api::new(|_| false).await;
    let mut document = crate::support::api::document();
    document["components"]["securitySchemes"] = json!({
        "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "token": {"type": "http", "scheme": "bearer"},
    });
    document["security"] = json!([{"token": []}]);
    document["paths"]["/items"]["get"]["security"] = json!([{"key": []}]);
    document["paths"]["/items/{item}"]["get"]["security"] = json!([{"key": [], "token": []}]);
    document["paths"]["/bytes/{count}"]["get"]["security"] = json!([]);
    let file = format!(
        "{}credentials: {{key: {{api_key: {{in: header, name: X-Api-Key, value: key-value-1}}}}, b: {{bearer: bearer-value-1}}}}\n",
        GATEWAY_FILE.replace("credential: {bearer: \"${TOKEN}\"}\n", "")
    );
    let gateway =
        setup(&api.upstream).file("api.json", document.to_string()).file("gateway.yaml", file).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let (key, bearer) = (Some("key-value-1"), Some("Bearer bearer-value-1"));
    for (tool, arguments, expected) in [
        ("list_items", json!({}), (key, None)),
        ("read_item", json!({"item": "1"}), (key, bearer)),
        ("bytes", json!({"count": "1"}), (None, None)),
        ("status", json!({"code": "200"}), (None, bearer)),
    ] {
        client.call(tool, arguments).await.success();
        let entry = api.calls().pop().unwrap();
        assert_eq!((entry.header("x-api-key"), entry.header("authorization")), expected, "{tool}");
    }
}
