//! Replies of every kind.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::HeaderName;
use serde_json::Value;
use url::Url;

use super::*;
use crate::call::fixture::{HEADER, TOKEN, catalog, data, plain, text};
use crate::call::{Content, ToolOutcome};
use crate::catalog::fixture;
use crate::store::{Cache, Read};

fn base() -> Url {
    Url::parse("https://api.example.com/v1").unwrap()
}

fn plan(method: &str) -> Arc<CallPlan> {
    Arc::clone(&plain(&base(), method).tools()[0].plan)
}

fn reply(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Reply {
    let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers.collect(),
        body: body.into(),
        url: Url::parse("https://user:pass@api.example.com/v1/files/1?key=k#f").unwrap(),
    }
}

fn mapped(plan: &CallPlan, reply: &Reply) -> ToolOutcome {
    // Nobody waits where no filter is configured.
    match map(plan, reply, None, None).now_or_never().unwrap() {
        Ok(answer) => answer.into(),
        Err(problem) => (*problem).into(),
    }
}

/// What a GET comes to that is answered with 200.
fn got(media: &str, body: impl Into<Bytes>) -> ToolOutcome {
    mapped(&plan("GET"), &reply(200, &[("content-type", media)], body))
}

fn failed(method: &str, status: u16, headers: &[(&'static str, &str)], body: &str) -> (String, Value) {
    let outcome = mapped(&plan(method), &reply(status, headers, body.to_owned()));
    assert!(outcome.is_error);
    (text(&outcome), data(&outcome)["error"].take())
}

#[test]
fn json_is_shared_and_comes_as_text_and_as_data() {
    let body = Bytes::from(r#"{"n":1.10,"n":12345678901234567890}"#);
    let outcome = got("application/vnd.api+json; charset=utf-8", body.clone());
    let [Content::Json(shown)] = &outcome.content[..] else { panic!("{outcome:?}") };
    let structured = outcome.structured.as_ref().unwrap();
    assert_eq!((shown.as_ptr(), structured.as_ptr()), (body.as_ptr(), body.as_ptr()));
    assert_eq!(structured, &body);
}

#[test]
fn a_kept_answer_is_looked_through_once_for_the_same_secrets() {
    let plan = plan("GET");
    // As if nobody had known of the secret when it was looked through.
    let reply = reply(200, &[("content-type", "application/json")], format!(r#"{{"a":"{HEADER}"}}"#));
    let kept = kept(&reply);
    let remember = |redactor: &Arc<Redactor>| {
        let read = Read { text: kept.body.clone(), portable: true, redactor: Arc::clone(redactor) };
        let kept = kept.clone();
        kept.remember(read);
        let mapped = map(&plan, &reply, Some(&kept), None).now_or_never().unwrap();
        text(&mapped.unwrap_or_else(|problem| panic!("{problem:?}")).into())
    };
    assert!(remember(plan.upstream.redactor()).contains(HEADER), "it is not looked through again");
    assert!(!remember(&Arc::new(Redactor::new([""; 0]))).contains(HEADER), "others looked for other secrets");
}

#[test]
fn only_what_shares_the_bytes_of_a_kept_answer_is_remembered() {
    let plan = plan("GET");
    for (body, is_remembered) in [("{}", true), (" [1]", true), ("{\n}", false), ("", false), ("{", false)] {
        let reply = reply(200, &[("content-type", "application/json")], body);
        let kept = kept(&reply);
        let _ = map(&plan, &reply, Some(&kept), None).now_or_never().unwrap();
        assert_eq!(kept.read(plan.upstream.redactor()).is_some(), is_remembered, "{body}");
    }
}

fn kept(reply: &Reply) -> Kept {
    Kept {
        status: reply.status,
        headers: reply.headers.clone(),
        body: reply.body.clone(),
        since: crate::clock::now(),
        age: Duration::ZERO,
        fresh_for: Duration::ZERO,
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        asked: Cache::default().moment(),
        read: OnceLock::new(),
    }
}

#[test]
fn text_is_shared() {
    let body = Bytes::from("a text");
    let outcome = got("text/plain", body.clone());
    assert!(matches!(&outcome.content[..], [Content::Text(text)] if text.as_ptr() == body.as_ptr()));
}

#[test]
fn a_text_is_cut_between_characters_and_where_it_costs_little_between_lines() {
    assert_eq!(cut("0123456789abcdefä"), "0123456789abcdef");
    assert_eq!(cut("0123456789abcdeä"), "0123456789abcde");
    assert_eq!(cut("0123456789abc\u{10ffff}x"), "0123456789abc");
    assert_eq!(cut("0123456789abcde\nx"), "0123456789abcde");
    assert_eq!(cut("0123456789\nbcdefx"), "0123456789\nbcdef");
}

/// What is shown of a text of which sixteen bytes are.
fn cut(body: &'static str) -> String {
    let mut plan = Arc::into_inner(plan("GET")).unwrap();
    plan.response.shape.max_bytes = Some(16);
    let outcome = mapped(&plan, &reply(200, &[("content-type", "text/plain")], body));
    let Some(Content::Text(text)) = outcome.content.first() else { panic!("{outcome:?}") };
    str::from_utf8(text).unwrap().to_owned()
}

#[test]
fn json_comes_on_one_line_without_a_mark() {
    let outcome = got("application/json", "\u{feff}{\r\n  \"a\": \"b c\\n\"\n}\n");
    assert_eq!(text(&outcome), r#"{"a":"b c\n"}"#);
    assert_eq!(outcome.structured.unwrap(), r#"{"a":"b c\n"}"#);
}

#[test]
fn json_in_another_charset_is_json() {
    let outcome = got("application/json; charset=iso-8859-1", &b"[\"caf\xe9\"]"[..]);
    assert_eq!(text(&outcome), "[\"café\"]");
}

#[test]
fn json_under_another_name_is_found_when_it_is_an_object_or_a_list() {
    for media in
        ["text/plain", "text/html; charset=utf-8", "text/javascript", "application/octet-stream", "x/y"]
    {
        let found = got(media, r#" [{"a":1}] "#).structured.is_some();
        assert_eq!(found, media != "x/y", "{media}");
    }
    let unnamed = mapped(&plan("GET"), &reply(200, &[], "{}"));
    assert!(unnamed.structured.is_some());
    for body in ["42", "true", "\"text\"", "[not json]"] {
        let outcome = got("text/plain", body);
        assert_eq!((text(&outcome).as_str(), outcome.structured), (body, None));
    }
}

#[test]
fn a_scalar_is_json_where_it_says_so() {
    assert_eq!(got("application/json", "42").structured.unwrap(), "42");
}

#[test]
fn text_is_text() {
    let outcome = got("text/csv; charset=windows-1252", &b"a;\x80\n"[..]);
    assert_eq!((text(&outcome).as_str(), outcome.is_error), ("a;€\n", false));
    assert_eq!(text(&got("image/svg+xml", "<svg/>")), "<svg/>");
    assert_eq!(text(&got("application/x-ndjson", "{}\n{}\n")), "[{},{}]");
    assert_eq!(text(&got("application/octet-stream", "plain words")), "plain words");
}

#[test]
fn images_sound_and_other_data_keep_their_type() {
    let bytes = Bytes::from_static(b"\x89PNG\0");
    let content = |media: &str| got(media, bytes.clone()).content.remove(0);
    let (data, mime_type) = (bytes.clone(), "image/png".to_owned());
    assert_eq!(content("Image/PNG; x=y"), Content::Image { data, mime_type });
    let (data, mime_type) = (bytes.clone(), "audio/mpeg".to_owned());
    assert_eq!(content("audio/mpeg"), Content::Audio { data, mime_type });
    for (media, expected) in [("application/pdf", "application/pdf"), ("", "application/octet-stream")] {
        let uri = "https://api.example.com/v1/files/1".to_owned();
        let (data, mime_type) = (bytes.clone(), expected.to_owned());
        assert_eq!(content(media), Content::Blob { uri, data, mime_type });
    }
}

#[test]
fn an_answer_without_a_body_says_that_it_is_done() {
    assert_eq!(text(&mapped(&plan("DELETE"), &reply(204, &[], ""))), "Done: 204 No Content");
    let created = reply(201, &[("location", "/things/7"), ("content-type", "application/json")], "");
    assert_eq!(text(&mapped(&plan("POST"), &created)), "Done: 201 Created\nLocation: /things/7");
    assert_eq!(text(&got("application/json", " \n")), "Done: 200 OK");
    let unchanged = mapped(&plan("GET"), &reply(304, &[], ""));
    assert_eq!((text(&unchanged).as_str(), unchanged.is_error), ("Done: 304 Not Modified", false));
}

#[test]
fn the_answer_to_head_is_its_headers_without_cookies_and_secrets() {
    let headers = [("etag", "\"abc\""), ("set-cookie", "sid=1"), ("x-echo", TOKEN)];
    let outcome = mapped(&plan("HEAD"), &reply(200, &headers, ""));
    assert_eq!(text(&outcome), "200 OK\netag: \"abc\"\nx-echo: ***");
}

#[test]
fn json_that_is_broken_is_a_failure_that_shows_its_beginning() {
    let outcome = mapped(&plan("POST"), &reply(201, &[("content-type", "application/json")], "{\"id\": 7"));
    let (text, error) = (text(&outcome), &data(&outcome)["error"]);
    assert_eq!((&error["code"], &error["retryable"]), (&"invalid_json".into(), &false.into()));
    assert!(
        text.contains("201 Created") && text.contains("from byte 8 on") && text.contains("{\"id\": 7"),
        "{text}"
    );
}

#[test]
fn a_web_page_is_a_failure_only_where_json_was_asked_for() {
    let page = "<html><title>Sign in</title><p>Password</p></html>";
    let outcome = got("text/html", page);
    assert_eq!(data(&outcome)["error"]["code"], "html_instead_of_json");
    assert!(text(&outcome).contains("Sign in Password"), "{}", text(&outcome));

    let mut operation = fixture::operation("GET", "/page");
    operation.produces = vec!["text/html".to_owned()];
    let catalog = catalog(&base(), operation);
    let outcome = mapped(&catalog.tools()[0].plan, &reply(200, &[("content-type", "text/html")], page));
    assert_eq!((text(&outcome).as_str(), outcome.is_error), (page, false));
}

#[test]
fn a_failure_names_status_operation_and_what_to_do() {
    for (status, code, words) in [
        (400, "bad_request", "400 Bad Request to GET /thing"),
        (401, "unauthorized", "credential"),
        (403, "forbidden", "may not"),
        (404, "not_found", "Check the arguments"),
        (409, "conflict", "present state"),
        (418, "client_error", "418 I'm a teapot"),
        (422, "unprocessable", "refuses the values"),
        (429, "rate_limited", "Wait"),
        (500, "server_error", "Try again later"),
        (503, "unavailable", "503 Service Unavailable"),
        (300, "redirect", "300 Multiple Choices"),
        (599, "server_error", "599"),
        (999, "invalid_status", "999"),
    ] {
        let (text, error) = failed("GET", status, &[], "");
        assert_eq!((&error["code"], &error["status"]), (&code.into(), &status.into()));
        assert!(text.contains(words), "{text}");
        assert_eq!(error["retryable"], matches!(status, 429 | 500 | 503 | 599), "{status}");
    }
}

#[test]
fn what_the_api_says_is_in_the_message() {
    for (media, body, said) in [
        (
            "application/problem+json",
            r#"{"title":"Out of stock","detail":"No more of 7."}"#,
            "Out of stock: No more of 7.",
        ),
        ("application/json", r#"{"message":"Validation Failed","errors":[]}"#, "Validation Failed"),
        ("application/json", r#"{"error":"invalid_grant","error_description":"Expired"}"#, "Expired"),
        ("application/json", r#"{"error":{"message":"Unknown model","type":"x"}}"#, "Unknown model"),
        ("text/plain", r#"{"error":"nope"}"#, "nope"),
    ] {
        let (text, error) = failed("GET", 422, &[("content-type", media)], body);
        let message = format!("The API answered 422 Unprocessable Entity to GET /thing: {said}");
        assert_eq!(error["message"], message);
        assert!(text.starts_with(&message) && text.ends_with(body), "{text}");
        assert_eq!(error["body"].to_string(), body);
    }
}

#[test]
fn an_error_page_is_reduced_to_its_text() {
    let page = "<html><head><style>a{}</style></head><body><h1>502</h1>nginx</body></html>";
    let (text, error) = failed("GET", 502, &[("content-type", "text/html")], page);
    assert_eq!(error["body"], "502 nginx");
    assert!(!text.contains('<'), "{text}");
}

#[test]
fn a_wait_that_the_api_asks_for_is_handed_on() {
    let (text, error) = failed("GET", 429, &[("retry-after", "120")], "");
    assert_eq!(error["retry_after_seconds"], 120);
    assert!(text.contains("wait 120 seconds"), "{text}");
    assert!(failed("GET", 429, &[("retry-after", "soon")], "").1.get("retry_after_seconds").is_none());
}

#[test]
fn a_write_that_may_have_happened_is_not_called_retryable() {
    let (text, error) = failed("POST", 503, &[], "");
    assert_eq!(error["retryable"], false);
    assert!(text.contains("not known"), "{text}");
    assert_eq!(failed("POST", 429, &[], "").1["retryable"], true);
    assert_eq!(failed("PUT", 503, &[], "").1["retryable"], true);
}
