//! Rules: what is hidden is not there, and what needs more scopes says which.

use serde_json::{Value, json};

use toolgate::access::NewKey;

use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{ERAS, Era, McpClient};
use crate::support::upstream::Upstream;

struct World {
    gateway: Gateway,
    upstream: Upstream,
    boss: NewKey,
    clerk: NewKey,
}

async fn world(more: &str) -> World {
    let upstream = Upstream::echo().await;
    let (boss, clerk) = (NewKey::random(), NewKey::random());
    let file = format!(
        "gateway: shop\nbase_url: {}\n{more}endpoints:\n  list_orders: {{request: GET /orders}}\n  \
         read_vault: {{request: GET /vault, tags: [vault]}}\n  cancel_order: {{request: 'DELETE /orders/{{id}}', parameters: {{id: \
         {{in: path}}}}}}\n",
        upstream.url()
    );
    let server = format!(
        "access:\n  keys:\n    boss: {{sha256: {}, scopes: [orders:write]}}\n    clerk: {{sha256: {}}}\n\
         toolsets:\n  vault: {{include: ['tag:vault'], allow: [{{key: boss}}]}}\n\
         rules:\n- {{tools: ['tag:vault'], allow: [{{key: boss}}]}}\n- {{tools: ['DELETE *'], scopes: [orders:write]}}\n",
        boss.sha256, clerk.sha256
    );
    let setup = Setup::new().source("shop.yaml", file).file("server.yaml", server);
    let gateway = setup.arguments(["--config", "server.yaml"]).serve().await;
    World { gateway, upstream, boss, clerk }
}

impl World {
    async fn client(&self, key: &NewKey, path: &str, era: Era) -> McpClient {
        let client = McpClient::connect(self.gateway.address, path, era).await;
        client.header("Authorization", &format!("Bearer {}", key.key))
    }
}

fn names(tools: &[Value]) -> Vec<&str> {
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_hidden_from_a_caller_is_not_there_for_him() {
    let world = world("").await;
    for era in ERAS {
        let mut boss = world.client(&world.boss, "/mcp", era).await;
        let mut clerk = world.client(&world.clerk, "/mcp", era).await;
        assert_eq!(names(&boss.tools().await), ["list_orders", "read_vault", "cancel_order"]);
        assert_eq!(names(&clerk.tools().await), ["list_orders", "cancel_order"]);
        boss.call("read_vault", json!({})).await.success();
        let hidden = clerk.response("tools/call", json!({"name": "read_vault", "arguments": {}})).await;
        let nothing = clerk.response("tools/call", json!({"name": "no_such_tool", "arguments": {}})).await;
        assert_eq!((hidden.status, nothing.status), (200, 200));
        let (hidden, nothing) = (hidden.json()["error"].clone(), nothing.json()["error"].clone());
        assert_eq!(hidden["code"], -32602);
        let text = |error: &Value| {
            error["message"].as_str().unwrap().replace("read_vault", "X").replace("no_such_tool", "X")
        };
        assert_eq!(text(&hidden), text(&nothing), "nobody learns that it is there");
        let (there, not_there) = ("/mcp/vault", "/mcp/volt");
        assert_eq!(names(&world.client(&world.boss, there, era).await.tools().await), ["read_vault"]);
        let mut answers = Vec::new();
        for path in [there, not_there] {
            let response =
                world.client(&world.clerk, path, era).await.response("tools/list", json!({})).await;
            answers.push((response.status, response.text()));
        }
        assert_eq!((answers[0].0, &answers[0].1), (404, &answers[1].1));
    }
    let asked: Vec<String> =
        world.upstream.ledger().entries().iter().map(|entry| entry.path().to_owned()).collect();
    assert_eq!(asked, ["/vault", "/vault"], "nobody but the boss came through");
}

#[tokio::test]
async fn a_call_that_needs_a_scope_says_which_and_reaches_nobody() {
    let world = world("").await;
    for era in ERAS {
        let mut clerk = world.client(&world.clerk, "/mcp", era).await;
        let response =
            clerk.response("tools/call", json!({"name": "cancel_order", "arguments": {"id": "1"}})).await;
        assert_eq!(response.status, 403, "{}", response.text());
        let challenge = response.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains("error=\"insufficient_scope\""),
            "{challenge}"
        );
        assert!(challenge.contains("scope=\"orders:write\""), "{challenge}");
        world.upstream.ledger().assert_empty("the caller lacks the scope");
    }
    let mut boss = world.client(&world.boss, "/mcp", Era::Modern).await;
    boss.call("cancel_order", json!({"id": "1"})).await.success();
}

#[tokio::test]
async fn lists_that_depend_on_who_asks_are_private_and_searching_finds_no_more_than_they_have() {
    let world = world("discover: on\n").await;
    let mut clerk = world.client(&world.clerk, "/mcp", Era::Modern).await;
    for method in ["tools/list", "server/discover"] {
        assert_eq!(clerk.request(method, json!({})).await["result"]["cacheScope"], "private", "{method}");
    }
    for era in ERAS {
        let mut clerk = world.client(&world.clerk, "/mcp", era).await;
        let described = json!(clerk.tools().await).to_string();
        assert!(!described.contains("vault") && described.contains("2 tools of shop"), "{described}");
        let found = clerk.call("search_tools", json!({"query": "read vault"})).await.success();
        assert!(!found.text().contains("read_vault"), "{}", found.text());
        for (tool, arguments) in [
            ("describe_tool", json!({"name": "read_vault"})),
            ("call_tool", json!({"name": "read_vault", "arguments": {}})),
        ] {
            let refused = clerk.call(tool, arguments).await;
            assert!(refused.is_error() && refused.text().contains("there is no tool"), "{}", refused.text());
        }
        let through =
            json!({"name": "call_tool", "arguments": {"name": "cancel_order", "arguments": {"id": "1"}}});
        assert_eq!(clerk.response("tools/call", through).await.status, 403);
    }
    world.upstream.ledger().assert_empty("nothing was allowed");
}
