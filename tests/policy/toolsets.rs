//! Toolsets: a path of their own, and nothing else at it.

use serde_json::{Value, json};

use crate::support::gateway::Setup;
use crate::support::mcp::{ERAS, McpClient};

const SHOP: &str = "
gateway: shop
base_url: http://127.0.0.1:9
endpoints:
  list_orders: {request: GET /orders, tags: [orders]}
  list_books: {request: GET /books}
";

const MAIL: &str = "
gateway: mail
base_url: http://127.0.0.1:9
endpoints:
  send: {request: POST /messages}
";

const SERVER: &str = "
toolsets:
  support:
    include: ['gateway:shop tag:orders', 'gateway:mail']
    instructions: Answer customers.
";

fn setup() -> Setup {
    let setup = Setup::new().source("shop.yaml", SHOP).source("mail.yaml", MAIL);
    setup.file("server.yaml", SERVER).arguments(["--config", "server.yaml"])
}

#[tokio::test]
async fn a_toolset_is_served_at_its_own_path_and_has_nothing_else() {
    let gateway = setup().serve().await;
    for era in ERAS {
        let mut client = McpClient::connect(gateway.address, "/mcp/support", era).await;
        let names: Vec<Value> = client.tools().await.iter().map(|tool| tool["name"].clone()).collect();
        assert_eq!(names, ["shop_list_orders", "mail_send"]);
        let other = client.request("tools/call", json!({"name": "shop_list_books", "arguments": {}})).await;
        assert_eq!(other["error"]["code"], -32602, "{other}");
        let mut all = gateway.client(era).await;
        assert_eq!(all.tools().await.len(), 3);
    }
}

#[tokio::test]
async fn a_toolset_is_listed_by_name_on_the_command_line() {
    let output = setup().arguments(["--toolset", "support", "--format", "json"]).run("tools").await;
    let tools: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(tools.as_array().unwrap().len(), 2, "{tools}");
    let output = setup().arguments(["--toolset", "suport"]).run("tools").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("there is no toolset 'suport'") && said.contains("did you mean 'support'?"),
        "{said}"
    );
}

#[tokio::test]
async fn nothing_is_served_by_half_of_a_server_file() {
    let faulty = || {
        let setup = Setup::new().source("shop.yaml", SHOP);
        setup.file("server.yaml", "toolsets: {a: {inclde: [x]}}\n").arguments(["--config", "server.yaml"])
    };
    for verb in ["serve", "tools", "call"] {
        let setup = if verb == "call" { faulty().arguments(["--tool", "list_orders"]) } else { faulty() };
        let output = setup.run(verb).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{verb}: {said}");
        assert!(
            said.contains("there is no key `inclde` here") && said.contains("server file"),
            "{verb}: {said}"
        );
    }
    let output = faulty().run("check").await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("server.yaml:1:16"));
}

#[tokio::test]
async fn a_server_file_among_the_sources_is_told_from_a_document() {
    let output = Setup::new().source("server.yaml", SERVER).run("check").await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("this is a server file") && said.contains("--config"), "{said}");
    let setup = Setup::new().source("shop.yaml", format!("{SHOP}toolsets: {{}}\n"));
    let said = String::from_utf8_lossy(&setup.run("check").await.stdout).into_owned();
    assert!(said.contains("it belongs in the server file"), "{said}");
}
