//! Asks an authorization server: one request, one bounded answer, no redirect.

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Method, StatusCode};
use reqwest::Request;
use url::Url;

use crate::net::address::Refused;
use crate::net::body::{self, BodyError};
use crate::net::{Clients, Policy};

/// Metadata and key sets of real servers have a tenth of it.
const MAX_BYTES: usize = 256 << 10;

/// Why there is no answer. What a server says is not in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The URL comes from the server, and points to where it may not.
    #[error(transparent)]
    Address(#[from] Refused),
    /// It would be read, or could be changed, on its way.
    #[error("the metadata names a URL for the keys that is not https")]
    Unsafe,
    /// Not 200. A redirect is one of these: it could lead anywhere.
    #[error("the answer is {0}")]
    Status(StatusCode),
    /// Not whole, or too large.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Something else than what was asked for.
    #[error("the answer is no {0}")]
    Form(&'static str),
    /// It is the metadata of somebody else (RFC 8414, section 3.3).
    #[error("the metadata is of another issuer")]
    OtherIssuer,
    /// It came too late.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or a broken one.
    #[error("no connection: {0}")]
    Transport(#[source] reqwest::Error),
}

/// Gets a document.
///
/// # Errors
/// [`FetchError`]
pub(super) async fn document(clients: &Clients, policy: Policy, url: &Url) -> Result<Bytes, FetchError> {
    let mut request = Request::new(Method::GET, url.clone());
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    answer(clients, policy, request).await
}

/// The body of a good answer.
///
/// # Errors
/// [`FetchError`]
pub(super) async fn answer(clients: &Clients, policy: Policy, request: Request) -> Result<Bytes, FetchError> {
    policy.check(request.url())?;
    let client = clients.client(policy, request.url()).map_err(transport)?;
    let mut response = client.execute(request).await.map_err(transport)?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    Ok(body::read(&mut response, MAX_BYTES).await?)
}

fn transport(error: reqwest::Error) -> FetchError {
    FetchError::Transport(error.without_url())
}
