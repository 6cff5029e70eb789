//! The headers that repeat what the body says, so that a proxy can route without reading it (modern era).
//!
//! Who routes by the header and who executes by the body must see the same thing, so each header is compared with
//! the body and a difference is refused with -32020.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use serde_json::value::RawValue;

use super::error::{HeaderFault, ProtocolError};
use super::json;
use super::message::Request;

pub(crate) static PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
static METHOD: HeaderName = HeaderName::from_static("mcp-method");
static NAME: HeaderName = HeaderName::from_static("mcp-name");

/// Compares the standard headers of a modern request with its body.
///
/// # Errors
///
/// The first header that is missing, malformed, repeated or different.
pub(crate) fn check(headers: &HeaderMap, request: &Request<'_>) -> Result<(), ProtocolError> {
    if single(headers, &PROTOCOL_VERSION)?.is_none() {
        return Err(ProtocolError::header(PROTOCOL_VERSION.as_str(), HeaderFault::Missing));
    }
    compare(&METHOD, single(headers, &METHOD)?, Some(&request.method))?;
    let (named, source) = match request.method.as_ref() {
        "tools/call" | "prompts/get" => (true, request.params.name),
        "resources/read" => (true, request.params.uri),
        _ => (false, None),
    };
    if named {
        let header = decoded(&NAME, single(headers, &NAME)?)?;
        compare(&NAME, header.as_deref(), source.map(RawValue::get).and_then(json::string).as_deref())?;
    }
    Ok(())
}

/// The value of a header that may come once.
///
/// # Errors
///
/// It comes more than once, or is not visible ASCII.
pub(crate) fn single<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'h str>, ProtocolError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ProtocolError::header(name.as_str(), HeaderFault::Repeated));
    }
    let text = value.to_str().map_err(|_| ProtocolError::header(name.as_str(), HeaderFault::Malformed))?;
    Ok(Some(text))
}

/// A value in the form `=?base64?…?=`, decoded; any other value is taken as it is.
///
/// # Errors
///
/// It has that form, but is not the base64 of a text.
pub(crate) fn decoded<'h>(
    name: &HeaderName,
    value: Option<&'h str>,
) -> Result<Option<Cow<'h, str>>, ProtocolError> {
    let Some(value) = value else { return Ok(None) };
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Ok(Some(Cow::Borrowed(value)));
    };
    let text = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match text {
        Some(text) => Ok(Some(Cow::Owned(text))),
        None => Err(ProtocolError::header(name.as_str(), HeaderFault::Malformed)),
    }
}

fn compare(name: &HeaderName, header: Option<&str>, body: Option<&str>) -> Result<(), ProtocolError> {
    let fault = match (header, body) {
        (Some(header), Some(body)) if header == body => return Ok(()),
        // The body lacks what the method needs: that is told as what it is, a missing parameter.
        (None, None) => return Ok(()),
        (Some(_), Some(_)) => HeaderFault::Mismatch,
        (Some(_), None) => HeaderFault::Unexpected,
        (None, Some(_)) => HeaderFault::Missing,
    };
    Err(ProtocolError::header(name.as_str(), fault))
}

#[cfg(test)]
mod tests;
