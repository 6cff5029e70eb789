//! Fourth stage: the pages of an answer.
//!
//! What becomes of them the plan says. With a *hint*, one page is asked for as the caller wants it, and the result says
//! with which of the tool's own arguments the next one comes. With *step* and *gather*, the tool has one argument
//! `cursor` in the place of whatever the API has; a step asks for one page, gathering asks for several and makes one
//! answer of them.
//!
//! ```text
//! cursor ──seal──► Position ──asked──► request ──Exchange::ask──► reply ──page──► items, next Position
//!                      ▲                                                              │
//!                      └───────────────────────── walk ◄──────────────────────────────┘
//! ```
//!
//! Where the next page is, the API says; so nothing it says is followed away from its own origin and base path, no
//! page is asked for twice, and pages, items, bytes and time have caps ([`walk`] knows no other way to end). Whatever
//! ends it before the API does is told, with a cursor to go on where there is one.

mod asked;
mod counted;
mod hint;
mod join;
mod link;
mod next;
mod page;
mod seal;
mod tell;
mod walk;

use serde_json::{Map, Value};
use tokio::time::{Duration, Instant, timeout_at};

use super::error::CallError;
use super::exchange::Exchange;
use super::{Weight, map};
use crate::catalog::plan::PagePlan;
use crate::config::gateway::PageMode;
use crate::upstream::{HttpRequest, Reply};
use asked::Asked;
use seal::{Binding, Start};
use walk::{Ended, Walk};

/// Of the time that a call has, so much is kept for handing on what was gathered when a page does not come.
const RESERVE: Duration = Duration::from_millis(200);

/// The answer that begins with what the first request gives. `arguments` are those that it was built of.
///
/// # Errors
/// [`CallError`] when the first page did not come, or when the caller's cursor is not one for this call: nothing has
/// been sent then.
pub(super) async fn answer(
    exchange: &mut Exchange<'_, '_>,
    pages: &PagePlan,
    mut arguments: Map<String, Value>,
    first: HttpRequest,
) -> Result<Reply, CallError> {
    let plan = exchange.plan;
    if pages.mode == PageMode::Hint {
        let reply = exchange.ask(&first).await?;
        hint::tell(&Asked { plan, pages, arguments, first }, &reply, exchange.notes);
        return Ok(reply);
    }
    let cursor = pages.cursor.as_deref().and_then(|name| arguments.remove(name));
    let binding = Binding::new(plan, pages, exchange.principal, &exchange.identity, &arguments);
    let start = match cursor {
        Some(Value::String(cursor)) => binding.open(&cursor, &first.url)?,
        _ => Start::default(),
    };
    let asked = Asked { plan, pages, arguments, first };
    let walk = walk(exchange, &asked, start).await?;
    tell::finish(walk, &asked, &binding, exchange.notes).ok_or(CallError::Panic)
}

/// Asks for one page after the other.
async fn walk<'a>(
    exchange: &mut Exchange<'_, '_>,
    asked: &'a Asked<'a>,
    start: Start,
) -> Result<Walk<'a>, CallError> {
    let mut walk = Walk::new(asked, start);
    let first = asked.request(walk.position())?;
    let mut reply = exchange.ask(&first).await?;
    loop {
        let next = walk.take(reply);
        let so_far = walk.so_far();
        exchange.report(walk.pages as u64, None, &so_far);
        exchange.happened(Weight::Step, format_args!("{so_far} so far"));
        let Some(position) = next else { return Ok(walk) };
        let request = match asked.request(&position) {
            Ok(request) => request,
            Err(_) => {
                walk.end(Ended::Refused("a cursor that cannot be sent".to_owned()));
                return Ok(walk);
            }
        };
        reply = match later(exchange, &request).await {
            Ok(reply) => reply,
            Err(ended) => {
                walk.end(ended);
                return Ok(walk);
            }
        };
    }
}

/// A page after the first. What is already there is not lost with it.
async fn later(exchange: &mut Exchange<'_, '_>, request: &HttpRequest) -> Result<Reply, Ended> {
    let plan = exchange.plan;
    let soon = exchange.deadline.checked_sub(RESERVE).unwrap_or(exchange.deadline);
    if Instant::now() >= soon {
        return Err(Ended::Deadline);
    }
    match timeout_at(soon, exchange.ask(request)).await {
        Err(_) => Err(Ended::Deadline),
        Ok(Err(error)) => Err(Ended::Failed(error.problem(plan, true).message)),
        Ok(Ok(reply)) if reply.status.is_success() => Ok(reply),
        Ok(Ok(reply)) => Err(match map::map(plan, &reply, None, None).await {
            Err(problem) => Ended::Failed(problem.message.clone()),
            Ok(_) => Ended::Failed("The API answered without a page.".to_owned()),
        }),
    }
}

#[cfg(test)]
mod tests;
