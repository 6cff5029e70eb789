//! What whoever runs the program counts on: metrics, where it listens, under which names, and its limits.

use serde_json::{Value, json};

use crate::support::gateway::{Gateway, Setup};
use crate::support::http;
use crate::support::mcp::Era;
use crate::support::upstream::{Answer, Entry, Upstream};
use crate::support::wait;

const ENDPOINTS: &str = "endpoints:\n  look: {request: GET /look}\n  fail: {request: GET /fail}\n  pick: {request: 'GET /it/{id}', parameters: {id: {in: path, type: integer}}}\n";

async fn upstream() -> Upstream {
    Upstream::start(|entry: &Entry| match entry.path() {
        "/fail" => Answer::status(404, "application/json", "{}"),
        _ => Answer::json(&json!({})).header("cache-control", "max-age=600"),
    })
    .await
}

fn setup(upstream: &Upstream) -> Setup {
    let file = format!("gateway: shop\nbase_url: {}\n{ENDPOINTS}", upstream.url());
    Setup::new().source("gateway.yaml", file)
}

async fn get(address: std::net::SocketAddr, path: &str, host: &str) -> http::Response {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: k3y-of-a-caller\r\n\r\n");
    http::exchange(address, request.as_bytes()).await
}

async fn metrics(gateway: &Gateway) -> String {
    let response = get(gateway.address, "/metrics", "localhost").await;
    assert_eq!(response.status, 200);
    assert!(response.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    response.text()
}

/// The URLs of the two places where it says that it listens.
async fn urls(gateway: &Gateway) -> [String; 2] {
    let told = || {
        let stderr = gateway.stderr();
        let events = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let urls = events.filter_map(|event| Some(event["url"].as_str()?.to_owned()));
        urls.collect::<Vec<_>>().try_into().ok()
    };
    wait::until("both places to be told", told).await
}

#[tokio::test]
async fn what_happens_is_counted_and_no_argument_or_caller_is_told() {
    let upstream = upstream().await;
    let gateway = setup(&upstream).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    for _ in 0..3 {
        client.call("look", json!({})).await.success();
    }
    client.call("fail", json!({})).await.error();
    client.call("pick", json!({"id": "s3cret-argument"})).await.error();
    let text = metrics(&gateway).await;
    for line in [
        r#"toolgate_calls_total{gateway="shop",tool="look",outcome="ok"} 3"#,
        r#"toolgate_calls_total{gateway="shop",tool="fail",outcome="not_found"} 1"#,
        r#"toolgate_calls_total{gateway="shop",tool="pick",outcome="invalid_arguments"} 1"#,
        r#"toolgate_call_duration_seconds_count{gateway="shop",tool="look"} 3"#,
        r#"toolgate_upstream_requests_total{gateway="shop",status="2xx"} 1"#,
        r#"toolgate_upstream_requests_total{gateway="shop",status="4xx"} 1"#,
        r#"toolgate_cache_answers_total{gateway="shop",result="hit"} 2"#,
        r#"toolgate_calls_in_flight{gateway="shop"} 0"#,
        r#"toolgate_reloads_total{result="good"} 0"#,
        "toolgate_tools 3",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("s3cret-argument") && !text.contains("k3y-of-a-caller"), "{text}");
    let post = "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(http::exchange(gateway.address, post.as_bytes()).await.status, 405);
}

#[tokio::test]
async fn metrics_with_a_place_of_their_own_are_nowhere_else_and_nothing_else_is_there() {
    let upstream = upstream().await;
    let gateway = setup(&upstream).arguments(["--metrics-listen", "127.0.0.1:0"]).serve().await;
    let urls = urls(&gateway).await;
    let own = urls.iter().find_map(|url| url.strip_prefix("http://")?.strip_suffix("/metrics")).unwrap();
    let own = own.parse().unwrap();
    assert_eq!(get(own, "/metrics", "toolgate.monitoring.example.com").await.status, 200);
    assert_eq!(get(own, "/readyz", "toolgate.monitoring.example.com").await.status, 200);
    assert_eq!(get(own, "/mcp", "localhost").await.status, 404);
    assert_eq!(get(gateway.address, "/metrics", "localhost").await.status, 404);
}

#[tokio::test]
async fn it_is_served_under_the_names_that_are_allowed_and_to_their_pages() {
    let upstream = upstream().await;
    let options = ["--allowed-host", "mcp.example.com", "--allowed-origin", "https://app.example.com"];
    let gateway = setup(&upstream).arguments(options).serve().await;
    for (host, status) in [("mcp.example.com", 200), ("localhost", 200), ("evil.example.com", 403)] {
        assert_eq!(get(gateway.address, "/healthz", host).await.status, status, "{host}");
    }
    for (origin, status) in [
        ("https://app.example.com", 200),
        ("https://mcp.example.com", 200),
        ("https://evil.example.com", 403),
    ] {
        let host = format!("localhost\r\nOrigin: {origin}");
        assert_eq!(get(gateway.address, "/healthz", &host).await.status, status, "{origin}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_listens_at_several_places_and_a_socket_file_goes_with_it() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixStream;

    let upstream = upstream().await;
    let setup = setup(&upstream).arguments(["--listen", "unix:toolgate.sock"]);
    let socket = setup.path().join("toolgate.sock");
    let mut gateway = setup.serve().await;
    assert_eq!(urls(&gateway).await, ["unix:toolgate.sock".to_owned(), gateway.url()]);
    let mut stream = UnixStream::connect(&socket).await.unwrap();
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: any.example.com\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{ping}",
        ping.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"result\":{}"), "{answer}");
    gateway.signal("TERM").await;
    assert_eq!(gateway.exit_code().await, Some(0));
    assert!(!socket.exists());
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_those_before_them() {
    let upstream = upstream().await;
    let options = ["--max-connections", "1", "--header-timeout", "100ms"];
    let gateway = setup(&upstream).arguments(options).serve().await;
    let mut first = http::Connection::open(gateway.address).await;
    first.send(b"GET /healthz HTTP/1.1\r\n").await;
    // Its turn comes when the first one has taken too long.
    assert_eq!(get(gateway.address, "/healthz", "localhost").await.status, 200);
}
