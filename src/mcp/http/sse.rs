//! The HTTP transport of 2024-11-05, for clients that know no other; off unless the operator wants it.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /sse`, `GET /sse/<gateway>` | opens the one stream on which everything is sent; the first event names where to post |
//! | `POST /messages?sessionId=<id>` | takes one message of the client; what it leads to comes on the stream |
//!
//! The stream is the client: what runs for it ends with it, as on standard streams. Its id is 128 random bits and good for
//! whoever opened it alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use hyper::body::Incoming;
use rustc_hash::FxHashMap;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::events::{COMMENT, KEEP_ALIVE};
use super::response::{self, Pieces};
use super::{Endpoint, body, service};
use crate::access::Principal;
use crate::mcp::conversation::{Conversation, Origin, Outgoing};
use crate::mcp::session::read_id;

/// Where clients post; the stream says so.
const MESSAGES: &str = "/messages";

/// The clients that have a stream open, by their ids.
pub(super) type Streams = Arc<Mutex<FxHashMap<u128, Arc<Client>>>>;

/// A client and its stream.
pub(super) struct Client {
    conversation: Conversation,
    /// [`Principal::id`]
    principal: Box<str>,
    /// The gateway whose tools it is shown; `None`: all.
    gateway: Option<Box<str>>,
}

/// Whether a request is one of this transport.
pub(super) fn is_meant(endpoint: &Endpoint, head: &Parts) -> bool {
    let path = head.uri.path();
    let is_ours = path == MESSAGES || path == "/sse" || path.starts_with("/sse/");
    endpoint.server.options.http.legacy_sse && is_ours
}

/// Answers one of its requests.
pub(super) async fn answer(
    endpoint: &Endpoint,
    head: &Parts,
    principal: &Principal,
    body: Incoming,
) -> Response<Pieces> {
    if endpoint.draining.is_cancelled() {
        return response::text(StatusCode::SERVICE_UNAVAILABLE, "Shutting down");
    }
    match (head.uri.path() == MESSAGES, &head.method) {
        (true, &Method::POST) => message(endpoint, head, principal, body).await,
        (true, _) => response::method_not_allowed("POST"),
        (false, &Method::GET) => open(endpoint, head, principal),
        (false, _) => response::method_not_allowed("GET"),
    }
}

/// Opens the stream of a client.
fn open(endpoint: &Endpoint, head: &Parts, principal: &Principal) -> Response<Pieces> {
    if !service::accepts(&head.headers, "text/event-stream") {
        return response::text(StatusCode::NOT_ACCEPTABLE, "Accept must allow text/event-stream");
    }
    let gateway = head.uri.path().strip_prefix("/sse/").filter(|name| !name.is_empty());
    if endpoint.server.catalog.load().view(gateway).is_none() {
        return response::text(StatusCode::NOT_FOUND, "No gateway of this name");
    }
    let id = rand::random::<u128>();
    let (conversation, sent) = Conversation::begin(Arc::clone(&endpoint.server));
    let client = Client { conversation, principal: principal.id().into(), gateway: gateway.map(Into::into) };
    let client = Arc::new(client);
    let mut streams = lock(&endpoint.streams);
    // Every stream holds a connection, so there are never more than those.
    streams.insert(id, Arc::clone(&client));
    drop(streams);
    let first = format!("event: endpoint\ndata: {MESSAGES}?sessionId={id:032x}\n\n");
    let open = Open {
        client: Some(client),
        id,
        streams: Arc::clone(&endpoint.streams),
        sent,
        ready: VecDeque::from([Bytes::from(first)]),
        draining: endpoint.draining.clone(),
    };
    response::events(events(open))
}

/// Takes one message of a client.
async fn message(
    endpoint: &Endpoint,
    head: &Parts,
    principal: &Principal,
    body: Incoming,
) -> Response<Pieces> {
    let Some(client) = client(endpoint, head, principal) else {
        return response::text(StatusCode::NOT_FOUND, "No stream with this id: open another one at /sse");
    };
    if !service::is_json(&head.headers) {
        return response::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json");
    }
    let patience = endpoint.server.options.http.body_timeout;
    let body = match body::read(body, patience).await {
        Ok(body) => body,
        Err(error) => return service::not_read(error),
    };
    let Ok(place) = timeout(patience, client.conversation.room.place()).await else {
        return response::text(StatusCode::SERVICE_UNAVAILABLE, "Too much is under way on this stream");
    };
    let origin = Origin { gateway: client.gateway.as_deref(), headers: Some(&head.headers), principal };
    client.conversation.message(&body, origin, place);
    response::accepted()
}

/// The client that a message is from; the id of somebody else's stream is as good as none.
fn client(endpoint: &Endpoint, head: &Parts, principal: &Principal) -> Option<Arc<Client>> {
    let id = head.uri.query()?.split('&').find_map(|pair| pair.strip_prefix("sessionId="))?;
    let client = lock(&endpoint.streams).get(&read_id(id)?).cloned()?;
    (*client.principal == *principal.id()).then_some(client)
}

/// A stream that is open.
struct Open {
    /// `None` when it takes no more messages.
    client: Option<Arc<Client>>,
    id: u128,
    streams: Streams,
    sent: UnboundedReceiver<Outgoing>,
    /// Events that are to be sent.
    ready: VecDeque<Bytes>,
    draining: CancellationToken,
}

fn events(open: Open) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(open, |mut open| async move {
        let next = open.next().await?;
        Some((next, open))
    })
}

impl Open {
    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(ready) = self.ready.pop_front() {
            return Some(ready);
        }
        loop {
            tokio::select! {
                biased;
                sent = self.sent.recv() => return sent.map(event),
                () = self.draining.cancelled(), if self.client.is_some() => self.last_words(),
                () = sleep(KEEP_ALIVE) => return Some(Bytes::from_static(COMMENT)),
            }
        }
    }

    /// Takes no more messages. The stream ends when what runs is done.
    fn last_words(&mut self) {
        lock(&self.streams).remove(&self.id);
        if let Some(client) = self.client.take() {
            client.conversation.close();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        lock(&self.streams).remove(&self.id);
        if let Some(client) = self.client.take() {
            client.conversation.close();
            client.conversation.abort();
        }
    }
}

fn event(outgoing: Outgoing) -> Bytes {
    outgoing.segments.between(b"event: message\ndata: ", b"\n\n")
}

fn lock(streams: &Streams) -> MutexGuard<'_, FxHashMap<u128, Arc<Client>>> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}
