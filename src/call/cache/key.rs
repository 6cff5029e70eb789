//! What an answer is kept under.

use std::borrow::Cow;

use http::header::{
    CACHE_CONTROL, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Position;

use crate::catalog::CallPlan;
use crate::store::Key;
use crate::upstream::{HttpRequest, Identity, Partition};

/// A caller who says one of these asks for something else than what is kept.
const OWN_CONDITIONS: [HeaderName; 8] =
    [CACHE_CONTROL, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, RANGE];

/// Headers that go with a request and make no difference to its answer.
const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];

/// The key of a request; `None` when the request has conditions of its own.
///
/// All of the request is in it, headers and body included, so that whatever `Vary` names is. A secret is not: what
/// stands for a credential is the partition of its identity, and what stands for a header with a secret in it is a
/// partition of its own, since a cookie of the caller may be beside the secret one.
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
    let headers = headers.iter().flat_map(|(name, value)| [name.as_bytes(), value]);
    Some(Key::new(&resource(plan, request), fixed.into_iter().chain(headers)))
}

/// Where the answer lives: gateway, origin and path.
pub(super) fn resource(plan: &CallPlan, request: &HttpRequest) -> String {
    let gateway: &str = &plan.gateway;
    [gateway, " ", &request.url[..Position::AfterPath]].concat()
}

fn sorted(headers: &HeaderMap) -> Vec<(&str, Cow<'_, [u8]>)> {
    let mut sorted: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !TRACE.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), shown(value)))
        .collect();
    sorted.sort_unstable();
    sorted
}

fn shown(value: &HeaderValue) -> Cow<'_, [u8]> {
    match value.is_sensitive() {
        true => Cow::Owned(Partition::of([value.as_bytes()]).as_bytes().to_vec()),
        false => Cow::Borrowed(value.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_in_a_key_and_what_is_beside_it_still_counts() {
        let secret = |text| {
            let mut value = HeaderValue::from_static(text);
            value.set_sensitive(true);
            HeaderMap::from_iter([(http::header::COOKIE, value)])
        };
        let [ours, other] = [secret("key=s3cret; page=1"), secret("key=s3cret; page=2")];
        assert_eq!(sorted(&ours), sorted(&ours));
        assert_ne!(sorted(&ours), sorted(&other));
        assert!(!sorted(&ours).iter().any(|(_, value)| value.windows(6).any(|part| part == b"s3cret")));
    }
}
