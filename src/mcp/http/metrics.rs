//! `/metrics`: what is counted, and what is so at this moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response};

use super::Endpoint;
use super::response::{self, Pieces};
use crate::telemetry::metrics::{CONTENT_TYPE as OPEN_METRICS, Moment};

/// The answer to a scrape.
pub(super) fn answer(endpoint: &Endpoint, method: &Method) -> Response<Pieces> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return response::method_not_allowed("GET, HEAD");
    }
    let text = endpoint.server.options.metrics.expose(moment(endpoint));
    let mut response = response::whole(Bytes::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
    response
}

fn moment(endpoint: &Endpoint) -> Moment {
    let catalog = endpoint.server.catalog.load();
    let mut breakers: BTreeMap<Arc<str>, bool> = BTreeMap::new();
    for tool in catalog.tools() {
        if let Some(breaker) = &tool.plan.breaker {
            *breakers.entry(Arc::clone(&tool.plan.gateway)).or_default() |= breaker.is_open();
        }
    }
    let open = endpoint.server.options.http.max_connections - endpoint.connections.available_permits();
    let gauges = vec![
        ("tools", "Tools that are served", catalog.tools().len() as u64),
        ("http_connections", "Connections of clients that are open", open as u64),
        ("http_sessions", "Sessions of clients with a handshake", endpoint.sessions.len() as u64),
    ];
    Moment { breakers: breakers.into_iter().collect(), gauges }
}
