//! Responses: an answer in its pieces, or one line of text.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use crate::access::Refused;
use crate::mcp::answer::Answer;
use crate::mcp::segments::Segments;

/// The body of a response: segments of a known length, or a stream of events.
pub(super) struct Pieces {
    segments: Segments,
    left: u64,
    events: Option<Pin<Box<dyn Stream<Item = Bytes> + Send>>>,
}

/// A JSON-RPC answer.
pub(super) fn json(answer: Answer) -> Response<Pieces> {
    let mut response = Response::new(Pieces::of(answer.segments));
    *response.status_mut() = answer.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A whole text, of a type that its writer says.
pub(super) fn whole(text: Bytes) -> Response<Pieces> {
    Response::new(Pieces::of(text))
}

/// One line for people.
pub(super) fn text(status: StatusCode, line: &str) -> Response<Pieces> {
    let line = Bytes::from(format!("{line}\n"));
    let mut response = Response::new(Pieces::of(line));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A JSON document.
pub(super) fn document(text: Bytes) -> Response<Pieces> {
    let mut response = Response::new(Pieces::of(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What is told to a caller who is not let in.
pub(super) fn refused(refused: &Refused) -> Response<Pieces> {
    let mut response = text(refused.status(), &refused.refusal.to_string());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if refused.status() == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    headers.extend(refused.challenge.clone().map(|challenge| (WWW_AUTHENTICATE, challenge)));
    response
}

/// An event stream.
pub(super) fn events(events: impl Stream<Item = Bytes> + Send + 'static) -> Response<Pieces> {
    let mut response =
        Response::new(Pieces { events: Some(Box::pin(events)), ..Pieces::of(Segments::default()) });
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies in between must not keep events until there are many.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// 202: taken, nothing to say.
pub(super) fn accepted() -> Response<Pieces> {
    empty(StatusCode::ACCEPTED)
}

/// Nothing but a status.
pub(super) fn empty(status: StatusCode) -> Response<Pieces> {
    let mut response = Response::new(Pieces::of(Segments::default()));
    *response.status_mut() = status;
    response
}

/// 405 with what is allowed.
pub(super) fn method_not_allowed(allow: &'static str) -> Response<Pieces> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, &format!("Only {allow} here"));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}

impl Pieces {
    fn of(segments: impl Into<Segments>) -> Self {
        let segments = segments.into();
        Self { left: segments.len() as u64, segments, events: None }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(events) = &mut self.events {
            return events.as_mut().poll_next(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))));
        }
        let piece = self.segments.next();
        if let Some(piece) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.events.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.events.is_some() { SizeHint::default() } else { SizeHint::with_exact(self.left) }
    }
}
