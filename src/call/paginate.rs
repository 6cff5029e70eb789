//! Fifth stage: further pages of an answer. None can be configured yet, so the first page is the whole answer.

use crate::upstream::{HttpRequest, Reply};

/// The pages of one answer.
#[derive(Debug)]
pub(super) struct Pages {
    request: HttpRequest,
}

impl Pages {
    /// The answer that begins with what this request gives.
    pub(super) fn beginning_with(request: HttpRequest) -> Self {
        Self { request }
    }

    /// The request for the next page.
    pub(super) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Takes a page; gives the whole answer when it was the last one.
    pub(super) fn take(&mut self, page: Reply) -> Option<Reply> {
        Some(page)
    }
}
