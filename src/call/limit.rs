//! Sixth stage: waits until one more request may be sent. No limit can be configured yet, so nothing waits.

use super::error::CallError;
use super::identify::Identity;
use crate::catalog::CallPlan;

/// Waits for the turn of one request.
///
/// # Errors
/// [`CallError`] when it would not come before the deadline.
#[expect(clippy::unused_async, reason = "its caller is laid out for a stage that waits")]
pub(super) async fn permit(_: &CallPlan, _: &Identity<'_>) -> Result<(), CallError> {
    Ok(())
}
