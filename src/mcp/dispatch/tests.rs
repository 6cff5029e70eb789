use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::mcp::testing::{answered, legacy, modern, server, text, value};

/// Headers of a modern call of `echo`, or of another method.
fn headers(given: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// Code (0 for a result) and HTTP status of the answer over HTTP.
async fn outcome(body: &str, given: &[(&str, &str)]) -> (i64, u16) {
    let headers = headers(given);
    let answer = answered(server().receive_all(body.as_bytes(), Some(&headers))).await.unwrap();
    let value = value(&answer);
    assert_ne!(value.get("error").is_some(), value.get("result").is_some(), "{value}");
    (value["error"]["code"].as_i64().unwrap_or(0), answer.status.as_u16())
}

const MODERN: (&str, &str) = ("mcp-protocol-version", "2026-07-28");

fn method(name: &'static str) -> (&'static str, &'static str) {
    ("mcp-method", name)
}

#[tokio::test]
async fn the_error_map_of_the_modern_era() {
    let name = ("mcp-name", "echo");
    let echo = |arguments: Value| json!({"name": "echo", "arguments": arguments});
    let future = modern("1", "tools/list", &json!({})).replace("2026-07-28", "2031-01-01");
    let bare =
        |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{params}}}"#);
    let no_version = r#"{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}"#;
    let no_capabilities = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#;
    let odd_version = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":7,"io.modelcontextprotocol/clientCapabilities":{}}}"#;
    let call = method("tools/call");
    let list = method("tools/list");
    let discover = method("server/discover");
    for (body, given, code, status) in [
        (modern("1", "tools/call", &echo(json!({}))), vec![MODERN, call, name], 0, 200),
        (modern("1", "tools/call", &json!({"name": "echo"})), vec![MODERN, call, name], 0, 200),
        (modern("1", "tools/call", &echo(Value::Null)), vec![MODERN, call, name], 0, 200),
        (modern("1", "tools/call", &echo(json!([]))), vec![MODERN, call, name], -32602, 200),
        (modern("1", "tools/call", &echo(json!("{}"))), vec![MODERN, call, name], -32602, 200),
        (
            modern("1", "tools/call", &json!({"name": "ech"})),
            vec![MODERN, call, ("mcp-name", "ech")],
            -32602,
            200,
        ),
        (modern("1", "tools/call", &json!({})), vec![MODERN, call], -32602, 200),
        (modern("1", "tools/call", &json!({"name": 7})), vec![MODERN, call], -32602, 200),
        (modern("1", "tools/call", &echo(json!({}))), vec![MODERN, call], -32020, 400),
        (modern("1", "tools/call", &echo(json!({}))), vec![MODERN, list, name], -32020, 400),
        (modern("1", "tools/call", &echo(json!({}))), vec![call, name], -32020, 400),
        (modern("1", "tools/list", &json!({})), vec![MODERN, list], 0, 200),
        (modern("1", "tools/list", &json!({"cursor": null})), vec![MODERN, list], 0, 200),
        (modern("1", "tools/list", &json!({"cursor": "abc"})), vec![MODERN, list], -32602, 200),
        (modern("1", "tools/list", &json!({"cursor": ""})), vec![MODERN, list], -32602, 200),
        (modern("1", "tools/list", &json!({"cursor": 7})), vec![MODERN, list], -32602, 200),
        (
            modern("1", "tools/list", &json!({})),
            vec![("mcp-protocol-version", "2025-11-25"), list],
            -32020,
            400,
        ),
        (modern("1", "server/discover", &json!({})), vec![MODERN, discover], 0, 200),
        (bare("{}"), vec![MODERN, discover], -32602, 400),
        (bare("{}"), vec![], -32602, 400),
        (bare(no_version), vec![MODERN, discover], -32602, 400),
        (bare(no_capabilities), vec![MODERN, discover], -32602, 400),
        (bare(odd_version), vec![MODERN, discover], -32602, 400),
        (future.clone(), vec![("mcp-protocol-version", "2031-01-01"), list], -32022, 400),
        (future.clone(), vec![MODERN, list], -32020, 400),
        (future, vec![], -32022, 400),
        (modern("1", "initialize", &json!({})), vec![MODERN, method("initialize")], -32601, 404),
        (modern("1", "ping", &json!({})), vec![MODERN, method("ping")], -32601, 404),
        (modern("1", "logging/setLevel", &json!({})), vec![MODERN, method("logging/setLevel")], -32601, 404),
        (modern("1", "no/such", &json!({})), vec![MODERN, method("no/such")], -32601, 404),
        (
            modern("1", "subscriptions/listen", &json!({})),
            vec![MODERN, method("subscriptions/listen")],
            -32602,
            200,
        ),
    ] {
        assert_eq!(outcome(&body, &given).await, (code, status), "{body} {given:?}");
    }
}

