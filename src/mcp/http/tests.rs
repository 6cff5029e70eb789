use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

mod listen;
mod session;
mod sse;

use super::*;
use crate::mcp::testing::{Probe, happened, legacy, modern, server_with};
use crate::mcp::{Changed, MAX_MESSAGE, ServerOptions};
use crate::net::Clients;
use crate::tasks;

/// An endpoint on a port of its own.
struct Running {
    address: SocketAddr,
    server: Arc<Server>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<io::Result<()>>,
}

impl Running {
    async fn start(http: HttpOptions) -> Self {
        Self::serving(ServerOptions { http, ..ServerOptions::default() }).await
    }

    async fn serving(options: ServerOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = server_with(options);
        let served = Arc::clone(&server);
        let ended = tasks::spawn("test endpoint", async move {
            serve(vec![listener.into()], served, async { drop(stopped.await) }).await
        });
        Self { address, server, stop, ended }
    }

    /// What a reload with other tools does.
    fn change_tools(&self) {
        self.server.replace(self.server.catalog.load_full(), Changed { tools: true, ..Changed::default() });
    }

    async fn client(&self) -> Client {
        Client { stream: TcpStream::connect(self.address).await.unwrap(), read: Vec::new() }
    }

    /// The answer to one request on a connection of its own.
    async fn send(&self, request: impl AsRef<[u8]>) -> Reply {
        let mut client = self.client().await;
        client.send(request).await;
        client.reply().await.unwrap()
    }
}

/// A connection that writes and reads plain HTTP/1.1.
struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Client {
    async fn send(&mut self, request: impl AsRef<[u8]>) {
        self.stream.write_all(request.as_ref()).await.unwrap();
    }

    /// The next response; `None` when the connection ends first.
    async fn reply(&mut self) -> Option<Reply> {
        let head = self.next_head().await?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            self.more().await?;
        }
        let body = self.read.drain(..length).collect();
        Some(Reply { status: head[9..12].parse().unwrap(), head, body })
    }

    /// The head of a response that goes on.
    async fn head(&mut self) -> String {
        self.next_head().await.unwrap()
    }

    async fn next_head(&mut self) -> Option<String> {
        let head = self.until(b"\r\n\r\n").await?;
        Some(String::from_utf8(head).unwrap().to_lowercase())
    }

    /// The next event with data; `None` at the end of the stream.
    async fn event(&mut self) -> Option<Value> {
        loop {
            // Every event is sent as one chunk: its length, then the event.
            let length = String::from_utf8(self.until(b"\r\n").await?).unwrap();
            let length = usize::from_str_radix(length.trim(), 16).unwrap();
            let chunk = self.until(b"\r\n").await?;
            if length == 0 {
                return None;
            }
            let chunk = chunk.strip_prefix(b"event: message\n").unwrap_or(&chunk);
            if let Some(data) = chunk.strip_prefix(b"data: ") {
                return Some(serde_json::from_slice(data).unwrap());
            }
        }
    }

    async fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(found) = memchr::memmem::find(&self.read, end) {
                return Some(self.read.drain(..found + end.len()).collect());
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Option<()> {
        (self.stream.read_buf(&mut self.read).await.unwrap_or(0) > 0).then_some(())
    }
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn post_to(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn legacy_call(id: &str, name: &str, arguments: &Value) -> String {
    post_to("/mcp", "", &legacy(id, "tools/call", &json!({"name": name, "arguments": arguments})))
}

fn modern_call(id: &str, name: &str, arguments: &Value) -> String {
    let headers =
        format!("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {name}\r\n");
    post_to("/mcp", &headers, &modern(id, "tools/call", &json!({"name": name, "arguments": arguments})))
}

#[tokio::test]
async fn both_eras_are_served_on_one_connection() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let mut client = endpoint.client().await;
    for request in [modern_call("1", "echo", &json!({"a": 1})), legacy_call("1", "echo", &json!({"a": 1}))] {
        client.send(request).await;
        let reply = client.reply().await.unwrap();
        assert_eq!(reply.status, 200);
        assert!(reply.head.contains("content-type: application/json\r\n"), "{}", reply.head);
        assert_eq!(reply.json()["result"]["structuredContent"], json!({"a": 1}));
    }
    client.send(post_to("/mcp", "", r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)).await;
    let reply = client.reply().await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (202, &b""[..]));
}

