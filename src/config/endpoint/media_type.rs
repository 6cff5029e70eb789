//! Media types, as far as a gateway file has to know them (RFC 9110, section 8.3.1).

use super::super::resolver::Resolver;
use super::super::text::Literal;
use super::super::written::Written;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Place;

/// What holds when nothing is said.
pub(super) const JSON: &str = "application/json";

/// The media type that was written, or JSON after a report.
pub(super) fn resolve(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> String {
    named(written.value.0, &written.slot.place(), resolver)
}

/// The same for a text at a place.
pub(super) fn named(text: &str, place: &Place, resolver: &mut Resolver<'_>) -> String {
    if !is_media_type(text) {
        let message = format!("`{text}` is no media type");
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(place.clone());
        resolver.problem(diagnostic.help("write it like `application/json` or `text/plain; charset=utf-8`"));
        return JSON.to_owned();
    }
    text.to_owned()
}

/// Whether it is `application/json` or `…+json`.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == JSON || essence.ends_with("+json")
}

/// Whether a body of this type is a set of named values.
pub(super) fn is_form(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(&*essence, "application/x-www-form-urlencoded" | "multipart/form-data")
}

fn is_media_type(text: &str) -> bool {
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let is_token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let is_essence = essence.trim_end().split_once('/').is_some_and(|(a, b)| is_token(a) && is_token(b));
    is_essence && http::HeaderValue::from_str(parameters).is_ok()
}
