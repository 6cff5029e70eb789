//! Sources from URLs.
//!
//! The URL itself is the operator's word and may be at any address; where a redirect leads is not, and may only be
//! at a public one. What a document refers to is fetched only with the operator's [`Permission`]. Nothing is ever
//! fetched over plain HTTP but from this machine: whoever could change a document on its way could say where the
//! credentials of its API are sent.

mod permission;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use reqwest::Response;
use url::{Host, Url};

use super::{Source, SourceError, encoding};
use crate::net::{Clients, Policy, body};
pub use permission::{Permission, is_host};

/// How long a document may take, redirects and body included.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// What servers are asked for that have the document in several forms.
const ACCEPTED: &str =
    "application/vnd.oai.openapi+json, application/json, application/yaml, text/yaml, */*;q=0.8";

/// A source and where it came from in the end: what is relative in it is relative to that.
#[derive(Debug)]
pub struct Fetched {
    /// The text, by the name of the URL that was asked for.
    pub source: Arc<Source>,
    /// Where redirects led, without user and password.
    pub url: Url,
}

/// What the references of one document may have fetched, and by which clients.
#[derive(Clone, Copy, Debug)]
pub struct References<'a> {
    /// What the operator permits.
    pub permission: &'a Permission,
    /// Where the document itself came from in the end, when it came from a URL.
    pub url: Option<&'a Url>,
    /// The clients of the process.
    pub clients: &'a Clients,
}

/// On whose word a URL is fetched: it decides where redirects may lead, and to which addresses.
#[derive(Clone, Copy)]
enum Word<'a> {
    /// The operator's own, for this URL and its origin.
    Operator(&'a Url),
    /// A document's, with the operator's permission.
    Document(&'a Permission),
}

/// Fetches a document of at most `limit` bytes, content codings undone. User and password of the URL are sent as
/// Basic credentials, to its own origin only.
///
/// # Errors
/// Any [`SourceError`] but [`SourceError::Unreadable`].
pub async fn fetch(url: &Url, limit: usize, clients: &Clients) -> Result<Fetched, SourceError> {
    fetch_on(Word::Operator(url), url, limit, clients).await
}

impl References<'_> {
    /// Whether a document may have this URL fetched.
    #[must_use]
    pub fn permit(&self, url: &Url) -> bool {
        Word::Document(self.permission).policy(url).is_some()
    }

    /// Fetches what a document refers to, of at most `limit` bytes.
    ///
    /// # Errors
    /// Any [`SourceError`] but [`SourceError::Unreadable`].
    pub async fn fetch(&self, url: &Url, limit: usize) -> Result<Fetched, SourceError> {
        fetch_on(Word::Document(self.permission), url, limit, self.clients).await
    }
}

impl Word<'_> {
    /// Which addresses the host of a URL may have; `None` when the URL is not fetched on this word.
    fn policy(self, url: &Url) -> Option<Policy> {
        match self {
            Self::Operator(own) if same_origin(own, url) => is_fetchable(url).then_some(Policy::Any),
            Self::Operator(_) => is_secure(url).then_some(Policy::Public),
            Self::Document(permission) => permission.policy(url).filter(|_| is_fetchable(url)),
        }
    }
}

async fn fetch_on(
    word: Word<'_>,
    url: &Url,
    limit: usize,
    clients: &Clients,
) -> Result<Fetched, SourceError> {
    let name = name(url);
    let timeout = SourceError::Timeout { name: name.clone(), seconds: TIMEOUT.as_secs() };
    let fetched = tokio::time::timeout(TIMEOUT, bytes(word, url, limit, clients, &name)).await;
    let (bytes, url) = fetched.map_err(|_| timeout)??;
    let text = encoding::decode(&name, bytes)?;
    Ok(Fetched { source: Source::new(name, text), url: without_user(url) })
}

/// The URL without what may be secret in it: user, password, query.
#[must_use]
pub fn name(url: &Url) -> String {
    let mut shown = without_user(url.clone());
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// The bytes of a document and where they came from.
async fn bytes(
    word: Word<'_>,
    url: &Url,
    limit: usize,
    clients: &Clients,
    name: &str,
) -> Result<(Vec<u8>, Url), SourceError> {
    let mut policy = word.policy(url).ok_or_else(|| SourceError::Insecure { name: name.to_owned() })?;
    let mut at = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let mut response = request(&at, policy, clients, name).await?;
        let Some(next) = target(&response, &at) else {
            return Ok((whole(&mut response, limit, name).await?, at));
        };
        let Some(next_policy) = word.policy(&next) else {
            return Err(SourceError::Redirect { name: name.to_owned(), to: self::name(&next) });
        };
        (at, policy) = (next, next_policy);
    }
    Err(SourceError::TooManyRedirects { name: name.to_owned(), limit: MAX_REDIRECTS })
}

async fn request(url: &Url, policy: Policy, clients: &Clients, name: &str) -> Result<Response, SourceError> {
    policy.check(url).map_err(|error| SourceError::Address { name: name.to_owned(), error })?;
    let unreachable = |error: reqwest::Error| SourceError::Unreachable {
        name: name.to_owned(),
        error: error.without_url(),
    };
    let client = clients.client(policy, url).map_err(unreachable)?;
    let mut request = reqwest::Request::new(Method::GET, without_user(url.clone()));
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
    if let Some(credential) = basic(url) {
        request.headers_mut().insert(AUTHORIZATION, credential);
    }
    client.execute(request).await.map_err(unreachable)
}

async fn whole(response: &mut Response, limit: usize, name: &str) -> Result<Vec<u8>, SourceError> {
    if response.status() != StatusCode::OK {
        return Err(SourceError::Status { name: name.to_owned(), status: response.status() });
    }
    match body::read(response, limit).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(body::BodyError::TooLarge { limit }) => {
            Err(SourceError::TooLarge { name: name.to_owned(), limit })
        }
        Err(error) => Err(SourceError::Body { name: name.to_owned(), error }),
    }
}

/// Where an answer says that the document is (RFC 9110, section 15.4).
fn target(response: &Response, at: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    at.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()
}

/// User and password of a URL as RFC 7617 has them.
fn basic(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy();
    let pair = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn without_user(mut url: Url) -> Url {
    // They fail where there can be none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Nobody on the way can change what comes from there.
fn is_fetchable(url: &Url) -> bool {
    is_secure(url) || url.scheme() == "http" && is_loopback(url)
}

fn is_secure(url: &Url) -> bool {
    url.scheme() == "https"
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

#[cfg(test)]
mod tests;