#[tokio::test]
async fn strangers_are_turned_away_before_anything_else() {
    let endpoint = Running::start(HttpOptions::default()).await;
    for (target, host, more, status) in [
        ("/mcp", "Host: localhost\r\n", "", 200),
        ("/mcp", "Host: evil.example.com\r\n", "", 403),
        ("/mcp", "Host: localhost\r\n", "Origin: http://evil.example.com\r\n", 403),
        ("/mcp", "Host: localhost\r\n", "Origin: null\r\n", 403),
        ("/mcp", "Host: localhost\r\n", "Origin: http://localhost\r\nOrigin: http://localhost\r\n", 403),
        ("/nowhere", "Host: evil.example.com\r\n", "", 403),
        ("/healthz", "Host: evil.example.com\r\n", "", 403),
        ("http://evil.example.com/mcp", "Host: localhost\r\n", "", 403),
        ("/mcp", "", "", 400),
        ("/mcp", "Host: localhost\r\nHost: localhost\r\n", "", 400),
    ] {
        let body = legacy("1", "ping", &json!({}));
        let length = body.len();
        let request = format!(
            "POST {target} HTTP/1.1\r\n{host}{more}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        assert_eq!(endpoint.send(&request).await.status, status, "{request}");
    }
    let old = endpoint.send("GET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.status, 403);
}

#[tokio::test]
async fn paths_and_methods_have_their_statuses() {
    let endpoint = Running::start(HttpOptions::default()).await;
    for (line, status) in [
        ("GET /healthz", 200),
        ("HEAD /readyz", 200),
        ("GET /readyz?x=1", 200),
        ("DELETE /healthz", 405),
        ("GET /mcp", 405),
        ("DELETE /mcp", 405),
        ("OPTIONS /mcp", 405),
        ("PUT /mcp/shop", 405),
        ("GET /", 404),
        ("GET /mcpx", 404),
    ] {
        let mut client = endpoint.client().await;
        client.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        let head = loop {
            client.more().await.unwrap();
            let head = String::from_utf8_lossy(&client.read).to_lowercase();
            if head.contains("\r\n\r\n") {
                break head;
            }
        };
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{line}: {head}");
        assert_eq!(head.contains("allow: post"), status == 405 && line.contains("/mcp"), "{line}");
    }
    let ping = legacy("1", "ping", &json!({}));
    assert_eq!(endpoint.send(post_to("/mcp/", "", &ping)).await.status, 200);
    assert_eq!(endpoint.send(post_to("/mcp/nobody", "", &ping)).await.status, 404);
    assert_eq!(endpoint.send(post_to("/mcp/shop/x", "", &ping)).await.status, 404);
}

#[tokio::test]
async fn a_gateway_has_its_own_path() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let list = legacy("1", "tools/list", &json!({}));
    let all = endpoint.send(post_to("/mcp", "", &list)).await.json();
    let one = endpoint.send(post_to("/mcp/weather", "", &list)).await.json();
    assert_eq!(all["result"]["tools"].as_array().unwrap().len(), 6);
    assert_eq!(one["result"]["tools"].as_array().unwrap().len(), 1);
    let call = legacy("1", "tools/call", &json!({"name": "echo"}));
    assert_eq!(endpoint.send(post_to("/mcp/weather", "", &call)).await.json()["error"]["code"], -32602);
    let begin = legacy("1", "initialize", &json!({"protocolVersion": "2025-11-25"}));
    let begun = endpoint.send(post_to("/mcp/shop", "", &begin)).await.json();
    assert_eq!(begun["result"]["instructions"], "Ask for books.");
}

#[tokio::test]
async fn only_json_is_read_and_written() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let ping = legacy("1", "ping", &json!({}));
    for (headers, status) in [
        ("Content-Type: application/json\r\n", 200),
        ("Content-Type: Application/JSON; charset=utf-8\r\n", 200),
        ("Content-Type: text/plain\r\n", 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type: application/jsonx\r\n", 415),
        ("", 415),
        ("Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n", 200),
        ("Content-Type: application/json\r\nAccept: text/event-stream\r\nAccept: application/json\r\n", 200),
        ("Content-Type: application/json\r\nAccept: */*\r\n", 200),
        ("Content-Type: application/json\r\nAccept: application/*;q=0.1\r\n", 200),
        ("Content-Type: application/json\r\nAccept: text/event-stream\r\n", 406),
        ("Content-Type: application/json\r\nAccept: application/json;q=0\r\n", 406),
    ] {
        let length = ping.len();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{ping}"
        );
        assert_eq!(endpoint.send(&request).await.status, status, "{headers}");
    }
}

