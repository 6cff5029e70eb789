//! Calls that ask first: over each transport and in each era, with people who agree, people who do not, and clients that
//! cheat. The API's ledger says what was sent.

use std::net::SocketAddr;

use rmcp::model::{
    CallToolRequestParams, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction, ErrorData,
    GetPromptRequestParams, ProtocolVersion,
};
use rmcp::service::{RequestContext, RunningService};
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::{Value, json};

use crate::support::gateway::Setup;
use crate::support::http::{self, Connection};
use crate::support::mcp::{self, Era, McpClient};
use crate::support::stdio::StdioClient;
use crate::support::upstream::{Answer, Entry, Upstream, faults};
use crate::support::wait;

const DOCUMENT: &str = r#"{
  "openapi": "3.1.0",
  "info": {"title": "Shop", "version": "1"},
  "paths": {
    "/orders": {
      "get": {"operationId": "list_orders", "responses": {"200": {"description": "The orders."}}},
      "post": {
        "operationId": "place_order",
        "parameters": [{"name": "shop", "in": "query", "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/json": {
          "schema": {"type": "object", "required": ["book"], "properties": {
            "book": {"type": "string"}, "copies": {"type": "integer", "minimum": 1}}}}}},
        "responses": {"201": {"description": "The order."}}
      }
    }
  }
}"#;

const FILE: &str = "\
gateway: shop
base_url: ${UPSTREAM}/v1
openapi: shop.json
credential: {bearer: '${TOKEN}'}
operations:
  writes: confirm
  change:
    place_order:
      ask:
        - book: {message: Which book?, fields: [book, copies]}
";

const TOKEN: &str = "t0ken-of-asking-7Hq2";

fn setup(upstream: &Upstream) -> Setup {
    Setup::new()
        .file("shop.json", DOCUMENT)
        .source("gateway.yaml", FILE)
        .environment("UPSTREAM", &upstream.url())
        .environment("TOKEN", TOKEN)
}

const PROMPT: &str = "\
prompts:
  recommend:
    arguments: {book: {required: true}, tone: {}}
    ask:
      - book: {message: Which book?, fields: [book]}
    messages:
      - {text: 'Recommend {{ book }}{% if tone %} and be {{ tone }}{% endif %}.'}
      - {request: 'GET /books/{book}'}
";

