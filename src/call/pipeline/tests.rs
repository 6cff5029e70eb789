//! Calls from arguments to outcome, before peers good and bad.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::call::fixture::{HEADER, TOKEN, call, catalog, data, plain, text};
use crate::catalog::fixture;
use crate::net::fixture::{Answer as Action, Peer, answer};
use crate::openapi::operation::Location;
use crate::telemetry::fixture::Log;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_call_goes_out_with_its_credential_and_comes_back_as_json() {
    let body = r#"{"id":9007199254740993,"tags":["a","b"]}"#;
    let peer = Peer::answering(answer("200 OK\r\nContent-Type: application/json", body)).await;
    let mut operation = fixture::operation("GET", "/pets/{id}");
    operation.parameters = vec![fixture::parameter(Location::Path, "id", json!({"type": "string"}))];
    let catalog = catalog(&peer.url, operation);
    let outcome = call(&catalog, r#"{"id": "7"}"#, LONG).await;
    assert!(!outcome.is_error);
    assert_eq!(text(&outcome), body);
    assert_eq!(outcome.structured.unwrap(), body);
    let request = peer.requests().remove(0);
    assert!(request.starts_with("GET /pets/7 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{request}");
    assert!(
        request.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn invalid_arguments_are_told_and_nothing_is_sent() {
    let peer = Peer::answering(answer("200 OK", "")).await;
    let outcome = call(&plain(&peer.url, "GET"), r#"{"limti": 1}"#, LONG).await;
    assert!(outcome.is_error && text(&outcome).contains("`limti`"), "{}", text(&outcome));
    assert_eq!(data(&outcome)["error"]["code"], "invalid_arguments");
    assert_eq!(data(&outcome)["error"]["arguments"][0]["argument"], "limti");
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn every_fault_of_an_upstream_is_a_tool_error_with_a_code_of_its_own() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    for (expected, action) in [
        ("invalid_json", Action::Write(answer("200 OK\r\nContent-Type: application/json", "{\"a\": "))),
        ("html_instead_of_json", Action::Write(answer("200 OK\r\nContent-Type: text/html", "<p>Log in</p>"))),
        ("wrong_length", Action::Close(format!("{head}Content-Length: 10\r\n\r\n{{}}").into())),
        ("decode", Action::Write(answer("200 OK\r\nContent-Encoding: gzip", [0x1f, 0x8b, 8, 0]))),
        ("invalid_chunk", Action::Write(format!("{head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n").into())),
        ("truncated", Action::Close(format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n").into())),
        ("reset", Action::Close(Vec::new())),
        ("invalid_status", Action::Write(answer("999 Denied", ""))),
        ("invalid_response", Action::Close(b"220 mail.example.com ESMTP\r\n".into())),
        ("redirect_refused", Action::Write(answer("302 Found\r\nLocation: https://example.com/x?key=v", ""))),
        ("not_found", Action::Write(answer("404 Not Found", ""))),
        ("server_error", Action::Write(answer("500 Internal Server Error", ""))),
    ] {
        let action = Mutex::new(Some(action));
        let peer = Peer::start(move |_| action.lock().unwrap().take().unwrap()).await;
        let outcome = call(&plain(&peer.url, "GET"), "{}", LONG).await;
        assert!(outcome.is_error, "{expected}");
        assert_eq!(data(&outcome)["error"]["code"], expected, "{}", text(&outcome));
        assert!(text(&outcome).contains(data(&outcome)["error"]["message"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn the_deadline_covers_an_answer_that_comes_slowly() {
    for begin in [Vec::new(), b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()] {
        let peer = Peer::start(move |_| Action::Stall(begin.clone())).await;
        let outcome = call(&plain(&peer.url, "POST"), "{}", Duration::from_millis(100)).await;
        let error = &data(&outcome)["error"];
        assert_eq!((&error["code"], &error["retryable"]), (&json!("timeout_total"), &json!(false)));
        assert!(text(&outcome).contains("not known"), "{}", text(&outcome));
        tokio::time::timeout(LONG, peer.closed()).await.expect("the connection is closed");
    }
}

#[tokio::test]
async fn a_panic_is_the_failure_of_one_call_and_its_words_stay_here() {
    let deadline = Instant::now() + LONG;
    let result = bounded::<()>(deadline, async { panic!("about an argument: s3cret") }).await;
    let error = result.unwrap_err();
    assert!(matches!(error, CallError::Panic));
    let catalog = plain(&"https://api.example.com/".parse().unwrap(), "POST");
    let outcome = ToolOutcome::from(error.problem(&catalog.tools()[0].plan, true));
    assert_eq!(data(&outcome)["error"]["code"], "internal");
    assert!(text(&outcome).contains("not known") && !text(&outcome).contains("s3cret"), "{}", text(&outcome));
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection() {
    let peer = Peer::start(|_| Action::Stall(Vec::new())).await;
    let catalog = plain(&peer.url, "GET");
    let calling = call(&catalog, "{}", LONG);
    assert!(tokio::time::timeout(Duration::from_millis(100), calling).await.is_err());
    tokio::time::timeout(LONG, peer.closed()).await.expect("the connection is closed");
}

#[tokio::test]
async fn a_secret_that_the_api_repeats_reaches_nobody() {
    let encoded = "t0ken%2Fwith%2Bodd%3Dchars";
    let body = format!(r#"{{"message":"bad token {TOKEN}","header":"{HEADER}","url":"/?key={encoded}"}}"#);
    for status in ["200 OK", "401 Unauthorized", "503 Service Unavailable"] {
        for media in ["application/json", "text/plain", "text/html"] {
            let bytes = answer(&format!("{status}\r\nContent-Type: {media}"), &body);
            let peer = Peer::answering(bytes).await;
            let outcome = call(&plain(&peer.url, "GET"), "{}", LONG).await;
            let shown = format!("{}{}", text(&outcome), data(&outcome));
            assert!(shown.contains("***"), "{shown}");
            for secret in [TOKEN, HEADER, encoded] {
                assert!(!shown.contains(secret), "{status} as {media}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn one_line_of_the_log_tells_of_each_call() {
    let log = Log::text("trace");
    let peer = Peer::start(|_| Action::Stall(Vec::new())).await;
    let catalog = plain(&peer.url, "GET");
    call(&catalog, r#"{"limti": "s3cret-argument"}"#, LONG).await;
    drop(tokio::time::timeout(Duration::from_millis(50), call(&catalog, "{}", LONG)).await);
    call(&catalog, "{}", Duration::from_millis(50)).await;
    let lines = log.lines();
    assert_eq!(lines.lines().count(), 3, "{lines}");
    for (line, outcome) in lines.lines().zip(["invalid_arguments", "cancelled", "timeout_total"]) {
        assert!(line.contains(&format!("outcome={outcome}")), "{line}");
        assert!(!line.contains("s3cret"), "{line}");
    }
}
