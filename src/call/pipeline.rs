//! The stages of a call, in their order. Each stage is a file of its own; why it stands where it stands is said here.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

use super::error::CallError;
use super::outcome::Answer;
use super::paginate::Pages;
use super::{Call, ToolOutcome, build, cache, identify, limit, map, send, store, validate};
use crate::telemetry::events::CallEvent;
use crate::upstream::{Fault, HttpRequest};

/// Runs a call to its outcome. Every failure is an outcome too.
///
/// One deadline covers it all: waiting, every attempt and every page. Dropping the future cancels the call at whatever
/// point it is, and closes the connection to the API. A panic costs this call and no other.
pub async fn run(call: Call<'_>) -> ToolOutcome {
    let plan = call.plan;
    let mut event = CallEvent::begin(&plan.tool, &plan.gateway, &plan.request.base);
    let deadline = Instant::from_std(call.deadline);
    let result = bounded(deadline, stages(call, &mut event)).await;
    match result {
        Ok(answer) => {
            event.finish(CallEvent::OK, false);
            answer.into()
        }
        Err(error) => {
            let problem = error.problem(plan, event.attempts > 0);
            event.finish(problem.code, problem.fault != Fault::Caller);
            problem.into()
        }
    }
}

/// What bounds a call from outside: its deadline, and that a panic in it goes no further.
async fn bounded<T>(
    deadline: Instant,
    stages: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    match AssertUnwindSafe(timeout_at(deadline, stages)).catch_unwind().await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(CallError::Deadline),
        Err(_) => Err(CallError::Panic),
    }
}

async fn stages(call: Call<'_>, event: &mut CallEvent<'_>) -> Result<Answer, CallError> {
    let plan = call.plan;
    // First, and without waiting: a call that cannot be sent costs nobody anything.
    let arguments = validate::validate(&plan.arguments, call.arguments)?;
    let mut request = build::build(plan, &arguments)?;
    trace(&mut request, &call.trace);
    // Before the cache: what one identity may see is not shown to another.
    let identity = identify::identify(plan)?;
    // Before pages and limits: what is kept costs the API nothing, however many pages it was.
    if let Some(reply) = cache::lookup(plan, &request, &identity) {
        return Ok(map::map(plan, reply)?);
    }
    let mut pages = Pages::beginning_with(request);
    let reply = loop {
        // Inside the loop: to the API each page is a request.
        limit::permit(plan, &identity).await?;
        let page = send::send(plan, pages.request(), &identity, event).await?;
        if let Some(reply) = pages.take(page) {
            break reply;
        }
    };
    // After the last page and before mapping: what is kept is what the API said, not what was made of it.
    store::keep(plan, &identity, &reply);
    Ok(map::map(plan, reply)?)
}

/// Hands the caller's trace context on.
fn trace(request: &mut HttpRequest, context: &[(&'static str, String)]) {
    for (name, value) in context {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers.insert(HeaderName::from_static(name), value);
        }
    }
}

#[cfg(test)]
mod tests;
