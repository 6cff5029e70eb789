//! Many clients that do nothing but stay: each takes little, all are served, and all are told the end.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::World;
use crate::support::figures;
use crate::support::http::{self, Connection};
use crate::support::mcp::{LEGACY, MODERN};
use crate::support::wait;

/// How many there are.
const COUNT: usize = 10_000;
/// The most that one may take.
const SESSION: usize = 8 << 10;
const LISTENER: usize = 24 << 10;

#[tokio::test]
#[ignore = "opens 10,000 connections: needs `ulimit -n` above that"]
async fn ten_thousand_sessions_and_listeners_are_served_and_small() {
    let mut world = World::new().await;
    let mut connection = Connection::open(world.gateway.address).await;
    let hello = initialize();
    // What the first ones take is not theirs.
    for _ in 0..100 {
        connection.exchange(&hello).await;
    }
    let before = world.gateway.usage().memory;
    let mut sessions = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let response = connection.exchange(&hello).await;
        sessions.push(response.header("mcp-session-id").expect("a session").to_owned());
    }
    let each = world.gateway.usage().memory.saturating_sub(before) / COUNT;
    figures::row("5", "10,000 legacy sessions", format!("{each} bytes each"));
    assert!(each <= SESSION, "{each} bytes for each session");
    for session in &sessions {
        assert_eq!(connection.exchange(&ping(session)).await.status, 200);
    }

    let before = world.gateway.usage().memory;
    let mut listeners = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let mut stream = TcpStream::connect(world.gateway.address).await.expect("enough file descriptors");
        stream.write_all(&listen()).await.unwrap();
        read_until(&mut stream, "notifications/subscriptions/acknowledged").await;
        listeners.push(stream);
    }
    let each = world.gateway.usage().memory.saturating_sub(before) / COUNT;
    figures::row("5", "10,000 subscriptions/listen", format!("{each} bytes each"));
    assert!(each <= LISTENER, "{each} bytes for each listener");

    world.gateway.signal("TERM").await;
    for mut stream in listeners {
        read_until(&mut stream, r#""resultType":"complete""#).await;
    }
    assert_eq!(world.gateway.exit_code().await, Some(0));
}

fn initialize() -> Vec<u8> {
    let params = json!({"protocolVersion": LEGACY, "capabilities": {"roots": {}}, "clientInfo": {"name": "t", "version": "1"}});
    post(&[], &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}))
}

fn ping(session: &str) -> Vec<u8> {
    post(&[("Mcp-Session-Id", session)], &json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}))
}

fn listen() -> Vec<u8> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({"_meta": meta, "notifications": {"toolsListChanged": true}});
    let headers = [("MCP-Protocol-Version", MODERN), ("Mcp-Method", "subscriptions/listen")];
    post(&headers, &json!({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}))
}

fn post(headers: &[(&str, &str)], message: &Value) -> Vec<u8> {
    let common = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
    let headers: Vec<_> = common.iter().chain(headers).copied().collect();
    http::request("POST", "/mcp", &headers, message.to_string().as_bytes())
}

async fn read_until(stream: &mut TcpStream, expected: &str) {
    let mut read = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&read).contains(expected) {
            let more = stream.read_buf(&mut read).await.unwrap();
            assert!(more > 0, "the stream ended before {expected}");
        }
    };
    wait::within(expected, reading).await;
}
