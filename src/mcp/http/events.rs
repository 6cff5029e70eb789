//! What comes while work runs, as an event stream (WHATWG HTML, section 9.2): what is told in passing, then the answer.
//!
//! The work runs in the body of its response. So when the client goes away, the body is dropped and with it the work, or
//! the guard that lets it run on, just as before the first event.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep};

use super::working::Working;
use crate::mcp::answer::Answer;
use crate::mcp::line::Outlet;
use crate::mcp::segments::Segments;

/// How long a stream is silent at most, so that no proxy takes it for dead.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// What is sent when there is nothing to say.
pub(super) const COMMENT: &[u8] = b":\n\n";

/// What surrounds the message in an event.
const BEGIN: &[u8] = b"data: ";
const END: &[u8] = b"\n\n";

/// What is told while work runs, until the stream takes it. It wakes nobody: only the work tells anything, and the
/// stream polls the work.
#[derive(Debug, Default)]
pub(super) struct Outbox(Mutex<Messages>);

#[derive(Debug, Default)]
struct Messages {
    waiting: VecDeque<Bytes>,
    is_closed: bool,
}

/// Work that runs, and what it has to tell meanwhile.
pub(super) struct Events {
    outbox: Arc<Outbox>,
    /// `None` when it is done.
    running: Option<Working>,
    /// What is left of the answer's event.
    answer: Option<Segments>,
    silence: Pin<Box<Sleep>>,
}

impl Outbox {
    /// The next message.
    fn take(&self) -> Option<Bytes> {
        self.lock().waiting.pop_front()
    }

    /// Whether there is nothing to take.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Messages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Outbox {
    fn send(&self, message: Bytes) -> bool {
        let mut messages = self.lock();
        if !messages.is_closed {
            messages.waiting.push_back(message);
        }
        !messages.is_closed
    }
}

impl Events {
    /// The events of work that tells by `outbox`.
    pub(super) fn of(outbox: Arc<Outbox>, running: Working) -> Self {
        Self { outbox, running: Some(running), answer: None, silence: Box::pin(sleep(KEEP_ALIVE)) }
    }

    /// The events of work that is done; without an answer when it was given up.
    pub(super) fn done(outbox: Arc<Outbox>, answer: Option<Answer>) -> Self {
        let answer = answer.map(last);
        Self { outbox, running: None, answer, silence: Box::pin(sleep(KEEP_ALIVE)) }
    }

    /// The next message as an event; `None` when the answer was the last.
    fn message(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        // The work first: it is what tells. What it told goes out before its answer.
        if let Some(running) = &mut self.running
            && let Poll::Ready(answer) = running.as_mut().poll(context)
        {
            self.running = None;
            self.answer = answer.map(last);
        }
        if let Some(message) = self.outbox.take() {
            return Poll::Ready(Some(event(message)));
        }
        match &self.running {
            None => Poll::Ready(self.answer.as_mut().and_then(Segments::next)),
            // Whatever wakes the work wakes this: only the work tells anything.
            Some(_) => Poll::Pending,
        }
    }
}

impl Stream for Events {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut next = self.message(context);
        if next.is_pending() && self.silence.as_mut().poll(context).is_ready() {
            next = Poll::Ready(Some(Bytes::from_static(COMMENT)));
        }
        if next.is_ready() {
            self.silence.as_mut().reset(Instant::now() + KEEP_ALIVE);
        }
        next
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // The work may run on without its client: nothing is kept for nobody, and nobody is asked.
        let mut messages = self.outbox.lock();
        messages.is_closed = true;
        messages.waiting.clear();
    }
}

/// One event: a JSON-RPC message without line breaks.
pub(super) fn event(message: impl Into<Segments>) -> Bytes {
    message.into().between(BEGIN, END)
}

/// The event of an answer: whole when it is small, else in its segments.
fn last(answer: Answer) -> Segments {
    const LARGE: usize = 64 << 10;
    if answer.len() < LARGE { event(answer.segments).into() } else { answer.segments.framed(BEGIN, END) }
}
