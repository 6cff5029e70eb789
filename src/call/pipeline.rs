//! The stages of a call, in their order. Each stage is a file of its own; why it stands where it stands is said here.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

use super::error::CallError;
use super::exchange::{Exchange, Notes};
use super::outcome::Shaped;
use super::{Call, Content, Ended, ToolOutcome, build, identify, job, map, paginate, select, validate};
use crate::telemetry::events::CallEvent;
use crate::upstream::{Fault, HttpRequest};

/// Runs a call to its outcome. Every failure is an outcome too.
///
/// One deadline covers it all: waiting, every attempt and every page. Dropping the future cancels the call at whatever
/// point it is, and closes the connection to the API. A panic costs this call and no other.
pub async fn run(call: Call<'_>) -> ToolOutcome {
    let plan = call.plan;
    let event = CallEvent::begin(&plan.tool, &plan.gateway, &plan.request.base);
    let mut event = event.counted(&plan.metrics);
    let mut notes = Notes::default();
    let deadline = Instant::from_std(call.deadline);
    let result = {
        // Pinned where it is: as an argument its kilobytes would be moved from each wrapper into the next.
        let stages = pin!(stages(call, deadline, &mut event, &mut notes));
        bounded(deadline, stages).await
    };
    let outcome: ToolOutcome = match result {
        Ok(answer) => {
            let ended = Ended { status: event.status, ..Ended::OK };
            event.finish(CallEvent::OK, false);
            let mut outcome = ToolOutcome { ended, ..answer.into() };
            outcome.content.extend(notes.texts.into_iter().map(Content::from));
            outcome
        }
        Err(error) => {
            let problem = error.problem(plan, event.attempts > 0);
            let ended = Ended { code: problem.code, status: event.status };
            event.finish(problem.code, problem.fault != Fault::Caller);
            ToolOutcome { ended, ..problem.into() }
        }
    };
    let meta = notes.meta.into_iter().chain(outcome.meta).collect();
    ToolOutcome { meta, ..outcome }
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

async fn stages<'a>(
    call: Call<'a>,
    deadline: Instant,
    event: &mut CallEvent<'a>,
    notes: &mut Notes,
) -> Result<Shaped, CallError> {
    let plan = call.plan;
    // First, and without waiting: a call that cannot be sent costs nobody anything.
    let mut arguments = validate::validate(&plan.arguments, call.arguments)?;
    // Before anything is sent: a filter that cannot be read would cost a request that nobody sees the answer of.
    let select = select::take(plan, &mut arguments).await?;
    let mut request = build::build(plan, &arguments)?;
    trace(&mut request, &call.trace);
    // Before the cache: what one identity may see is not shown to another.
    let identity = identify::identify(&call)?;
    let principal = call.principal;
    let mut exchange =
        Exchange { plan, identity, principal, deadline, event, progress: call.progress, notes, kept: None };
    // Around cache, limit and attempts: to each of them a page is a request like any other, see `Exchange::ask`.
    // Boxed, where few calls go: it would make the future of every call as large, and that is moved.
    let reply = match (&plan.job, &plan.pages) {
        (Some(rules), _) => Box::pin(job::run(&mut exchange, rules, &request)).await?,
        (None, Some(pages)) => Box::pin(paginate::answer(&mut exchange, pages, arguments, request)).await?,
        (None, None) => exchange.ask(&request).await?,
    };
    // What was made of several answers is not the last of them.
    let kept = exchange.kept.filter(|_| plan.job.is_none() && plan.pages.is_none());
    // Last: what is kept is what the API said, not what is made of it here.
    Ok(map::map(plan, &reply, kept.as_deref(), select.as_ref()).await?)
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
