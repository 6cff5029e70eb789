//! What holds for the traffic of one tool: the rules of its gateway and its own, put together.

use http::HeaderName;

use super::plan::Effect;
use crate::config::Gateway;
use crate::config::gateway::Change;
use crate::openapi::Operation;
use crate::openapi::operation::{Location, Parameter};
use crate::upstream::TrafficRules;

/// Headers that APIs take an idempotency key in.
const KEYS: [&str; 2] = ["idempotency-key", "x-idempotency-key"];

/// The header for an idempotency key that an operation declares which writes. toolgate makes a key for each call that
/// brings none, so nobody has to.
pub(super) fn idempotency_key(operation: &Operation, parameters: &mut [Parameter]) -> Option<HeaderName> {
    let is_key = |name: &str| KEYS.iter().any(|key| name.eq_ignore_ascii_case(key));
    if Effect::of(&operation.method) != Effect::Write {
        return None;
    }
    let key = parameters
        .iter_mut()
        .find(|parameter| parameter.location == Location::Header && is_key(&parameter.name))?;
    key.required = false;
    HeaderName::from_bytes(key.name.as_bytes()).ok()
}

/// The rules for one tool.
pub(super) fn rules<'a>(
    gateway: &'a Gateway,
    change: Option<&'a Change>,
    effect: Effect,
    idempotency_key: Option<&'a HeaderName>,
) -> TrafficRules<'a> {
    TrafficRules {
        rate_limits: &gateway.rate_limits,
        own_rate_limits: change.map_or(&[], |change| &change.rate_limits),
        concurrency: gateway.concurrency,
        retry: change.and_then(|change| change.retry.as_ref()).unwrap_or(&gateway.retry),
        breaker: gateway.breaker,
        harmless: effect != Effect::Write,
        idempotency_key,
    }
}
