//! Asking somebody who answers while the call waits: a client of the legacy era, or whoever sits at the terminal.

use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::{self, Answered, Unusable};
use super::question::{InputRequest, request};
use super::{Answers, Next, Open, Unsettled, next};
use crate::call::ToolOutcome;
use crate::call::unanswered::Unanswered;
use crate::call::validate::validate;
use crate::catalog::CallPlan;
use crate::catalog::ask::AskPlan;
use crate::clock;
use crate::mcp::capabilities::Capabilities;
use crate::mcp::line::{AskError, Line};

/// Who can be asked.
pub(crate) trait Asked: Sync {
    /// The `result` of the answer to a request, as it came.
    ///
    /// # Errors
    /// Says why there is none.
    fn ask(
        &self,
        request: &InputRequest,
        patience: Duration,
    ) -> impl Future<Output = Result<Box<RawValue>, AskError>> + Send;
}

/// How often somebody is asked who answers something else than what was asked for.
const TRIES: usize = 3;

/// The arguments of a call with what was answered.
///
/// # Errors
/// What the call comes to when it must not be made.
pub(crate) async fn arguments(
    plan: &CallPlan,
    given: Option<&RawValue>,
    capabilities: Capabilities,
    asked: &impl Asked,
) -> Result<Option<Box<RawValue>>, Box<ToolOutcome>> {
    let Some(ask) = &plan.ask else { return Ok(given.map(ToOwned::to_owned)) };
    // Before anybody is bothered: what is wrong already stays wrong.
    let given = validate(plan.taken(), given).map_err(|error| Box::new(error.into()))?;
    let answered = converse(ask, Some(plan), &given, capabilities, asked).await;
    let answered = answered.map_err(|unsettled| Box::new(unsettled.into()))?;
    let text = Value::Object(answered).to_string();
    RawValue::from_string(text).map(Some).map_err(|_| Box::new(Unanswered::Refused.into()))
}

/// Asks one question after the other until there is none; the arguments with the answers.
///
/// # Errors
/// Says why there are none.
pub(crate) async fn converse(
    ask: &AskPlan,
    call: Option<&CallPlan>,
    given: &Map<String, Value>,
    capabilities: Capabilities,
    asked: &impl Asked,
) -> Result<Map<String, Value>, Unsettled> {
    let until = clock::now() + ask.patience;
    let mut answers = Answers::default();
    loop {
        let (open, arguments) = match next(ask, given, &answers, capabilities) {
            Next::Ready(arguments) => return Ok(arguments),
            Next::Missing(required) => {
                let capability = format!("`{}`", required.named());
                return Err(Unanswered::CannotAsk { capability }.into());
            }
            Next::Ask(open, arguments) => (open, arguments),
        };
        let Some(open) = open.first() else { return Ok(arguments) };
        let left = until.saturating_duration_since(clock::now());
        let given = question(*open, call, &arguments, left, asked).await?;
        answers.note(open.name(), given);
    }
}

/// Asks one question; what its answer gives.
async fn question(
    open: Open<'_>,
    call: Option<&CallPlan>,
    arguments: &Map<String, Value>,
    patience: Duration,
    asked: &impl Asked,
) -> Result<Map<String, Value>, Unsettled> {
    let mut again = None;
    let until = clock::now() + patience;
    for _ in 0..TRIES {
        let request = request(open, call, arguments, again.as_deref())?;
        let left = until.saturating_duration_since(clock::now());
        let raw = asked.ask(&request, left).await.map_err(unanswered)?;
        let over = match answer::read(open, arguments, &raw) {
            Ok(Answered::Given(given)) => return Ok(given),
            Ok(Answered::Declined | Answered::Cancelled) if open.is_optional() => return Ok(Map::new()),
            Ok(Answered::Declined) => Unanswered::Declined,
            Ok(Answered::Cancelled) => Unanswered::Cancelled,
            Err(Unusable::Unfit(fault)) => {
                again = Some(fault);
                continue;
            }
            Err(error) => Unanswered::Unfit { fault: error.to_string() },
        };
        return Err(over.into());
    }
    let fault = again.unwrap_or_default();
    Err(Unanswered::Unfit { fault }.into())
}

fn unanswered(error: AskError) -> Unanswered {
    match error {
        AskError::NoWay => Unanswered::NoWay,
        AskError::Refused | AskError::Gone => Unanswered::Refused,
        AskError::Deadline => Unanswered::Deadline,
    }
}

impl Asked for Line {
    async fn ask(&self, request: &InputRequest, patience: Duration) -> Result<Box<RawValue>, AskError> {
        let params = serde_json::value::to_raw_value(&request.params).map_err(|_| AskError::NoWay)?;
        Self::ask(self, request.method, &params, patience).await
    }
}