#[tokio::test]
async fn the_error_map_of_the_legacy_era() {
    let init =
        |version: &str| legacy("1", "initialize", &json!({"protocolVersion": version, "capabilities": {}}));
    let call = |params: Value| legacy("1", "tools/call", &params);
    for (body, version, code, status) in [
        (init("2025-11-25"), None, 0, 200),
        (init("1999-01-01"), None, 0, 200),
        (legacy("1", "initialize", &json!({})), None, -32602, 200),
        (legacy("1", "initialize", &json!({"protocolVersion": 1})), None, -32602, 200),
        (legacy("1", "ping", &json!({})), Some("2024-11-05"), 0, 200),
        (legacy("1", "ping", &json!({})), Some("2025-06-18"), 0, 200),
        (legacy("1", "ping", &json!({})), Some("1999-01-01"), -32022, 400),
        (legacy("1", "ping", &json!({})), Some(""), -32022, 400),
        (legacy("1", "tools/list", &json!({})), Some("2025-03-26"), 0, 200),
        (legacy("1", "tools/list", &json!({"cursor": "x"})), None, -32602, 200),
        (legacy("1", "tools/list", &json!({})), Some("2026-07-28"), -32602, 400),
        (call(json!({"name": "echo"})), None, 0, 200),
        (call(json!({"name": "echo", "_meta": {"progressToken": 1}})), None, 0, 200),
        (call(json!({"name": "nope"})), None, -32602, 200),
        (call(json!({"name": "echo", "arguments": 1})), None, -32602, 200),
        (legacy("1", "resources/list", &json!({})), None, -32601, 200),
        (legacy("1", "logging/setLevel", &json!({"level": "info"})), None, 0, 200),
        (legacy("1", "logging/setLevel", &json!({"level": "loud"})), None, -32602, 200),
        (legacy("1", "logging/setLevel", &json!({})), None, -32602, 200),
        ("nonsense".to_owned(), None, -32700, 400),
        ("[]".to_owned(), None, -32600, 400),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.to_owned(), None, -32600, 400),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":1}}"#.to_owned(), None, -32602, 400),
    ] {
        let given: Vec<_> = version.map(|version| ("mcp-protocol-version", version)).into_iter().collect();
        assert_eq!(outcome(&body, &given).await, (code, status), "{body} {version:?}");
    }
}

#[tokio::test]
async fn initialize_answers_with_the_clients_version_or_the_newest_legacy_one() {
    for (asked, given) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
        ("1.0", "2025-11-25"),
    ] {
        let answer =
            server().ask(&legacy("1", "initialize", &json!({"protocolVersion": asked}))).await.unwrap();
        assert_eq!(answer["result"]["protocolVersion"], given);
        assert_eq!(answer["result"]["serverInfo"]["name"], "toolgate");
        assert_eq!(answer["result"]["capabilities"], json!({"logging": {}, "tools": {}}));
    }
}

#[tokio::test]
async fn discover_names_every_version_and_how_long_it_holds() {
    let answer = server().ask(&modern("7", "server/discover", &json!({}))).await.unwrap();
    let result = &answer["result"];
    assert_eq!(result["supportedVersions"][0], "2026-07-28");
    assert_eq!(result["supportedVersions"].as_array().unwrap().len(), 5);
    assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(60_000), &json!("public")));
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn an_unsupported_version_is_told_which_there_are() {
    let body = modern("1", "tools/list", &json!({})).replace("2026-07-28", "2031-01-01");
    let answer = server().ask(&body).await.unwrap();
    assert_eq!(answer["error"]["data"]["requested"], "2031-01-01");
    assert_eq!(answer["error"]["data"]["supported"][0], "2026-07-28");
    assert_eq!(answer["id"], 1);
}

#[tokio::test]
async fn the_list_is_the_same_in_both_eras_but_for_what_surrounds_it() {
    let old = server().ask(&legacy("1", "tools/list", &json!({}))).await.unwrap();
    let new = server().ask(&modern("1", "tools/list", &json!({}))).await.unwrap();
    assert_eq!(old["result"]["tools"], new["result"]["tools"]);
    assert_eq!(old["result"]["tools"][0]["name"], "echo");
    assert_eq!(old["result"].as_object().unwrap().len(), 1);
    assert_eq!(new["result"]["ttlMs"], 60_000);
}

