//! Pages in browsers: those that are named may call and read, and nobody else.

use crate::support::gateway::{Gateway, Setup};
use crate::support::http::{self, Response};
use crate::support::mcp::{Era, body};

const PAGE: &str = "https://app.example.com";

async fn gateway(server_file: &str) -> Gateway {
    let file = "gateway: a\nbase_url: http://127.0.0.1:9\nendpoints: {a: {request: GET /a}}\n";
    let setup = Setup::new().source("shop.yaml", file).file("server.yaml", server_file);
    setup.arguments(["--config", "server.yaml"]).serve().await
}

async fn sent(gateway: &Gateway, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    http::exchange(gateway.address, &http::request(method, path, headers, body.as_bytes())).await
}

const PREFLIGHT: [(&str, &str); 3] = [
    ("Origin", PAGE),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "authorization,content-type,mcp-protocol-version"),
];

#[tokio::test]
async fn a_page_that_is_named_asks_calls_and_reads_also_what_it_is_refused() {
    let gateway = gateway("cors: {origins: ['https://app.example.com']}\n").await;
    let asked = sent(&gateway, "OPTIONS", "/mcp", &PREFLIGHT, "").await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (204, Some(PAGE)));
    assert!(asked.header("access-control-allow-headers").unwrap().contains("authorization"));
    let list = body(Era::Legacy, 1, "tools/list", serde_json::json!({}));
    let json = ("Content-Type", "application/json");
    for (method, path, headers, status) in [
        ("POST", "/mcp", &[("Origin", PAGE), json][..], 200),
        ("POST", "/mcp/nothing", &[("Origin", PAGE), json], 404),
        ("POST", "/mcp", &[("Origin", PAGE)], 415),
        ("PUT", "/mcp", &[("Origin", PAGE), json], 405),
        ("GET", "/healthz", &[("Origin", PAGE)], 200),
    ] {
        let response = sent(&gateway, method, path, headers, &list).await;
        assert_eq!(response.status, status, "{method} {path}");
        assert_eq!(response.header("access-control-allow-origin"), Some(PAGE), "{method} {path}");
        assert!(response.header("access-control-expose-headers").unwrap().contains("Mcp-Session-Id"));
        assert_eq!(response.header("access-control-allow-credentials"), None);
    }
    for origin in ["https://app.example.com:444", "https://evil.example.com", "null"] {
        for (method, headers) in [
            ("OPTIONS", vec![("Origin", origin), ("Access-Control-Request-Method", "POST")]),
            ("POST", vec![("Origin", origin), json]),
        ] {
            let response = sent(&gateway, method, "/mcp", &headers, &list).await;
            assert_eq!(
                (response.status, response.header("access-control-allow-origin")),
                (403, None),
                "{origin}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_that_is_named_can_read_where_to_log_in_and_is_asked_nothing_before() {
    let access = "access:\n  resource: https://mcp.example.com/mcp\n  oauth: {issuer: 'https://login.example.com', \
                  required_scopes: [mcp]}\n";
    let gateway = gateway(&format!("{access}cors: {{origins: ['https://app.example.com']}}\n")).await;
    let asked = sent(&gateway, "OPTIONS", "/mcp", &PREFLIGHT, "").await;
    assert_eq!(asked.status, 204, "a browser shows nothing when it asks");
    let list = body(Era::Modern, 1, "tools/list", serde_json::json!({}));
    let json = ("Content-Type", "application/json");
    for authorization in ["", "Bearer made-up"] {
        let headers = [("Origin", PAGE), json, ("Authorization", authorization)];
        let refused = sent(&gateway, "POST", "/mcp", &headers, &list).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("access-control-allow-origin"), Some(PAGE));
        assert!(refused.header("access-control-expose-headers").unwrap().contains("WWW-Authenticate"));
        assert!(refused.header("www-authenticate").unwrap().contains("resource_metadata="));
        assert_eq!(refused.header("vary"), Some("Origin"));
        let elsewhere = [("Origin", "https://evil.example.com"), json, ("Authorization", authorization)];
        let refused = sent(&gateway, "POST", "/mcp", &elsewhere, &list).await;
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None));
    }
    let path = "/.well-known/oauth-protected-resource/mcp";
    let metadata = sent(&gateway, "GET", path, &[("Origin", PAGE)], "").await;
    assert_eq!((metadata.status, metadata.header("access-control-allow-origin")), (200, Some(PAGE)));
}

#[tokio::test]
async fn without_it_no_page_is_told_anything() {
    let gateway = gateway("{}\n").await;
    let asked = sent(&gateway, "OPTIONS", "/mcp", &PREFLIGHT, "").await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (403, None));
    let local = [("Origin", "http://localhost:6274"), ("Access-Control-Request-Method", "POST")];
    let asked = sent(&gateway, "OPTIONS", "/mcp", &local, "").await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (405, None));
}
