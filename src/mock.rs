//! A stand-in for the API (`--mock`): a real HTTP server on loopback that answers from a document's own examples and
//! schemas, and refuses what the document does not allow.
//!
//! It is for trying things out, for tests of agents, and it proves our requests right: it reads them as a server of
//! that API would, by the document alone, and shares no code with what writes them. A request is either answered as
//! the document promises or refused with everything that is wrong with it.
//!
//! ```text
//! request ──route──► operation ──check (decode, schema, security, body)──► answer (example, or an instance)
//!                                          └──────────────────────────────► refusal (problem+json)
//! ```

mod answer;
mod body;
mod check;
mod decode;
mod instance;
mod multipart;
mod received;
mod refusal;
mod route;
mod sample;
mod schema;
mod security;
mod server;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{Method, Response, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::Gateway;
use crate::config::gateway::Endpoint;
use crate::openapi::{Document, Operation};
use answer::Promises;
use check::Checked;
pub use instance::instance;
use received::Received;
use refusal::{Fault, Reason, Refusal};
use route::Found;
use security::Security;

/// One API to stand in for.
#[derive(Debug)]
pub struct MockApi {
    gateway: String,
    base_path: String,
    security: Security,
    document: Option<Arc<Document>>,
    entries: Vec<Entry>,
}

/// An operation and where its answers come from.
#[derive(Debug)]
struct Entry {
    checked: Checked,
    answers: Answers,
}

#[derive(Debug)]
enum Answers {
    /// Read from the document when it is first asked.
    Document(OnceLock<Promises>),
    /// The example of an endpoint written by hand, if it has one.
    Endpoint(Option<Value>),
}

/// A stand-in that is running. Dropping it ends it.
#[derive(Debug)]
pub struct Mock {
    bases: Vec<(String, Url)>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Stands in for these APIs on `listener`, each below a path of its own.
///
/// # Errors
/// When the listener has no address any more.
pub fn start(apis: Vec<MockApi>, listener: TcpListener) -> std::io::Result<Mock> {
    let address = reachable(listener.local_addr()?);
    let bases = apis
        .iter()
        .filter_map(|api| {
            let url = Url::parse(&format!("http://{address}{}", api.prefix())).ok()?;
            Some((api.gateway.clone(), url))
        })
        .collect();
    let stop = CancellationToken::new();
    let task = crate::tasks::spawn("mock", server::serve(Arc::new(apis), listener, stop.clone()));
    Ok(Mock { bases, stop, task: Some(task) })
}

impl Mock {
    /// Where the API of this gateway is: what its `base_url` has to be.
    #[must_use]
    pub fn base_url(&self, gateway: &str) -> Option<&Url> {
        self.bases.iter().find(|(name, _)| name == gateway).map(|(_, url)| url)
    }

    /// All gateways and where their APIs are.
    pub fn base_urls(&self) -> impl ExactSizeIterator<Item = (&str, &Url)> {
        self.bases.iter().map(|(name, url)| (name.as_str(), url))
    }

