//! S16: secrets where they do not belong.

use serde_json::json;

use super::{GATEWAY_FILE, PARTNER, TOKEN, setup};
use crate::support::api;
use crate::support::gateway::Setup;
use crate::support::mcp::Era;
use crate::support::upstream::{Answer, Entry, Upstream, faults};
use crate::support::wait;

/// An argument's value: no secret, but the caller's own business.
const ARGUMENT: &str = "argument-Hs7dKq2w";

/// Says everything that it was told back, as a status, a header, a redirect and broken bodies.
fn indiscreet(entry: &Entry) -> Answer {
    let Answer::Whole(_) = faults::echo(entry) else { unreachable!("an echo is whole") };
    let told =
        entry.request.headers.iter().map(|(name, value)| format!("{name}: {value}\\n")).collect::<String>();
    let told = format!("{} {told}", entry.request.target);
    match entry.path() {
        "/items/401" => {
            Answer::status(401, "application/json", format!(r#"{{"error": "bad token", "seen": "{told}"}}"#))
        }
        "/items/500" => Answer::status(500, "text/plain", told),
        "/items/html" => Answer::status(502, "text/html", format!("<h1>{told}</h1>")),
        "/items/problem" => Answer::status(
            400,
            "application/problem+json",
            format!(r#"{{"title": "No", "detail": "{told}"}}"#),
        ),
        "/items/redirect" => {
            Answer::redirect(302, &format!("http://other.example.com/{TOKEN}?partner={PARTNER}"))
        }
        "/items/broken" => Answer::status(200, "application/json", format!(r#"{{"seen": "{told}""#)),
        "/items/garbage" => Answer::Raw(format!("{TOKEN} {PARTNER}\r\n\r\n").into_bytes()),
        "/items/reset" => Answer::Reset,
        _ => faults::echo(entry),
    }
}

#[tokio::test]
async fn no_secret_is_in_any_result_or_log_whatever_the_upstream_says_back() {
    let places = [
        "{bearer: \"${TOKEN}\"}",
        "{basic: {username: me, password: \"${TOKEN}\"}}",
        "{api_key: {in: header, name: X-Api-Key, value: \"${TOKEN}\"}}",
        "{api_key: {in: query, name: key, value: \"${TOKEN}\"}}",
        "{api_key: {in: cookie, name: session, value: \"${TOKEN}\"}}",
    ];
    for place in places {
        let upstream = Upstream::start(indiscreet).await;
        let file = GATEWAY_FILE.replace("{bearer: \"${TOKEN}\"}", place);
        let gateway =
            setup(&upstream).file("gateway.yaml", file).environment("TOOLGATE_LOG", "trace").serve().await;
        let mut client = gateway.client(Era::Modern).await;
        let mut said = String::new();
        for item in ["401", "500", "html", "problem", "redirect", "broken", "garbage", "reset"] {
            let result = client.call("read_item", json!({"item": item})).await;
            said.push_str(&result.0.to_string());
            result.error();
        }
        let success = client.call("read_item", json!({"item": "echo"})).await.success();
        said.push_str(&success.0.to_string());
        said.push_str(&json!(client.tools().await).to_string());
        assert_no_secret("a tool result", &said);
        assert_no_secret("stderr", &gateway.stderr());
        assert_no_secret("stdout", &gateway.stdout());
        assert!(upstream.ledger().wire().contains(PARTNER), "the upstream itself gets them");
    }
}

#[tokio::test]
async fn argument_values_are_not_logged() {
    let upstream = Upstream::start(indiscreet).await;
    let gateway = setup(&upstream).environment("TOOLGATE_LOG", "debug").serve().await;
    let mut client = gateway.client(Era::Modern).await;
    client.call("read_item", json!({"item": ARGUMENT})).await.success();
    client.call("list_items", json!({"q": ARGUMENT, "X-Note": ARGUMENT, "theme": ARGUMENT})).await.success();
    client.call("create_item", json!({"name": ARGUMENT})).await.success();
    client.call("create_item", json!({"nmae": ARGUMENT})).await.error();
    assert!(upstream.ledger().wire().contains(ARGUMENT));
    // A line for each call; it comes from a thread of its own.
    wait::until("the log of the last call", || gateway.stderr().contains("invalid_arguments").then_some(()))
        .await;
    assert!(!gateway.stderr().contains(ARGUMENT), "{}", gateway.stderr());
}

#[tokio::test]
async fn an_upstream_that_cannot_be_reached_is_told_without_the_key_in_its_url() {
    let gone = Upstream::echo().await.url();
    let file = GATEWAY_FILE
        .replace("{bearer: \"${TOKEN}\"}", "{api_key: {in: query, name: key, value: \"${TOKEN}\"}}");
    let gateway = Setup::new()
        .file("api.json", api::document().to_string())
        .source("gateway.yaml", file)
        .environment("UPSTREAM", &gone)
        .environment("TOKEN", TOKEN)
        .environment("PARTNER", PARTNER)
        .environment("TOOLGATE_LOG", "trace")
        .serve()
        .await;
    let text = gateway.client(Era::Modern).await.call("read_item", json!({"item": "1"})).await.error();
    assert_no_secret("a tool result", &text);
    assert_no_secret("stderr", &gateway.stderr());
}

#[tokio::test]
async fn no_verb_shows_a_secret() {
    let upstream = Upstream::start(indiscreet).await;
    let request = ["--tool", "read_item", "--args", r#"{"item": "500"}"#];
    for (verb, options) in
        [("check", &[][..]), ("tools", &[]), ("call", &request), ("explain", &request), ("explain", &CURL)]
    {
        let mut setup = setup(&upstream).environment("TOOLGATE_LOG", "trace");
        for option in options {
            setup = setup.argument(*option);
        }
        let output = setup.run(verb).await;
        let said =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_no_secret(verb, &said);
        assert!(verb != "explain" || said.contains("***"), "{said}");
    }
    assert!(upstream.ledger().only().request.target.ends_with("/500"), "`call` alone calls");
}

const CURL: [&str; 6] = ["--format", "curl", "--tool", "read_item", "--args", r#"{"item": "500"}"#];

#[tokio::test]
async fn a_gateway_file_with_a_mistake_beside_a_secret_does_not_show_it() {
    for mistake in
        ["credential: {baerer: \"${TOKEN}\"}", "timeout: \"${TOKEN}\"", "base_url: \"nonsense ${TOKEN}\""]
    {
        let file = format!("gateway: small\n{mistake}\nopenapi: ./api.json\n");
        let setup = Setup::new()
            .file("api.json", api::document().to_string())
            .source("gateway.yaml", file)
            .environment("TOKEN", TOKEN);
        let output = setup.run("check").await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_no_secret(mistake, &format!("{output:?}"));
    }
}

#[tokio::test]
async fn a_token_in_the_url_of_a_document_is_not_shown_when_the_document_cannot_be_read() {
    let gone = Upstream::echo().await.url();
    let upstream = Upstream::start(|entry| match entry.path() {
        "/500" => Answer::status(500, "text/plain", entry.request.target.clone()),
        "/away" => Answer::redirect(302, &format!("http://127.0.0.1:1{}", entry.request.target)),
        "/reset" => Answer::Reset,
        _ => Answer::status(200, "application/json", r#"{"openapi": "#),
    })
    .await;
    let urls = ["500", "away", "reset", "broken"].map(|path| format!("{}/{path}", upstream.url()));
    for url in urls.iter().chain([&gone]) {
        let file = format!("gateway: small\nopenapi: \"{url}?token=${{TOKEN}}\"\n");
        let setup = Setup::new()
            .source("gateway.yaml", file)
            .environment("TOKEN", TOKEN)
            .environment("TOOLGATE_LOG", "trace");
        let output = setup.run("check").await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_no_secret(url, &said);
    }
}

fn assert_no_secret(place: &str, text: &str) {
    // Basic credentials and cookies are base64 or percent-encoded on the wire.
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("me:{TOKEN}"));
    for secret in [TOKEN, PARTNER, basic.as_str()] {
        if let Some(at) = text.find(secret) {
            let around: String =
                text[..at].chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("a secret is in {place}, after: {around}");
        }
    }
}
