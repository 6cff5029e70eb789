//! One API as seen from here: its client, whom it may be reached at, and what proves who we are.

pub(crate) mod breaker;
mod budget;
mod cause;
pub(crate) mod credential;
mod epoch;
pub mod error;
mod kept;
pub(crate) mod limit;
mod redirect;
pub(crate) mod retry;
pub(crate) mod retry_after;
mod traffic;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

use crate::clock;
use crate::config::gateway::{NamedCredential, Text};
use crate::net::body::{self, Chunks as _};
use crate::net::response::Response;
use crate::net::{Clients, Policy};
use crate::telemetry::Redactor;
pub use credential::{
    CallerHeaders, CredentialError, CredentialFault, CredentialSet, Identity, Keeper, Partition,
};
use credential::{Outgoing, Proven};
pub use error::{Fault, SendError};
use traffic::Traffic;
pub(crate) use traffic::TrafficRules;

/// One API. Lives as long as its gateway keeps its name and base URL, across reloads.
#[derive(Debug)]
pub struct Upstream {
    /// Name of the gateway.
    pub name: String,
    /// What may be put on a request, in the order of the gateway file.
    pub credentials: Vec<Arc<Keeper>>,
    clients: Clients,
    trusted: Vec<Url>,
    /// Headers of every request, whose secrets are blanked.
    headers: Vec<(HeaderName, Text)>,
    redactor: Arc<Redactor>,
    pub(crate) traffic: Arc<Traffic>,
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
        let values = headers.iter().map(|(_, value)| value).filter(|value| value.is_secret());
        let secrets = credentials.iter().flat_map(|named| credential::secrets(&named.credential));
        let redactor = Arc::new(Redactor::new(secrets.chain(values.map(|value| value.expose().to_owned()))));
        let keeper = |named| Arc::new(Keeper::new(named, Arc::clone(&redactor), clients));
        let credentials = credentials.into_iter().map(keeper).collect();
        let (headers, traffic) = (headers.to_vec(), Arc::default());
        Self { name: name.into(), credentials, clients: clients.clone(), trusted, headers, redactor, traffic }
    }

    /// This API in the place of a former one, as a reload makes it: the former one itself, when it is reached in the same
    /// way, so that its tokens stay. Other credentials take the state of the same API over: what paces calls to it does
    /// not begin anew because a key was rotated.
    #[must_use]
    pub fn after(self, former: Option<&Arc<Self>>) -> Arc<Self> {
        let is_same_api = |former: &&Arc<Self>| former.name == self.name && former.trusted == self.trusted;
        let Some(former) = former.filter(is_same_api) else { return Arc::new(self) };
        let is_proven_alike = former.headers == self.headers
            && former.credentials.len() == self.credentials.len()
            && former.credentials.iter().zip(&self.credentials).all(|(one, other)| one.is_like(other));
        match is_proven_alike {
            true => Arc::clone(former),
            false => Arc::new(Self { traffic: Arc::clone(&former.traffic), ..self }),
        }
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

    /// Blanks this API's secrets out of a text.
    #[must_use]
    pub fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// The credentials of these indexes, together.
    #[must_use]
    pub fn credential_set(&self, indexes: &[usize]) -> CredentialSet {
        let keepers = indexes.iter().filter_map(|index| self.credentials.get(*index));
        CredentialSet::new(&self.name, keepers.cloned())
    }

    /// Sends the request in the name of `identity` and reads the whole answer, of at most `max_bytes` decoded bytes.
    ///
    /// Redirects are followed within the origin, three at most. When the answer is 401 and a credential may have another
    /// token by now, the request is sent once more with that one: an API that says so has done nothing else. There is
    /// no timeout but for connecting: whoever calls holds the deadline, and dropping the future closes the connection.
    ///
    /// # Errors
    /// [`SendError`] when no whole answer came. A status of any class is an answer.
    pub async fn send(
        &self,
        request: &HttpRequest,
        identity: &Identity,
        max_bytes: usize,
    ) -> Result<Reply, SendError> {
        let policy = self.policy(&request.url);
        let proven = Proven::new(identity, policy).await?;
        let reply = self.follow(request, policy, &proven, max_bytes).await;
        let (reply, proven) = match reply {
            Ok(reply) if reply.status == StatusCode::UNAUTHORIZED && proven.reject(identity) => {
                // Boxed: it is rare, and would make the future of every call as large again.
                let proven = Box::pin(Proven::new(identity, policy)).await?;
                (Box::pin(self.follow(request, policy, &proven, max_bytes)).await, proven)
            }
            reply => (reply, proven),
        };
        match proven.redactor(identity) {
            Some(redactor) => blanked(reply, &redactor),
            None => reply,
        }
    }

    /// Sends the request, and follows where its answers lead.
    async fn follow(
        &self,
        request: &HttpRequest,
        policy: Policy,
        proven: &Proven<'_>,
        max_bytes: usize,
    ) -> Result<Reply, SendError> {
        let mut request = Cow::Borrowed(request);
        let mut followed = 0;
        loop {
            let mut response = self.attempt(&request, policy, proven).await?;
            match redirect::redirect(&request, response.status(), response.headers())? {
                None => return whole(&mut response, &request, max_bytes).await,
                Some(_) if followed == redirect::LIMIT => {
                    return Err(SendError::TooManyRedirects { limit: redirect::LIMIT });
                }
                Some(next) => request = Cow::Owned(next),
            }
            followed += 1;
        }
    }

    /// One request, one head of an answer. Redirects stay within the origin, so the policy of the first request is that
    /// of all.
    async fn attempt(
        &self,
        request: &HttpRequest,
        policy: Policy,
        proven: &Proven<'_>,
    ) -> Result<Response, SendError> {
        let (mut url, mut headers) = (request.url.clone(), request.headers.clone());
        if headers.keys().any(|name| OURS.contains(name)) {
            OURS.iter().for_each(|name| drop(headers.remove(name)));
        }
        proven.apply(&mut Outgoing {
            method: &request.method,
            url: &mut url,
            headers: &mut headers,
            body: &request.body,
            now: clock::wall(),
        })?;
        policy.check(&url)?;
        if request.body.is_empty() && matches!(request.method, Method::POST | Method::PUT | Method::PATCH) {
            // RFC 9110, section 8.6; servers answer 411 without it, and the HTTP library leaves it out.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let (method, body) = (request.method.clone(), request.body.clone());
        let client = match proven.client() {
            None if url.scheme() == "http" => {
                let plain = self.clients.plain(policy);
                return Ok(Response::Plain(plain.send(method, &url, headers, body).await?));
            }
            None => self.clients.client(policy, &url).map_err(|error| SendError::no_client(&error))?,
            Some(client) => client,
        };
        let mut outgoing = reqwest::Request::new(method, url);
        *outgoing.headers_mut() = headers;
        *outgoing.body_mut() = (!body.is_empty()).then(|| body.into());
        // Boxed: beside a handshake it costs nothing, and would make the future of every call as large again.
        Ok(Response::General(Box::pin(client.execute(outgoing)).await?))
    }
}

/// What came back, without what is the caller's own in it.
fn blanked(reply: Result<Reply, SendError>, redactor: &Redactor) -> Result<Reply, SendError> {
    match reply {
        Ok(mut reply) => {
            reply.body = redactor.blank_bytes(reply.body);
            for value in reply.headers.values_mut() {
                let blanked = redactor.blank_bytes(Bytes::copy_from_slice(value.as_bytes()));
                if let Ok(blanked) = HeaderValue::from_maybe_shared(blanked) {
                    *value = blanked;
                }
            }
            Ok(reply)
        }
        Err(SendError::RedirectRefused { status, location }) => {
            Err(SendError::RedirectRefused { status, location: redactor.blank(&location).into_owned() })
        }
        Err(error) => Err(error),
    }
}

/// Headers that the HTTP library sets, and it alone: from anyone else they could cut the request in two, or ask for
/// something that is then not understood.
const OURS: [HeaderName; 8] =
    [ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// Reads what is left of the answer. An answer to HEAD has headers that speak of a body, and none.
async fn whole(response: &mut Response, request: &HttpRequest, max_bytes: usize) -> Result<Reply, SendError> {
    let body = match request.method {
        Method::HEAD => Bytes::new(),
        _ => body::read(response, max_bytes).await?,
    };
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    Ok(Reply { status, headers, body, url: request.url.clone() })
}

/// Scheme, host and port are the same (RFC 9110, section 4.3.1).
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}

#[cfg(test)]
mod tests;