/// The parameters of a call by a modern client that can ask a person.
fn call(arguments: &Value, more: &Value) -> Value {
    let mut params = json!({"name": "place_order", "arguments": arguments});
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

/// What was sent for an order: method, target and body.
fn sent(upstream: &Upstream) -> (String, Value) {
    let entry = upstream.ledger().only();
    let line = format!("{} {}", entry.request.method, entry.request.target);
    (line, serde_json::from_slice(&entry.request.body).unwrap())
}

/// A modern client of either kind.
enum Modern {
    Http(
        McpClient,
        #[expect(dead_code, reason = "it runs as long as this is there")]
        Box<crate::support::gateway::Gateway>,
    ),
    Stdio(Box<StdioClient>),
}

impl Modern {
    async fn both(upstream: &Upstream) -> [Self; 2] {
        let gateway = setup(upstream).serve().await;
        let client = gateway.client(Era::Modern).await;
        [Self::Http(client, Box::new(gateway)), Self::Stdio(Box::new(setup(upstream).serve_stdio()))]
    }

    async fn call(&mut self, params: Value) -> Value {
        match self {
            Self::Http(client, _) => client.request("tools/call", params).await,
            Self::Stdio(client) => client.request("tools/call", params).await,
        }
    }
}

#[tokio::test]
async fn a_stateless_client_is_asked_and_nothing_is_sent_before_it_agrees() {
    let silent = Upstream::echo().await;
    for mut client in Modern::both(&silent).await {
        let given = json!({"shop": "north"});
        let asked = client.call(call(&given, &json!({}))).await;
        assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
        let form = &asked["result"]["inputRequests"]["book"]["params"]["requestedSchema"];
        assert_eq!(form["required"], json!(["book"]), "{form}");
        let answer = json!({"book": {"action": "accept", "content": {"book": "Dune", "copies": 2}}});
        let state = &asked["result"]["requestState"];
        let asked =
            client.call(call(&given, &json!({"inputResponses": answer, "requestState": state}))).await;
        let message = asked["result"]["inputRequests"]["confirm"]["params"]["message"].as_str().unwrap();
        assert_eq!(
            message,
            "Shall this be sent?\n\nPOST /v1/orders\nshop: \"north\"\nbook: \"Dune\"\ncopies: 2"
        );
        assert!(!asked.to_string().contains(TOKEN));
        let state = &asked["result"]["requestState"];
        let answered = |action: &str| {
            let answer = json!({"confirm": {"action": action}});
            call(&given, &json!({"inputResponses": answer, "requestState": state}))
        };
        let declined = client.call(answered("decline")).await;
        assert_eq!(declined["result"]["structuredContent"]["error"]["code"], "declined", "{declined}");
        let other = json!({"shop": "south"});
        let yes = json!({"inputResponses": {"confirm": {"action": "accept"}}, "requestState": state});
        let refused = client.call(call(&other, &yes)).await;
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        silent.ledger().assert_empty("nobody has agreed");
    }
    let upstream = Upstream::echo().await;
    let gateway = setup(&upstream).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let given = json!({"book": "Dune", "copies": 1});
    let asked = client.request("tools/call", call(&given, &json!({}))).await;
    let state = &asked["result"]["requestState"];
    let yes = json!({"inputResponses": {"confirm": {"action": "accept"}}, "requestState": state});
    let done = client.request("tools/call", call(&given, &yes)).await;
    assert_eq!(done["result"]["isError"], false, "{done}");
    assert_eq!(sent(&upstream), ("POST /v1/orders".to_owned(), given));
    assert!(!gateway.stderr().contains("Dune"), "{}", gateway.stderr());
}

#[tokio::test]
async fn no_cheating_with_states_sends_anything() {
    let upstream = Upstream::echo().await;
    let gateway = setup(&upstream).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let given = json!({"book": "Dune", "copies": 1});
    let asked = client.request("tools/call", call(&given, &json!({}))).await;
    let state = asked["result"]["requestState"].as_str().unwrap().to_owned();
    let mut states: Vec<String> = (0..60)
        .map(|number| {
            let at = number * state.len() / 60;
            let other = if state.as_bytes()[at] == b'A' { "B" } else { "A" };
            format!("{}{other}{}", &state[..at], &state[at + 1..])
        })
        .collect();
    states.extend([String::new(), format!("{state}="), format!("{state}-TAMPERED"), "x".repeat(100_000)]);
    for state in states {
        let yes = json!({"inputResponses": {"confirm": {"action": "accept"}}, "requestState": state});
        let refused = client.request("tools/call", call(&given, &yes)).await;
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
    }
    // Without a state there was no question.
    let unasked = json!({"inputResponses": {"confirm": {"action": "accept"}}});
    let asked = client.request("tools/call", call(&given, &unasked)).await;
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    upstream.ledger().assert_empty("nobody has agreed");
}

#[tokio::test]
async fn a_client_that_cannot_ask_is_refused() {
    let upstream = Upstream::echo().await;
    let gateway = setup(&upstream).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let mut params = call(&json!({"book": "Dune"}), &json!({}));
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({"sampling": {}});
    let response = client.response("tools/call", params).await;
    let error = &response.json()["error"];
    assert_eq!((response.status, error["code"].as_i64()), (400, Some(-32021)), "{error}");
    assert_eq!(error["data"], json!({"requiredCapabilities": {"elicitation": {}}}));
    let mut legacy = gateway.client(Era::Legacy).await;
    let refused = legacy.call("place_order", json!({"book": "Dune"})).await;
    assert_eq!(refused.code(), "cannot_ask");
    let mut legacy = setup(&upstream).serve_stdio().initialize().await;
    let refused = legacy.call("place_order", json!({"book": "Dune"})).await;
    assert!(refused.error().contains("Nothing was sent"));
    upstream.ledger().assert_empty("nobody was asked");
    // What only reads asks nobody.
    legacy.call("list_orders", json!({})).await.success();
}

#[tokio::test]
async fn a_client_with_a_handshake_is_asked_while_its_call_waits() {
    let upstream = Upstream::echo().await;
    let mut client = setup(&upstream).serve_stdio().initialize_with(json!({"elicitation": {}})).await;
    let line = client.message("tools/call", json!({"name": "place_order", "arguments": {"copies": 3}}));
    client.send(&line).await;
    let reply = |id: &Value, result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
    let question = client.receive().await.unwrap();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let book = json!({"action": "accept", "content": {"book": "Dune"}});
    client.send(&reply(&json!("toolgate-0"), book.clone())).await;
    client.send(&reply(&json!(1), book.clone())).await;
    client.send(&reply(&question["id"], book.clone())).await;
    let confirm = client.receive().await.unwrap();
    assert!(confirm["params"]["message"].as_str().unwrap().contains("book: \"Dune\""), "{confirm}");
    // The first question has been answered: to answer it again agrees to nothing.
    client.send(&reply(&question["id"], json!({"action": "accept"}))).await;
    upstream.ledger().assert_empty("nobody has agreed");
    client.send(&reply(&confirm["id"], json!({"action": "accept"}))).await;
    let done = client.receive().await.unwrap();
    assert_eq!(done["result"]["isError"], false, "{done}");
    assert_eq!(sent(&upstream), ("POST /v1/orders".to_owned(), json!({"book": "Dune", "copies": 3})));
    client.send(&reply(&confirm["id"], json!({"action": "accept"}))).await;
    client.call("list_orders", json!({})).await.success();
    assert_eq!(upstream.ledger().len(), 2);
}

/// The Rust SDK's client, with a person who says this. Whatever he is asked is answered by somebody else, too.
#[derive(Clone)]
struct Person {
    action: ElicitationAction,
    meanwhile: Meanwhile,
}

/// What happens while a person thinks.
#[derive(Clone, Copy)]
enum Meanwhile {
    Nothing,
    /// Somebody else, in a session of his own, agrees in his place.
    Forged(SocketAddr),
    /// A call of somebody else, with the same timeout, begins and is given up.
    Timeout(SocketAddr),
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        info.capabilities.elicitation = Some(rmcp::model::ElicitationCapability::default());
        info
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        match self.meanwhile {
            Meanwhile::Nothing => {}
            Meanwhile::Forged(address) => {
                answer_from_another_session(address, &serde_json::to_value(&context.id).unwrap()).await;
            }
            Meanwhile::Timeout(address) => {
                let mut other = McpClient::connect(address, "/mcp", Era::Modern).await;
                assert_eq!(other.call("list_orders", json!({})).await.code(), "timeout_total");
            }
        }
        let ElicitRequestParams::FormElicitationParams { requested_schema, .. } = request else {
            return Ok(ElicitResult::new(ElicitationAction::Cancel));
        };
        let fields = serde_json::to_value(&requested_schema).unwrap()["properties"].clone();
        let mut content = json!({});
        for (field, value) in [("book", json!("Dune")), ("copies", json!(1))] {
            if fields[field].is_object() {
                content[field] = value;
            }
        }
        Ok(ElicitResult::new(self.action.clone()).with_content(content))
    }
}

