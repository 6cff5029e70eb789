//! API keys.

use serde_json::json;

use super::{Expected, World};
use crate::support::gateway::Setup;
use crate::support::http;
use crate::support::mcp::{ERAS, Era};
use crate::support::wait;

const OAUTH: &str = "oauth: {issuer: 'https://login.example.com', required_scopes: [mcp]}";

/// A key as the program makes it, and the line that it says is for the file.
async fn new_key(name: &str) -> (String, String) {
    let output = Setup::new().arguments(["--name", name]).run("key").await;
    assert!(output.status.success());
    let key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let lines = String::from_utf8(output.stderr).unwrap();
    assert!(!lines.contains(&key), "the key is on stdout alone");
    (key, lines)
}

#[tokio::test]
async fn a_key_that_the_program_made_is_let_in_and_no_other() {
    let (key, lines) = new_key("ci").await;
    // What is printed is pasted; the rest gives refusals the challenge that all of them have.
    let file = format!("{lines}  resource: https://mcp.example.com/mcp\n  {OAUTH}\n");
    let world = World::with(&file, "").await;
    let (other, _) = new_key("other").await;
    let invalid = Expected { status: 401, error: Some("invalid_token") };
    world.refuses(&[("Authorization", &format!("Bearer {other}"))], &invalid, "another key").await;
    world.refuses(&[("X-Api-Key", &other)], &invalid, "another key").await;
    let hash = lines.split("sha256: ").nth(1).unwrap().trim_end().trim_end_matches('}').to_owned();
    world.refuses(&[("X-Api-Key", &hash)], &invalid, "the hash is not the key").await;
    world.admits(&[("Authorization", &format!("Bearer {key}"))], &key, "a bearer token").await;
    world.admits(&[("X-Api-Key", &key)], &key, "a header of its own").await;
}

#[tokio::test]
async fn a_key_is_not_passed_on_to_an_api_and_what_stands_beside_it_is() {
    let (key, lines) = new_key("ci").await;
    let world = World::with(&lines, "credential: {pass_through: {headers: [Authorization]}}\n").await;
    let call = json!({"name": "read_item", "arguments": {"item": "1"}});
    for era in ERAS {
        let bearer = format!("Bearer {key}");
        let response = world.ask("/mcp", era, "tools/call", &call, &[("Authorization", &bearer)]).await;
        let text = response.text();
        assert!(text.contains("goes no further") && !text.contains(&key), "{text}");
        world.upstream.ledger().assert_empty("a key of ours is for nobody else");
    }
    let both = [("X-Api-Key", key.as_str()), ("Authorization", "Bearer for-the-api")];
    let response = world.ask("/mcp", Era::Modern, "tools/call", &call, &both).await;
    assert_eq!(response.status, 200);
    assert_eq!(world.upstream.ledger().only().header("authorization"), Some("Bearer for-the-api"));
    assert!(!world.upstream.ledger().wire().contains(&key));
}

#[tokio::test]
async fn nobody_listens_for_others_without_asking_who_they_are() {
    let source = "gateway: small\nbase_url: http://127.0.0.1:9\nendpoints: {a: {request: GET /a}}\n";
    let setup = |file: &str| {
        let setup = Setup::new().source("gateway.yaml", source).file("server.yaml", file);
        setup.arguments(["--config", "server.yaml", "--listen", "0.0.0.0:0"])
    };
    let output = setup("toolsets: {all: {}}\n").run("serve").await;
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("`access`") && said.contains("--insecure"), "{said}");
    let output = setup("access: {keys: {ci: {sha256: my-own-plain-key}}}\n").run("serve").await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("toolgate key") && !said.contains("my-own-plain-key"), "{said}");
}

#[tokio::test]
async fn a_key_that_is_taken_out_of_the_file_is_refused_from_the_next_load_on() {
    let ((key, lines), (other, more)) = (new_key("ci").await, new_key("other").await);
    let source = "gateway: small\nbase_url: http://127.0.0.1:9\nendpoints: {a: {request: GET /a}}\n";
    let setup = Setup::new().source("gateway.yaml", source).file("server.yaml", &lines);
    let file = setup.path().join("server.yaml");
    let gateway = setup.arguments(["--config", "server.yaml"]).serve().await;
    let status = |key: String| {
        let request = http::request("POST", "/mcp", &[("X-Api-Key", &key)], b"");
        let address = gateway.address;
        async move { http::exchange(address, &request).await.status }
    };
    assert_eq!((status(key.clone()).await, status(other.clone()).await), (415, 401));
    std::fs::write(file, more).unwrap();
    gateway.signal("HUP").await;
    let changed = async {
        while status(key.clone()).await != 401 {
            tokio::task::yield_now().await;
        }
    };
    wait::within("the key to be refused", changed).await;
    assert_eq!(status(other).await, 415);
}
