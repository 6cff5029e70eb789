//! Questions through both eras, with tools that give their arguments back, and states in hostile hands.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::access::{Caller, Principal};
use crate::catalog::Catalog;
use crate::catalog::build::{BuildOptions, build};
use crate::catalog::fixture;
use crate::diagnostic::Diagnostics;
use crate::mcp::client::Client;
use crate::mcp::dispatch::{Context, Received};
use crate::mcp::line::{Line, Outlet, Questions, Reply};
use crate::mcp::testing::{RUNNER, answered, value};
use crate::mcp::{Server, ServerOptions};
use crate::source::{Seen, Source};
use crate::tasks;

const FILE: &str = r#"
gateway: shop
base_url: https://api.example.com/v1
cursors: {key: "sixteen characters", expires: 1h}
endpoints:
  order:
    request: POST /orders/{customer}
    parameters:
      book: {type: string, required: true}
      copies: {type: integer, minimum: 1, maximum: 9, required: true}
      note: {type: string}
    ask:
      - book: {message: "Which book for {{ customer }}?", fields: [book]}
      - copies: {message: "How many of {{ book }}?", fields: [copies, note]}
    confirm: "Buy {{ copies }} of {{ book }}?"
  remove:
    request: DELETE /orders/{id}
    confirm: true
  sum_up:
    request: POST /notes
    parameters: {text: {type: string}, sum: {type: string}, folders: {type: array, items: {type: string}}}
    ask:
      - sum: {messages: ["Sum up: {{ text }}"], system: Be short., max_tokens: 50, into: sum}
        folders: {roots: true, into: folders, optional: true}
  colour:
    request: POST /colours
    parameters: {colour: {type: string, enum: [red, green], required: true}}
    ask:
      - colour: {message: Which?, when: always, fields: {colour: {title: Colour}}}
"#;

