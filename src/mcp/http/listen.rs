//! Streams without an end of their own: a modern `subscriptions/listen`, and the GET of a legacy session.
//!
//! What changes is told while the client listens. A comment now and then keeps proxies from taking the connection for
//! dead. At a shutdown they end at once, and nobody waits for them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::{HeaderMap, Response, StatusCode};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::events::{COMMENT, KEEP_ALIVE, event};
use super::response::{self, Pieces};
use super::{Endpoint, service};
use crate::mcp::changes::News;
use crate::mcp::session::{InUse, Session};
use crate::mcp::subscription::Subscription;

/// The stream of a modern client.
pub(super) fn subscribed(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    subscription: Subscription,
) -> Response<Pieces> {
    listening(endpoint, headers, Listener::Subscription(subscription))
}

/// The stream of a legacy session.
pub(super) fn session(endpoint: &Endpoint, headers: &HeaderMap, session: &Arc<Session>) -> Response<Pieces> {
    listening(endpoint, headers, Listener::Session(session.in_use()))
}

fn listening(endpoint: &Endpoint, headers: &HeaderMap, listener: Listener) -> Response<Pieces> {
    if !service::accepts(headers, "text/event-stream") {
        return response::text(StatusCode::NOT_ACCEPTABLE, "Accept must allow text/event-stream");
    }
    let news = endpoint.server.changes.subscribe();
    response::events(events(listener, news, endpoint.draining.clone()))
}

/// The stream of a session that nothing happens in.
#[cfg(test)]
pub(super) fn of_nothing() -> impl Stream<Item = Bytes> {
    let session = Arc::new(Session::default()).in_use();
    let never = Box::leak(Box::new(watch::Sender::<News>::default()));
    events(Listener::Session(session), never.subscribe(), CancellationToken::new())
}

/// Who listens.
enum Listener {
    Subscription(Subscription),
    Session(InUse),
}

impl Listener {
    /// What comes before everything else: something in any case, so that the client knows that it is heard.
    fn greeting(&self) -> Bytes {
        match self {
            Self::Subscription(subscription) => event(subscription.acknowledgement()),
            Self::Session(_) => Bytes::from_static(COMMENT),
        }
    }

    /// What there is to tell since the last time.
    fn notices(&mut self, news: &News) -> Vec<Bytes> {
        match self {
            Self::Subscription(subscription) => subscription.notices(news),
            Self::Session(session) => session.notices(news),
        }
    }

    /// What comes last when we end it.
    fn farewell(&self) -> Option<Bytes> {
        match self {
            Self::Subscription(subscription) => Some(subscription.end()),
            Self::Session(_) => None,
        }
    }

    /// Waits until there is nobody any more to listen for.
    async fn over(&self) {
        match self {
            Self::Subscription(_) => std::future::pending().await,
            Self::Session(session) => session.over().await,
        }
    }
}

/// A stream that is open.
struct Open {
    listener: Listener,
    news: watch::Receiver<News>,
    draining: CancellationToken,
    /// Events that are to be sent, one after the other.
    ready: VecDeque<Bytes>,
    is_over: bool,
}

fn events(
    listener: Listener,
    mut news: watch::Receiver<News>,
    draining: CancellationToken,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let ready = VecDeque::from([listener.greeting()]);
    // It may have missed something before it listened.
    news.mark_changed();
    let open = Open { listener, news, draining, ready, is_over: false };
    stream::unfold(open, |mut open| async move {
        let next = open.next().await?;
        Some((next, open))
    })
}

impl Open {
    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        while self.ready.is_empty() && !self.is_over {
            self.wait(KEEP_ALIVE).await;
        }
        self.ready.pop_front()
    }

    /// Waits until something is ready, or it is over.
    async fn wait(&mut self, patience: Duration) {
        tokio::select! {
            biased;
            () = self.draining.cancelled() => {
                self.is_over = true;
                self.ready.extend(self.listener.farewell().map(event));
            }
            () = self.listener.over() => self.is_over = true,
            // The server keeps the sender for as long as it serves anything.
            _sender = self.news.changed() => {
                let notices = self.listener.notices(&self.news.borrow_and_update());
                self.ready.extend(notices.into_iter().map(event));
            }
            () = sleep(patience) => self.ready.push_back(Bytes::from_static(COMMENT)),
        }
    }
}
