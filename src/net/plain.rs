//! Requests without TLS, on the HTTP library itself.
//!
//! APIs beside us (a sidecar, a mesh, a service of the same cluster) are called in plain HTTP, thousands of times a
//! second. The general client ([`super::client`]) puts a request through redirects, retries, proxies and decoders, all
//! of which are off here or ours, and makes two more URLs of the one it is given: a seventh of the instructions of a
//! call. So plain requests go straight to a connection ([`super::connection`]) of a pool ([`super::pool`]), under the
//! same rules: the same policy on addresses, the same timeout for connecting, as many idle connections for as long.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::TrySendError;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use tokio::time::timeout;
use tower_service::Service;
use url::{Position, Url};

use super::address::{Policy, Refused};
use super::client::{CONNECT_TIMEOUT, OURSELVES};
use super::connection::Connection;
use super::decode;
use super::pool::Pool;

/// A client for `http` URLs under one policy.
#[derive(Debug)]
pub(crate) struct Plain {
    connector: HttpConnector<Resolver>,
    pool: Arc<Pool>,
}

/// The head of an answer to a plain request, and the connection that its body comes by.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) response: Response<Incoming>,
    /// Until the answer is dropped.
    connection: Option<Box<Connection>>,
    pool: Arc<Pool>,
}

/// Why there is no answer to a plain request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlainError {
    /// The URL is too long for a request.
    #[error(transparent)]
    Url(#[from] http::uri::InvalidUri),
    /// The host cannot be reached: nothing was sent.
    #[error(transparent)]
    Connect(Box<dyn Error + Send + Sync>),
    /// The exchange failed.
    #[error(transparent)]
    Exchange(#[from] hyper::Error),
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
        Self { connector, pool: Pool::new() }
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
    ) -> Result<Answer, PlainError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = url[Position::BeforePath..Position::AfterQuery].parse()?;
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(OURSELVES));
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        *request.headers_mut() = headers;
        while let Some(mut connection) = self.pool.take(&url[Position::BeforeHost..Position::AfterPort]) {
            match connection.send(request).await {
                Ok(response) => return Ok(self.answer(response, connection)),
                // The connection was closed since it was used. Nothing of the request was written.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        // Boxed: it is rare, and would make the future of every call larger.
        let mut connection = Box::pin(self.connect(url)).await?;
        let response = connection.send(request).await.map_err(TrySendError::into_error)?;
        Ok(self.answer(response, connection))
    }

    /// Resolves, checks and connects, all in one bound of time.
    async fn connect(&self, url: &Url) -> Result<Box<Connection>, PlainError> {
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let connecting = self.connector.clone().call(format!("http://{host}").parse()?);
        let stream = match timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(connected) => connected.map_err(|error| PlainError::Connect(error.into()))?,
            Err(_) => return Err(PlainError::Connect(Unconnected::TimedOut.into())),
        };
        let host = HeaderValue::from_str(host).map_err(|error| PlainError::Connect(error.into()))?;
        Ok(Box::new(Connection::new(stream, host).await?))
    }

    fn answer(&self, response: Response<Incoming>, connection: Box<Connection>) -> Answer {
        Answer { response, connection: Some(connection), pool: Arc::clone(&self.pool) }
    }
}

impl Answer {
    /// How many bytes of the body are still to come, when it says so.
    pub(super) fn announced(&self) -> Option<u64> {
        self.response.body().size_hint().exact()
    }

    /// The next piece of the body; `None` after the last.
    ///
    /// # Errors
    /// When the connection failed, or what came is no body.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        let Some(connection) = self.connection.as_mut() else { return Ok(None) };
        while let Some(frame) = connection.frame(self.response.body_mut()).await {
            // Trailers are nothing that anybody asked for.
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.keep(connection);
        }
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
