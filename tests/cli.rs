//! Every verb: what it writes to stdout and stderr, and its exit code. Scripts depend on all three.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::support::gateway::{Setup, repository};
use crate::support::process::{self, Captured};
use crate::support::wait;

mod serving;

const SHOP: &str = r#"{
  "openapi": "3.1.0",
  "info": {"title": "Shop", "version": "1"},
  "servers": [{"url": "https://api.example.com/v1"}],
  "paths": {
    "/orders": {
      "get": {
        "operationId": "list_orders",
        "summary": "List the orders.",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
        "responses": {"200": {"description": "The orders.", "content": {"application/json": {
          "schema": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}}}
      },
      "post": {
        "operationId": "place_order",
        "summary": "Place an order.",
        "requestBody": {"required": true, "content": {"application/json": {
          "schema": {"type": "object", "required": ["book"], "properties": {"book": {"type": "string"}}}}}},
        "responses": {"201": {"description": "The order.", "content": {"application/json": {
          "example": {"id": 7, "book": "Emma"}}}}}
      }
    }
  }
}"#;

/// The shop's document as the only source.
fn shop() -> Setup {
    Setup::new().source("shop.json", SHOP)
}

/// Exit code, stdout and stderr.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

async fn run(setup: Setup, verb: &str) -> (i32, String, String) {
    said(&setup.run(verb).await)
}

async fn program(arguments: &[&str]) -> (i32, String, String) {
    said(&wait::within("the program", process::command().args(arguments).output()).await.unwrap())
}

const NOTE: &str = "\
note[writes-denied]: 1 operation that writes is not served
 |
 = help: --allow-writes serves them

1 note
";

#[tokio::test]
async fn help_names_every_verb_and_goes_to_stdout() {
    let (code, help, stderr) = program(&["--help"]).await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(verbs, ["serve", "check", "tools", "call", "explain", "mock", "import", "key", "schema"]);
    for verb in verbs {
        let (code, help, _) = program(&[verb, "--help"]).await;
        assert_eq!(code, 0, "{verb}");
        assert!(help.contains(&format!("Usage: toolgate {verb}")), "{help}");
    }
    assert_eq!(
        program(&["--version"]).await,
        (0, concat!("toolgate ", env!("CARGO_PKG_VERSION"), "\n").into(), "".into())
    );
}

#[tokio::test]
async fn a_command_line_that_makes_no_sense_exits_2() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["serve"],
        &["check"],
        &["tools", "a.json", "--format", "xml"],
        &["call", "a.json"],
        &["serve", "a.json", "--listen", "somewhere"],
        &["serve", "a.json", "--stdio", "--listen", "8080"],
        &["tools", "a.json", "--base-url", "somewhere"],
        &["check", "--explain", "no-such-code"],
    ] {
        let (code, stdout, stderr) = program(arguments).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn tools_lists_names_sizes_and_endpoints() {
    let (code, stdout, stderr) = run(shop(), "tools").await;
    assert_eq!((code, stderr.as_str()), (0, NOTE));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["TOOL", "BYTES", "~TOKENS", "ENDPOINT"]);
    assert!(lines[1].starts_with("list_orders") && lines[1].ends_with("GET /orders"), "{stdout}");
    assert!(lines[2].starts_with("1 tool "), "{stdout}");
}

#[tokio::test]
async fn tools_as_json_is_the_array_of_tools_list() {
    let gateway = shop().serve().await;
    let mut client = gateway.client(crate::support::mcp::Era::Modern).await;
    let (code, stdout, _) = run(shop().arguments(["--format", "json"]), "tools").await;
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&stdout).unwrap(), client.tools().await);
}

#[tokio::test]
async fn several_gateways_are_listed_one_after_the_other() {
    let setup = shop().source("other.yaml", "gateway: other\nbase_url: https://example.com\nendpoints:\n  ping: {request: GET /ping, description: Ping.}\n");
    let (code, stdout, _) = run(setup, "tools").await;
    assert_eq!(code, 0);
    let first_words: Vec<&str> = stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(first_words, ["TOOL", "shop", "shop_list_orders", "other", "other_ping", "2"]);
}