#[tokio::test]
async fn a_notification_of_an_unknown_version_is_refused() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let body = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(
        endpoint.send(post_to("/mcp", "MCP-Protocol-Version: 2025-06-18\r\n", body)).await.status,
        202
    );
    assert_eq!(
        endpoint.send(post_to("/mcp", "MCP-Protocol-Version: 1999-01-01\r\n", body)).await.status,
        400
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let of_size = |size: usize| {
        let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":""#;
        format!("{ping}{}\"}}}}", "x".repeat(size - ping.len() - 3))
    };
    assert_eq!(endpoint.send(post_to("/mcp", "", &of_size(MAX_MESSAGE))).await.status, 200);
    assert_eq!(endpoint.send(post_to("/mcp", "", &of_size(MAX_MESSAGE + 1))).await.status, 413);
    assert_eq!(endpoint.send(post_to("/mcp", "", &of_size(5 * MAX_MESSAGE))).await.status, 413);
    let body = of_size(MAX_MESSAGE + 1);
    let chunks: String = body
        .as_bytes()
        .chunks(65_536)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), "x".repeat(chunk.len())))
        .collect();
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(endpoint.send(format!("{head}{chunks}0\r\n\r\n")).await.status, 413);
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_let_go() {
    let quick = Duration::from_millis(30);
    let http = HttpOptions { header_timeout: quick, body_timeout: quick, ..HttpOptions::default() };
    let endpoint = Running::start(http).await;
    let mut silent = endpoint.client().await;
    silent.send("POST /mcp HTTP/1.1\r\nHost: loc").await;
    assert!(silent.reply().await.is_none_or(|reply| reply.status == 408));
    let mut slow = endpoint.client().await;
    slow.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{").await;
    assert_eq!(slow.reply().await.unwrap().status, 408);
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    assert_eq!(endpoint.send(post_to("/mcp", &many, "{}")).await.status, 431);
    let long = format!("X-Long: {}\r\n", "a".repeat(200_000));
    assert_eq!(endpoint.send(post_to("/mcp", &long, "{}")).await.status, 431);
}

#[tokio::test]
async fn two_clients_with_the_same_id_get_their_own_answers() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let (first, second) = (Probe::named("same id, first"), Probe::named("same id, second"));
    let (mut a, mut b) = (endpoint.client().await, endpoint.client().await);
    a.send(legacy_call("1", "wait", &json!({"probe": "same id, first"}))).await;
    b.send(modern_call("1", "wait", &json!({"probe": "same id, second"}))).await;
    happened(&first.started).await;
    happened(&second.started).await;
    second.release.add_permits(1);
    assert_eq!(b.reply().await.unwrap().json()["result"]["structuredContent"]["probe"], "same id, second");
    first.release.add_permits(1);
    assert_eq!(a.reply().await.unwrap().json()["result"]["structuredContent"]["probe"], "same id, first");
}

#[tokio::test]
async fn a_modern_client_that_disconnects_has_cancelled() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let probe = Probe::named("modern disconnect");
    let mut client = endpoint.client().await;
    client.send(modern_call("1", "wait", &json!({"probe": "modern disconnect"}))).await;
    happened(&probe.started).await;
    drop(client);
    happened(&probe.gone).await;
    assert_eq!(probe.finished.available_permits(), 0);
}

#[tokio::test]
async fn a_legacy_client_that_disconnects_has_not() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let probe = Probe::named("legacy disconnect");
    let mut client = endpoint.client().await;
    client.send(legacy_call("1", "wait", &json!({"probe": "legacy disconnect"}))).await;
    happened(&probe.started).await;
    drop(client);
    // By the time another connection was served, the first is known to be gone.
    assert_eq!(endpoint.send(legacy_call("1", "echo", &json!({}))).await.status, 200);
    assert_eq!(probe.gone.available_permits(), 0);
    probe.release.add_permits(1);
    happened(&probe.gone).await;
    assert_eq!(probe.finished.available_permits(), 1);
}

