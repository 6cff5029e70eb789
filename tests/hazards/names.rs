//! S9: who may call at all. A page of another site can send what it likes to 127.0.0.1, under its own name (DNS
//! rebinding); its name is in `Host`, and its origin in `Origin`.

use serde_json::json;

use super::World;
use crate::support::http;
use crate::support::mcp::{self, ERAS};

/// The request line and the lines of each head, and the status of the answer; `PORT` is ours.
const HEADS: &[(&str, &[&str], u16)] = &[
    ("/mcp HTTP/1.1", &["Host: 127.0.0.1:PORT"], 200),
    ("/mcp HTTP/1.1", &["Host: 127.0.0.1"], 200),
    ("/mcp HTTP/1.1", &["Host: localhost:PORT"], 200),
    ("/mcp HTTP/1.1", &["Host: LOCALHOST"], 200),
    ("/mcp HTTP/1.1", &["Host: [::1]:PORT"], 200),
    ("/mcp HTTP/1.1", &["host:localhost"], 200),
    ("/mcp HTTP/1.0", &["Host: localhost:PORT"], 200),
    ("http://localhost:PORT/mcp HTTP/1.1", &["Host: localhost:PORT"], 200),
    ("/mcp HTTP/1.1", &["Host: localhost:PORT", "Origin: http://localhost:PORT"], 200),
    ("/mcp HTTP/1.1", &["Host: localhost:PORT", "Origin: http://127.0.0.1:6274"], 200),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: https://[::1]:5173"], 200),
    ("/mcp HTTP/1.1", &["Host: localhost", "Referer: https://evil.example.com/"], 200),
    ("/mcp HTTP/1.1", &[], 400),
    ("/mcp HTTP/1.1", &["Host: localhost", "Host: localhost"], 400),
    ("/mcp HTTP/1.1", &["Host: localhost", "Host: evil.example.com"], 400),
    ("/mcp HTTP/1.1", &["Host: evil.example.com", "Host: localhost"], 400),
    ("/mcp HTTP/1.0", &[], 403),
    ("/mcp HTTP/1.1", &["Host:"], 403),
    ("/mcp HTTP/1.1", &["Host: evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: evil.example.com:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: 127.0.0.1.evil.example.com:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: 127.0.0.1:PORT@evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost.evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: evil.localhost"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost."], 403),
    ("/mcp HTTP/1.1", &["Host: localhost:"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost, evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: 127.1:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: 2130706433:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: 0.0.0.0:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: 192.0.2.1:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: [::ffff:127.0.0.1]:PORT"], 403),
    ("/mcp HTTP/1.1", &["Host: l\u{43e}calhost"], 403),
    ("http://evil.example.com/mcp HTTP/1.1", &["Host: localhost"], 403),
    ("http://localhost@evil.example.com/mcp HTTP/1.1", &["Host: localhost"], 403),
    ("http://localhost/mcp HTTP/1.1", &["Host: evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: evil.example.com", "X-Forwarded-Host: localhost"], 403),
    ("/mcp HTTP/1.1", &["Host: evil.example.com", "Forwarded: host=localhost"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: https://evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: http://localhost.evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: http://127.0.0.1.evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: http://localhost:80@evil.example.com"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: null"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin:"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: *"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: localhost"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: http://localhost/"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: file://localhost"], 403),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: chrome-extension://localhost"], 403),
    (
        "/mcp HTTP/1.1",
        &["Host: localhost", "Origin: http://localhost", "Origin: https://evil.example.com"],
        403,
    ),
    ("/mcp HTTP/1.1", &["Host: localhost", "Origin: http://localhost, https://evil.example.com"], 403),
];

#[tokio::test]
async fn only_names_that_no_stranger_can_own_are_served() {
    let world = World::new().await;
    let port = world.gateway.address.port().to_string();
    let mut served = 0;
    for era in ERAS {
        let params = json!({"name": "read_item", "arguments": {"item": "1"}});
        let body = mcp::body(era, 1, "tools/call", params);
        for (line, lines, status) in HEADS {
            let mut head = format!("POST {line}\r\n");
            let own = lines.iter().map(|line| (*line).to_owned());
            let usual = mcp::headers_of(era, "tools/call", "read_item");
            let usual = usual.into_iter().map(|(name, value)| format!("{name}: {value}"));
            for line in own.chain(usual).chain([format!("Content-Length: {}", body.len())]) {
                head.push_str(&format!("{line}\r\n"));
            }
            let sent = format!("{}\r\n{body}", head.replace("PORT", &port));
            let response = http::exchange(world.gateway.address, sent.as_bytes()).await;
            assert_eq!(response.status, *status, "{line} {lines:?}: {}", response.text());
            served += usize::from(*status == 200);
            assert_eq!(world.upstream.ledger().len(), served, "{line} {lines:?}");
        }
    }
}
