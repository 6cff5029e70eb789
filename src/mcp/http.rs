//! Streamable HTTP, both eras on one endpoint, over HTTP/1.1.
//!
//! | path | what |
//! |---|---|
//! | `/mcp` | all gateways |
//! | `/mcp/<gateway>` | one of them |
//! | `/sse`, `/messages` | the transport before this one, when it is wanted ([`sse`]) |
//! | `/healthz` | the process lives |
//! | `/readyz` | it takes new work |
//! | `/.well-known/oauth-protected-resource` | where callers log in, if they must |
//! | `/metrics` | what is counted, for whoever comes from this machine, or at a listener of its own |
//!
//! A request is served under our own names alone ([`allowed`]), read up to a cap ([`body`]) and answered with JSON
//! ([`service`]), or with a stream when there is something to tell before the answer ([`events`]). Legacy clients that
//! need one have a [`session`], and may [`listen`] with a GET. A client that disconnects has cancelled in the modern era and has not in the legacy one
//! ([`detached`]). Everything is bounded: connections, header bytes and time, body bytes and time, calls that go on
//! without a client, sessions.

mod allowed;
mod body;
mod connection;
mod cors;
mod detached;
mod events;
mod listen;
mod listener;
mod metrics;
mod response;
mod service;
mod session;
mod sse;
mod working;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Server;
use super::session::Sessions;
use crate::access::Gatekeeper;
pub use allowed::{AllowedError, AllowedHost, AllowedOrigin};
pub use listener::Listener;
use listener::{Door, Listeners, Service};

/// What concerns HTTP alone.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Names to be served under, beside loopback names and the address that a connection arrives at.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Web pages that may call, beside those of allowed hosts.
    pub allowed_origins: Vec<AllowedOrigin>,
    /// Asks every caller who he is; without it everybody is the operator.
    pub gatekeeper: Option<Arc<Gatekeeper>>,
    /// Web pages that may call from a browser and read what is answered, by their origins as browsers send them. They
    /// are allowed ones, too.
    pub cors_origins: Vec<String>,
    /// How many connections are open at once; more wait to be accepted.
    pub max_connections: usize,
    /// How many legacy clients are remembered between their requests; with 0 none is. One more takes the place of the
    /// one that was not heard of for the longest time.
    pub max_sessions: usize,
    /// How long a legacy client is remembered that is not heard of.
    pub session_idle: Duration,
    /// Whether the transport of 2024-11-05 is served, too, at `/sse`.
    pub legacy_sse: bool,
    /// How long a client may take for the head of a request, and how long a connection may be idle.
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    pub body_timeout: Duration,
    /// How long running calls may take to finish after a shutdown was asked for.
    pub grace: Duration,
}

impl HttpOptions {
    /// How many legacy clients are remembered when nobody says otherwise.
    pub const MAX_SESSIONS: usize = 16_384;
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            gatekeeper: None,
            cors_origins: Vec::new(),
            max_connections: 16_384,
            max_sessions: Self::MAX_SESSIONS,
            session_idle: Duration::from_secs(4 * 3600),
            legacy_sse: false,
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(30),
        }
    }
}

/// How many legacy calls may go on at once after their clients have gone.
const MAX_DETACHED: usize = 1024;

/// How long kept-alive connections are listened to after a shutdown was asked for, so that a request that is already
/// on its way gets an answer instead of a reset.
const LINGER: Duration = Duration::from_millis(200);

/// What all connections share.
struct Endpoint {
    server: Arc<Server>,
    allowed: allowed::Allowed,
    cors: cors::Cors,
    sessions: Sessions,
    streams: sse::Streams,
    /// Cancelled when no new work is taken.
    draining: CancellationToken,
    /// Cancelled when nothing is waited for any more.
    over: CancellationToken,
    connections: Arc<Semaphore>,
    detached: Arc<Semaphore>,
    /// Metrics have a listener of their own.
    metrics_apart: bool,
}

/// Serves `listeners` until `shutdown`; then takes no new work, finishes what runs within the grace time, and returns.
///
/// While it finishes, `/readyz` and every new request are answered with 503.
///
/// # Errors
///
/// None once it listens: a connection that fails costs itself alone.
pub async fn serve(
    listeners: Vec<Listener>,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let metrics_apart = listeners.iter().any(Listener::is_of_metrics);
    let endpoint = Arc::new(Endpoint { metrics_apart, ..Endpoint::new(server) });
    let listeners = Listeners::new(listeners);
    let mut shutdown = pin!(shutdown);
    loop {
        let slot = tokio::select! {
            biased;
            () = &mut shutdown => break,
            slot = Arc::clone(&endpoint.connections).acquire_owned() => slot.ok(),
        };
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            arrival = listeners.accept() => connection::spawn(&endpoint, arrival, slot),
        }
    }
    endpoint.drain(&listeners).await;
    Ok(())
}

impl Endpoint {
    fn new(server: Arc<Server>) -> Self {
        let http = &server.options.http;
        let pages = http.cors_origins.iter().filter_map(|origin| origin.parse().ok());
        Self {
            allowed: allowed::Allowed {
                hosts: http.allowed_hosts.clone(),
                origins: http.allowed_origins.iter().cloned().chain(pages).collect(),
            },
            cors: cors::Cors::new(&http.cors_origins),
            sessions: Sessions::new(http.max_sessions, http.session_idle),
            streams: sse::Streams::default(),
            draining: CancellationToken::new(),
            over: CancellationToken::new(),
            connections: Arc::new(Semaphore::new(http.max_connections)),
            detached: Arc::new(Semaphore::new(MAX_DETACHED)),
            metrics_apart: false,
            server,
        }
    }

    /// Whether who came in there is told what is counted: only from this machine, unless they come where nothing else is.
    fn tells_metrics(&self, door: Door) -> bool {
        door.service == Service::Metrics || !self.metrics_apart && door.address.is_loopback()
    }

    /// Waits for what runs, turning away what is new.
    async fn drain(self: &Arc<Self>, listeners: &Listeners) {
        self.draining.cancel();
        let done = async {
            all(&self.connections, self.server.options.http.max_connections).await;
            all(&self.detached, MAX_DETACHED).await;
        };
        let turn_away = async {
            loop {
                connection::spawn(self, listeners.accept().await, None);
            }
        };
        tokio::select! {
            finished = timeout(self.server.options.http.grace, done) => {
                if finished.is_err() {
                    tracing::warn!("the grace time is over, calls that still run are cancelled");
                }
            }
            () = turn_away => {}
        }
        self.over.cancel();
    }
}

/// Waits until all permits are back.
async fn all(semaphore: &Semaphore, permits: usize) {
    let permits = u32::try_from(permits).unwrap_or(u32::MAX);
    // It is never closed, so this cannot fail.
    let _all = semaphore.acquire_many(permits).await;
}

#[cfg(test)]
mod tests;
