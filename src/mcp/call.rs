//! A `tools/call` that was accepted.

use std::pin::Pin;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::asking::live;
use super::capabilities::Capabilities;
use super::json;
use super::line::Line;
use super::message::Meta;
use super::progress::Reporter;
use crate::access::Principal;
use crate::call::{Call, CallerHeaders, Progress, ToolOutcome, pipeline};
use crate::catalog::CallPlan;
use crate::clock;

/// What runs a call. Not a direct use of the pipeline, so that the protocol can be tested without an upstream; and in a
/// box, because a future that is awaited in place is moved into each of those around it, kilobytes and all.
pub(crate) type Runner = for<'a> fn(Call<'a>) -> Pin<Box<dyn Future<Output = ToolOutcome> + Send + 'a>>;

/// The real thing.
pub(crate) const PIPELINE: Runner = |call| Box::pin(pipeline::run(call));

/// A call that waits to be run.
#[derive(Debug)]
pub(crate) struct ToolCall {
    /// What to do.
    pub(crate) plan: Arc<CallPlan>,
    /// The arguments as they came.
    pub(crate) arguments: Option<Box<RawValue>>,
    /// Who calls.
    pub(crate) principal: Principal,
    /// What the tool's credentials may read of the request.
    pub(crate) caller: CallerHeaders,
    /// `traceparent`, `tracestate` and `baggage`.
    pub(crate) trace: Vec<(&'static str, String)>,
    /// What runs it.
    pub(crate) runner: Runner,
}

impl ToolCall {
    /// The same, after its client was asked what there is to ask. The time of the call begins with the last answer.
    pub(crate) async fn ask_and_run(
        self,
        line: &Line,
        capabilities: Capabilities,
        reporter: Option<&Reporter>,
    ) -> ToolOutcome {
        match live::arguments(&self.plan, self.arguments.as_deref(), capabilities, line).await {
            Ok(arguments) => Self { arguments, ..self }.run(reporter).await,
            Err(outcome) => *outcome,
        }
    }

    /// Runs the call; `reporter` tells how far it is. Dropping the future cancels it, the upstream request included.
    pub(crate) async fn run(self, reporter: Option<&Reporter>) -> ToolOutcome {
        let call = Call {
            plan: &self.plan,
            arguments: self.arguments.as_deref(),
            principal: &self.principal,
            caller: &self.caller,
            deadline: clock::now() + self.plan.timeout,
            progress: reporter.map(|reporter| reporter as &dyn Progress),
            trace: self.trace,
        };
        (self.runner)(call).await
    }
}

/// The trace context of a request, for the upstream. What could not be a header value is left out.
pub(crate) fn trace(meta: Option<&Meta<'_>>) -> Vec<(&'static str, String)> {
    const LONGEST: usize = 8192;
    let Some(meta) = meta else { return Vec::new() };
    [("traceparent", meta.traceparent), ("tracestate", meta.tracestate), ("baggage", meta.baggage)]
        .into_iter()
        .filter_map(|(name, raw)| Some((name, json::string(raw?.get())?)))
        .filter(|(_, value)| value.len() <= LONGEST && value.bytes().all(|byte| matches!(byte, b' '..=b'~')))
        .map(|(name, value)| (name, value.into_owned()))
        .collect()
}
