//! What an API said beside a status that is no success: read for words, and shown in part.

use super::html;
use super::text::{MediaType, looks_like_text};
use crate::call::json;
use crate::call::outcome::Excerpt;
use crate::catalog::CallPlan;
use crate::upstream::Reply;

/// A body that is text, without the secrets of its upstream.
#[derive(Debug)]
pub(super) struct Body {
    /// What is shown of it.
    pub(super) excerpt: Excerpt,
    /// All of it, when it is JSON.
    pub(super) json: Option<String>,
}

/// The body of a reply; `None` when there is none, or no text in it.
pub(super) fn read(plan: &CallPlan, reply: &Reply) -> Option<Body> {
    let media = MediaType::of(&reply.headers);
    if reply.body.is_empty() || !(media.is_text() || looks_like_text(&reply.body)) {
        return None;
    }
    let text = plan.upstream.redactor().blank_bytes(media.decode(&reply.body));
    let text = String::from_utf8_lossy(&text);
    let text = text.trim();
    let body = match json::scan(text.as_bytes()) {
        Ok(shape) if text.starts_with(['{', '[', '"']) => {
            Body { excerpt: Excerpt::of_json(text, shape), json: Some(text.to_owned()) }
        }
        // An error in XML is a few sentences between tags too.
        _ if media.is_html() || media.is_xml() => {
            Body { excerpt: Excerpt::of_text(&html::text(text)), json: None }
        }
        _ => Body { excerpt: Excerpt::of_text(text), json: None },
    };
    (!body.excerpt.is_empty()).then_some(body)
}

/// The body as JSON, as far as it is any.
pub(super) fn json(plan: &CallPlan, reply: &Reply) -> Option<String> {
    read(plan, reply)?.json
}
