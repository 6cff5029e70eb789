//! One connection, driven by the call that has it.
//!
//! A connection with a task of its own costs every call two messages between tasks, and as many threads woken. Here
//! nobody looks at a connection but the call it was given to, which is also how it is known to be free again: when
//! that call is done with it, and not before. What happens to it in between (the API closes it) is seen by the next
//! call, before a byte of that one is written.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::coop::unconstrained;

/// How much of an answer is read at once, and the longest head. The pieces of a large body are copied into one: with
/// more at once their memory would come from the system and go back to it each time.
const READ: usize = 64 << 10;

/// A request with its body.
pub(super) type Outgoing = Request<Full<Bytes>>;

/// A connection to one host.
#[derive(Debug)]
pub(super) struct Connection {
    /// Its host as `Host` has it (RFC 9110, section 7.2).
    pub(super) host: HeaderValue,
    requests: SendRequest<Full<Bytes>>,
    /// Until it is closed.
    exchange: Option<http1::Connection<TokioIo<TcpStream>, Full<Bytes>>>,
}

impl Connection {
    /// A connection on which nothing was sent yet.
    ///
    /// # Errors
    /// None that is known of: nothing is sent.
    pub(super) async fn new(stream: TokioIo<TcpStream>, host: HeaderValue) -> Result<Self, hyper::Error> {
        let (requests, exchange) = http1::Builder::new().max_buf_size(READ).handshake(stream).await?;
        Ok(Self { host, requests, exchange: Some(exchange) })
    }

    /// Whether the next request may be sent on it: all that came before is answered, and read to its end.
    pub(super) fn is_free(&self) -> bool {
        self.requests.is_ready()
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// # Errors
    /// With the request in it when nothing of it was sent.
    pub(super) async fn send(
        &mut self,
        mut request: Outgoing,
    ) -> Result<Response<Incoming>, TrySendError<Outgoing>> {
        request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        // Nobody wakes it, so it must not wait for its share of the thread's time.
        let mut answer = pin!(unconstrained(self.requests.try_send_request(request)));
        poll_fn(|context| drive(&mut self.exchange, context, |unwoken| answer.as_mut().poll(unwoken))).await
    }

    /// The next part of the body of the answer; `None` after the last.
    ///
    /// # Errors
    /// When the connection failed, or what came is no body.
    pub(super) async fn frame(&mut self, body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        poll_fn(|context| {
            drive(&mut self.exchange, context, |unwoken| Pin::new(&mut *body).poll_frame(unwoken))
        })
        .await
    }
}

/// What `next` gives, with the connection moved on as long as that is nothing.
///
/// Only the connection can make `next` ready, and only here; so `next` wakes nobody, and the task is not woken by what
/// it does itself.
fn drive<T>(
    exchange: &mut Option<http1::Connection<TokioIo<TcpStream>, Full<Bytes>>>,
    context: &mut Context<'_>,
    mut next: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    let mut unwoken = Context::from_waker(Waker::noop());
    if let Poll::Ready(found) = next(&mut unwoken) {
        return Poll::Ready(found);
    }
    let is_over = exchange.as_mut().is_some_and(|exchange| Pin::new(exchange).poll(context).is_ready());
    if is_over {
        // Whatever waits for it is told so. Its error, if any, is what it is told.
        *exchange = None;
    }
    next(&mut unwoken)
}
