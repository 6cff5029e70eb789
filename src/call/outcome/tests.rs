//! How failures look.

use serde_json::{Value, json};

use super::*;

fn problem(body: Option<Excerpt>) -> Problem {
    Problem {
        code: "not_found",
        kind: None,
        status: Some(StatusCode::NOT_FOUND),
        fault: Fault::Caller,
        message: "The API answered 404 Not Found.".to_owned(),
        advice: "Check the arguments.".into(),
        retryable: false,
        retry_after_seconds: Some(3),
        body,
        arguments: vec![ArgumentProblem {
            argument: Some("id".to_owned()),
            message: "is required".to_owned(),
            help: Some("did you mean `ids`?".to_owned()),
        }],
    }
}

fn told(body: Option<Excerpt>) -> (String, Value) {
    let mut outcome = ToolOutcome::from(problem(body));
    assert!(outcome.is_error);
    let Some(Content::Text(text)) = outcome.content.pop() else { panic!("no text") };
    (String::from_utf8(text.into()).unwrap(), serde_json::from_slice(&outcome.structured.unwrap()).unwrap())
}

fn json_excerpt(text: &str) -> Excerpt {
    Excerpt::of_json(text, json::scan(text.as_bytes()).unwrap())
}

#[test]
fn a_failure_is_told_as_text_and_as_data() {
    let (text, data) = told(Some(json_excerpt("{\n \"a\": 12345678901234567890123\n}")));
    assert_eq!(
        text,
        "The API answered 404 Not Found.\n- `id`: is required (did you mean `ids`?)\nCheck the arguments.\n\
         Code: not_found\nThe API said:\n{\"a\":12345678901234567890123}"
    );
    let error = &data["error"];
    assert_eq!((&error["code"], &error["status"]), (&json!("not_found"), &json!(404)));
    assert_eq!((&error["retryable"], &error["retry_after_seconds"]), (&json!(false), &json!(3)));
    assert_eq!(error["body"].to_string(), r#"{"a":12345678901234567890123}"#);
    assert_eq!(
        error["arguments"],
        json!([{"argument": "id", "message": "is required", "help": "did you mean `ids`?"}])
    );
}

#[test]
fn what_is_not_known_is_left_out_of_the_data() {
    let bare = Problem { status: None, retry_after_seconds: None, arguments: Vec::new(), ..problem(None) };
    let outcome = ToolOutcome::from(bare);
    let data: Value = serde_json::from_slice(&outcome.structured.unwrap()).unwrap();
    let keys: Vec<&String> = data["error"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "message", "retryable"]);
}

#[test]
fn long_bodies_are_cut_at_a_character_and_say_how_long_they_were() {
    let long = "ä".repeat(5000);
    let (text, data) = told(Some(Excerpt::of_text(&long)));
    assert!(text.ends_with("ä… (10000 bytes in all)") && text.len() < 3000, "{text}");
    assert!(data["error"]["body"].as_str().unwrap().ends_with("in all)"));

    let (_, data) = told(Some(json_excerpt(&format!("[\"{long}\"]"))));
    assert!(data["error"]["body"].is_string(), "a JSON document that was cut is no JSON any more");
}

#[test]
fn json_that_some_parser_cannot_hold_is_told_as_text() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert_eq!(told(Some(json_excerpt(&deep))).1["error"]["body"], deep);

    let answer = Answer::Json { text: Bytes::from(deep), portable: false };
    let outcome = ToolOutcome::from(Shaped::from(answer));
    assert!(matches!(outcome.content[0], Content::Json(_)) && outcome.structured.is_none());
}
