//! An MCP client over HTTP, in both eras of the protocol, that hides nothing.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::http::{self, Connection, Response};
use super::schema;

/// The newest version with a handshake.
pub(crate) const LEGACY: &str = "2025-11-25";
/// The version in which every request stands alone.
pub(crate) const MODERN: &str = "2026-07-28";

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// Up to 2025-11-25.
    Legacy,
    /// From 2026-07-28 on.
    Modern,
}

/// Both of them.
pub(crate) const ERAS: [Era; 2] = [Era::Legacy, Era::Modern];

/// A client at one endpoint, on one connection. Its ids count from 1.
pub(crate) struct McpClient {
    connection: Connection,
    path: String,
    era: Era,
    id: u64,
    headers: Vec<(String, String)>,
}

/// What a tools/call came to.
#[derive(Debug)]
pub(crate) struct ToolResult(pub(crate) Value);

impl Era {
    /// The version that its clients speak.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Legacy => LEGACY,
            Self::Modern => MODERN,
        }
    }
}

impl McpClient {
    /// A client of the endpoint at `path`.
    pub(crate) async fn connect(address: SocketAddr, path: &str, era: Era) -> Self {
        let connection = Connection::open(address).await;
        Self { connection, path: path.to_owned(), era, id: 0, headers: Vec::new() }
    }

    /// The same with one more header on every request.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Calls a tool. A JSON-RPC error, or an answer to another request, fails the test.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> ToolResult {
        let message = self.request("tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_eq!(message["id"], json!(self.id), "a foreign answer");
        ToolResult(result(&message))
    }

    /// The tools that are listed.
    pub(crate) async fn tools(&mut self) -> Vec<Value> {
        let message = self.request("tools/list", json!({})).await;
        result(&message)["tools"].as_array().expect("an array of tools").clone()
    }

    /// Sends a request and gives the JSON-RPC message that answers it.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let bytes = self.bytes(method, params);
        let response = self.connection.exchange(&bytes).await;
        held(self.era, method, &response);
        message(&response)
    }

    /// Sends a request and gives the HTTP response as it came.
    pub(crate) async fn response(&mut self, method: &str, params: Value) -> Response {
        self.id += 1;
        let bytes = self.bytes(method, params);
        let response = self.connection.exchange(&bytes).await;
        held(self.era, method, &response);
        response
    }

    /// Sends a request and does not wait for its answer: dropping the client is then a disconnect.
    pub(crate) async fn send(&mut self, method: &str, params: Value) {
        self.id += 1;
        let bytes = self.bytes(method, params);
        self.connection.send(&bytes).await;
    }

    /// Sends a notification, which must be accepted.
    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        let body = json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string();
        let headers = headers_of(self.era, method, "");
        let bytes = http::request("POST", &self.path, &headers, body.as_bytes());
        let response = self.connection.exchange(&bytes).await;
        assert_eq!(response.status, 202, "{}", response.text());
    }

    fn bytes(&self, method: &str, params: Value) -> Vec<u8> {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let name = params["name"].as_str().or(params["uri"].as_str()).unwrap_or_default().to_owned();
        let mut headers: Vec<(&str, &str)> = own.collect();
        headers.extend(headers_of(self.era, method, &name));
        http::request("POST", &self.path, &headers, body(self.era, self.id, method, params).as_bytes())
    }
}

impl ToolResult {
    /// The result, which must be a success.
    pub(crate) fn success(self) -> Self {
        assert!(!self.is_error(), "a success was expected: {}", self.0);
        self
    }

    /// The text of a result, which must be an error.
    pub(crate) fn error(self) -> String {
        assert!(self.is_error(), "an error was expected: {}", self.0);
        self.text()
    }

    /// Whether it is an error.
    pub(crate) fn is_error(&self) -> bool {
        self.0["isError"] == json!(true)
    }

    /// The code of an error: the kind of failure, for programs.
    pub(crate) fn code(&self) -> String {
        self.structured()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// What is told beside the result, by its key in `_meta`.
    pub(crate) fn meta(&self, key: &str) -> &Value {
        &self.0["_meta"][key]
    }

    /// When an error says that the call may be made again, in seconds.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.structured()["error"]["retry_after_seconds"].as_u64()
    }

    /// All text blocks of the content, joined.
    pub(crate) fn text(&self) -> String {
        let blocks = self.0["content"].as_array().expect("content is an array");
        blocks.iter().filter_map(|block| block["text"].as_str()).collect()
    }

    /// The structured content.
    pub(crate) fn structured(&self) -> &Value {
        &self.0["structuredContent"]
    }
}

/// The headers that a client of this era sends.
pub(crate) fn headers_of<'a>(era: Era, method: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut headers =
        vec![("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
    match era {
        Era::Legacy => headers.push(("MCP-Protocol-Version", LEGACY)),
        Era::Modern => headers.extend([("MCP-Protocol-Version", MODERN), ("Mcp-Method", method)]),
    }
    if era == Era::Modern && !name.is_empty() {
        headers.push(("Mcp-Name", name));
    }
    headers
}

/// The message that a client of this era sends; what `_meta` says already stays.
pub(crate) fn body(era: Era, id: u64, method: &str, mut params: Value) -> String {
    if era == Era::Modern {
        let own = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": {"name": "toolgate-tests", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        for (key, value) in own.as_object().unwrap() {
            if params["_meta"][key].is_null() {
                params["_meta"][key] = value.clone();
            }
        }
    }
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

/// The message in an answer: the body, or the last `data:` of an event stream.
pub(crate) fn message(response: &Response) -> Value {
    match is(response, "text/event-stream") {
        true => events(response).pop().expect("an event"),
        false => response.json(),
    }
}

/// Every message of an answer is one of the protocol.
fn held(era: Era, method: &str, response: &Response) {
    let messages = match response {
        response if is(response, "text/event-stream") => events(response),
        response if is(response, "application/json") => vec![response.json()],
        _ => Vec::new(),
    };
    messages.iter().for_each(|message| schema::check(era.version(), Some(method), message));
}

fn is(response: &Response, media_type: &str) -> bool {
    response.header("content-type").is_some_and(|value| value.starts_with(media_type))
}

fn events(response: &Response) -> Vec<Value> {
    let text = response.text();
    let data =
        text.lines().filter_map(|line| line.strip_prefix("data:")).filter(|data| !data.trim().is_empty());
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn result(message: &Value) -> Value {
    assert!(message.get("error").is_none(), "a result was expected: {message}");
    message["result"].clone()
}
