use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::call::Ended;
use crate::mcp::testing::{text, value};

fn outcome(content: Vec<Content>, structured: Option<&str>) -> ToolOutcome {
    ToolOutcome {
        is_error: false,
        content,
        structured: structured.map(|text| Bytes::from(text.to_owned())),
        meta: Vec::new(),
        ended: Ended::OK,
    }
}

fn written(era: Era, outcome: ToolOutcome) -> Value {
    value(&answer(Id::kept("1"), era, outcome))["result"].clone()
}

#[test]
fn every_kind_of_content_has_its_block() {
    let data = Bytes::from_static(b"\x00\xffab");
    let mime = |name: &str| name.to_owned();
    let content = vec![
        Content::Text("say \"hi\"\n".into()),
        Content::Json(Bytes::from_static(br#"{"a":"\""}"#)),
        Content::Image { data: data.clone(), mime_type: mime("image/png") },
        Content::Audio { data: data.clone(), mime_type: mime("audio/wav") },
        Content::Blob {
            uri: "https://api.example.com/a?b".to_owned(),
            data,
            mime_type: mime("application/zip"),
        },
    ];
    let expected = json!([
        {"type": "text", "text": "say \"hi\"\n"},
        {"type": "text", "text": r#"{"a":"\""}"#},
        {"type": "image", "data": "AP9hYg==", "mimeType": "image/png"},
        {"type": "audio", "data": "AP9hYg==", "mimeType": "audio/wav"},
        {"type": "resource", "resource":
            {"uri": "https://api.example.com/a?b", "mimeType": "application/zip", "blob": "AP9hYg=="}},
    ]);
    assert_eq!(written(Era::Modern, outcome(content, None))["content"], expected);
}

#[test]
fn a_result_says_whether_it_is_an_error_and_what_it_holds() {
    let result = written(Era::Legacy, ToolOutcome::error("no", Some(Bytes::from_static(b"{}"))));
    assert_eq!(
        result,
        json!({"content": [{"type": "text", "text": "no"}], "isError": true, "structuredContent": {}})
    );
    assert_eq!(written(Era::Legacy, outcome(vec![], None)), json!({"content": [], "isError": false}));
}

#[test]
fn a_large_text_comes_as_a_small_one_does() {
    let large = format!(r#"{{"say":"{}"}}"#, r#"\"hi\"\tthere"#.repeat(20_000));
    let remark = Content::Text("cut".into());
    for content in [Content::Json(large.clone().into()), Content::Text(large.clone().into())] {
        let answered = outcome(vec![content, remark.clone()], Some(&large));
        let expected = call_tool_result(&answered);
        let answer = answer(Id::kept("1"), Era::Legacy, answered);
        assert_eq!(answer.len(), text(&answer).len());
        let mut expected: Value = serde_json::from_slice(&expected).unwrap();
        expected.as_object_mut().unwrap().remove("resultType");
        assert_eq!(value(&answer)["result"], expected);
    }
    let list = format!("[{large}]");
    let answered = outcome(vec![Content::Json(list.clone().into())], Some(&list));
    let expected = json!({"result": serde_json::from_str::<Value>(&list).unwrap()});
    assert_eq!(written(Era::Legacy, answered)["structuredContent"], expected);
}

#[test]
fn a_modern_result_names_its_type_and_the_server() {
    let result = written(Era::Modern, outcome(vec![], None));
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "toolgate");
}

#[test]
fn structured_content_that_is_no_object_is_wrapped_for_legacy_clients_alone() {
    for structured in ["[1,2]", "7", "null", r#""a""#, " [ ]"] {
        let plain: Value = serde_json::from_str(structured).unwrap();
        let of = |era| written(era, outcome(vec![], Some(structured)))["structuredContent"].clone();
        assert_eq!(of(Era::Modern), plain);
        assert_eq!(of(Era::Legacy), json!({"result": plain}));
    }
    let object = written(Era::Legacy, outcome(vec![], Some(r#" {"a":1}"#)));
    assert_eq!(object["structuredContent"], json!({"a": 1}));
}

#[test]
fn numbers_and_order_survive() {
    let structured = r#"{"z":9007199254740993,"a":1.10,"e":1e400}"#;
    let content = vec![Content::Json(Bytes::from_static(structured.as_bytes()))];
    let text = text(&answer(Id::kept("\"x\""), Era::Modern, outcome(content, Some(structured))));
    assert!(text.contains(&format!(r#""structuredContent":{structured}}}}}"#)), "{text}");
    assert!(text.starts_with(r#"{"jsonrpc":"2.0","id":"x","result":{"#), "{text}");
}

#[test]
fn structured_content_is_not_copied() {
    let structured = Bytes::from(vec![b' '; 4096]);
    let outcome = ToolOutcome {
        is_error: false,
        content: vec![],
        structured: Some(structured.clone()),
        meta: Vec::new(),
        ended: Ended::OK,
    };
    let answer = answer(Id::kept("1"), Era::Modern, outcome);
    assert!(answer.segments.into_iter().any(|segment| std::ptr::eq(segment.as_ptr(), structured.as_ptr())));
}

#[test]
fn the_command_line_prints_the_same_result() {
    let outcome = outcome(vec![Content::Text("a".into())], Some("[1]"));
    let printed: Value = serde_json::from_slice(&call_tool_result(&outcome)).unwrap();
    let mut answered = written(Era::Modern, outcome);
    answered.as_object_mut().unwrap().remove("_meta");
    assert_eq!(printed, answered);
}

proptest! {
    #[test]
    fn any_text_and_any_bytes_come_out_as_they_went_in(text in any::<String>(), data in any::<Vec<u8>>()) {
        let image = Content::Image { data: Bytes::from(data.clone()), mime_type: text.clone() };
        let result = written(Era::Legacy, outcome(vec![Content::Text(text.clone().into()), image], None));
        prop_assert_eq!(result["content"][0]["text"].as_str(), Some(text.as_str()));
        let decoded = STANDARD.decode(result["content"][1]["data"].as_str().unwrap()).unwrap();
        prop_assert_eq!(decoded, data);
    }
}

#[test]
fn what_is_told_beside_an_answer_is_its_meta() {
    let told = |meta: &Value| (meta["toolgate/cache"].clone(), meta["toolgate/age_seconds"].clone());
    let outcome = || ToolOutcome {
        meta: vec![("toolgate/cache", "hit".into()), ("toolgate/age_seconds", 3.into())],
        ended: Ended::OK,
        ..outcome(vec![Content::Text("a".into())], None)
    };
    let result: Value = serde_json::from_slice(&call_tool_result(&outcome())).unwrap();
    assert_eq!(told(&result["_meta"]), ("hit".into(), 3.into()));
    for era in [Era::Legacy, Era::Modern] {
        let answer = answer(Id::kept("1"), era, outcome());
        let text = answer.segments.between(b"", b"");
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(text.matches("\"_meta\"").count(), 1, "{text}");
        let message: Value = serde_json::from_str(text).unwrap();
        assert_eq!(told(&message["result"]["_meta"]), ("hit".into(), 3.into()));
    }
}
