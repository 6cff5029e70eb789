//! Work that a request began, from its start to its response: plain JSON, unless there is something to tell before the
//! answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use http::Response;

use super::Endpoint;
use super::detached::Detached;
use super::events::{Events, Outbox};
use super::response::{self, Pieces};
use crate::mcp::answer::Answer;
use crate::mcp::era::Era;
use crate::mcp::line::Line;
use crate::mcp::session::Session;
use crate::mcp::work::Work;

/// Work that runs; `None` when its client gave it up.
pub(super) type Working = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;

/// Does the work of a request. `streams`: its client takes events.
pub(super) async fn answer(
    endpoint: &Endpoint,
    work: Work,
    session: Option<&Arc<Session>>,
    streams: bool,
) -> Response<Pieces> {
    if !streams || !work.may_tell() {
        return match run(endpoint, work, session, Line::default()).await {
            Some(answer) => response::json(answer),
            None => given_up(streams),
        };
    }
    let outbox = Arc::new(Outbox::default());
    let line = match (work.era, session) {
        (Era::Legacy, Some(session)) => Line::asking(outbox.clone(), Arc::clone(&session.questions)),
        _ => Line::telling(outbox.clone()),
    };
    let mut running = run(endpoint, work, session, line);
    let answer = poll_fn(|context| match running.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if outbox.is_empty() => Poll::Pending,
        Poll::Pending => Poll::Ready(None),
    });
    match answer.await {
        Some(Some(answer)) if outbox.is_empty() => response::json(answer),
        Some(answer) => response::events(Events::done(outbox, answer)),
        None => response::events(Events::of(outbox, running)),
    }
}

/// A disconnect cancels in the modern era alone. In a session the client cancels by the id of its request.
fn run(endpoint: &Endpoint, work: Work, session: Option<&Arc<Session>>, line: Line) -> Working {
    let era = work.era;
    let working: Working = match session.filter(|_| era == Era::Legacy) {
        None => Box::pin(async { Some(work.run(line).await) }),
        Some(session) => {
            let running = session.begin(&work.id);
            Box::pin(async move {
                tokio::select! {
                    biased;
                    () = running.cancelled() => None,
                    answer = work.run(line) => Some(answer),
                }
            })
        }
    };
    match era {
        Era::Legacy => Box::pin(Detached::new(working, Arc::clone(&endpoint.detached))),
        Era::Modern => working,
    }
}

/// Nothing is sent for a request that was cancelled: a stream that ends, where the client takes streams.
fn given_up(streams: bool) -> Response<Pieces> {
    match streams {
        true => response::events(Events::done(Arc::default(), None)),
        false => response::accepted(),
    }
}
