//! Fourth stage: the pages of an answer. None can be configured yet, so the first page is the whole answer.

use super::error::CallError;
use super::exchange::Exchange;
use crate::upstream::{HttpRequest, Reply};

/// The whole answer that begins with what this request gives.
///
/// # Errors
/// [`CallError`] when a page did not come.
pub(super) async fn gather(exchange: &mut Exchange<'_, '_>, first: HttpRequest) -> Result<Reply, CallError> {
    exchange.ask(&first).await
}
