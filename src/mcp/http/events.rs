//! What comes while a call runs, as an event stream (WHATWG HTML, section 9.2): progress, then the answer.
//!
//! The call runs in the body of its response. So when the client goes away, the body is dropped and with it the call, or
//! the guard that lets it run on, just as before the first event.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::mcp::answer::Answer;

/// A call that runs, and what it has to tell meanwhile.
pub(super) struct Events {
    /// The first thing that was told; it made a stream of the response.
    first: Option<Bytes>,
    progress: UnboundedReceiver<Bytes>,
    /// `None` when its answer was sent.
    running: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
}

impl Events {
    pub(super) fn new(
        first: Bytes,
        progress: UnboundedReceiver<Bytes>,
        running: Pin<Box<dyn Future<Output = Answer> + Send>>,
    ) -> Self {
        Self { first: Some(first), progress, running: Some(running) }
    }

    /// The next event; `None` when the answer was the last.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(event(&[first])));
        }
        let Some(running) = &mut self.running else { return Poll::Ready(None) };
        // The call first: it is what tells. What it told goes out before its answer.
        let answer = running.as_mut().poll(context);
        if let Ok(message) = self.progress.try_recv() {
            if let Poll::Ready(answer) = answer {
                self.running = Some(Box::pin(std::future::ready(answer)));
            }
            return Poll::Ready(Some(event(&[message])));
        }
        match answer {
            Poll::Ready(answer) => {
                self.running = None;
                Poll::Ready(Some(event(&answer.parts)))
            }
            // Whatever wakes the call wakes this: only the call tells anything.
            Poll::Pending => Poll::Pending,
        }
    }
}

/// One event: a JSON-RPC message without line breaks, in pieces.
fn event(parts: &[Bytes]) -> Bytes {
    let mut event = b"data: ".to_vec();
    for part in parts {
        event.extend_from_slice(part);
    }
    event.extend_from_slice(b"\n\n");
    Bytes::from(event)
}
