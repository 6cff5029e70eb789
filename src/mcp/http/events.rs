//! What comes while work runs, as an event stream (WHATWG HTML, section 9.2): what is told in passing, then the answer.
//!
//! The work runs in the body of its response. So when the client goes away, the body is dropped and with it the work, or
//! the guard that lets it run on, just as before the first event.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::mcp::answer::Answer;
use crate::mcp::line::Outlet;

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
    /// `None` when its answer was sent.
    running: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
    answer: Option<Answer>,
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
    /// The events of work that tells by `outbox`; `answer` when it is done already.
    pub(super) fn new(
        outbox: Arc<Outbox>,
        running: Pin<Box<dyn Future<Output = Answer> + Send>>,
        answer: Option<Answer>,
    ) -> Self {
        let running = answer.is_none().then_some(running);
        Self { outbox, running, answer }
    }

    /// The next event; `None` when the answer was the last.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        // The work first: it is what tells. What it told goes out before its answer.
        if let Some(running) = &mut self.running
            && let Poll::Ready(answer) = running.as_mut().poll(context)
        {
            self.running = None;
            self.answer = Some(answer);
        }
        if let Some(message) = self.outbox.take() {
            return Poll::Ready(Some(event(&[message])));
        }
        match self.answer.take() {
            Some(answer) => Poll::Ready(Some(event(&answer.parts))),
            None if self.running.is_none() => Poll::Ready(None),
            // Whatever wakes the work wakes this: only the work tells anything.
            None => Poll::Pending,
        }
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

/// One event: a JSON-RPC message without line breaks, in pieces.
fn event(parts: &[Bytes]) -> Bytes {
    let mut event = Vec::with_capacity(parts.iter().map(Bytes::len).sum::<usize>() + 8);
    event.extend_from_slice(b"data: ");
    for part in parts {
        event.extend_from_slice(part);
    }
    event.extend_from_slice(b"\n\n");
    Bytes::from(event)
}
