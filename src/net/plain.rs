//! Requests without TLS, on the HTTP library itself.
//!
//! APIs beside us (a sidecar, a mesh, a service of the same cluster) are called in plain HTTP, thousands of times a
//! second. The general client ([`super::client`]) puts a request through redirects, retries, proxies and decoders, all
//! of which are off here or ours, and makes two more URLs of the one it is given: a seventh of the instructions of a
//! call. So plain requests go straight to the connection pool, under the same rules: the same policy on addresses, the same timeout
//! for connecting, the same pool.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;
use url::{Position, Url};

use super::address::{Policy, Refused};
use super::client::{CONNECT_TIMEOUT, IDLE_CONNECTIONS_PER_HOST, IDLE_TIMEOUT, OURSELVES};
use super::decode;

/// How much of an answer is read at once, and the longest head. The pieces of a large body are copied into one: with
/// more at once their memory would come from the system and go back to it each time.
const READ: usize = 64 << 10;

/// A client for `http` URLs under one policy.
#[derive(Clone, Debug)]
pub(crate) struct Plain(legacy::Client<Connector, Full<Bytes>>);

/// Why there is no answer to a plain request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlainError {
    /// The URL is too long for a request.
    #[error(transparent)]
    Url(#[from] http::uri::InvalidUri),
    /// The exchange failed.
    #[error(transparent)]
    Exchange(#[from] legacy::Error),
}

/// Why a host could not be connected to, beside what the system says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unconnected {
    /// Its name has no address.
    #[error(transparent)]
    Unresolved(io::Error),
    /// None of its addresses may be connected to.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It took longer than [`CONNECT_TIMEOUT`].
    #[error("it took too long to connect")]
    TimedOut,
}

impl Plain {
    /// A client that has no connection yet.
    pub(super) fn new(policy: Policy) -> Self {
        let mut connector = HttpConnector::new_with_resolver(Resolver(policy));
        connector.set_nodelay(true);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
            .http1_max_buf_size(READ)
            .build(Connector(connector));
        Self(client)
    }

    /// Sends a request and gives the head of its answer.
    ///
    /// # Errors
    /// [`PlainError`] when there is none.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Incoming>, PlainError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri(url)?;
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(OURSELVES));
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        *request.headers_mut() = headers;
        Ok(self.0.request(request).await?)
    }
}

impl PlainError {
    /// Whether it failed before there was a connection.
    pub(crate) fn is_connect(&self) -> bool {
        matches!(self, Self::Exchange(error) if error.is_connect())
    }
}

/// The URL as a request has it: without a user, who is no part of a request's target.
fn uri(url: &Url) -> Result<Uri, http::uri::InvalidUri> {
    if url.has_authority() && url.username().is_empty() && url.password().is_none() {
        return url[..Position::AfterQuery].parse();
    }
    format!("http://{}", &url[Position::BeforeHost..Position::AfterQuery]).parse()
}

/// Resolves, checks and connects, all in one bound of time.
#[derive(Clone, Debug)]
struct Connector(HttpConnector<Resolver>);

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send>>;

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            match timeout(CONNECT_TIMEOUT, connecting).await {
                Ok(connected) => Ok(connected?),
                Err(_) => Err(Unconnected::TimedOut.into()),
            }
        })
    }
}

/// The system's resolver, with what the policy forbids left out.
#[derive(Clone, Debug)]
struct Resolver(Policy);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Unconnected;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let policy = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unconnected::Unresolved)?;
            Ok(policy.permitted(name.as_str(), found.collect())?.into_iter())
        })
    }
}
