//! What the gateway file says about an answer.

use bytes::Bytes;

use super::body;
use crate::catalog::CallPlan;
use crate::config::errors::{Condition, ErrorRule, Test};
use crate::express::json::{self, Kind};
use crate::upstream::Reply;

/// The first rule that is about this answer. A body is read only where a rule for its status asks for it.
pub(super) async fn matching<'a>(plan: &'a CallPlan, reply: &Reply) -> Option<&'a ErrorRule> {
    let status = reply.status.as_u16();
    let mut said: Option<Option<String>> = None;
    for rule in plan.response.errors.iter().filter(|rule| rule.status.matches(status)) {
        let Some(condition) = &rule.condition else { return Some(rule) };
        let said = said.get_or_insert_with(|| body::json(plan, reply));
        // Boxed, as what few answers need: it would make the future of every call larger, and that is moved.
        if Box::pin(holds(condition, said.as_deref())).await {
            return Some(rule);
        }
    }
    None
}

/// Whether a body says this. One that is no JSON says nothing.
async fn holds(condition: &Condition, body: Option<&str>) -> bool {
    let Some(body) = body else {
        return matches!(condition, Condition::Member { test: Test::Exists(false), .. });
    };
    match condition {
        Condition::Member { path, test } => {
            let found = path.find(body);
            match test {
                Test::Exists(wanted) => found.iter().any(|value| *value != "null") == *wanted,
                Test::Equals(wanted) => found.iter().any(|value| {
                    serde_json::from_str::<serde_json::Value>(value).is_ok_and(|value| value == *wanted)
                }),
                Test::Matches(regex) => found.iter().any(|value| {
                    let text = if json::kind(value) == Kind::String {
                        json::text(value)
                    } else {
                        (*value).to_owned()
                    };
                    regex.is_match(&text)
                }),
            }
        }
        Condition::Filter(filter) => {
            let given = filter.run(Bytes::copy_from_slice(body.as_bytes())).await;
            // A filter that fails says nothing; one that iterates and finds nothing gives an empty list.
            given.is_ok_and(|given| !matches!(given.as_str(), "false" | "null" | "[]"))
        }
    }
}
