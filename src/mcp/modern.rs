//! What only stateless requests have (2026-07-28): version and capabilities in `_meta`, the same again in headers,
//! and `server/discover` instead of a handshake.

use http::HeaderMap;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::era;
use super::error::ProtocolError;
use super::message::Request;
use super::subscription::Changing;
use super::{ServerOptions, headers, identity, json, legacy, offered};
use crate::catalog::View;

/// The method that tells who we are.
pub(crate) const DISCOVER: &str = "server/discover";

/// Checks what every modern request must have. The version itself was checked when the era was found.
///
/// # Errors
///
/// A field of `_meta` is missing (-32602), or a header does not match (-32020).
pub(crate) fn check(request: &Request<'_>, headers: Option<&HeaderMap>) -> Result<(), ProtocolError> {
    let meta = request.params.meta.as_ref();
    let version = meta.and_then(|meta| meta.protocol_version).map(RawValue::get).and_then(json::string);
    if version.is_none() {
        return Err(ProtocolError::Meta { field: "io.modelcontextprotocol/protocolVersion" });
    }
    let capabilities = meta.and_then(|meta| meta.client_capabilities);
    if !capabilities.is_some_and(|raw| json::is_object(raw.get().as_bytes())) {
        return Err(ProtocolError::Meta { field: "io.modelcontextprotocol/clientCapabilities" });
    }
    headers.map_or(Ok(()), |headers| headers::check(headers, request))
}

/// `server/discover`
pub(crate) fn discover(
    request: &Request<'_>,
    view: &View,
    options: &ServerOptions,
    changing: Changing,
    shared: bool,
) -> Answer {
    let capabilities = offered::capabilities(view, changing);
    let versions = serde_json::Value::from(era::SUPPORTED.as_slice());
    let mut members = format!(r#""supportedVersions":{versions},"capabilities":{capabilities},"#);
    members.push_str(&caching(options, shared));
    legacy::push_instructions(&mut members, view);
    Answer::introducing(request.id, &identity::server_info(view, era::MODERN), &members)
}

/// How long and by whom a list may be kept; `shared` when it is the same for everyone.
pub(crate) fn caching(options: &ServerOptions, shared: bool) -> String {
    let scope = if shared { "public" } else { "private" };
    format!(r#""ttlMs":{},"cacheScope":"{scope}""#, options.list_ttl.as_millis())
}
