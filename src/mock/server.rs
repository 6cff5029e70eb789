//! The HTTP of the stand-in.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::received::Received;
use super::refusal::{Fault, Reason};
use super::{MockApi, answer, refused};

/// Larger bodies are refused.
const BODY: usize = 32 << 20;

/// Serves until `stop`, then finishes what is being asked.
pub(super) async fn serve(apis: Arc<Vec<MockApi>>, listener: TcpListener, stop: CancellationToken) {
    let router = Router::new().fallback(handle).with_state(apis);
    // Small answers wait for 40 ms otherwise.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the stand-in ended");
    }
}

async fn handle(State(apis): State<Arc<Vec<MockApi>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let Some((api, path)) = apis.iter().find_map(|api| Some((api, api.below(path)?.to_owned()))) else {
        return nowhere(&apis, path).map(Body::from);
    };
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        let reason = Reason::of(Fault::TooLarge, "body", "is too large, or was cut off");
        return refused(&reason.into(), None).map(Body::from);
    };
    let received = Received {
        method: head.method,
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    };
    api.respond(&received).map(Body::from)
}

/// A path that is below no API: says where they are.
fn nowhere(apis: &[MockApi], path: &str) -> Response<Bytes> {
    if path == "/" {
        let list: Vec<String> = apis.iter().map(MockApi::prefix).collect();
        let list = serde_json::json!({ "apis": list }).to_string();
        return answer::json(StatusCode::OK, "application/json", Bytes::from(list));
    }
    let prefixes: Vec<String> = apis.iter().map(MockApi::prefix).collect();
    let detail = format!("'{path}' is below no API; there are {}", prefixes.join(", "));
    refused(&Reason::of(Fault::UnknownPath, "path", detail).into(), None)
}
