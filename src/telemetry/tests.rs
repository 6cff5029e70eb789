//! What reaches the log, and what does not.

use serde_json::Value;
use url::Url;

use super::events::CallEvent;
use super::fixture::{Log, Sink};
use super::*;

/// The lines that `body` logs.
fn logged(filter: &str, form: Form, body: impl FnOnce()) -> String {
    let log = Log::start(filter, form);
    body();
    log.lines()
}

fn call(finish: impl FnOnce(CallEvent<'_>)) -> Value {
    let url = Url::parse("https://user:s3cr3t@api.example.com:8443/v1?key=s3cr3t").unwrap();
    let line = logged("info", Form::Json, || finish(CallEvent::begin("list_pets", "pets", &url)));
    assert!(!line.contains("s3cr3t"), "{line}");
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_call_is_one_line_with_its_facts() {
    let line = call(|mut event| {
        event.status = Some(200);
        event.bytes = 12;
        event.attempts = 1;
        event.finish(CallEvent::OK, false);
    });
    for (key, value) in [
        ("level", Value::from("INFO")),
        ("message", "call".into()),
        ("tool", "list_pets".into()),
        ("gateway", "pets".into()),
        ("upstream", "https://api.example.com:8443".into()),
        ("status", 200.into()),
        ("outcome", "ok".into()),
        ("bytes", 12.into()),
        ("cache", "off".into()),
        ("attempts", 1.into()),
    ] {
        assert_eq!(line[key], value, "{key}");
    }
    assert!(line["duration_ms"].is_number() && line["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_call_that_is_dropped_is_told_as_cancelled_and_a_failure_as_a_warning() {
    let line = call(|event| drop(event));
    assert_eq!((&line["outcome"], line.get("status")), (&Value::from("cancelled"), None));
    let line = call(|event| event.finish("dns", true));
    assert_eq!((&line["outcome"], &line["level"]), (&Value::from("dns"), &Value::from("WARN")));
}

#[test]
fn a_value_cannot_pretend_to_be_another_line() {
    let evil = "a\"b\\c\n{\"level\":\"ERROR\"}\u{1b}[31m";
    let line = logged("info", Form::Json, || tracing::info!(evil, "message \" {evil}"));
    assert_eq!(line.lines().count(), 1);
    let parsed: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(parsed["evil"], evil);

    let line = logged("info", Form::Text, || tracing::info!(evil, number = 1, "message"));
    assert_eq!(line.lines().count(), 1);
    assert!(line.contains(" INFO message evil=a\"b") && line.ends_with(" number=1\n"), "{line}");
}

#[test]
fn other_libraries_never_speak_below_a_warning() {
    let lines = logged("trace", Form::Text, || {
        tracing::trace!(target: "toolgate::call", "ours");
        tracing::trace!(target: "hyper::client", "authorization: Bearer s3cr3t");
        tracing::info!(target: "h2", "frame");
        tracing::warn!(target: "rustls", "odd certificate");
    });
    assert!(lines.contains("ours") && lines.contains("odd certificate"), "{lines}");
    assert!(!lines.contains("s3cr3t") && !lines.contains("frame"), "{lines}");
}

#[test]
fn the_filter_is_the_operators() {
    let lines = logged("warn,toolgate::call=off", Form::Text, || {
        tracing::info!("quiet");
        tracing::warn!(target: "toolgate::call", "off");
        tracing::warn!("loud");
    });
    assert!(lines.contains("loud") && !lines.contains("quiet") && !lines.contains("off"), "{lines}");
    assert!(matches!(
        subscriber(Some("toolgate=loud"), Form::Text, Sink::default()),
        Err(InitError::Filter(_))
    ));
}
