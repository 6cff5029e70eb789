//! From what a call came to, to the `CallToolResult` that a client reads: written once, into one buffer, except for a
//! large text, which is escaped while it is sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::answer::{Answer, open_result_with, push_meta};
use super::era::Era;
use super::json;
use super::message::Id;
use crate::call::{Content, ToolOutcome};

/// The result of a call by itself, as the command line prints it: JSON on one line, `structuredContent` as it is.
#[must_use]
pub fn call_tool_result(outcome: &ToolOutcome) -> Vec<u8> {
    let mut out = b"{\"resultType\":\"complete\",".to_vec();
    push_meta(&mut out, &outcome.meta);
    push_members(&mut out, outcome);
    if let Some(structured) = &outcome.structured {
        out.extend_from_slice(STRUCTURED.as_bytes());
        out.extend_from_slice(structured);
    }
    out.push(b'}');
    out
}

/// The answer to a `tools/call`. In the legacy era `structuredContent` must be an object, so anything else comes as
/// `{"result": …}` there.
pub(crate) fn answer(id: Id<'_>, era: Era, mut outcome: ToolOutcome) -> Answer {
    let large = outcome.content.first_mut().and_then(take_large);
    let mut head = open_result_with(id, era, size(&outcome), &outcome.meta);
    let Some(text) = large else {
        push_members(&mut head, &outcome);
        let (value, tail) = structured(&mut head, era, outcome.structured);
        return Answer::with_tail(head, value, tail);
    };
    head.extend_from_slice(b"\"content\":[{\"type\":\"text\",\"text\":\"");
    let mut after = b"\"}".to_vec();
    for content in outcome.content.iter().skip(1) {
        after.push(b',');
        push_content(&mut after, content);
    }
    push_end(&mut after, outcome.is_error);
    let (value, tail) = structured(&mut after, era, outcome.structured);
    Answer::with_tail(head, value, tail).quoting(text, after)
}

const STRUCTURED: &str = r#","structuredContent":"#;

/// A text that is too large to be there twice; nothing of it is left in the content.
fn take_large(content: &mut Content) -> Option<Bytes> {
    const LARGE: usize = 64 << 10;
    match content {
        Content::Json(text) | Content::Text(text) if text.len() >= LARGE => Some(std::mem::take(text)),
        _ => None,
    }
}

/// Begins the member for programs, if there is one; returns its value and what closes the answer.
fn structured(out: &mut Vec<u8>, era: Era, structured: Option<Bytes>) -> (Bytes, &'static [u8]) {
    let Some(structured) = structured else { return (Bytes::new(), b"}}") };
    out.extend_from_slice(STRUCTURED.as_bytes());
    if era == Era::Legacy && !json::is_object(&structured) {
        out.extend_from_slice(b"{\"result\":");
        return (structured, b"}}}");
    }
    (structured, b"}}")
}

fn push_members(out: &mut Vec<u8>, outcome: &ToolOutcome) {
    out.extend_from_slice(b"\"content\":[");
    for (index, content) in outcome.content.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_content(out, content);
    }
    push_end(out, outcome.is_error);
}

fn push_end(out: &mut Vec<u8>, is_error: bool) {
    out.extend_from_slice(b"],\"isError\":");
    out.extend_from_slice(if is_error { b"true" } else { b"false" });
}

pub(super) fn push_content(out: &mut Vec<u8>, content: &Content) {
    match content {
        Content::Text(text) | Content::Json(text) => push_text(out, text),
        Content::Image { data, mime_type } => push_media(out, "image", data, mime_type),
        Content::Audio { data, mime_type } => push_media(out, "audio", data, mime_type),
        Content::Blob { uri, data, mime_type } => {
            out.extend_from_slice(b"{\"type\":\"resource\",\"resource\":{\"uri\":");
            json::push_string(out, uri.as_bytes());
            out.extend_from_slice(b",\"mimeType\":");
            json::push_string(out, mime_type.as_bytes());
            out.extend_from_slice(b",\"blob\":\"");
            push_base64(out, data);
            out.extend_from_slice(b"\"}}");
        }
        Content::Resource { uri, text, mime_type } => {
            out.extend_from_slice(b"{\"type\":\"resource\",\"resource\":{\"uri\":");
            json::push_string(out, uri.as_bytes());
            push_member(out, "mimeType", mime_type.as_deref());
            out.extend_from_slice(b",\"text\":");
            json::push_string(out, text);
            out.extend_from_slice(b"}}");
        }
        Content::Link { uri, name, title, description, mime_type } => {
            out.extend_from_slice(b"{\"type\":\"resource_link\",\"uri\":");
            json::push_string(out, uri.as_bytes());
            push_member(out, "name", Some(name));
            push_member(out, "title", title.as_deref());
            push_member(out, "description", description.as_deref());
            push_member(out, "mimeType", mime_type.as_deref());
            out.push(b'}');
        }
    }
}

/// `,"name":"text"`, where there is a text.
pub(super) fn push_member(out: &mut Vec<u8>, name: &str, text: Option<&str>) {
    let Some(text) = text else { return };
    out.push(b',');
    json::push_string(out, name.as_bytes());
    out.push(b':');
    json::push_string(out, text.as_bytes());
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
    json::push_string(out, text);
    out.push(b'}');
}

fn push_media(out: &mut Vec<u8>, kind: &str, data: &[u8], mime_type: &str) {
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\",\"data\":\"");
    push_base64(out, data);
    out.extend_from_slice(b"\",\"mimeType\":");
    json::push_string(out, mime_type.as_bytes());
    out.push(b'}');
}

pub(super) fn push_base64(out: &mut Vec<u8>, data: &[u8]) {
    let start = out.len();
    out.resize(start + data.len().div_ceil(3) * 4, 0);
    if let Some(room) = out.get_mut(start..) {
        // Cannot fail: the room is exactly what the encoding takes.
        let written = STANDARD.encode_slice(data, room).unwrap_or_default();
        out.truncate(start + written);
    }
}

/// About how many bytes the content takes.
fn size(outcome: &ToolOutcome) -> usize {
    let each = |content: &Content| match content {
        Content::Image { data, .. } | Content::Audio { data, .. } | Content::Blob { data, .. } => {
            data.len().div_ceil(3) * 4
        }
        Content::Text(text) | Content::Json(text) | Content::Resource { text, .. } => {
            text.len() + text.len() / 4
        }
        Content::Link { .. } => 256,
    };
    outcome.content.iter().map(|content| each(content) + 96).sum::<usize>() + 64
}

#[cfg(test)]
mod tests;
