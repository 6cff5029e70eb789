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
use http::header::{
    ACCEPT, AUTHORIZATION, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    LOCATION,
};
use http::{HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use reqwest::Response;
use url::{Host, Url};

use super::reader::Reader;
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
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The text, by the name of the URL that was asked for.
    pub source: Arc<Source>,
    /// Where redirects led, without user and password.
    pub url: Url,
    /// The conditions under which it is asked for again: `If-None-Match`, `If-Modified-Since`.
    conditions: Vec<(HeaderName, HeaderValue)>,
}

/// What the references of one document may have fetched, and how they are read.
#[derive(Clone, Copy, Debug)]
pub struct References<'a> {
    /// What the operator permits.
    pub permission: &'a Permission,
    /// Where the document itself came from in the end, when it came from a URL.
    pub url: Option<&'a Url>,
    /// How sources are read.
    pub reader: &'a Reader,
}

/// On whose word a URL is fetched: it decides where redirects may lead, and to which addresses.
#[derive(Clone, Copy)]
pub(super) enum Word<'a> {
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
pub async fn fetch(url: &Url, limit: usize, reader: &Reader) -> Result<Fetched, SourceError> {
    fetch_on(Word::Operator(url), url, limit, reader).await
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
        fetch_on(Word::Document(self.permission), url, limit, self.reader).await
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

/// What the library of the reader has, or what the server says. What is kept was fetched on the same word.
async fn fetch_on(word: Word<'_>, url: &Url, limit: usize, reader: &Reader) -> Result<Fetched, SourceError> {
    let Some(library) = &reader.library else { return fetch_new(word, url, limit, &reader.clients).await };
    if let Some(kept) = library.take(word, url) {
        return Ok(kept);
    }
    let fetched = fetch_new(word, url, limit, &reader.clients).await;
    library.put(word, url, fetched.as_ref().ok().cloned());
    fetched
}

async fn fetch_new(
    word: Word<'_>,
    url: &Url,
    limit: usize,
    clients: &Clients,
) -> Result<Fetched, SourceError> {
    let fetched = fetch_again(word, url, limit, clients, None).await?;
    // Nobody who was asked without a condition can say that it is as before.
    fetched.ok_or_else(|| SourceError::Status { name: name(url), status: StatusCode::NOT_MODIFIED })
}

/// Fetches a document of which `kept` is there already; `None` when that is still good.
///
/// # Errors
/// Any [`SourceError`] but [`SourceError::Unreadable`].
pub(super) async fn fetch_again(
    word: Word<'_>,
    url: &Url,
    limit: usize,
    clients: &Clients,
    kept: Option<&Fetched>,
) -> Result<Option<Fetched>, SourceError> {
    let name = name(url);
    let timeout = SourceError::Timeout { name: name.clone(), seconds: TIMEOUT.as_secs() };
    let asking = Asking { word, clients, name: &name, kept };
    let answered = tokio::time::timeout(TIMEOUT, asking.answer(url, limit)).await;
    let Some(Answered { bytes, url, conditions }) = answered.map_err(|_| timeout)?? else { return Ok(None) };
    let text = encoding::decode(&name, bytes)?;
    Ok(Some(Fetched { source: Source::new(name, text), url: without_user(url), conditions }))
}

/// The URL without what may be secret in it: user, password, query.
#[must_use]
pub fn name(url: &Url) -> String {
    let mut shown = without_user(url.clone());
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// A document that is being asked for.
#[derive(Clone, Copy)]
struct Asking<'a> {
    word: Word<'a>,
    clients: &'a Clients,
    name: &'a str,
    kept: Option<&'a Fetched>,
}

/// The bytes of a document and where they came from.
struct Answered {
    bytes: Vec<u8>,
    url: Url,
    conditions: Vec<(HeaderName, HeaderValue)>,
}

impl<'a> Asking<'a> {
    /// What the server has; `None` when that is what is kept.
    async fn answer(self, url: &Url, limit: usize) -> Result<Option<Answered>, SourceError> {
        let Self { word, name, .. } = self;
        let mut policy = word.policy(url).ok_or_else(|| SourceError::Insecure { name: name.to_owned() })?;
        let mut at = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut response = self.request(&at, policy).await?;
            if response.status() == StatusCode::NOT_MODIFIED && !self.conditions(&at).is_empty() {
                return Ok(None);
            }
            let Some(next) = target(&response, &at) else {
                let conditions = conditions(response.headers());
                return Ok(Some(Answered {
                    bytes: whole(&mut response, limit, name).await?,
                    url: at,
                    conditions,
                }));
            };
            let Some(next_policy) = word.policy(&next) else {
                return Err(SourceError::Redirect { name: name.to_owned(), to: self::name(&next) });
            };
            (at, policy) = (next, next_policy);
        }
        Err(SourceError::TooManyRedirects { name: name.to_owned(), limit: MAX_REDIRECTS })
    }

    /// The conditions are about what is at one URL: where it came from in the end.
    fn conditions(self, url: &Url) -> &'a [(HeaderName, HeaderValue)] {
        let kept = self.kept.filter(|kept| kept.url == without_user(url.clone()));
        kept.map(|kept| kept.conditions.as_slice()).unwrap_or_default()
    }

    async fn request(self, url: &Url, policy: Policy) -> Result<Response, SourceError> {
        let name = || self.name.to_owned();
        policy.check(url).map_err(|error| SourceError::Address { name: name(), error })?;
        let unreachable =
            |error: reqwest::Error| SourceError::Unreachable { name: name(), error: error.without_url() };
        let client = self.clients.client(policy, url).map_err(unreachable)?;
        let mut request = reqwest::Request::new(Method::GET, without_user(url.clone()));
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        headers.extend(self.conditions(url).iter().cloned());
        if let Some(credential) = basic(url) {
            headers.insert(AUTHORIZATION, credential);
        }
        client.execute(request).await.map_err(unreachable)
    }
}

/// What an answer says by which it can be asked for again (RFC 9110, section 8.8).
fn conditions(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)]
        .into_iter()
        .filter_map(|(said, asked)| Some((asked, headers.get(said)?.clone())))
        .collect()
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
