use http::HeaderValue;

use super::*;
use crate::mcp::message::Message;

/// The code of a modern request with these headers (name, value); 0 when it passes.
fn code(body: &str, given: &[(&str, &[u8])]) -> i32 {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    match Message::parse(body.as_bytes()).unwrap() {
        Message::Request(request) => check(&headers, &request).map_or_else(|error| error.code(), |()| 0),
        other => panic!("{other:?}"),
    }
}

fn call(name: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":{name}}}}}"#)
}

const VERSION: (&str, &[u8]) = ("MCP-Protocol-Version", b"2026-07-28");
const METHOD: (&str, &[u8]) = ("Mcp-Method", b"tools/call");

#[test]
fn headers_that_say_what_the_body_says_pass() {
    for (body, name) in [
        (call(r#""echo""#), "echo"),
        (call(r#""\u0065cho""#), "echo"),
        (call(r#""echo""#), "=?base64?ZWNobw==?="),
        (call(r#""Hello, 世界""#), "=?base64?SGVsbG8sIOS4lueVjA==?="),
        (call(r#"" padded ""#), "=?base64?IHBhZGRlZCA=?="),
        (call(r#""line1\nline2""#), "=?base64?bGluZTEKbGluZTI=?="),
        (call(r#""=?base64?literal?=""#), "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        (call(r#""""#), "=?base64??="),
        (call(r#""=?base64?ZWNobw==""#), "=?base64?ZWNobw=="),
        (call(r#""ZWNobw==?=""#), "ZWNobw==?="),
        (call(r#""=?base64?=""#), "=?base64?="),
        (call(r#""=?BASE64?ZWNobw==?=""#), "=?BASE64?ZWNobw==?="),
    ] {
        assert_eq!(code(&body, &[VERSION, METHOD, ("mcp-name", name.as_bytes())]), 0, "{body} {name}");
    }
}

#[test]
fn only_methods_with_a_name_need_the_name_header() {
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert_eq!(code(list, &[VERSION, ("MCP-METHOD", b"tools/list")]), 0);
    let read = r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b"}}"#;
    assert_eq!(code(read, &[VERSION, ("mcp-method", b"resources/read"), ("mcp-name", b"a:b")]), 0);
    assert_eq!(code(read, &[VERSION, ("mcp-method", b"resources/read")]), -32020);
    let prompt = r#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p"}}"#;
    assert_eq!(code(prompt, &[VERSION, ("mcp-method", b"prompts/get"), ("mcp-name", b"q")]), -32020);
}

#[test]
fn a_body_without_a_name_is_told_so_later() {
    let nameless = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#;
    assert_eq!(code(nameless, &[VERSION, METHOD]), 0);
    assert_eq!(code(nameless, &[VERSION, METHOD, ("mcp-name", b"echo")]), -32020);
}

#[test]
fn every_difference_is_a_header_mismatch() {
    let body = call(r#""echo""#);
    let name = |value: &'static [u8]| [VERSION, METHOD, ("mcp-name", value)];
    let table: &[&[(&str, &[u8])]] = &[
        &[],
        &[METHOD, ("mcp-name", b"echo")],
        &[VERSION, ("mcp-name", b"echo")],
        &[VERSION, METHOD],
        &[VERSION, ("mcp-method", b""), ("mcp-name", b"echo")],
        &[VERSION, ("mcp-method", b"TOOLS/CALL"), ("mcp-name", b"echo")],
        &[VERSION, ("mcp-method", b"tools/list"), ("mcp-name", b"echo")],
        &[VERSION, ("mcp-method", b"tools/call "), ("mcp-name", b"echo")],
        &[VERSION, ("mcp-method", b"tools/call, tools/call"), ("mcp-name", b"echo")],
        &[VERSION, ("mcp-method", b"=?base64?dG9vbHMvY2FsbA==?="), ("mcp-name", b"echo")],
        &[VERSION, METHOD, METHOD, ("mcp-name", b"echo")],
        &[VERSION, VERSION, METHOD, ("mcp-name", b"echo")],
        &[VERSION, METHOD, ("mcp-name", b"echo"), ("mcp-name", b"echo")],
        &[VERSION, METHOD, ("mcp-name", b"echo"), ("Mcp-Name", b"other")],
        &name(b""),
        &name(b"Echo"),
        &name(b"other"),
        &name(b"echo\xc3\xa4"),
        &name(b"\xff"),
        &name(b"echo\techo"),
        &name(b"%65cho"),
        &name(b"\"echo\""),
        &name(b"=?base64?b3RoZXI=?="),
        &name(b"=?base64?ZWNobw?="),
        &name(b"=?base64?ZWNobw=?="),
        &name(b"=?base64?ZWNobw===?="),
        &name(b"=?base64?ZWN!bw==?="),
        &name(b"=?base64?ZWNobw== ?="),
        &name(b"=?base64?ZWNobx==?="),
        &name(b"=?base64?/w==?="),
        &name(b"=?base64??="),
        &name(b"=?base64?ZWNobw=="),
        &name(b"=?BASE64?ZWNobw==?="),
        &name(b"=?utf-8?b?ZWNobw==?="),
    ];
    for given in table {
        assert_eq!(code(&body, given), -32020, "{given:?}");
    }
}