#[tokio::test]
async fn check_is_silent_about_nothing_and_exits_1_at_a_problem() {
    let (code, stdout, stderr) = run(shop().argument("--allow-writes"), "check").await;
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "No problems; 2 tools.\n", ""));
    let (code, stdout, stderr) = run(shop(), "check").await;
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, NOTE, ""));
    let faulty = Setup::new().source("shop.yaml", "gateway: shop\nbase_urll: https://example.com\n");
    let (code, stdout, stderr) = run(faulty, "check").await;
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert!(stdout.contains("error[unknown-key]"), "{stdout}");
    assert!(stdout.contains("shop.yaml:2:1"), "{stdout}");
    assert!(stdout.contains("base_url"), "{stdout}");
}

#[tokio::test]
async fn check_as_json_is_data_whatever_it_finds() {
    let (code, stdout, _) = run(shop().arguments(["--allow-writes", "--format", "json"]), "check").await;
    assert_eq!((code, serde_json::from_str::<Value>(&stdout).unwrap()), (0, json!([])));
    let faulty = Setup::new().source("shop.yaml", "gateway: shop\nbase_urll: https://example.com\n");
    let (code, stdout, _) = run(faulty.arguments(["--format", "json"]), "check").await;
    assert_eq!(code, 1);
    let problems: Value = serde_json::from_str(&stdout).unwrap();
    let first = problems.as_array().unwrap().iter().find(|problem| problem["code"] == "unknown-key").unwrap();
    assert_eq!(
        (&first["file"], &first["line"], &first["column"]),
        (&json!("shop.yaml"), &json!(2), &json!(1))
    );
}

#[tokio::test]
async fn check_explains_a_code_without_sources() {
    let (code, stdout, stderr) = program(&["check", "--explain", "missing-server"]).await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("base_url"), "{stdout}");
    let (_, _, stderr) = program(&["check", "--explain", "mising-server"]).await;
    assert!(stderr.contains("did you mean 'missing-server'?"), "{stderr}");
}

#[tokio::test]
async fn call_prints_the_result_and_exits_1_when_it_is_an_error() {
    let call = |arguments: &str| shop().arguments(["--mock", "--tool", "list_orders", "--args", arguments]);
    let (code, stdout, stderr) = run(call("{\"limit\":2}"), "call").await;
    assert_eq!((code, stderr.as_str()), (0, "1 note more: `toolgate check` shows them\n"));
    let result: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(result["structuredContent"], json!([{ "id": 1 }]));
    assert_eq!(result["isError"], false);
    let (code, stdout, _) = run(call("{\"limit\":2000}"), "call").await;
    let result: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &result["isError"]), (1, &json!(true)));
}

#[tokio::test]
async fn call_reads_arguments_from_a_file_and_from_stdin() {
    let setup = shop().file("order.json", "{\"book\": \"Emma\"}").arguments(["--allow-writes", "--mock"]);
    let setup = setup.arguments(["--tool", "place_order", "--args", "@order.json"]);
    let (code, stdout, stderr) = run(setup, "call").await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains(r#""structuredContent":{"id":7,"book":"Emma"}"#), "{stdout}");
    let folder = shop();
    let mut command = process::command();
    command.current_dir(folder.path()).stdin(Stdio::piped());
    let mut child = command
        .args(["call", "shop.json", "--mock", "--tool", "list_orders", "--args", "-"])
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"limit\": 3}").await.unwrap();
    let (code, stdout, _) = said(&wait::within("the call", child.wait_with_output()).await.unwrap());
    assert_eq!(code, 0, "{stdout}");
}

#[tokio::test]
async fn a_tool_that_is_not_there_is_met_with_what_was_meant() {
    for verb in ["call", "explain"] {
        let (code, stdout, stderr) = run(shop().arguments(["--tool", "listOrder"]), verb).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{verb}");
        assert!(stderr.contains("error: there is no tool 'listOrder'\n"), "{stderr}");
        assert!(stderr.contains("did you mean 'list_orders'?"), "{stderr}");
        assert!(stderr.contains("--allow-writes"), "{stderr}");
    }
    let (code, _, stderr) = run(shop().arguments(["--tool", "list_orders", "--args", "[1]"]), "call").await;
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: --args is no JSON object\nhelp: "), "{stderr}");
}

