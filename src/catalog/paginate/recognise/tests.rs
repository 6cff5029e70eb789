//! Documents whose pages are plain, and such that only look like it.

use serde_json::{Value, json};

use crate::catalog::build::{BuildOptions, build};
use crate::catalog::fixture;
use crate::config::Gateway;
use crate::config::gateway::{NextCursor, PageStyle};
use crate::diagnostic::{Code, Diagnostics};
use crate::openapi::Document;
use crate::source::Source;

/// The style that is recognised of `GET /items` with these query parameters and this answer.
fn recognised(parameters: &Value, headers: &Value, body: &Value) -> Option<PageStyle> {
    let parameters: Vec<Value> = parameters
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, schema)| json!({"in": "query", "name": name, "schema": schema}))
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/items": {"get": {
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": "ok",
                    "headers": headers,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
                },
                "404": {"description": "none", "content": {}},
            },
        }}},
        "components": {"schemas": {"Answer": body}},
    });
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&Source::new("api.json", document.to_string()), &mut diagnostics).unwrap();
    let served = fixture::served(Gateway::named("test"), document.operations(&mut diagnostics));
    let catalog = build(&[served], &BuildOptions::default(), &mut diagnostics);
    let plan = &catalog.tools()[0].plan;
    assert_eq!(plan.arguments.arguments.len(), parameters.len(), "nothing is hidden");
    let told = diagnostics.iter().any(|diagnostic| diagnostic.code == Code::PaginationRecognised);
    assert_eq!(told, plan.pages.is_some());
    plan.pages.as_ref().map(|pages| pages.rule.style.clone())
}

fn object(properties: &Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn list() -> Value {
    json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}})
}

fn whole() -> Value {
    json!({"type": "integer"})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn flag() -> Value {
    json!({"type": "boolean"})
}

/// What a style says, in short.
fn shown(style: Option<PageStyle>) -> String {
    match style {
        None => "none".to_owned(),
        Some(PageStyle::Link { .. }) => "link".to_owned(),
        Some(PageStyle::NextUrl { next, .. }) => format!("url at {next}"),
        Some(PageStyle::Cursor { next: NextCursor::Body(next), parameter, .. }) => {
            format!("{parameter} from {next}")
        }
        Some(PageStyle::Cursor { parameter, .. }) => format!("{parameter} of the last item"),
        Some(PageStyle::Page { parameter, first, .. }) => format!("{parameter} from {first}"),
        Some(PageStyle::Offset { parameter, first, .. }) => format!("{parameter} from {first}"),
    }
}

#[test]
fn pages_are_recognised_where_the_names_are_plain() {
    let none = json!({});
    let link = json!({"Link": {"schema": {"type": "string"}}});
    let page = json!({"page": {"type": "integer", "default": 1}, "per_page": whole()});
    let total = object(&json!({"items": list(), "total": whole()}));
    let paging = |inside: Value| object(&json!({"results": list(), "paging": inside}));
    let django = json!({"count": whole(), "next": text(), "previous": text(), "results": list()});
    let stripe = json!({"data": list(), "has_more": flag()});
    let slack = object(&json!({"next_cursor": text()}));
    for (parameters, headers, body, expected) in [
        (&page, &link, list(), "link"),
        (&page, &none, total.clone(), "page from 1"),
        (&json!({"page": {"type": "integer", "minimum": 0}, "size": whole()}), &none, list(), "page from 0"),
        (&json!({"offset": whole(), "limit": whole()}), &none, list(), "offset from 0"),
        (&json!({"skip": whole(), "take": whole()}), &none, total, "skip from 0"),
        (
            &json!({"cursor": text(), "limit": whole()}),
            &none,
            object(&json!({"channels": list(), "response_metadata": slack})),
            "cursor from response_metadata.next_cursor",
        ),
        (
            &json!({"pageToken": text()}),
            &none,
            object(&json!({"files": list(), "nextPageToken": text()})),
            "pageToken from nextPageToken",
        ),
        (
            &json!({"after": text()}),
            &none,
            paging(object(&json!({"next": object(&json!({"after": text()}))}))),
            "after from paging.next.after",
        ),
        (&json!({"starting_after": text()}), &none, object(&stripe), "starting_after of the last item"),
        (&json!({"page": whole()}), &none, object(&django), "url at next"),
        (
            &none,
            &none,
            object(&json!({"value": list(), "@odata.nextLink": text()})),
            "url at @odata.nextLink",
        ),
        (
            &none,
            &none,
            object(&json!({"data": list(), "links": object(&json!({"next": text()}))})),
            "url at links.next",
        ),
        (
            &none,
            &none,
            json!({"allOf": [object(&json!({"next_page_url": text()})), object(&json!({"data": list()}))]}),
            "url at next_page_url",
        ),
    ] {
        let style = recognised(parameters, headers, &body);
        assert_eq!(shown(style), expected, "{parameters} {body}");
    }
}

#[test]
fn what_only_looks_like_pages_is_left_alone() {
    let none = json!({});
    let link = json!({"Link": {"schema": {"type": "string"}}});
    let total = object(&json!({"items": list(), "total": whole()}));
    for (parameters, headers, body) in [
        // Nothing to set the page with.
        (&json!({"q": text()}), &link, list()),
        // Which page is the first is not said.
        (&json!({"page": whole(), "per_page": whole()}), &none, total),
        // No list.
        (&json!({"offset": whole(), "limit": whole()}), &none, object(&json!({"name": text()}))),
        (&json!({"cursor": text()}), &none, object(&json!({"next_cursor": text()}))),
        // A page of a book, an offset of a time zone.
        (&json!({"page": text(), "size": text()}), &none, list()),
        (&json!({"offset": whole()}), &none, list()),
        (&json!({"start": whole(), "count": whole()}), &none, list()),
        // Where the cursor goes is not said.
        (&json!({"q": text()}), &none, object(&json!({"items": list(), "next_cursor": text()}))),
        // A next step is no next page.
        (&json!({"q": text()}), &none, object(&json!({"items": list(), "next": text()}))),
    ] {
        let style = recognised(parameters, headers, &body);
        assert_eq!(shown(style), "none", "{parameters} {body}");
    }
}
