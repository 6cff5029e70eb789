//! Responses: an answer in its pieces, or one line of text.

use std::array::IntoIter;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use crate::mcp::answer::Answer;

/// The body of a response: up to three pieces, written as they are.
pub(super) struct Pieces {
    pieces: IntoIter<Bytes, 3>,
    left: u64,
}

/// A JSON-RPC answer.
pub(super) fn json(answer: Answer) -> Response<Pieces> {
    let mut response = Response::new(Pieces { left: answer.len() as u64, pieces: answer.parts.into_iter() });
    *response.status_mut() = answer.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// One line for people.
pub(super) fn text(status: StatusCode, line: &str) -> Response<Pieces> {
    let line = Bytes::from(format!("{line}\n"));
    let mut response = Response::new(Pieces {
        left: line.len() as u64,
        pieces: [line, Bytes::new(), Bytes::new()].into_iter(),
    });
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// 202: taken, nothing to say.
pub(super) fn accepted() -> Response<Pieces> {
    let mut response =
        Response::new(Pieces { left: 0, pieces: [Bytes::new(), Bytes::new(), Bytes::new()].into_iter() });
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

/// 405 with what is allowed.
pub(super) fn method_not_allowed(allow: &'static str) -> Response<Pieces> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, &format!("Only {allow} here"));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.find(|piece| !piece.is_empty());
        if let Some(piece) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
