//! Answers in their media types.

use super::*;
use crate::openapi::operation::Response as Promise;

fn promise(status: u16, media_type: Option<&str>) -> Promise {
    Promise {
        status,
        media_type: media_type.map(ToOwned::to_owned),
        schema: None,
        example: None,
        headers: Vec::new(),
        definitions: Definitions::new(),
    }
}

fn with_schema(media_type: &str, schema: Value) -> Promise {
    Promise { schema: Some(schema), ..promise(200, Some(media_type)) }
}

fn with_example(media_type: &str, example: Value) -> Promise {
    Promise { example: Some(example), ..promise(200, Some(media_type)) }
}

fn answer(promises: &[Promise], accept: Option<&str>) -> Response<Bytes> {
    super::answer::Promises::new(promises.to_vec()).answer(accept, Some("/elsewhere"))
}

/// Media type and text of the answer.
fn told(promises: &[Promise], accept: Option<&str>) -> (String, String) {
    let response = answer(promises, accept);
    let media_type = response.headers().get("content-type").map_or("", |value| value.to_str().unwrap());
    (media_type.to_owned(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn text_of(promise: Promise) -> String {
    told(&[promise], None).1
}

#[test]
fn the_first_good_status_is_answered() {
    let status = |promises: &[Promise]| answer(promises, None).status().as_u16();
    assert_eq!(status(&[promise(404, None), promise(201, None), promise(200, None)]), 201);
    assert_eq!(status(&[promise(404, None)]), 204);
    assert_eq!(status(&[]), 204);
    let unsafe_one = super::answer::Promises::new(vec![promise(302, None)]);
    assert_eq!(unsafe_one.answer(None, None).status().as_u16(), 204);
    let headers = vec![("Location".to_owned(), "https://files.example.com/1".to_owned())];
    let redirect = answer(&[Promise { headers, ..promise(302, None) }, promise(404, None)], None);
    assert_eq!(redirect.headers().get_all("location").iter().count(), 1);
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (302, &HeaderValue::from_static("/elsewhere"))
    );
}

#[test]
fn examples_come_before_schemas() {
    let both = Promise {
        example: Some(json!({ "id": 7 })),
        ..with_schema("application/json", json!({ "type": "object" }))
    };
    assert_eq!(text_of(both), r#"{"id":7}"#);
    assert_eq!(text_of(with_schema("application/json", json!({ "type": "integer" }))), "1");
    let quoted = Promise {
        example: Some(json!("[1]")),
        ..with_schema("application/json", json!({ "type": "array" }))
    };
    assert_eq!(text_of(quoted), "[1]");
    let text = Promise {
        example: Some(json!("[1]")),
        ..with_schema("application/json", json!({ "type": "string" }))
    };
    assert_eq!(text_of(text), r#""[1]""#);
}

#[test]
fn the_request_chooses_the_media_type() {
    let promises =
        [with_example("application/xml", json!("<a/>")), with_example("application/json", json!(1))];
    let media_type = |accept| told(&promises, accept).0;
    assert_eq!(media_type(None), "application/xml");
    assert_eq!(media_type(Some("application/json")), "application/json");
    assert_eq!(media_type(Some("application/json;q=0.1, */*;q=0.5")), "application/xml");
    assert_eq!(media_type(Some("text/plain")), "application/xml");
}

#[test]
fn every_media_type_is_what_it_says() {
    let file = |media_type: &str| answer(&[promise(200, Some(media_type))], None).into_body();
    assert!(file("image/png").starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(file("image/jpeg").starts_with(b"\xff\xd8\xff"));
    assert!(file("audio/wav").starts_with(b"RIFF"));
    assert!(file("application/pdf").starts_with(b"%PDF-1.4"));
    assert!(file("application/zip").starts_with(b"PK\x05\x06"));
    assert_eq!(told(&[with_example("image/svg+xml", json!(1))], None).0, "image/svg+xml");
    let list = json!([{ "id": 1 }, { "id": 2 }]);
    assert_eq!(
        text_of(with_example("text/event-stream", list.clone())),
        "data: {\"id\":1}\n\ndata: {\"id\":2}\n\n"
    );
    assert_eq!(text_of(with_example("application/x-ndjson", list)), "{\"id\":1}\n{\"id\":2}\n");
    assert_eq!(text_of(with_example("text/plain", json!("as it is"))), "as it is");
    let book = json!({ "title": "Emma & Co", "tags": ["a", "b"], "1st": null });
    let xml = Promise {
        schema: Some(json!({ crate::openapi::XML_KEY: { "name": "book" } })),
        ..with_example("application/xml", book)
    };
    assert_eq!(text_of(xml), "<book><title>Emma &amp; Co</title><tags>a</tags><tags>b</tags><_1st/></book>");
    assert_eq!(told(&[with_example("*/*", json!(1))], None), ("application/json".into(), "1".into()));
}

#[test]
fn declared_headers_are_sent_and_the_message_keeps_its_own() {
    let headers = [("X-Total", "42"), ("Content-Length", "999"), ("Bad Name", "x")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let response = answer(&[Promise { headers, ..with_example("application/json", json!(1)) }], None);
    assert_eq!(response.headers()["x-total"], "42");
    assert!(!response.headers().contains_key("content-length"));
}
