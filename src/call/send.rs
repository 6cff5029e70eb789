//! Seventh stage: one request on its way, and its answer back.

use super::error::CallError;
use super::exchange::Exchange;
use crate::catalog::plan::ResponsePlan;
use crate::upstream::{HttpRequest, Reply};

/// Sends the request. It is sent once: nothing is tried again yet.
///
/// # Errors
/// [`CallError::Send`] when no whole answer came.
pub(super) async fn send(exchange: &mut Exchange<'_, '_>, request: &HttpRequest) -> Result<Reply, CallError> {
    exchange.event.attempts += 1;
    let plan = exchange.plan;
    let reply = plan.upstream.send(request, &exchange.identity, ResponsePlan::MAX_BYTES).await?;
    exchange.event.status = Some(reply.status.as_u16());
    exchange.event.bytes += reply.body.len();
    Ok(reply)
}