fn catalog(file: &str) -> Catalog {
    let mut problems = Diagnostics::default();
    let gateway =
        crate::config::read(&Source::new("shop.yaml", file), Path::new(""), &Seen::default(), &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    let served = fixture::served(gateway.unwrap(), Vec::new());
    let catalog = build(&[served], &BuildOptions::default(), &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    catalog
}

fn server_of(file: &str) -> Server {
    let catalog = Arc::new(ArcSwap::from_pointee(catalog(file)));
    Server { runner: RUNNER, ..Server::new(catalog, ServerOptions::default()) }
}

fn server() -> Server {
    server_of(FILE)
}

/// The answer to a modern call of a client that can be asked for everything.
async fn call(server: &Server, params: Value) -> Value {
    call_of(server, &Principal::Local, json!({"elicitation": {}, "sampling": {}, "roots": {}}), params).await
}

async fn call_of(server: &Server, principal: &Principal, capabilities: Value, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).to_string();
    let catalog = server.catalog.load();
    let view = catalog.view(None).unwrap();
    let context = Context { catalog: &catalog, view, headers: None, principal, client: None };
    value(&answered(server.receive(message.as_bytes(), context)).await.unwrap())
}

fn accept(content: &Value) -> Value {
    json!({"action": "accept", "content": content})
}

fn order(arguments: &Value, responses: &Value, state: &Value) -> Value {
    json!({"name": "order", "arguments": arguments, "inputResponses": responses, "requestState": state})
}

/// The state and the confirmation of an order whose questions are all answered.
async fn to_confirm(server: &Server) -> (Value, Value) {
    let arguments = json!({"customer": "c1", "book": "Dune", "copies": 2, "note": "n"});
    let asked = call(server, json!({"name": "order", "arguments": arguments})).await;
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    (arguments, asked["result"].clone())
}

#[tokio::test]
async fn a_call_comes_again_with_each_round_of_answers() {
    let server = server();
    let given = json!({"customer": "c1"});
    let first = call(&server, json!({"name": "order", "arguments": given})).await;
    let asked = &first["result"];
    assert_eq!(asked["resultType"], "input_required");
    let params = &asked["inputRequests"]["book"]["params"];
    assert_eq!(asked["inputRequests"]["book"]["method"], "elicitation/create");
    assert_eq!(params["message"], "Which book for c1?");
    let form = json!({"type": "object", "properties": {"book": {"type": "string"}}, "required": ["book"]});
    assert_eq!(params["requestedSchema"], form);
    let answer = json!({"book": accept(&json!({"book": "Dune"}))});
    let second = call(&server, order(&given, &answer, &asked["requestState"])).await;
    let asked = &second["result"];
    assert_eq!(asked["inputRequests"]["copies"]["params"]["message"], "How many of Dune?");
    let state = &asked["requestState"];
    let wrong = json!({"copies": accept(&json!({"copies": 10}))});
    let again = call(&server, order(&given, &wrong, state)).await;
    let message = &again["result"]["inputRequests"]["copies"]["params"]["message"];
    assert_eq!(message, "How many of Dune?\n(`copies` is not what was asked for)");
    // An optional field that was left empty is no value; fields that were not asked for count for nothing.
    let answer = json!({"copies": accept(&json!({"copies": 3, "note": "", "customer": "c2", "x": 1}))});
    let third = call(&server, order(&given, &answer, state)).await;
    let asked = &third["result"];
    let question = &asked["inputRequests"]["confirm"]["params"];
    assert_eq!(
        question["message"],
        "Buy 3 of Dune?\n\nPOST /v1/orders/c1\ncustomer: \"c1\"\nbook: \"Dune\"\ncopies: 3"
    );
    assert_eq!(question["requestedSchema"], json!({"type": "object", "properties": {}}));
    let yes = json!({"confirm": {"action": "accept"}});
    let done = call(&server, order(&given, &yes, &asked["requestState"])).await;
    assert_eq!(done["result"]["structuredContent"], json!({"customer": "c1", "book": "Dune", "copies": 3}));
}

#[tokio::test]
async fn a_confirmation_needs_the_state_that_asked_for_it() {
    let server = server();
    let (arguments, asked) = to_confirm(&server).await;
    let yes = json!({"confirm": {"action": "accept"}});
    let unasked =
        call(&server, json!({"name": "order", "arguments": arguments, "inputResponses": yes})).await;
    assert_eq!(unasked["result"]["resultType"], "input_required");
    for (answer, code) in [("decline", "declined"), ("cancel", "cancelled")] {
        let no = json!({"confirm": {"action": answer}});
        let over = call(&server, order(&arguments, &no, &asked["requestState"])).await;
        assert_eq!(over["result"]["structuredContent"]["error"]["code"], code, "{over}");
        assert_eq!(over["result"]["isError"], true);
    }
    for odd in [json!(7), json!({}), json!({"action": "ACCEPT"}), json!([]), json!(null), json!("accept")] {
        let over = call(&server, order(&arguments, &json!({"confirm": odd}), &asked["requestState"])).await;
        assert_eq!(over["error"]["code"], -32602, "{over}");
    }
    // A confirmation for one call is none for another.
    for other in [json!({"customer": "c1", "book": "Dune", "copies": 3, "note": "n"}), json!({})] {
        let over = call(&server, order(&other, &yes, &asked["requestState"])).await;
        let is_refused = over["error"]["code"] == -32602 || over["result"]["isError"] == true;
        assert!(is_refused, "{over}");
    }
    let done = call(&server, order(&arguments, &yes, &asked["requestState"])).await;
    assert_eq!(done["result"]["structuredContent"], arguments);
}

#[tokio::test]
async fn no_tampered_state_is_taken() {
    let server = server();
    let (arguments, asked) = to_confirm(&server).await;
    let state = asked["requestState"].as_str().unwrap();
    let yes = json!({"confirm": {"action": "accept"}});
    let mut tampered: Vec<String> = vec![
        String::new(),
        "x".into(),
        format!("{state}A"),
        format!("{state}-TAMPERED"),
        format!(" {state}"),
        state[1..].to_owned(),
        state[..state.len() - 1].to_owned(),
        state.to_uppercase(),
        state.repeat(2),
        "A".repeat(3 << 20),
        "🦀".into(),
    ];
    for at in (0..state.len()).step_by(state.len().div_ceil(50)) {
        let other = if &state[at..=at] == "A" { "B" } else { "A" };
        tampered.push(format!("{}{other}{}", &state[..at], &state[at + 1..]));
    }
    assert!(tampered.len() >= 60, "{}", tampered.len());
    for state in tampered.into_iter().map(Value::from).chain([json!(7), json!({}), json!([state])]) {
        let over = call(&server, order(&arguments, &yes, &state)).await;
        assert_eq!(over["error"]["code"], -32602, "{state}: {over}");
    }
}

#[tokio::test]
async fn a_state_belongs_to_its_caller_its_tool_and_its_questions() {
    let server = server();
    let (arguments, asked) = to_confirm(&server).await;
    let yes = json!({"confirm": {"action": "accept"}});
    let params = || order(&arguments, &yes, &asked["requestState"]);
    let mallory = Principal::Caller(Arc::new(Caller::of_key("mallory", [""; 0])));
    let over = call_of(&server, &mallory, json!({"elicitation": {}}), params()).await;
    assert_eq!(over["error"]["code"], -32602, "{over}");
    let own = call_of(&server, &Principal::Local, json!({"elicitation": {}}), params()).await;
    assert_eq!(own["result"]["structuredContent"], arguments);
    let remove = json!({"name": "remove", "arguments": {"id": "1"}, "inputResponses": yes, "requestState": asked["requestState"]});
    assert_eq!(call(&server, remove).await["error"]["code"], -32602);
    // Another replica with the same file understands it; one that asks otherwise does not.
    let done = call(&server_of(FILE), params()).await;
    assert_eq!(done["result"]["structuredContent"], arguments);
    for change in [("Buy {{", "Get {{"), ("sixteen", "another"), ("/v1", "/v2"), ("minimum: 1", "minimum: 2")]
    {
        let other = server_of(&FILE.replace(change.0, change.1));
        assert_eq!(call(&other, params()).await["error"]["code"], -32602, "{change:?}");
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_asked_is_refused() {
    let server = server();
    let params = json!({"name": "remove", "arguments": {"id": "1"}});
    for capabilities in [json!({}), json!({"sampling": {}}), json!({"elicitation": {"url": {}}})] {
        let over = call_of(&server, &Principal::Local, capabilities, params.clone()).await;
        assert_eq!(over["error"]["code"], -32021, "{over}");
        assert_eq!(over["error"]["data"], json!({"requiredCapabilities": {"elicitation": {}}}));
    }
    // What is optional is left out where it cannot be asked.
    let params = json!({"name": "sum_up", "arguments": {"text": "long"}});
    let asked = call_of(&server, &Principal::Local, json!({"sampling": {}}), params.clone()).await;
    let requests = &asked["result"]["inputRequests"];
    assert_eq!(requests.as_object().unwrap().len(), 1);
    let message = json!({"role": "user", "content": {"type": "text", "text": "Sum up: long"}});
    let expected = json!({"messages": [message], "maxTokens": 50, "systemPrompt": "Be short."});
    assert_eq!(requests["sum"], json!({"method": "sampling/createMessage", "params": expected}));
    let both = call(&server, params).await;
    assert_eq!(both["result"]["inputRequests"]["folders"]["method"], "roots/list");
}

#[tokio::test]
async fn models_and_folders_answer_too() {
    let server = server();
    let params = |responses: Value| json!({"name": "sum_up", "arguments": {"text": "long"}, "inputResponses": responses});
    let sum = |content: Value| json!({"role": "assistant", "model": "m", "content": content});
    let one = sum(json!({"type": "text", "text": "short"}));
    let roots = json!({"roots": [{"uri": "file:///a"}, {"uri": "file:///b", "name": "B"}]});
    let done = call(&server, params(json!({"sum": one, "folders": roots}))).await;
    let expected = json!({"text": "long", "sum": "short", "folders": ["file:///a", "file:///b"]});
    assert_eq!(done["result"]["structuredContent"], expected);
    let image = sum(json!({"type": "image", "data": "", "mimeType": "image/png"}));
    for odd in [json!(12345), json!({}), image, json!({"content": "x"})] {
        let over = call(&server, params(json!({"sum": odd}))).await;
        assert_eq!(over["error"]["code"], -32602, "{over}");
    }
    let long = sum(json!({"type": "text", "text": "x".repeat(70_000)}));
    assert_eq!(call(&server, params(json!({"sum": long}))).await["error"]["code"], -32602);
    for odd in [json!(null), json!([]), json!(7)] {
        assert_eq!(call(&server, params(odd)).await["error"]["code"], -32602);
    }
    let partly = call(&server, params(json!({"sum": one, "unknown": 1}))).await;
    assert_eq!(partly["result"]["inputRequests"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_caller_gave_is_a_suggestion_where_the_person_is_always_asked() {
    let server = server();
    let params = json!({"name": "colour", "arguments": {"colour": "green"}});
    let asked = call(&server, params.clone()).await;
    let field =
        &asked["result"]["inputRequests"]["colour"]["params"]["requestedSchema"]["properties"]["colour"];
    assert_eq!(
        field,
        &json!({"type": "string", "enum": ["red", "green"], "title": "Colour", "default": "green"})
    );
    let mut params = params;
    params["inputResponses"] = json!({"colour": accept(&json!({"colour": "red"}))});
    assert_eq!(call(&server, params).await["result"]["structuredContent"], json!({"colour": "red"}));
    let invalid = call(&server, json!({"name": "colour", "arguments": {"colour": "blue"}})).await;
    assert_eq!(
        invalid["result"]["isError"], true,
        "nobody is asked about arguments that are wrong: {invalid}"
    );
}

#[test]
fn a_caller_need_not_give_what_is_asked_for() {
    let catalog = catalog(FILE);
    let schema = fixture::input_schema(catalog.tool("order").unwrap());
    assert_eq!(schema["required"], json!(["customer"]));
    assert_eq!(schema["properties"]["book"]["description"], "The person is asked when it is left out.");
}

/// A client of the legacy era, as a line sees it.
struct Channel(UnboundedSender<Bytes>);

impl Outlet for Channel {
    fn send(&self, message: Bytes) -> bool {
        self.0.send(message).is_ok()
    }
}

struct Legacy {
    answer: tokio::task::JoinHandle<Value>,
    questions: Arc<Questions>,
    sent: UnboundedReceiver<Bytes>,
}

impl Legacy {
    fn call(capabilities: &Value, params: &Value) -> Self {
        let server = server();
        let message = |method: &str, params: &Value| {
            json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()
        };
        let initialize = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities});
        let catalog = server.catalog.load();
        let view = catalog.view(None).unwrap();
        let receive = |message: String, client: Option<&Client>| {
            let principal = &Principal::Local;
            server.receive(
                message.as_bytes(),
                Context { catalog: &catalog, view, headers: None, principal, client },
            )
        };
        let Received::Hello(_, client) = receive(message("initialize", &initialize), None) else {
            panic!("no handshake")
        };
        let Received::Work(work) = receive(message("tools/call", params), Some(&client)) else {
            panic!("no work")
        };
        let (sender, sent) = mpsc::unbounded_channel();
        let questions = Arc::new(Questions::default());
        let line = Line::asking(Arc::new(Channel(sender)), Arc::clone(&questions));
        let answer = tasks::spawn("test call", async move { value(&work.run(line).await) });
        Self { answer, questions, sent }
    }

    async fn question(&mut self) -> Value {
        serde_json::from_slice(&self.sent.recv().await.unwrap()).unwrap()
    }

    fn reply(&self, id: &Value, result: &Value) {
        let result = Some(serde_json::value::to_raw_value(result).unwrap());
        self.questions.answer(Reply { id: id.to_string().into(), result });
    }

    async fn over(self) -> Value {
        self.answer.await.unwrap()["result"].clone()
    }
}

#[tokio::test]
async fn a_legacy_client_is_asked_while_its_call_waits() {
    let params = json!({"name": "order", "arguments": {"customer": "c1"}});
    let mut client = Legacy::call(&json!({"elicitation": {}}), &params);
    for (method, content) in [("Which book", json!({"book": "Dune"})), ("How many", json!({"copies": 3}))] {
        let question = client.question().await;
        assert_eq!(question["method"], "elicitation/create");
        assert!(question["params"]["message"].as_str().unwrap().starts_with(method), "{question}");
        client.reply(&question["id"], &accept(&content));
    }
    let question = client.question().await;
    assert!(question["params"]["message"].as_str().unwrap().contains("copies: 3"), "{question}");
    client.reply(&question["id"], &json!({"action": "accept"}));
    let expected = json!({"customer": "c1", "book": "Dune", "copies": 3});
    assert_eq!(client.over().await["structuredContent"], expected);
}

#[tokio::test(start_paused = true)]
async fn a_legacy_call_comes_to_nothing_without_an_answer() {
    let params = json!({"name": "remove", "arguments": {"id": "1"}});
    let code = |over: &Value| over["structuredContent"]["error"]["code"].as_str().unwrap().to_owned();
    let elicitation = json!({"elicitation": {}});
    let over = Legacy::call(&json!({"sampling": {}}), &params).over().await;
    assert_eq!(code(&over), "cannot_ask");
    assert!(over["content"][0]["text"].as_str().unwrap().contains("Nothing was sent"), "{over}");
    for (answer, expected) in [
        (json!({"action": "decline"}), "declined"),
        (json!({"action": "cancel"}), "cancelled"),
        (json!({"action": "yes"}), "invalid_answer"),
        (json!(null), "invalid_answer"),
        (json!({"action": "accept", "content": {"x": "y".repeat(70_000)}}), "invalid_answer"),
    ] {
        let mut client = Legacy::call(&elicitation, &params);
        let question = client.question().await;
        client.reply(&json!("toolgate-00000000000000000000000000000000"), &json!({"action": "accept"}));
        client.reply(&question["id"], &answer);
        client.reply(&question["id"], &json!({"action": "accept"}));
        assert_eq!(code(&client.over().await), expected, "{answer}");
    }
    // Nobody answers: the time is over, and the question is withdrawn.
    let mut client = Legacy::call(&elicitation, &params);
    client.question().await;
    tokio::time::advance(Duration::from_secs(601)).await;
    assert_eq!(client.question().await["method"], "notifications/cancelled");
    assert_eq!(code(&client.over().await), "not_answered_in_time");
}

#[tokio::test]
async fn somebody_who_answers_something_else_is_asked_three_times() {
    let params = json!({"name": "colour", "arguments": {}});
    let mut client = Legacy::call(&json!({"elicitation": {}}), &params);
    for _ in 0..3 {
        let question = client.question().await;
        client.reply(&question["id"], &accept(&json!({"colour": "blue"})));
    }
    let over = client.over().await;
    assert_eq!(over["structuredContent"]["error"]["code"], "invalid_answer");
    assert!(!over.to_string().contains("blue"), "{over}");
}