    /// Answers what is being asked, and ends.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // A panic in it was reported where it happened.
            let _ended = task.await;
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl MockApi {
    /// The API of a gateway: its own endpoints, and `operations`, which are those of `document`.
    ///
    /// Endpoints come first: they are the gateway file's word over the document's.
    #[must_use]
    pub fn new(gateway: &Gateway, operations: Vec<Operation>, document: Option<Arc<Document>>) -> Self {
        let base_path = gateway.base_url.as_ref().map(|url| url.path().trim_end_matches('/').to_owned());
        let by_hand = |endpoint: &Endpoint| Entry {
            checked: Checked::new(endpoint.operation.clone()),
            answers: Answers::Endpoint(endpoint.example.clone()),
        };
        let read = operations.into_iter().map(|operation| Entry {
            checked: Checked::new(operation),
            answers: Answers::Document(OnceLock::new()),
        });
        let endpoints = gateway.endpoints.iter().map(by_hand);
        // Last: of what an offer asks for, the document says more.
        let offered = gateway.offers.requests.iter().map(by_hand);
        Self {
            gateway: gateway.name.clone(),
            base_path: base_path.unwrap_or_default(),
            security: Security::new(&gateway.credentials),
            document,
            entries: endpoints.chain(read).chain(offered).collect(),
        }
    }

    /// Whether there is no operation to stand in for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `/<gateway>` and the base path.
    fn prefix(&self) -> String {
        format!("/{}{}", self.gateway, self.base_path)
    }

    /// The path below this API's prefix, if it is below it.
    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(&self.prefix())?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    /// Answers one request.
    fn respond(&self, received: &Received) -> Response<Bytes> {
        let operations = self.entries.iter().map(|entry| &entry.checked.operation);
        match route::find(operations, received) {
            Found::Operations(found) => {
                let found =
                    found.into_iter().filter_map(|(at, captures)| Some((self.entries.get(at)?, captures)));
                self.answer(found.collect(), received)
            }
            Found::OtherMethods(methods) => other_methods(received, &methods),
            Found::Nothing if received.path == REDIRECTED => answer::plain(http::StatusCode::OK),
            Found::Nothing => {
                let detail = format!("'{}' is no path of {}", received.path, self.gateway);
                refused(&Reason::of(Fault::UnknownPath, "path", detail).into(), None)
            }
        }
    }

    /// The first of equally near operations that allows the request, or the refusal with the fewest reasons.
    fn answer(&self, found: Vec<(&Entry, route::Captures)>, received: &Received) -> Response<Bytes> {
        let mut mildest: Option<(Refusal, &Operation)> = None;
        for (entry, captures) in found {
            let operation = &entry.checked.operation;
            match entry.checked.check(received, &captures, &self.security) {
                Ok(said) => {
                    tracing::debug!(target: "toolgate::mock", gateway = self.gateway, operation = operation.signature(), "answered");
                    return self.promised(entry, said, received);
                }
                Err(refusal) => {
                    let milder =
                        mildest.as_ref().is_none_or(|(known, _)| refusal.reasons.len() < known.reasons.len());
                    if milder {
                        mildest = Some((refusal, operation));
                    }
                }
            }
        }
        mildest.map_or_else(
            || answer::plain(http::StatusCode::NOT_FOUND),
            |(refusal, operation)| refused(&refusal, Some(operation)),
        )
    }

    fn promised(&self, entry: &Entry, said: check::Said, received: &Received) -> Response<Bytes> {
        match (&entry.answers, &self.document) {
            (Answers::Endpoint(Some(example)), _) => answer::example(example),
            (Answers::Endpoint(None), _) | (Answers::Document(_), None) => answer::echo(said),
            (Answers::Document(promises), Some(document)) => {
                let promises =
                    promises.get_or_init(|| Promises::new(document.responses(&entry.checked.operation)));
                let accept = received.header(header::ACCEPT.as_str());
                // Only these are sent again without asking (RFC 9110, section 15.4).
                let safe = [Method::GET, Method::HEAD].contains(&received.method);
                let redirect = safe.then(|| format!("{}{REDIRECTED}", self.prefix()));
                promises.answer(accept.as_deref(), redirect.as_deref())
            }
        }
    }
}

/// Where a redirect of the stand-in leads to.
const REDIRECTED: &str = "/.redirected";

fn other_methods(received: &Received, methods: &[Method]) -> Response<Bytes> {
    let allowed = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let detail = format!("{} is no method of this path, which has {allowed}", received.method);
    let mut response = refused(&Reason::of(Fault::Method, "method", detail).into(), None);
    response
        .headers_mut()
        .extend(header::HeaderValue::from_str(&allowed).map(|allow| (header::ALLOW, allow)));
    response
}

fn refused(refusal: &Refusal, operation: Option<&Operation>) -> Response<Bytes> {
    let status = refusal.status();
    let operation = operation.map(Operation::signature);
    tracing::debug!(target: "toolgate::mock", operation, status = status.as_u16(), reasons = refusal.reasons.len(), "refused");
    let mut response = answer::json(status, "application/problem+json", refusal.to_problem());
    if status == http::StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}

/// An address that can be connected to: "any" is not one.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()),
        _ => address,
    }
}

#[cfg(test)]
mod tests;
