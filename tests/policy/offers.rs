//! Rules, limits and the audit log for what is offered beside tools: resources, prompts and completions.

use serde_json::{Value, json};

use toolgate::access::NewKey;

use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{ERAS, Era, McpClient};
use crate::support::upstream::Upstream;
use crate::support::wait;

struct World {
    gateway: Gateway,
    upstream: Upstream,
    audit: std::path::PathBuf,
    boss: NewKey,
    clerk: NewKey,
}

const FILE: &str = r#"
base_url: ${UPSTREAM}
resources:
  terms: {uri: "docs://terms", text: "Be kind."}
  orders: {uri: "orders://all", request: GET /orders}
  order: {uri_template: "orders://{number}", request: "GET /orders/{number}", complete: {number: {request: GET /numbers}}}
  note: {uri_template: "notes://{name}", text: "Note {{ name }}."}
prompts:
  sum_up:
    arguments: {order: {required: true, complete: ["1", "2"]}}
    messages: [{request: "GET /orders/{order}"}]
  greet:
    arguments: {name: {required: true}}
    ask: [{who: {message: Who?, fields: [name]}}]
    messages: [{text: "Hello {{ name }}."}]
"#;

/// All that can be asked for beside tools, with something to it.
fn requests() -> Vec<(&'static str, Value)> {
    let prompt = |argument: &str, value: &str| {
        let reference = json!({"type": "ref/prompt", "name": "sum_up"});
        json!({"ref": reference, "argument": {"name": argument, "value": value}})
    };
    let template = json!({"type": "ref/resource", "uri": "orders://{number}"});
    vec![
        ("resources/read", json!({"uri": "docs://terms"})),
        ("resources/read", json!({"uri": "orders://all"})),
        ("resources/read", json!({"uri": "orders://7"})),
        ("resources/read", json!({"uri": "notes://a"})),
        ("prompts/get", json!({"name": "sum_up", "arguments": {"order": "7"}})),
        ("completion/complete", prompt("order", "1")),
        ("completion/complete", json!({"ref": template, "argument": {"name": "number", "value": "1"}})),
    ]
}

/// The same with something wrong, which nobody without the scope should be told.
fn faulty_requests() -> Vec<(&'static str, Value)> {
    let reference = json!({"type": "ref/prompt", "name": "sum_up"});
    vec![
        ("prompts/get", json!({"name": "sum_up"})),
        ("prompts/get", json!({"name": "sum_up", "arguments": []})),
        ("prompts/get", json!({"name": "sum_up", "arguments": {"ordr": "7"}})),
        ("prompts/get", json!({"name": "greet"})),
        ("prompts/get", json!({"name": "greet", "requestState": "forged"})),
        ("completion/complete", json!({"ref": reference, "argument": {"name": "ordr", "value": ""}})),
    ]
}

async fn world(rule: &str, more: &str) -> World {
    let upstream = Upstream::echo().await;
    let (boss, clerk) = (NewKey::random(), NewKey::random());
    let server = format!(
        "access:\n  keys:\n    boss: {{sha256: {}, scopes: [orders:read]}}\n    clerk: {{sha256: {}}}\n\
         audit: {{file: audit.jsonl}}\nrules:\n- {{tools: ['gateway:shop'], {rule}}}\n{more}",
        boss.sha256, clerk.sha256
    );
    let setup = Setup::new()
        .source("shop.yaml", format!("gateway: shop{FILE}"))
        .file("server.yaml", server)
        .environment("UPSTREAM", &upstream.url())
        .arguments(["--config", "server.yaml"]);
    let audit = setup.path().join("audit.jsonl");
    World { gateway: setup.serve().await, upstream, audit, boss, clerk }
}

impl World {
    async fn client(&self, key: &NewKey, era: Era) -> McpClient {
        let client = self.gateway.client(era).await;
        client.header("Authorization", &format!("Bearer {}", key.key))
    }

    /// Who did what and what came of it, once there are so many lines.
    async fn audited(&self, count: usize) -> Vec<String> {
        let said = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let what = ["resource", "prompt", "completion"].into_iter().find(|kind| line[kind].is_string());
            let what = what.unwrap();
            let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
            format!("{} {what} {} {}", text("principal"), text(what), text("outcome"))
        };
        let read = || {
            let text = std::fs::read_to_string(&self.audit).ok()?;
            let lines: Vec<String> = text.lines().map(said).collect();
            (lines.len() >= count).then_some(lines)
        };
        wait::until("the audit log", read).await
    }
}

#[tokio::test]
async fn what_needs_a_scope_says_which_and_nothing_else_is_looked_at() {
    for era in ERAS {
        let world = world("scopes: ['orders:read']", "").await;
        let mut clerk = world.client(&world.clerk, era).await;
        for (method, params) in requests().into_iter().chain(faulty_requests()) {
            let response = clerk.response(method, params.clone()).await;
            assert_eq!(response.status, 403, "{method} {params}: {}", response.text());
            let challenge = response.header("www-authenticate").unwrap();
            assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
            assert!(challenge.contains("scope=\"orders:read\""), "{challenge}");
            assert_eq!(response.json()["error"]["code"], -32600, "{method} {params}");
        }
        world.upstream.ledger().assert_empty("the caller lacks the scope");
        let lines = world.audited(requests().len() + faulty_requests().len()).await;
        assert!(lines.iter().all(|line| line.ends_with(" insufficient_scope")), "{lines:#?}");
        let mut boss = world.client(&world.boss, era).await;
        for (method, params) in requests() {
            let message = boss.request(method, params.clone()).await;
            assert!(message.get("result").is_some(), "{method} {params}: {message}");
        }
        for (method, params) in faulty_requests() {
            let message = boss.request(method, params.clone()).await;
            let code = message["error"]["code"].as_i64().unwrap();
            assert!([-32602, -32021].contains(&code), "{method} {params}: {message}");
        }
    }
}

