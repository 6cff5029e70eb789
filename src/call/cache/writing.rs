//! A request that may change something: what is kept about what it changed is not given any more (RFC 9111, section
//! 4.4).
//!
//! When it is not known whether the API did it (no answer came, or the call was dropped in the middle), it counts as
//! done: asking once more costs a request, and an answer from before a change costs trust.

use http::StatusCode;

use super::super::error::CallError;
use super::key;
use crate::catalog::CallPlan;
use crate::store::Cache;
use crate::upstream::{HttpRequest, Reply};

/// A write that is on its way. Dropped, it counts as done.
pub(super) struct Writing<'a> {
    cache: &'a Cache,
    resource: Option<String>,
}

impl<'a> Writing<'a> {
    /// A write that is about to be sent.
    pub(super) fn begin(plan: &'a CallPlan, request: &HttpRequest) -> Self {
        Self { cache: &plan.cache.store, resource: Some(key::resource(plan, request)) }
    }

    /// It has ended in this way.
    pub(super) fn ended(mut self, result: &Result<Reply, CallError>) {
        if is_certainly_undone(result) {
            self.resource = None;
        }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if let Some(resource) = &self.resource {
            self.cache.written(resource);
        }
    }
}

/// Nothing was sent, or the API says that the request is at fault.
fn is_certainly_undone(result: &Result<Reply, CallError>) -> bool {
    match result {
        Ok(reply) => reply.status.is_client_error() && reply.status != StatusCode::REQUEST_TIMEOUT,
        Err(CallError::Send(error)) => error.certainly_not_written(),
        Err(_) => false,
    }
}
