//! Third stage: in whose name the API is asked.
//!
//! It comes before the cache, which is partitioned by it: what one identity may see is not shown to another. Secrets
//! that are not the caller's own are put on a request by the upstream, on each attempt anew.

use super::Call;
use crate::upstream::{Identity, SendError};

/// The identity of a call.
///
/// # Errors
/// [`SendError::Credential`] when the caller has not sent what a credential is made of: nothing is sent without it.
pub(super) fn identify(call: &Call<'_>) -> Result<Identity, SendError> {
    Ok(Identity::new(&call.plan.credentials, call.caller)?)
}
