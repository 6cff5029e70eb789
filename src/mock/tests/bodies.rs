//! Request bodies in their media types.

use super::*;

fn book() -> Value {
    json!({ "type": "object", "required": ["title"], "additionalProperties": false, "properties": {
        "title": { "type": "string" }, "year": { "type": "integer" },
        "tags": { "type": "array", "items": { "type": "string" } },
        "author": { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] },
        "cover": { "type": "string", "format": "binary" } } })
}

fn taking(media_type: &str, schema: Value) -> MockApi {
    api(vec![Operation { body: Some(body(media_type, schema)), ..operation("POST /books") }])
}

fn post(media_type: &str, body: impl Into<Bytes>) -> Received {
    request("POST /books", &[("content-type", media_type)], body)
}

#[test]
fn json_is_checked_against_its_schema() {
    let api = taking("application/json", book());
    answered(&api, &post("application/json; charset=utf-8", r#"{"title":"Emma","year":1815}"#));
    let (status, reasons) = refused(&api, &post("application/json", r#"{"year":"old","pages":3}"#));
    assert_eq!(status, 400);
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(
        reasons.contains(&"body '/year' is refused: \"old\" is not of type \"integer\"".to_owned()),
        "{reasons:?}"
    );
    assert!(refused(&api, &post("application/json", "{")).1[0].starts_with("body is not JSON"));
    assert!(
        refused(&api, &post("application/json", b"\xff".as_slice())).1[0].starts_with("body is not UTF-8")
    );
}

#[test]
fn a_body_needs_its_media_type() {
    let api = taking("application/json", book());
    assert_eq!(refused(&api, &post("text/plain", "{}")).0, 415);
    assert_eq!(refused(&api, &request("POST /books", &[], "{}")).0, 415);
    let (status, reasons) = refused(&api, &request("POST /books", &[], ""));
    assert_eq!((status, reasons), (400, vec!["body is required and missing".to_owned()]));
    answered(&taking("image/*", json!({})), &post("image/png", "PNG"));
    let any = taking("*/*", json!({}));
    answered(&any, &post("application/octet-stream", "x"));
}

#[test]
fn forms_are_typed_by_the_schema() {
    let api = taking("application/x-www-form-urlencoded", book());
    let form = |body: &'static str| post("application/x-www-form-urlencoded", body);
    answered(&api, &form("title=Emma+2&year=1815&tags=a&tags=b&author=%7B%22name%22%3A%22Jane%22%7D"));
    answered(&api, &form("title=Emma&author[name]=Jane"));
    assert_eq!(
        refused(&api, &form("title=Emma&year=old")).1,
        ["body '/year' is refused: \"old\" is not of type \"integer\""]
    );
    assert_eq!(refused(&api, &form("title=Emma&pages=3")).0, 400);
    assert_eq!(refused(&api, &form("year=1815")).0, 400);
    let twice = refused(&api, &form("title=Emma&title=Persuasion"));
    assert_eq!(twice.1, ["body 'title' is given 2 times, and takes one value"]);
}

#[test]
fn forms_follow_their_encodings() {
    let style = Encoding::Style {
        style: Style::PipeDelimited,
        explode: false,
        allow_reserved: false,
        allow_empty: false,
    };
    let mut schema = book();
    schema["properties"]["tags"]["minItems"] = json!(2);
    let mut body = body("application/x-www-form-urlencoded", schema);
    body.media[0].encoding =
        vec![("tags".into(), PropertyEncoding { encoding: Some(style), ..Default::default() })];
    let api = api(vec![Operation { body: Some(body), ..operation("POST /books") }]);
    let form = |body: &'static str| post("application/x-www-form-urlencoded", body);
    answered(&api, &form("title=Emma&tags=a%7Cb"));
    assert_eq!(refused(&api, &form("title=Emma&tags=a,b")).0, 400);
}

fn part(head: &str, content: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

#[test]
fn multipart_is_read_part_by_part() {
    let api = taking("multipart/form-data", book());
    let multipart =
        |parts: &[String]| post("multipart/form-data; boundary=X", format!("{}--X--\r\n", parts.concat()));
    let title = part("name=\"title\"", "Emma");
    let cover = part("name=\"cover\"; filename=\"a.png\"\r\nContent-Type: image/png", "\u{89}PNG");
    let author = part("name=\"author\"\r\nContent-Type: application/json", "{\"name\":\"Jane\"}");
    answered(&api, &multipart(&[title.clone(), part("name=\"year\"", "1815"), cover, author]));
    answered(&api, &multipart(&[title.clone(), part("name=\"tags\"", "a"), part("name=\"tags\"", "b")]));
    let tags = |json: &str| part("name=\"tags\"\r\nContent-Type: application/json", json);
    answered(&api, &multipart(&[title.clone(), tags("[\"a\",\"b\"]")]));
    answered(&api, &multipart(&[title.clone(), tags("\"a\""), tags("\"b\"")]));
    assert_eq!(refused(&api, &multipart(&[part("name=\"year\"", "1815")])).0, 400);
    assert_eq!(refused(&api, &multipart(&[title.clone(), part("name=\"year\"", "old")])).0, 400);
    assert_eq!(
        refused(&api, &multipart(&[title.clone(), title.clone()])).1,
        ["body 'title' is given twice, and takes one value"]
    );
    assert_eq!(refused(&api, &multipart(&[part("filename=\"title\"", "Emma")])).0, 400);
    let cut = post("multipart/form-data; boundary=X", title.clone());
    assert_eq!(refused(&api, &cut).1, ["body has a part that no boundary ends"]);
    assert_eq!(refused(&api, &post("multipart/form-data", title)).1, ["body has no boundary"]);
}

#[test]
fn a_part_has_the_media_type_of_its_encoding() {
    let mut body = body("multipart/form-data", book());
    let images =
        PropertyEncoding { content_type: Some("image/png, image/jpeg".into()), ..Default::default() };
    body.media[0].encoding = vec![("cover".into(), images)];
    let api = api(vec![Operation { body: Some(body), ..operation("POST /books") }]);
    let send = |media_type: &str| {
        let cover = part(&format!("name=\"cover\"; filename=\"a\"\r\nContent-Type: {media_type}"), "x");
        post("multipart/form-data; boundary=X", format!("{}{cover}--X--\r\n", part("name=\"title\"", "Emma")))
    };
    answered(&api, &send("image/jpeg"));
    assert_eq!(refused(&api, &send("image/gif")).0, 400);
}

#[test]
fn other_media_types_are_looked_into_as_far_as_they_can_be() {
    let text = taking("text/plain", json!({ "type": "string", "maxLength": 4 }));
    answered(&text, &post("text/plain", "Emma"));
    assert_eq!(refused(&text, &post("text/plain", "Emma 2")).0, 400);
    let xml = taking("application/xml", json!({}));
    answered(&xml, &post("application/xml", "<book><title>Emma &amp; Co</title></book>"));
    for broken in ["<book>", "<book></title>", "book", "<a/><b/>"] {
        assert_eq!(refused(&xml, &post("application/xml", broken)).0, 400, "{broken}");
    }
    let lines = taking("application/x-ndjson", json!({ "type": "object", "required": ["title"] }));
    answered(&lines, &post("application/x-ndjson", "{\"title\":1}\n{\"title\":2}\n"));
    assert_eq!(refused(&lines, &post("application/x-ndjson", "{\"title\":1}\n{\n")).0, 400);
}
