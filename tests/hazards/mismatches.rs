//! S9: headers that say something else than the body. Who routes, limits or lets in by the header, and who executes by the
//! body, would see two requests; so none is made.

use serde_json::{Value, json};

use crate::support::gateway::Setup;
use crate::support::http::{self, Response};
use crate::support::mcp::{self, Era};
use crate::support::upstream::Upstream;

const FILE: &str = "
gateway: shop
base_url: ${UPSTREAM}
endpoints:
  find: {request: GET /find}
  remove: {request: DELETE /remove}
  list:
    request: GET /list
    parameters:
      region: {type: string, mcp_header: Region}
      limit: {type: integer, mcp_header: Limit}
      dry: {type: boolean, mcp_header: Dry-Run}
      free: {type: string}
resources:
  orders: {uri: 'orders://all', request: GET /orders}
prompts:
  sum_up: {messages: [{request: GET /summary}]}
";

const VERSION: &str = "MCP-Protocol-Version: 2026-07-28";
const METHOD: &str = "Mcp-Method: tools/call";
const NAME: &str = "Mcp-Name: find";

/// What a row expects: an HTTP status, and the code of a JSON-RPC error; 0 for a result.
type Expected = (u16, i64);

const SERVED: Expected = (200, 0);
const MISMATCH: Expected = (400, -32020);
const VERSIONS: Expected = (400, -32022);
const PARAMS: Expected = (400, -32602);
/// Not even a request of HTTP.
const NO_HTTP: Expected = (400, -1);

struct World {
    upstream: Upstream,
    gateway: crate::support::gateway::Gateway,
}

impl World {
    async fn new() -> Self {
        let upstream = Upstream::echo().await;
        let setup = Setup::new().source("shop.yaml", FILE).environment("UPSTREAM", &upstream.url());
        Self { gateway: setup.serve().await, upstream }
    }

    async fn sent(&self, headers: &[&str], body: &str) -> Response {
        let mut lines = vec!["Content-Type: application/json", "Accept: application/json, text/event-stream"];
        lines.extend(headers);
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n{}\r\n\r\n",
            body.len(),
            lines.join("\r\n")
        );
        http::exchange(self.gateway.address, format!("{head}{body}").as_bytes()).await
    }

    /// Sends each row; only those that are served reach the API.
    async fn holds(&self, rows: &[(&[&str], &str, Expected)]) {
        let mut served = self.upstream.ledger().len();
        for (headers, body, expected) in rows {
            let response = self.sent(headers, body).await;
            let is_json = response.header("content-type").is_some_and(|value| value.contains("json"));
            let code = match is_json {
                true => response.json()["error"]["code"].as_i64().unwrap_or_default(),
                false => -1,
            };
            assert_eq!((response.status, code), *expected, "{headers:#?}\n{body}\n{}", response.text());
            served += usize::from(*expected == SERVED);
            assert_eq!(self.upstream.ledger().len(), served, "{headers:#?}\n{body}");
        }
    }
}

fn body(method: &str, params: Value) -> String {
    mcp::body(Era::Modern, 1, method, params)
}

fn call(name: &str) -> String {
    body("tools/call", json!({"name": name, "arguments": {}}))
}