#[tokio::test]
async fn what_is_hidden_is_not_there_to_be_listed_read_filled_in_or_completed() {
    let world = world("allow: [{key: boss}]", "").await;
    for era in ERAS {
        let mut clerk = world.client(&world.clerk, era).await;
        for method in ["resources/list", "resources/templates/list", "prompts/list"] {
            let hidden = clerk.request(method, json!({})).await;
            assert_eq!(hidden["error"]["code"], -32601, "nothing else is offered: {hidden}");
        }
        for (method, params) in requests() {
            let nothing = params.to_string().replace("orders://", "nothing://").replace("sum_up", "nothing");
            let nothing = nothing.replace("docs://", "nothing://").replace("notes://", "nothing://");
            let hidden = clerk.request(method, params.clone()).await["error"].to_string();
            let nothing = clerk.request(method, serde_json::from_str(&nothing).unwrap()).await;
            let alike = |text: &str| {
                let names = ["orders://", "docs://", "notes://", "sum_up"];
                names.iter().fold(text.replace("nothing://", "X").replace("nothing", "X"), |text, name| {
                    text.replace(name, "X")
                })
            };
            assert_eq!(alike(&hidden), alike(&nothing["error"].to_string()), "{method} {params}");
        }
    }
    world.upstream.ledger().assert_empty("nobody may see it");
    let mut boss = world.client(&world.boss, Era::Modern).await;
    let listed = boss.request("prompts/list", json!({})).await;
    assert_eq!(listed["result"]["cacheScope"], "private", "{listed}");
}

#[tokio::test]
async fn each_request_is_a_line_with_what_came_of_it() {
    let world = world("scopes: ['orders:read']", "").await;
    let mut expected = Vec::new();
    for era in ERAS {
        let mut boss = world.client(&world.boss, era).await;
        for (method, params, line) in [
            ("resources/read", json!({"uri": "docs://terms"}), "resource docs://terms ok"),
            ("resources/read", json!({"uri": "orders://7"}), "resource orders://7 ok"),
            ("resources/read", json!({"uri": "no://where"}), "resource no://where not_found"),
            ("prompts/get", json!({"name": "sum_up", "arguments": {"order": "canary"}}), "prompt sum_up ok"),
            (
                "prompts/get",
                json!({"name": "sum_up", "arguments": {"canary": ""}}),
                "prompt sum_up invalid_arguments",
            ),
            ("prompts/get", json!({"name": "nothing"}), "prompt nothing unknown_prompt"),
        ] {
            boss.request(method, params).await;
            expected.push(format!("key:boss {line}"));
        }
        let reference = json!({"type": "ref/prompt", "name": "sum_up"});
        for (argument, outcome) in [("order", "ok"), ("ordr", "invalid_arguments")] {
            let params = json!({"ref": reference, "argument": {"name": argument, "value": "canary"}});
            boss.request("completion/complete", params).await;
            expected.push(format!("key:boss completion {argument} {outcome}"));
        }
    }
    assert_eq!(world.audited(expected.len()).await, expected);
    assert!(!std::fs::read_to_string(&world.audit).unwrap().contains("canary"));
}

#[tokio::test]
async fn a_caller_who_asks_too_often_is_told_when_to_come_back_and_no_other_caller() {
    for era in ERAS {
        let limits = "limits: {per_caller: {requests: 10, per: 1h, burst: 2}}\n";
        let world = world("allow: [{key: '*'}]", limits).await;
        let mut boss = world.client(&world.boss, era).await;
        let read = || json!({"uri": "orders://all"});
        let fill = || json!({"name": "sum_up", "arguments": {"order": "7"}});
        assert!(boss.request("resources/read", read()).await["result"].is_object());
        assert!(boss.request("prompts/get", fill()).await["result"].is_object());
        for (method, params) in [("resources/read", read()), ("prompts/get", fill())] {
            let refused = boss.request(method, params).await;
            assert_eq!(refused["error"]["code"], -32603, "{refused}");
            let seconds = refused["error"]["data"]["retry_after_seconds"].as_u64().unwrap();
            assert!((300..=360).contains(&seconds), "{seconds}");
        }
        assert!(boss.request("prompts/list", json!({})).await["result"].is_object(), "lists cost nothing");
        let mut clerk = world.client(&world.clerk, era).await;
        assert!(clerk.request("resources/read", read()).await["result"].is_object());
        assert_eq!(world.upstream.ledger().len(), 3);
        let lines = world.audited(5).await;
        let refused = lines.iter().filter(|line| line.ends_with(" rate_limited")).count();
        assert_eq!((lines.len(), refused), (5, 2), "{lines:#?}");
    }
}
