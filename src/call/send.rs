//! Seventh stage: one request on its way, and its answer back.

use super::error::CallError;
use super::identify::Identity;
use crate::catalog::CallPlan;
use crate::telemetry::events::CallEvent;
use crate::upstream::{HttpRequest, Reply};

/// Sends the request. It is sent once: nothing is tried again yet.
///
/// # Errors
/// [`CallError::Send`] when no whole answer came.
pub(super) async fn send(
    plan: &CallPlan,
    request: &HttpRequest,
    identity: &Identity<'_>,
    event: &mut CallEvent<'_>,
) -> Result<Reply, CallError> {
    event.attempts += 1;
    let reply = plan.upstream.send(request, identity.credential, plan.response.max_bytes).await?;
    event.status = Some(reply.status.as_u16());
    event.bytes += reply.body.len();
    Ok(reply)
}
