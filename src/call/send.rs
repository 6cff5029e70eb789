//! Seventh stage: one request on its way, and its answer back; again when it fails, if it may be sent again.

use std::time::Duration;

use http::StatusCode;

use super::Weight;
use super::error::CallError;
use super::exchange::Exchange;
use super::limit::{self, Permit};
use crate::catalog::plan::ResponsePlan;
use crate::upstream::breaker::Watched;
use crate::upstream::{HttpRequest, Reply, SendError};

/// Sends the request, as often as [`crate::upstream::retry`] says. To the API each attempt is a request like any
/// other, so each of them waits for its turn.
///
/// # Errors
/// [`CallError::Send`] when no whole answer came, [`CallError::Refused`] when it was not sent at all.
pub(super) async fn send(exchange: &mut Exchange<'_, '_>, request: &HttpRequest) -> Result<Reply, CallError> {
    let retry = &exchange.plan.retry;
    retry.count_call();
    let request = retry.keyed(request);
    let mut last: Option<Result<Reply, SendError>> = None;
    let mut attempts = 0;
    loop {
        let permit = match limit::permit(exchange).await {
            Ok(permit) => permit,
            // What the API said says more than that it will not be asked again.
            Err(refusal) => return last.map_or(Err(refusal.into()), |last| Ok(last?)),
        };
        attempts += 1;
        let result = attempt(exchange, &request, permit).await;
        match retry.pause(attempts, &result) {
            Some(pause) if tokio::time::Instant::now() + pause < exchange.latest() => {
                again(exchange, attempts, pause, &result);
                tokio::time::sleep(pause).await;
                exchange.event.retries += 1;
                exchange.notes.tell("toolgate/retries", exchange.event.retries);
            }
            _ => return Ok(result?),
        }
        last = Some(result);
    }
}

/// Says that it is tried again, and why. Of a failure its code alone: reasons quote what others said.
fn again(exchange: &Exchange<'_, '_>, attempts: u32, pause: Duration, result: &Result<Reply, SendError>) {
    let (next, most, pause) = (attempts + 1, exchange.plan.retry.attempts, pause.as_millis());
    match result {
        Ok(reply) => exchange.happened(
            Weight::Unusual,
            format_args!("the API answered {}: attempt {next} of {most} in {pause} ms", reply.status),
        ),
        Err(error) => exchange.happened(
            Weight::Unusual,
            format_args!("no answer ({}): attempt {next} of {most} in {pause} ms", error.code()),
        ),
    }
}

/// Sends it once.
async fn attempt(
    exchange: &mut Exchange<'_, '_>,
    request: &HttpRequest,
    permit: Permit<'_>,
) -> Result<Reply, SendError> {
    exchange.event.attempts += 1;
    let plan = exchange.plan;
    let result = plan.upstream.send(request, &exchange.identity, ResponsePlan::MAX_BYTES).await;
    tell(permit.watched, &result);
    plan.metrics.gateway.request(result.as_ref().ok().map(|reply| reply.status.as_u16()));
    if let Ok(reply) = &result {
        exchange.event.status = Some(reply.status.as_u16());
        exchange.event.bytes += reply.body.len();
        exchange.happened(
            Weight::Detail,
            format_args!("the API answered {}, {} bytes", reply.status, reply.body.len()),
        );
        plan.limits.learn(exchange.asking(), reply.status, &reply.headers);
    }
    result
}

/// What an attempt says about the API: see [`crate::upstream::breaker`].
fn tell(watched: Watched<'_>, result: &Result<Reply, SendError>) {
    match result {
        Ok(reply) if reply.status.is_server_error() && reply.status != StatusCode::NOT_IMPLEMENTED => {
            watched.failure();
        }
        Ok(_) => watched.success(),
        Err(error) if error.says_nothing_of_the_api() => watched.unknown(),
        Err(error) if error.is_without_answer() => watched.failure(),
        // There was an answer, though it was cut off or broken.
        Err(_) => watched.success(),
    }
}
