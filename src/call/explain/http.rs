//! A request as HTTP/1.1 text.

use url::Position;

use super::{readable, shown_url};
use crate::upstream::HttpRequest;

/// Request line, headers, an empty line, and the body; a body that is no text is only measured.
pub(super) fn write(request: &HttpRequest) -> String {
    let url = shown_url(request);
    let authority = &request.url[Position::BeforeHost..Position::AfterPort];
    let target = url.find(authority).and_then(|at| url.get(at + authority.len()..)).unwrap_or(&url);
    let mut text = format!("{} {target} HTTP/1.1\nhost: {authority}\n", request.method);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    }
    if request.body.is_empty() {
        return text;
    }
    text.push_str(&format!("content-length: {}\n\n", request.body.len()));
    match readable(&request.body) {
        Some(body) => text.push_str(body),
        None => text.push_str(&format!("<{} bytes that are no text>", request.body.len())),
    }
    text.push('\n');
    text
}