#[tokio::test]
async fn an_answer_carries_the_id_byte_for_byte() {
    for id in
        ["1e2", "9007199254740993", r#""\u00e9\/""#, r#""<&>""#, "-0", &format!("\"{}\"", "i".repeat(5000))]
    {
        for body in [
            legacy(id, "ping", &json!({})),
            legacy(id, "nope", &json!({})),
            legacy(id, "tools/call", &json!({"name": "list"})),
        ] {
            let answer = answered(server().receive_all(body.as_bytes(), None)).await.unwrap();
            assert!(text(&answer).starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},""#)), "{id}");
        }
    }
}

#[tokio::test]
async fn numbers_in_arguments_and_results_keep_their_digits() {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"n":9007199254740993,"x":1.10}}}"#;
    let answer = answered(server().receive_all(body.as_bytes(), None)).await.unwrap();
    assert!(text(&answer).contains(r#""structuredContent":{"n":9007199254740993,"x":1.10}"#));
}

#[tokio::test]
async fn a_list_as_result_is_wrapped_in_the_legacy_era() {
    let params = json!({"name": "list"});
    let old = server().ask(&legacy("1", "tools/call", &params)).await.unwrap();
    let new = server().ask(&modern("1", "tools/call", &params)).await.unwrap();
    assert!(old["result"]["structuredContent"]["result"].is_array());
    assert!(new["result"]["structuredContent"].is_array());
}

#[tokio::test]
async fn a_failing_call_is_a_result() {
    let answer = server().ask(&legacy("1", "tools/call", &json!({"name": "fail"}))).await.unwrap();
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(answer["result"]["content"][0]["text"], "404 Not Found: check the id");
}

#[tokio::test]
async fn notifications_and_responses_are_not_answered() {
    for body in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":null}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
        assert_eq!(server().ask(body).await, None, "{body}");
    }
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_answered_without_an_id() {
    for body in ["{", "[]", r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#] {
        let answer = server().ask(body).await.unwrap();
        assert_eq!(answer.get("id"), None, "{answer}");
    }
}

#[tokio::test]
async fn an_error_does_not_send_back_all_that_was_sent() {
    let long = "m".repeat(100_000);
    let answer = server().receive_all(legacy("1", &long, &json!({})).as_bytes(), None);
    let answer = answered(answer).await.unwrap();
    assert!(answer.len() < 1_000);
    assert_eq!(answer.status, StatusCode::OK);
}

fn shaped() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("2.0")),
        Just(json!("2026-07-28")),
        Just(json!("tools/call")),
        Just(json!("server/discover")),
        Just(json!("echo")),
    ];
    let key = prop_oneof![
        Just("jsonrpc".to_owned()),
        Just("id".to_owned()),
        Just("method".to_owned()),
        Just("params".to_owned()),
        Just("_meta".to_owned()),
        Just("name".to_owned()),
        Just("arguments".to_owned()),
        Just("io.modelcontextprotocol/protocolVersion".to_owned()),
        "[a-z\"\\\\]{0,3}",
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .prop_map(|value| value.to_string())
}

/// A legal answer to anything: JSON-RPC 2.0 with either a result or an error, on one line.
fn check_legal(body: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for headers in [None, Some(headers(&[MODERN]))] {
        let received = server().receive_all(body, headers.as_ref());
        let Some(answer) = runtime.block_on(answered(received)) else { continue };
        let text = text(&answer);
        assert!(!text.contains('\n'), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["jsonrpc"], "2.0");
        assert!(value.get("id").is_none_or(|id| id.is_string() || id.is_number()), "{text}");
        assert_ne!(value.get("result").is_some(), value.get("error").is_some(), "{text}");
        let code = value["error"]["code"].as_i64().unwrap_or(-32600);
        assert!([-32700, -32600, -32601, -32602, -32603, -32020, -32022].contains(&code), "{text}");
    }
}

proptest! {
    #[test]
    fn any_bytes_get_a_legal_answer(body in any::<Vec<u8>>()) {
        check_legal(&body);
    }

    #[test]
    fn anything_shaped_like_a_message_gets_a_legal_answer(body in shaped()) {
        check_legal(body.as_bytes());
    }

    #[test]
    fn a_message_with_one_byte_changed_gets_a_legal_answer(at in 0..400_usize, byte in any::<u8>()) {
        let mut body = modern("\"a\"", "tools/call", &json!({"name": "echo", "arguments": {"a": [1, "b"]}})).into_bytes();
        let at = at % body.len();
        body[at] = byte;
        check_legal(&body);
    }
}
