//! What an answer is kept under.

use http::header::{
    AUTHORIZATION, CACHE_CONTROL, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    PRAGMA, RANGE,
};
use http::{HeaderMap, HeaderName};
use url::Position;

use crate::catalog::CallPlan;
use crate::store::Key;
use crate::upstream::{HttpRequest, Identity};

/// A caller who says one of these asks for something else than what is kept.
const OWN_CONDITIONS: [HeaderName; 8] =
    [CACHE_CONTROL, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, RANGE];

/// Headers that go with a request and make no difference to its answer.
const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];

/// The key of a request; `None` when the request has conditions of its own.
///
/// All of the request is in it, headers and body included, so that whatever `Vary` names is. The credential itself is
/// not: what stands for it is the partition of its identity.
pub(super) fn of(plan: &CallPlan, request: &HttpRequest, identity: &Identity) -> Option<Key> {
    if request.headers.keys().any(|name| OWN_CONDITIONS.contains(name)) {
        return None;
    }
    let partition = identity.partition();
    let fixed: [&[u8]; 5] = [
        plan.gateway.as_bytes(),
        request.method.as_str().as_bytes(),
        request.url.as_str().as_bytes(),
        partition.as_bytes(),
        &request.body,
    ];
    let headers = sorted(&request.headers);
    let headers = headers.iter().flat_map(|(name, value)| [name.as_bytes(), *value]);
    Some(Key::new(&resource(plan, request), fixed.into_iter().chain(headers)))
}

/// Where the answer lives: gateway, origin and path.
pub(super) fn resource(plan: &CallPlan, request: &HttpRequest) -> String {
    let gateway: &str = &plan.gateway;
    [gateway, " ", &request.url[..Position::AfterPath]].concat()
}

fn sorted(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    let mut sorted: Vec<(&str, &[u8])> = headers
        .iter()
        .filter(|(name, _)| !TRACE.contains(&name.as_str()) && **name != AUTHORIZATION)
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    sorted.sort_unstable();
    sorted
}
