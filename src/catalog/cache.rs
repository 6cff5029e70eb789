//! Which answers of an operation are kept.

use std::sync::Arc;

use http::Method;

use super::plan::{CachePlan, Effect};
use crate::config::gateway::{CacheRules, CacheTimes, Change};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::store::Cache;

/// The plan of an operation: its own rules, else those of the gateway.
pub(super) fn plan(
    operation: &Operation,
    change: Option<&Change>,
    gateway: Option<CacheRules>,
    store: &Arc<Cache>,
    diagnostics: &mut Diagnostics,
) -> CachePlan {
    let own = change.and_then(|change| change.cache.as_ref());
    let only_reads = Effect::of(&operation.method) == Effect::Safe;
    // A POST that only reads (a search) is kept where its author says both: that it reads, and how long it is good.
    let is_read = only_reads || operation.hints.read_only == Some(true);
    let times = match own {
        Some((CacheRules::On(_), place)) if !is_read => {
            let message = format!("`{}` changes something: its answers are not kept", operation.signature());
            let help = "leave `cache` out, or say `read_only: true` when it only reads";
            diagnostics.push(Diagnostic::new(Code::InvalidValue, message).at(place.clone()).help(help));
            None
        }
        Some((rules, _)) => times(*rules),
        None if is_cacheable(&operation.method) => gateway.map_or(Some(CacheTimes::default()), times),
        None => None,
    };
    // Where nobody has said that answers can be kept, nobody waits for another one's answer before one could be.
    let passes = own.is_none() && gateway.is_none();
    CachePlan::new(store, times, !is_read, passes)
}

/// The methods whose answers are kept without a further word (RFC 9110, section 9.2.3).
fn is_cacheable(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn times(rules: CacheRules) -> Option<CacheTimes> {
    match rules {
        CacheRules::Off => None,
        CacheRules::On(times) => Some(times),
    }
}