/// Agrees to a question that another session was asked.
async fn answer_from_another_session(address: SocketAddr, id: &Value) {
    let mut connection = Connection::open(address).await;
    let hello = json!({"protocolVersion": mcp::LEGACY, "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "mallory", "version": "1"}});
    let headers = mcp::headers_of(Era::Legacy, "initialize", "");
    let body = mcp::body(Era::Legacy, 1, "initialize", hello);
    let answer = connection.exchange(&http::request("POST", "/mcp", &headers, body.as_bytes())).await;
    let session = answer.header("mcp-session-id").expect("a session").to_owned();
    let mut headers = mcp::headers_of(Era::Legacy, "", "");
    headers.push(("Mcp-Session-Id", &session));
    let content = json!({"book": "Stolen", "copies": 1});
    let reply = json!({"jsonrpc": "2.0", "id": id, "result": {"action": "accept", "content": content}});
    let taken =
        connection.exchange(&http::request("POST", "/mcp", &headers, reply.to_string().as_bytes())).await;
    assert_eq!(taken.status, 202, "{}", taken.text());
}

fn lifecycles() -> [ClientLifecycleMode; 2] {
    let modern = vec![ProtocolVersion::V_2026_07_28];
    [ClientLifecycleMode::Initialize, ClientLifecycleMode::Discover { preferred_versions: modern }]
}

/// The result of an order by this person's client, over HTTP or stdio.
async fn order(person: Person, lifecycle: ClientLifecycleMode, http: Option<String>, setup: Setup) -> Value {
    let arguments = json!({"shop": "north"}).as_object().unwrap().clone();
    let params = CallToolRequestParams::new("place_order").with_arguments(arguments);
    let client = connected(person, lifecycle, http, &setup).await;
    let result = wait::within("the answer", client.call_tool(params)).await.unwrap();
    client.cancel().await.unwrap();
    serde_json::to_value(result).unwrap()
}

/// This person's client, connected over HTTP or stdio.
async fn connected(
    person: Person,
    lifecycle: ClientLifecycleMode,
    http: Option<String>,
    setup: &Setup,
) -> RunningService<RoleClient, Person> {
    let client = match http {
        Some(url) => {
            let transport = StreamableHttpClientTransport::from_uri(url);
            wait::within("rmcp to connect", person.serve_with_lifecycle(transport, lifecycle)).await
        }
        None => {
            let transport = TokioChildProcess::new(setup.stdio_command()).unwrap();
            wait::within("rmcp to connect", person.serve_with_lifecycle(transport, lifecycle)).await
        }
    };
    client.unwrap()
}

#[tokio::test]
async fn the_rust_sdk_asks_its_person_over_each_transport_in_each_era() {
    for lifecycle in lifecycles() {
        for over_http in [true, false] {
            for (action, is_sent) in [
                (ElicitationAction::Accept, true),
                (ElicitationAction::Decline, false),
                (ElicitationAction::Cancel, false),
            ] {
                let upstream = Upstream::echo().await;
                let gateway = setup(&upstream).serve().await;
                let url = over_http.then(|| gateway.url());
                let person = Person { action, meanwhile: Meanwhile::Nothing };
                let result = order(person, lifecycle.clone(), url, setup(&upstream)).await;
                assert_eq!(result["isError"], !is_sent, "{lifecycle:?} {result}");
                match is_sent {
                    true => assert_eq!(sent(&upstream).1, json!({"book": "Dune", "copies": 1})),
                    false => upstream.ledger().assert_empty("nobody has agreed"),
                }
            }
        }
    }
}

#[tokio::test]
async fn an_answer_from_another_session_is_nobodys() {
    let upstream = Upstream::echo().await;
    let gateway = setup(&upstream).serve().await;
    let person = Person { action: ElicitationAction::Decline, meanwhile: Meanwhile::Forged(gateway.address) };
    let result = order(person, ClientLifecycleMode::Initialize, Some(gateway.url()), setup(&upstream)).await;
    assert_eq!(result["structuredContent"]["error"]["code"], "declined", "{result}");
    upstream.ledger().assert_empty("somebody else has agreed");
}

#[tokio::test]
async fn the_time_of_a_call_does_not_run_while_a_person_thinks() {
    for lifecycle in lifecycles() {
        let is_read = |entry: &Entry| entry.request.method == "GET";
        let upstream =
            Upstream::start(move |entry| if is_read(entry) { Answer::Hang } else { faults::echo(entry) });
        let upstream = upstream.await;
        let file = format!("{FILE}timeout: 700ms\n");
        let gateway = setup(&upstream).file("gateway.yaml", file).serve().await;
        // He is asked twice, and thinks longer than a call may take each time.
        let person =
            Person { action: ElicitationAction::Accept, meanwhile: Meanwhile::Timeout(gateway.address) };
        let result = order(person, lifecycle, Some(gateway.url()), setup(&upstream)).await;
        assert_eq!(result["isError"], false, "{result}");
        let sent: Vec<String> =
            upstream.ledger().entries().iter().map(|entry| entry.request.method.clone()).collect();
        assert_eq!(sent, ["GET", "GET", "POST"]);
    }
}

#[tokio::test]
async fn a_prompt_is_asked_for_over_each_transport_in_each_era() {
    for lifecycle in lifecycles() {
        for over_http in [true, false] {
            for action in [ElicitationAction::Accept, ElicitationAction::Decline] {
                let is_accepted = action == ElicitationAction::Accept;
                let upstream = Upstream::echo().await;
                let setup = || setup(&upstream).file("gateway.yaml", format!("{FILE}{PROMPT}"));
                let gateway = setup().serve().await;
                let url = over_http.then(|| gateway.url());
                let person = Person { action, meanwhile: Meanwhile::Nothing };
                let client = connected(person, lifecycle.clone(), url, &setup()).await;
                let arguments = json!({"tone": "kind"}).as_object().unwrap().clone();
                let params = GetPromptRequestParams::new("recommend").with_arguments(arguments);
                let got = wait::within("the prompt", client.get_prompt(params)).await;
                client.cancel().await.unwrap();
                if is_accepted {
                    let got = serde_json::to_value(got.unwrap()).unwrap();
                    let text = &got["messages"][0]["content"]["text"];
                    assert_eq!(text, "Recommend Dune and be kind.", "{lifecycle:?} {over_http}");
                    assert_eq!(upstream.ledger().only().path(), "/v1/books/Dune");
                } else {
                    let said = got.unwrap_err().to_string();
                    assert!(said.contains("The person declined"), "{lifecycle:?} {over_http}: {said}");
                    upstream.ledger().assert_empty("nobody has said which book");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_prompt_asks_only_for_what_is_missing_and_only_whom_it_can() {
    let upstream = Upstream::echo().await;
    let setup = || setup(&upstream).file("gateway.yaml", format!("{FILE}{PROMPT}"));
    let get = |arguments: Value| json!({"name": "recommend", "arguments": arguments});
    let mut able = setup().serve_stdio().initialize_with(json!({"elicitation": {}})).await;
    let whole = able.request("prompts/get", get(json!({"book": "Emma"}))).await;
    assert_eq!(whole["result"]["messages"][0]["content"]["text"], "Recommend Emma.", "{whole}");
    for (arguments, said) in [(json!({"bok": "x"}), "`book`"), (json!({"tone": 7}), "strings")] {
        let refused = able.request("prompts/get", get(arguments)).await;
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(said), "{refused}");
    }
    let line = able.message("prompts/get", get(json!({})));
    able.send(&line).await;
    let question = able.receive().await.unwrap();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let content = json!({"action": "accept", "content": {"book": ""}});
    for _ in 0..2 {
        assert_eq!(upstream.ledger().len(), 1, "nothing is sent while somebody thinks");
        let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": content}).to_string();
        able.send(&answer).await;
    }
    let got = able.receive().await.unwrap();
    assert_eq!(got["error"]["code"], -32602, "an empty text is no part of a path: {got}");
    let mut unable = setup().serve_stdio().initialize().await;
    let refused = unable.request("prompts/get", get(json!({}))).await;
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("does not declare `elicitation`"));
    assert_eq!(upstream.ledger().len(), 1);
}

#[tokio::test]
async fn the_command_line_asks_who_sits_there_or_is_told_yes() {
    let upstream = Upstream::echo().await;
    let run = async |verb: &str, arguments: &[&str]| {
        let given = arguments.iter().fold(setup(&upstream), |setup, argument| setup.argument(*argument));
        let output = given.run(verb).await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let tool = ["--tool", "place_order", "--args"];
    let (code, _, said) = run("call", &[&tool[..], &[r#"{"book": "Dune", "copies": 1}"#]].concat()).await;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("nobody is at a terminal; nothing was sent") && said.contains("--yes"), "{said}");
    let (code, _, said) = run("call", &[&tool[..], &[r#"{"copies": 1}"#, "--yes"]].concat()).await;
    assert_eq!(code, 2, "what is asked for is not agreed to: {said}");
    upstream.ledger().assert_empty("nobody has agreed");
    let (code, result, said) =
        run("call", &[&tool[..], &[r#"{"book": "Dune", "copies": 1}"#, "--yes"]].concat()).await;
    assert_eq!(code, 0, "{result} {said}");
    assert_eq!(upstream.ledger().len(), 1);
    let (_, _, said) = run("explain", &[&tool[..], &[r#"{"book": "Dune"}"#]].concat()).await;
    let expected =
        "ask: the person for book and copies, when it is missing; the person whether it shall be sent";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn a_question_about_nothing_is_refused_where_it_is_written() {
    let upstream = Upstream::echo().await;
    for (from, to, expected) in [
        ("fields: [book, copies]", "fields: [boook]", "there is no argument `boook` to ask for"),
        ("Which book?", "\"Which {{ bok }}?\"", "`{{ bok }}` stands for nothing: there is no such argument"),
    ] {
        let setup = setup(&upstream).file("gateway.yaml", FILE.replace(from, to));
        let output = setup.run("check").await;
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(expected) && said.contains("gateway.yaml:10:"), "{said}");
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
}
