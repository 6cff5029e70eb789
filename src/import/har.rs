//! HAR 1.2: what a browser recorded.

use std::sync::Arc;

use url::Url;

use super::gather::imported;
use super::recorded::{Body, Part, Recorded};
use super::{Imported, Options};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::Node;
use crate::openapi::parse;
use crate::source::Source;

/// The gateway file of the requests to an API in an archive: pages, scripts, pictures and the like are passed over.
/// `None` when there is none; the reason is in `diagnostics`.
#[must_use]
pub fn har(source: &Arc<Source>, options: &Options, diagnostics: &mut Diagnostics) -> Option<Imported> {
    let mut problems = Diagnostics::default();
    let tree = parse(source, &mut problems);
    // An archive is full of secrets: its places are named and not shown.
    diagnostics.extend(problems.iter().cloned().map(Diagnostic::sensitive).collect());
    let tree = tree?;
    let Some(entries) =
        tree.root().get("log").and_then(|log| log.get("entries")).filter(|list| list.is_array())
    else {
        let diagnostic =
            Diagnostic::new(Code::SourceUnknown, "this is no HAR archive: it has no `log.entries`");
        diagnostics.push(diagnostic.at(tree.root().place()).sensitive());
        return None;
    };
    let requests: Vec<Recorded> =
        entries.items().filter(|entry| is_call(*entry)).filter_map(recorded).collect();
    let passed_over = entries.len() - requests.len();
    let mut notes = Vec::new();
    if passed_over > 0 {
        notes.push(format!(
            "{passed_over} of {} requests passed over: pages, scripts, pictures and the like",
            entries.len()
        ));
    }
    let imported = imported(requests, options, notes);
    if imported.is_none() {
        let diagnostic = Diagnostic::new(Code::SourceUnknown, "no request to an API is in this archive");
        diagnostics.push(diagnostic.at(entries.place()).sensitive());
    }
    imported
}

/// Whether an entry is a call of an API, rather than a part of a page.
fn is_call(entry: Node<'_>) -> bool {
    const STATIC: [&str; 18] = [
        ".js", ".mjs", ".css", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".avif",
        ".woff", ".woff2", ".ttf", ".html", ".htm", ".wasm",
    ];
    let Some(request) = entry.get("request") else { return false };
    let method = text(request, "method").unwrap_or_default();
    let url = text(request, "url").unwrap_or_default();
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let answered = entry.get("response").and_then(|response| response.get("content"));
    let kind =
        answered.and_then(|content| text(content, "mimeType")).unwrap_or_default().to_ascii_lowercase();
    let is_page = ["text/html", "text/css", "javascript", "image/", "font", "video/", "audio/", "wasm"]
        .iter()
        .any(|part| kind.contains(part));
    let resource = text(entry, "_resourceType").unwrap_or("xhr");
    let is_asked_by_script = matches!(resource, "xhr" | "fetch" | "other" | "eventsource");
    // A form that answers with a page is part of a site, not of an API.
    !method.is_empty()
        && method != "OPTIONS"
        && is_asked_by_script
        && !is_page
        && !STATIC.iter().any(|extension| path.ends_with(extension))
}

fn recorded(entry: Node<'_>) -> Option<Recorded> {
    let request = entry.get("request")?;
    let mut recorded =
        Recorded { method: text(request, "method")?.to_ascii_uppercase(), ..Recorded::default() };
    recorded.locate(&Url::parse(text(request, "url")?).ok()?)?;
    for header in request.get("headers").into_iter().flat_map(Node::items) {
        if let (Some(name), Some(value)) = (text(header, "name"), text(header, "value")) {
            recorded.header(name, value);
        }
    }
    for cookie in request.get("cookies").into_iter().flat_map(Node::items) {
        if let Some(name) = text(cookie, "name") {
            recorded.header("cookie", &format!("{name}=x"));
        }
    }
    if let Some(data) = request.get("postData") {
        carry(&mut recorded, data);
    }
    Some(recorded)
}

fn carry(recorded: &mut Recorded, data: Node<'_>) {
    let kind = text(data, "mimeType").unwrap_or_default();
    let body = text(data, "text").unwrap_or_default();
    let parameters = || data.get("params").into_iter().flat_map(Node::items);
    if kind.starts_with("multipart/") {
        let named = parameters().filter_map(|parameter| {
            let is_file = parameter.get("fileName").is_some();
            Some(Part {
                name: text(parameter, "name")?.to_owned(),
                text: (!is_file).then(String::new),
                content_type: text(parameter, "contentType").filter(|_| is_file).map(str::to_owned),
            })
        });
        let parts: Vec<Part> = named.collect();
        recorded.body = Body::Multipart(if parts.is_empty() { written_parts(body) } else { parts });
    } else if body.is_empty() && parameters().next().is_some() {
        let pairs = parameters().filter_map(|parameter| {
            Some((
                text(parameter, "name")?.to_owned(),
                text(parameter, "value").unwrap_or_default().to_owned(),
            ))
        });
        recorded.body = Body::Form(pairs.collect());
    } else if !body.is_empty() || !kind.is_empty() {
        recorded.carry(kind, body);
    }
}