#[tokio::test]
async fn a_shutdown_waits_for_what_runs_and_turns_away_what_is_new() {
    let endpoint = Running::start(HttpOptions::default()).await;
    let (calling, detached) = (Probe::named("shutdown"), Probe::named("shutdown, detached"));
    let mut gone = endpoint.client().await;
    gone.send(legacy_call("1", "wait", &json!({"probe": "shutdown, detached"}))).await;
    happened(&detached.started).await;
    drop(gone);
    let mut client = endpoint.client().await;
    client.send(modern_call("1", "wait", &json!({"probe": "shutdown"}))).await;
    happened(&calling.started).await;
    endpoint.stop.send(()).unwrap();
    let mut prober = Client { stream: TcpStream::connect(endpoint.address).await.unwrap(), read: Vec::new() };
    prober.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(prober.reply().await.unwrap().status, 503);
    let mut late = Client { stream: TcpStream::connect(endpoint.address).await.unwrap(), read: Vec::new() };
    late.send(legacy_call("1", "echo", &json!({}))).await;
    assert_eq!(late.reply().await.unwrap().status, 503);
    calling.release.add_permits(1);
    let reply = client.reply().await.unwrap();
    assert_eq!(reply.json()["result"]["structuredContent"]["probe"], "shutdown");
    assert!(reply.head.contains("connection: close"), "{}", reply.head);
    detached.release.add_permits(1);
    happened(&detached.finished).await;
    endpoint.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_shutdown_does_not_wait_longer_than_the_grace_time() {
    let http = HttpOptions { grace: Duration::from_millis(10), ..HttpOptions::default() };
    let endpoint = Running::start(http).await;
    let probe = Probe::named("grace");
    let mut client = endpoint.client().await;
    client.send(modern_call("1", "wait", &json!({"probe": "grace"}))).await;
    happened(&probe.started).await;
    endpoint.stop.send(()).unwrap();
    endpoint.ended.await.unwrap().unwrap();
    assert!(client.reply().await.is_none());
    happened(&probe.gone).await;
    assert_eq!(probe.finished.available_permits(), 0);
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_their_turn() {
    let endpoint = Running::start(HttpOptions { max_connections: 1, ..HttpOptions::default() }).await;
    let mut first = endpoint.client().await;
    first.send(legacy_call("1", "echo", &json!({}))).await;
    assert_eq!(first.reply().await.unwrap().status, 200);
    let mut second = endpoint.client().await;
    second.send(legacy_call("2", "echo", &json!({}))).await;
    first.send(legacy_call("3", "echo", &json!({}))).await;
    assert_eq!(first.reply().await.unwrap().json()["id"], 3);
    assert!(second.stream.try_read(&mut [0]).is_err());
    drop(first);
    assert_eq!(second.reply().await.unwrap().json()["id"], 2);
}

#[tokio::test]
async fn whoever_shows_nothing_gets_no_further_than_where_to_log_in() {
    let gatekeeper = Gatekeeper::new(crate::access::testing::access(), &Clients::default());
    let http = HttpOptions { gatekeeper: Some(Arc::new(gatekeeper)), ..HttpOptions::default() };
    let endpoint = Running::start(http).await;
    // The body never comes: nobody waits for it.
    for head in [
        "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000000",
        "POST /mcp?access_token=s3cret HTTP/1.1\r\nContent-Length: 1000000",
        "POST /mcp/nowhere HTTP/1.1\r\nContent-Length: 1000000",
        "GET /mcp HTTP/1.1",
        "DELETE /mcp HTTP/1.1",
    ] {
        let reply = endpoint.send(format!("{head}\r\nHost: localhost\r\n\r\n")).await;
        assert_eq!(reply.status, 401, "{head}");
        assert!(reply.head.contains("\r\nwww-authenticate: bearer realm=\"toolgate\""), "{}", reply.head);
        assert!(reply.head.contains("/.well-known/oauth-protected-resource/mcp\"\r\n"), "{}", reply.head);
    }
    for path in [
        "/healthz",
        "/readyz",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let reply = endpoint.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        assert_eq!(reply.status, 200, "{path}");
    }
    let stranger = "GET /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: evil.example.com\r\n\r\n";
    assert_eq!(endpoint.send(stranger).await.status, 403);
    let two =
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n";
    let reply = endpoint.send(two).await;
    assert_eq!(reply.status, 400);
    assert!(reply.head.contains("error=\"invalid_request\""), "{}", reply.head);
}
