//! Which of the two protocols a request speaks. Each says so itself; nothing before it counts.

use http::HeaderMap;
use serde_json::value::RawValue;

use super::error::{HeaderFault, ProtocolError};
use super::headers::{self, PROTOCOL_VERSION};
use super::json;
use super::message::Request;

/// The stateless version, the newest of all.
pub(crate) const MODERN: &str = "2026-07-28";

/// The newest version with a handshake: what a legacy client with an unknown version is offered.
pub(crate) const NEWEST_LEGACY: &str = "2025-11-25";

/// All versions that we speak, newest first.
pub(crate) const SUPPORTED: [&str; 5] = [MODERN, NEWEST_LEGACY, "2025-06-18", "2025-03-26", "2024-11-05"];

/// One of the two protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2024-11-05 to 2025-11-25.
    Legacy,
    /// 2026-07-28.
    Modern,
}

impl Era {
    /// The era of a request: by the version in its `_meta`, then by the header, then by what only modern requests
    /// have. `headers` is `None` where there are none (stdio).
    ///
    /// # Errors
    ///
    /// A version that we do not speak, or two different ones in header and body.
    pub(crate) fn of(request: &Request<'_>, headers: Option<&HeaderMap>) -> Result<Self, ProtocolError> {
        let header = match headers {
            Some(headers) => headers::single(headers, &PROTOCOL_VERSION)?,
            None => None,
        };
        let meta = request.params.meta.as_ref();
        let claimed = meta.and_then(|meta| meta.protocol_version).and_then(text);
        if let (Some(claimed), Some(header)) = (claimed.as_deref(), header)
            && claimed != header
        {
            return Err(ProtocolError::header(PROTOCOL_VERSION.as_str(), HeaderFault::Mismatch));
        }
        let looks_modern = request.method == super::modern::DISCOVER
            || meta.is_some_and(|meta| meta.protocol_version.or(meta.client_capabilities).is_some());
        match claimed.as_deref().or(header) {
            Some(version) => Self::speaking(version, request.method == super::modern::DISCOVER),
            None if looks_modern => Ok(Self::Modern),
            None => Ok(Self::Legacy),
        }
    }

    /// The era of a version. `server/discover` exists in the modern era alone, whatever version it is asked with: who
    /// asks it wants to know which versions there are.
    fn speaking(version: &str, discover: bool) -> Result<Self, ProtocolError> {
        if !SUPPORTED.contains(&version) {
            return Err(ProtocolError::UnsupportedVersion { requested: version.to_owned() });
        }
        Ok(if version == MODERN || discover { Self::Modern } else { Self::Legacy })
    }
}

/// The version to answer an `initialize` with that asks for `requested`.
pub(crate) fn negotiate(requested: &str) -> &'static str {
    SUPPORTED.into_iter().find(|version| *version == requested && *version != MODERN).unwrap_or(NEWEST_LEGACY)
}

fn text(raw: &RawValue) -> Option<std::borrow::Cow<'_, str>> {
    json::string(raw.get())
}