/// The parts of a multipart body that was recorded as text: their heads say all that is asked.
fn written_parts(body: &str) -> Vec<Part> {
    let heads = body.split("Content-Disposition: form-data;").skip(1);
    let parts = heads.filter_map(|head| {
        let head = head.split("\r\n\r\n").next().unwrap_or(head);
        let quoted = |key: &str| {
            head.split(&format!(" {key}=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(str::to_owned)
        };
        let is_file = quoted("filename").is_some();
        let content_type = head.split("Content-Type: ").nth(1).and_then(|rest| rest.lines().next());
        Some(Part {
            name: quoted("name")?,
            text: (!is_file).then(String::new),
            content_type: content_type.filter(|_| is_file).map(|kind| kind.trim().to_owned()),
        })
    });
    parts.collect()
}

fn text<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    node.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn archive(entries: &Value) -> String {
        json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}})
            .to_string()
    }

    fn import(entries: &Value) -> Imported {
        let mut diagnostics = Diagnostics::default();
        let imported = har(&Source::new("a.har", archive(entries)), &Options::default(), &mut diagnostics);
        imported.unwrap_or_else(|| panic!("{diagnostics:?}"))
    }

    fn entry(method: &str, url: &str, kind: &str) -> Value {
        json!({
            "request": {"method": method, "url": url, "headers": [
                {"name": ":authority", "value": "api.example.com"}, {"name": "User-Agent", "value": "Mozilla/5.0"},
                {"name": "Authorization", "value": "Bearer s3cr3t"}, {"name": "sec-ch-ua", "value": "x"},
                {"name": "Cookie", "value": "sid=c00kie"}, {"name": "Accept", "value": "application/json, */*"},
            ]},
            "response": {"status": 200, "content": {"mimeType": kind, "text": "{\"leak\": \"answer-s3cr3t\"}"}},
        })
    }

    #[test]
    fn calls_become_endpoints_by_route_and_assets_are_passed_over() {
        let imported = import(&json!([
            entry("GET", "https://www.example.com/", "text/html"),
            entry("GET", "https://cdn.example.com/app.js", "application/javascript"),
            entry("GET", "https://api.example.com/v1/books/17?fields=title", "application/json"),
            entry("GET", "https://api.example.com/v1/books/18", "application/json"),
            entry("OPTIONS", "https://api.example.com/v1/books/18", ""),
            entry("GET", "https://api.example.com/v1/books", "application/json"),
        ]));
        assert_eq!(imported.yaml.matches("request:").count(), 2, "{}", imported.yaml);
        assert!(imported.yaml.contains("GET /v1/books/{book_id}"), "{}", imported.yaml);
        assert!(imported.yaml.contains("credentials:\n"), "{}", imported.yaml);
        for secret in ["s3cr3t", "c00kie", "Mozilla"] {
            assert!(!imported.yaml.contains(secret), "{}", imported.yaml);
        }
        assert_eq!(imported.notes, ["3 of 6 requests passed over: pages, scripts, pictures and the like"]);
    }

    #[test]
    fn bodies_of_every_kind_are_read() {
        let with = |data: Value| {
            let mut entry = entry("POST", "https://api.example.com/a", "application/json");
            entry["request"]["postData"] = data;
            import(&json!([entry])).yaml
        };
        let json = with(json!({"mimeType": "application/json", "text": "{\"q\": [1]}"}));
        assert!(json.contains("q: {type: array, items: {type: integer}}"), "{json}");
        let form = with(
            json!({"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "1"}]}),
        );
        assert!(form.contains("a: {type: integer}"), "{form}");
        let multipart = with(json!({"mimeType": "multipart/form-data; boundary=x", "text":
            "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n"}));
        assert!(multipart.contains("f: {type: string, format: binary}"), "{multipart}");
        assert!(multipart.contains("f: {content_type: image/png}"), "{multipart}");
    }

    #[test]
    fn what_is_no_archive_is_told() {
        for (text, expected) in [
            ("{}", "this is no HAR archive: it has no `log.entries`"),
            ("{\"log\": {\"entries\": []}}", "no request to an API is in this archive"),
        ] {
            let mut diagnostics = Diagnostics::default();
            assert_eq!(har(&Source::new("a.har", text), &Options::default(), &mut diagnostics), None);
            assert_eq!(diagnostics.iter().next().unwrap().message, expected);
        }
    }
}
