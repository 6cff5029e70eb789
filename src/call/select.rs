//! The filter that a model gives for the answer, where its tool takes one.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::{ArgumentProblem, ArgumentsError};
use crate::catalog::CallPlan;
use crate::express::jq::Filter;

/// Takes the filter out of the arguments: it is not sent.
///
/// # Errors
/// [`ArgumentsError`] when it is no filter.
pub(super) async fn take(
    plan: &CallPlan,
    arguments: &mut Map<String, Value>,
) -> Result<Option<Arc<Filter>>, ArgumentsError> {
    let Some(name) = &plan.response.select_argument else { return Ok(None) };
    let Some(Value::String(filter)) = arguments.shift_remove(&**name) else { return Ok(None) };
    // Boxed, as what few calls do: it would make the future of every call larger, and that is moved.
    match Box::pin(Filter::compile(&filter)).await {
        Ok(filter) => Ok(Some(Arc::new(filter))),
        Err(error) => {
            let at = filter.get(..error.at.start).map_or(0, |before| before.chars().count());
            let message = format!("is no filter in jq: {}, at character {}", error.message, at + 1);
            let help = "for example `.items[] | {id, name}`".to_owned();
            let problem = ArgumentProblem { argument: Some(name.to_string()), message, help: Some(help) };
            Err(ArgumentsError { problems: vec![problem] })
        }
    }
}