#[tokio::test]
async fn a_name_in_the_header_is_the_name_in_the_body() {
    let world = World::new().await;
    let call = call("find");
    let escaped = call.replace("\"find\"", "\"f\\u0069nd\"");
    let twice = call.replace("\"name\":\"find\"", "\"name\":\"find\",\"name\":\"remove\"");
    assert!(escaped != call && twice != call);
    let nameless = body("tools/call", json!({"arguments": {}}));
    let rows: &[(&[&str], &str, Expected)] = &[
        (&[VERSION, METHOD, NAME], &call, SERVED),
        (&[VERSION, METHOD, "mcp-name: find"], &call, SERVED),
        (&[VERSION, METHOD, "Mcp-Name:find"], &call, SERVED),
        (&[VERSION, METHOD, "Mcp-Name:  \t find \t "], &call, SERVED),
        (&[VERSION, METHOD, "Mcp-Name: =?base64?ZmluZA==?="], &call, SERVED),
        (&[VERSION, METHOD, NAME], &escaped, SERVED),
        (&[VERSION, METHOD, NAME, "Mcp-Param-Nothing: x"], &call, SERVED),
        (&[VERSION, METHOD, NAME, "Mcp-Session-Id: of-another-era"], &call, SERVED),
        (&[VERSION, METHOD], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name:"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: remove"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: Find"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: find, find"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: find;q=1"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: \"find\""], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: f%69nd"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: f\\u0069nd"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: shop_find"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: f\u{456}nd"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: fi\tnd"], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: =?base64?cmVtb3Zl?="], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: =?base64?ZmluZA?="], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: =?base64?ZmluZB==?="], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: =?base64?ZmluZA=="], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: =?base64?//8=?="], &call, MISMATCH),
        (&[VERSION, METHOD, "Mcp-Name: =?utf-8?b?ZmluZA==?="], &call, MISMATCH),
        (&[VERSION, METHOD, NAME, NAME], &call, MISMATCH),
        (&[VERSION, METHOD, NAME, "mcp-name: remove"], &call, MISMATCH),
        (&[VERSION, METHOD, NAME], &nameless, MISMATCH),
        (&[VERSION, METHOD, NAME], &twice, PARAMS),
        (&[VERSION, METHOD, "Mcp-Name : find"], &call, NO_HTTP),
        (&[VERSION, METHOD, "Mcp-Name: fi\0nd"], &call, NO_HTTP),
        (&[VERSION, METHOD, "Mcp-Name: find\r\n folded"], &call, NO_HTTP),
    ];
    world.holds(rows).await;
}