#[tokio::test]
async fn explain_shows_the_request_and_no_secret() {
    let explain = || {
        let setup =
            shop().environment("SHOP_TOKEN", "s3cret-t0ken").arguments(["--bearer-env", "SHOP_TOKEN"]);
        setup.arguments(["--tool", "list_orders", "--args", "{\"limit\": 2}"])
    };
    let (code, stdout, stderr) = run(explain(), "explain").await;
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("GET /v1/orders?limit=2 HTTP/1.1\nhost: api.example.com\n"), "{stdout}");
    assert!(stdout.contains("authorization: Bearer ***\n"), "{stdout}");
    assert!(stderr.contains("rate_limit: 256 in flight, 1024 more wait\n"), "{stderr}");
    assert!(stderr.contains("paginate: one answer: nothing is known of pages\n"), "{stderr}");
    assert!(stderr.contains("cache: what the API's headers allow; kept by gateway, method, URL"), "{stderr}");
    assert!(stderr.contains("retry: GET may be repeated; at most 4 attempts\n"), "{stderr}");
    assert!(stderr.contains("breaker: opens after 20 failures in a row"), "{stderr}");
    assert!(
        stderr.contains("response: at most 2097152 bytes\n") && stderr.contains("errors: by status\n"),
        "{stderr}"
    );
    let (_, curl, _) = run(explain().arguments(["--format", "curl"]), "explain").await;
    assert!(
        curl.starts_with("curl ") && curl.contains("'https://api.example.com/v1/orders?limit=2'"),
        "{curl}"
    );
    assert!(!format!("{stdout}{stderr}{curl}").contains("s3cret"));
}

#[tokio::test]
async fn explain_lists_what_is_wrong_with_the_arguments() {
    let setup = shop().arguments(["--tool", "list_orders", "--args", "{\"limt\": 2}"]);
    let (code, stdout, stderr) = run(setup, "explain").await;
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("error: the arguments are invalid\n  \"limt\" is not an argument"), "{stderr}");
    assert!(stderr.contains("did you mean `limit`?"), "{stderr}");
}

#[tokio::test]
async fn schema_is_the_one_in_the_repository() {
    let (code, stdout, stderr) = program(&["schema"]).await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    let committed = std::fs::read_to_string(repository("schemas/gateway.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(schema, serde_json::from_str::<Value>(&committed).unwrap());
    let (code, page, _) = program(&["schema", "--format", "markdown"]).await;
    let committed = std::fs::read_to_string(repository("docs/gateway-file.md")).unwrap();
    assert_eq!((code, page), (0, committed), "cargo xtask generate writes it");
}

#[tokio::test]
async fn what_can_be_loaded_is_and_what_cannot_is_told() {
    let setup = shop().argument("missing.json").source("broken.json", "{\"openapi\": \"3.1.0\", }");
    let (code, stdout, stderr) = run(setup, "tools").await;
    assert_eq!(code, 0);
    assert!(stdout.contains("list_orders"), "{stdout}");
    assert!(stderr.contains("missing.json") && stderr.contains("broken.json:1:"), "{stderr}");
    for verb in ["serve", "tools", "mock"] {
        let (code, stdout, stderr) = run(Setup::new().argument("missing.json"), verb).await;
        assert_eq!((code, stdout.as_str()), (1, ""), "{verb}");
        assert!(stderr.contains("missing.json") && stderr.contains("error: nothing to s"), "{stderr}");
    }
}

#[tokio::test]
async fn a_reader_that_has_gone_is_no_failure() {
    for (verb, arguments) in [("tools", &["shop.json"][..]), ("schema", &[]), ("check", &["shop.json"])] {
        let setup = shop();
        let mut child =
            process::command().current_dir(setup.path()).arg(verb).args(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let (code, _, stderr) = said(&wait::within(verb, child.wait_with_output()).await.unwrap());
        assert_eq!(code, 0, "{verb}: {stderr}");
        assert!(!stderr.contains("panic"), "{stderr}");
    }
}
