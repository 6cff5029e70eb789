//! One connection: HTTP/1.1 with bounds, and a soft end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::listener::Arrival;
use super::{Endpoint, LINGER, service};
use crate::tasks;

/// More than any client sends, tokens included.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Serves a connection on a task of its own. With a slot the end of the program waits for it.
pub(super) fn spawn(endpoint: &Arc<Endpoint>, arrival: Arrival, slot: Option<OwnedSemaphorePermit>) {
    let endpoint = Arc::clone(endpoint);
    tasks::spawn("connection", async move {
        serve(endpoint, arrival).await;
        drop(slot);
    });
}

async fn serve(endpoint: Arc<Endpoint>, Arrival { stream, at }: Arrival) {
    let (draining, over) = (endpoint.draining.clone(), endpoint.over.clone());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(endpoint.server.options.http.header_timeout)
        .max_buf_size(MAX_HEADER_BYTES);
    let service = service_fn(move |request| {
        let endpoint = Arc::clone(&endpoint);
        async move { Ok::<_, Infallible>(service::answer(&endpoint, request, at).await) }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async { draining.cancelled().await; sleep(LINGER).await } => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = over.cancelled() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
