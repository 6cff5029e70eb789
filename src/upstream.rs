//! One API as seen from here: its client, whom it may be reached at, and what proves who we are.

pub mod error;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use url::Url;

use crate::config::gateway::{NamedCredential, Text};
use crate::net::{Clients, Policy};
pub use error::SendError;

/// One API. Lives as long as its gateway keeps its name and base URL, across reloads.
#[derive(Debug)]
pub struct Upstream {
    /// Name of the gateway.
    pub name: String,
    /// What may be applied to a request.
    pub credentials: Vec<NamedCredential>,
    clients: Clients,
    trusted: Vec<Url>,
}

/// A request as the call pipeline builds it: complete but for the credential and what HTTP itself needs.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Where to, query included; no fragment.
    pub url: Url,
    /// Headers; values that are secret are marked `sensitive`.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status, of any class.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, content codings undone.
    pub body: Bytes,
    /// Where the answer came from: the request's URL, or where a redirect led.
    pub url: Url,
}

impl Upstream {
    /// An API that is not yet connected to.
    ///
    /// `trusted` are the URLs that the operator wrote himself (`base_url`, the URL of the document): their origins may
    /// be at private addresses, all others may not. Secret values among `headers` and in `credentials` are blanked
    /// from whatever the API answers.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        trusted: Vec<Url>,
        credentials: Vec<NamedCredential>,
        headers: &[(HeaderName, Text)],
        clients: &Clients,
    ) -> Self {
        let _ = headers;
        Self { name: name.into(), credentials, clients: clients.clone(), trusted }
    }

    /// Which addresses this URL may be at.
    #[must_use]
    pub fn policy(&self, url: &Url) -> Policy {
        if self.trusted.iter().any(|trusted| same_origin(trusted, url)) {
            Policy::Any
        } else {
            Policy::Public
        }
    }
}

/// Scheme, host and port are the same (RFC 9110, section 4.3.1).
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}
