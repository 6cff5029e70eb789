//! Headers of every request.

use http::{HeaderName, HeaderValue};

use super::gateway::Text;
use super::resolver::Resolver;
use super::text::Template;
use super::written::{Map, Optional};
use crate::diagnostic::{Code, Diagnostic};

/// Headers that belong to HTTP or to toolgate: a value from outside would break the message (RFC 9110, section 7.6.1;
/// RFC 9112, section 6) or the reading of the answer.
const RESERVED: [(&str, &str); 16] = [
    ("host", "it comes from base_url"),
    ("content-length", "it is counted"),
    ("content-type", "say `body: {content_type: …}` at the endpoint"),
    ("accept-encoding", "toolgate asks for the encodings that it can undo"),
    ("transfer-encoding", "it belongs to the connection"),
    ("connection", "it belongs to the connection"),
    ("keep-alive", "it belongs to the connection"),
    ("proxy-connection", "it belongs to the connection"),
    ("proxy-authenticate", "it belongs to the connection"),
    ("proxy-authorization", "it belongs to the connection"),
    ("te", "it belongs to the connection"),
    ("trailer", "it belongs to the connection"),
    ("upgrade", "it belongs to the connection"),
    ("expect", "it belongs to the connection"),
    ("forwarded", "toolgate does not say for whom it calls"),
    ("http2-settings", "it belongs to the connection"),
];

/// Why a name is no name of a header that a file may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameError {
    /// Not of the form that HTTP asks for.
    #[error("a header's name has letters, digits and `-`, and no space")]
    Malformed,
    /// Set by toolgate itself.
    #[error("{0}")]
    Reserved(&'static str),
}

/// The name of a header that a gateway file may set.
///
/// # Errors
/// [`NameError`] when HTTP or toolgate would not have it.
pub(super) fn name(text: &str) -> Result<HeaderName, NameError> {
    let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| NameError::Malformed)?;
    match RESERVED.iter().find(|(reserved, _)| *reserved == name.as_str()) {
        Some((_, reason)) => Err(NameError::Reserved(reason)),
        None => Ok(name),
    }
}

/// Whether a text can be the value of a header (RFC 9110, section 5.5).
pub(super) fn is_value(text: &str) -> bool {
    HeaderValue::from_str(text).is_ok() && text.trim() == text && !text.is_empty()
}

/// The `headers` of a file. A header whose value is declined by an empty `${NAME:-}` is left out.
pub(super) fn resolve(
    headers: &Optional<'_, Map<'_, Template<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<(HeaderName, Text)> {
    let mut resolved: Vec<(HeaderName, Text)> = Vec::new();
    for entry in headers.iter().flat_map(|headers| &headers.value.0) {
        let name = match name(entry.key) {
            Ok(name) => name,
            Err(error) => {
                let message = format!("`{}` cannot be set as a header", entry.key);
                let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
                resolver.problem(diagnostic.help(error.to_string()));
                continue;
            }
        };
        if resolved.iter().any(|(other, _)| *other == name) {
            let message = format!("the header `{name}` is there twice: names differ by more than case");
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone()));
            continue;
        }
        let Some(value) = resolver.resolve(&entry.written()) else { continue };
        if value.declined {
            continue;
        }
        if is_value(value.text.expose()) {
            resolved.push((name, value.text));
        } else {
            let message = "the value of a header is visible text in one line, without space around it";
            resolver.problem(entry.slot.invalid(message));
        }
    }
    resolved
}