#[tokio::test]
async fn a_method_in_the_header_is_the_method_in_the_body() {
    let world = World::new().await;
    let call = call("find");
    let list = body("tools/list", json!({}));
    let read = body("resources/read", json!({"uri": "orders://all"}));
    let fill = body("prompts/get", json!({"name": "sum_up"}));
    let twice = call.replace("\"method\":", "\"method\":\"tools/list\",\"method\":");
    let rows: &[(&[&str], &str, Expected)] = &[
        (&[VERSION, "MCP-METHOD: tools/call", NAME], &call, SERVED),
        (&[VERSION, "Mcp-Method: resources/read", "Mcp-Name: orders://all"], &read, SERVED),
        (&[VERSION, "Mcp-Method: prompts/get", "Mcp-Name: sum_up"], &fill, SERVED),
        (&[VERSION, NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method:", NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method: tools/list", NAME], &call, MISMATCH),
        (&[VERSION, METHOD, NAME], &list, MISMATCH),
        (&[VERSION, "Mcp-Method: Tools/Call", NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method: tools/call, tools/list", NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method: tools%2Fcall", NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method: =?base64?dG9vbHMvY2FsbA==?=", NAME], &call, MISMATCH),
        (&[VERSION, METHOD, METHOD, NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method: tools/list", METHOD, NAME], &call, MISMATCH),
        (&[VERSION, "Mcp-Method: resources/read"], &read, MISMATCH),
        (&[VERSION, "Mcp-Method: resources/read", "Mcp-Name: orders://"], &read, MISMATCH),
        (&[VERSION, "Mcp-Method: resources/read", "Mcp-Name: ORDERS://all"], &read, MISMATCH),
        (&[VERSION, "Mcp-Method: prompts/get"], &fill, MISMATCH),
        (&[VERSION, "Mcp-Method: prompts/get", NAME], &fill, MISMATCH),
        (&[VERSION, METHOD, NAME], &twice, (400, -32600)),
    ];
    world.holds(rows).await;
}

#[tokio::test]
async fn a_version_in_the_header_is_the_version_in_the_body() {
    let world = World::new().await;
    let call = call("find");
    let saying = |version: &str| call.replace("2026-07-28", version);
    let (old, unknown, none) = (saying("2025-11-25"), saying("2099-01-01"), saying(""));
    let key = |name: &str| format!("\"io.modelcontextprotocol/{name}\"");
    let unversioned = call.replace(&key("protocolVersion"), "\"other\"");
    let incapable = call.replace(&key("clientCapabilities"), "\"other\"");
    let rows: &[(&[&str], &str, Expected)] = &[
        (&[METHOD, NAME], &call, MISMATCH),
        (&["MCP-Protocol-Version:", METHOD, NAME], &call, MISMATCH),
        (&["MCP-Protocol-Version: 2025-11-25", METHOD, NAME], &call, MISMATCH),
        (&["MCP-Protocol-Version: 2099-01-01", METHOD, NAME], &call, MISMATCH),
        (&["MCP-Protocol-Version: 2026-07-28, 2026-07-28", METHOD, NAME], &call, MISMATCH),
        (&["MCP-Protocol-Version: \"2026-07-28\"", METHOD, NAME], &call, MISMATCH),
        (&["MCP-Protocol-Version: =?base64?MjAyNi0wNy0yOA==?=", METHOD, NAME], &call, MISMATCH),
        (&[VERSION, VERSION, METHOD, NAME], &call, MISMATCH),
        (&[VERSION, "MCP-Protocol-Version: 2025-11-25", METHOD, NAME], &call, MISMATCH),
        (&[VERSION, METHOD, NAME], &old, MISMATCH),
        (&[VERSION, METHOD, NAME], &unknown, MISMATCH),
        (&[VERSION, METHOD, NAME], &none, MISMATCH),
        (&["MCP-Protocol-Version: 2099-01-01", METHOD, NAME], &unknown, VERSIONS),
        (&[VERSION, METHOD, NAME], &unversioned, PARAMS),
        (&[VERSION, METHOD, NAME], &incapable, PARAMS),
        // An older client, whose messages have no version: what else is in `_meta` says nothing in its era.
        (&["MCP-Protocol-Version: 2025-11-25", METHOD, NAME], &unversioned, SERVED),
    ];
    world.holds(rows).await;
}

#[tokio::test]
async fn an_argument_in_a_header_is_the_argument_in_the_body() {
    let world = World::new().await;
    let mut client = world.gateway.client(Era::Modern).await;
    let tools = client.tools().await;
    let list = tools.iter().find(|tool| tool["name"] == "list").unwrap();
    let annotated = |name: &str| list["inputSchema"]["properties"][name]["x-mcp-header"].clone();
    assert_eq!([annotated("region"), annotated("limit"), annotated("dry")], ["Region", "Limit", "Dry-Run"]);
    assert_eq!(annotated("free"), Value::Null);
    let list = |arguments: Value| body("tools/call", json!({"name": "list", "arguments": arguments}));
    let (none, region) = (list(json!({"free": "x"})), list(json!({"region": "eu"})));
    let (limit, dry) = (list(json!({"limit": 42})), list(json!({"dry": true})));
    let usual = [VERSION, METHOD, "Mcp-Name: list"];
    let rows: [(&[&str], &str, Expected); 16] = [
        (&[], &none, SERVED),
        (&["Mcp-Param-Region: eu"], &region, SERVED),
        (&["mcp-param-region: =?base64?ZXU=?="], &region, SERVED),
        (&["Mcp-Param-Limit: 42"], &limit, SERVED),
        (&["Mcp-Param-Dry-Run: true"], &dry, SERVED),
        (&[], &region, MISMATCH),
        (&["Mcp-Param-Region: us"], &region, MISMATCH),
        (&["Mcp-Param-Region: EU"], &region, MISMATCH),
        (&["Mcp-Param-Region:"], &region, MISMATCH),
        (&["Mcp-Param-Region: eu", "Mcp-Param-Region: eu"], &region, MISMATCH),
        (&["Mcp-Param-Region: eu"], &none, MISMATCH),
        (&["Mcp-Param-Region: =?base64?ZX?="], &region, MISMATCH),
        (&["Mcp-Param-Limit: 43"], &limit, MISMATCH),
        (&["Mcp-Param-Limit: forty-two"], &limit, MISMATCH),
        (&["Mcp-Param-Dry-Run: True"], &dry, MISMATCH),
        (&["Mcp-Param-Dry-Run: 1"], &dry, MISMATCH),
    ];
    for (headers, body, expected) in rows {
        let headers = [&usual[..], headers].concat();
        world.holds(&[(&headers, body, expected)]).await;
    }
}
