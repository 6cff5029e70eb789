//! Sixth stage: waits until one more request may be sent. No limit can be configured yet, so nothing waits.

use super::error::CallError;
use super::exchange::Exchange;

/// Waits for the turn of one request.
///
/// # Errors
/// [`CallError`] when it would not come before the deadline.
#[expect(clippy::unused_async, reason = "its caller is laid out for a stage that waits")]
pub(super) async fn permit(_: &mut Exchange<'_, '_>) -> Result<(), CallError> {
    Ok(())
}
