//! Fifth stage: an answer that is kept and still good. Nothing is kept yet, so every request goes on to the API.

use super::error::CallError;
use super::exchange::Exchange;
use crate::upstream::{HttpRequest, Reply};

/// The kept answer to this request in this name, or that of the API, which is then kept when it may be.
///
/// # Errors
/// [`CallError`] when there is no answer.
pub(super) async fn through(
    exchange: &mut Exchange<'_, '_>,
    request: &HttpRequest,
) -> Result<Reply, CallError> {
    exchange.fetch(request).await
}
