use serde_json::json;

use crate::mcp::testing::{answered, modern, server, value};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The code of a call of `region` with these arguments and `Mcp-Param-*` headers; 0 when it is run.
async fn code(arguments: serde_json::Value, given: &[(&str, &str)]) -> i64 {
    let body = modern("1", "tools/call", &json!({"name": "region", "arguments": arguments}));
    let mut headers = HeaderMap::new();
    let standard =
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "region")];
    for (name, value) in standard.iter().chain(given) {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let answer = answered(server().receive_all(body.as_bytes(), Some(&headers))).await.unwrap();
    let code = value(&answer)["error"]["code"].as_i64().unwrap_or(0);
    assert_eq!(answer.status.as_u16(), if code == 0 { 200 } else { 400 });
    code
}

#[tokio::test]
async fn headers_that_repeat_the_arguments_pass() {
    let region = "mcp-param-region";
    assert_eq!(code(json!({}), &[]).await, 0);
    assert_eq!(code(json!({"region": null}), &[]).await, 0);
    assert_eq!(code(json!({"region": "eu"}), &[("Mcp-Param-Region", "eu")]).await, 0);
    assert_eq!(code(json!({"region": "Hello"}), &[(region, "=?base64?SGVsbG8=?=")]).await, 0);
    assert_eq!(code(json!({"region": "SGVsbG8="}), &[(region, "SGVsbG8=")]).await, 0);
    assert_eq!(code(json!({"region": "=?base64?SGVsbG8="}), &[(region, "=?base64?SGVsbG8=")]).await, 0);
    assert_eq!(code(json!({"region": ""}), &[(region, "=?base64??=")]).await, 0);
    assert_eq!(code(json!({"limit": 42}), &[("mcp-param-limit", "42")]).await, 0);
    assert_eq!(code(json!({"limit": 42}), &[("mcp-param-limit", "42.0")]).await, 0);
    assert_eq!(code(json!({"limit": -7}), &[("mcp-param-limit", "-7")]).await, 0);
    assert_eq!(code(json!({"dry": true}), &[("mcp-param-dry", "true")]).await, 0);
    assert_eq!(code(json!({"where": {"zone": "a"}}), &[("mcp-param-zone", "a")]).await, 0);
    assert_eq!(code(json!({}), &[("mcp-param-unknown", "a")]).await, 0);
}

#[tokio::test]
async fn headers_that_differ_from_the_arguments_are_refused() {
    let region = "mcp-param-region";
    assert_eq!(code(json!({"region": "eu"}), &[]).await, -32020);
    assert_eq!(code(json!({"region": "eu"}), &[(region, "us")]).await, -32020);
    assert_eq!(code(json!({"region": "eu"}), &[(region, "EU")]).await, -32020);
    assert_eq!(code(json!({"region": "eu"}), &[(region, "eu"), (region, "eu")]).await, -32020);
    assert_eq!(code(json!({"region": "Hello"}), &[(region, "=?base64?SGVsbG8?=")]).await, -32020);
    assert_eq!(code(json!({"region": "Hello"}), &[(region, "=?base64?SGVs!!!bG8=?=")]).await, -32020);
    assert_eq!(code(json!({}), &[(region, "eu")]).await, -32020);
    assert_eq!(code(json!({"region": null}), &[(region, "null")]).await, -32020);
    assert_eq!(code(json!({"limit": 42}), &[("mcp-param-limit", "43")]).await, -32020);
    assert_eq!(code(json!({"limit": 42}), &[("mcp-param-limit", "x")]).await, -32020);
    assert_eq!(code(json!({"limit": "42"}), &[]).await, -32020);
    assert_eq!(code(json!({"dry": true}), &[("mcp-param-dry", "True")]).await, -32020);
    assert_eq!(code(json!({"dry": false}), &[]).await, -32020);
    assert_eq!(code(json!({"where": {"zone": "a"}}), &[]).await, -32020);
    assert_eq!(code(json!({"where": {"zone": "a"}}), &[("mcp-param-zone", "b")]).await, -32020);
}
