//! Third stage: in whose name the API is asked.
//!
//! It comes before the cache, which is partitioned by it: what one credential may see is not shown to another. The
//! secret itself is put on a request by the upstream, on each attempt anew.

use crate::catalog::CallPlan;
use crate::config::gateway::Credential;
use crate::upstream::SendError;

/// In whose name the API is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity<'a> {
    /// What goes with the request; `None` for a request without a credential.
    pub(super) credential: Option<&'a Credential>,
}

/// The identity of a call.
///
/// # Errors
/// [`SendError::Credential`] when the plan asks for a credential that the upstream does not have: nothing is sent
/// without it.
pub(super) fn identify(plan: &CallPlan) -> Result<Identity<'_>, SendError> {
    let Some(index) = plan.credential else { return Ok(Identity { credential: None }) };
    match plan.upstream.credentials.get(index) {
        Some(named) => Ok(Identity { credential: Some(&named.credential) }),
        None => Err(SendError::Credential { reason: "there is none of this name" }),
    }
}
