//! What one call has in hand while it talks to the API: its plan, its name, its deadline, and what there is to tell
//! about it afterwards.
//!
//! To the API every page, every poll and every try is a request of its own, so everything that sends one goes through
//! [`Exchange::ask`]: the cache answers it, or it waits for its turn and is sent.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::error::CallError;
use super::{Progress, Weight};
use super::{cache, send};
use crate::access::Principal;
use crate::catalog::CallPlan;
use crate::store::Kept;
use crate::telemetry::events::CallEvent;
use crate::upstream::{HttpRequest, Identity, Reply};

/// A call that talks to the API.
#[derive(Debug)]
pub(super) struct Exchange<'a, 'e> {
    /// What the call is.
    pub(super) plan: &'a Arc<CallPlan>,
    /// In whose name the API is asked.
    pub(super) identity: Identity,
    /// Who calls.
    pub(super) principal: &'a Principal,
    /// When the call must be over; whoever would have to wait beyond it says so at once.
    pub(super) deadline: Instant,
    /// The line of the log.
    pub(super) event: &'e mut CallEvent<'a>,
    /// Who is told how far the call is.
    pub(super) progress: Option<&'a dyn Progress>,
    /// What the client is told beside the answer.
    pub(super) notes: &'e mut Notes,
    /// The kept answer that the last reply is, if it is one.
    pub(super) kept: Option<Arc<Kept>>,
}

/// What a client is told beside the answer.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// To programs: `_meta` of the result.
    pub(super) meta: Vec<(&'static str, Value)>,
    /// To models: texts after the content of a success.
    pub(super) texts: Vec<String>,
}

impl Exchange<'_, '_> {
    /// The answer to one request, from the cache or from the API.
    ///
    /// # Errors
    /// [`CallError`] when there is none.
    pub(super) fn ask(
        &mut self,
        request: &HttpRequest,
    ) -> impl Future<Output = Result<Reply, CallError>> + Send {
        cache::through(self, request)
    }

    /// Tells whoever wants to know how far the call is.
    pub(super) fn report(&self, done: u64, total: Option<u64>, message: &str) {
        if let Some(progress) = self.progress {
            progress.report(done, total, message);
        }
    }

    /// Tells whoever wants to know what happens.
    pub(super) fn happened(&self, weight: Weight, message: fmt::Arguments<'_>) {
        if let Some(progress) = self.progress {
            progress.happened(weight, &self.plan.gateway, message);
        }
    }

    /// The answer of the API itself: waits for the request's turn and sends it.
    ///
    /// # Errors
    /// [`CallError`] when there is none.
    pub(super) async fn fetch(&mut self, request: &HttpRequest) -> Result<Reply, CallError> {
        // After the cache: what is kept costs nothing. Inside pages and polls: each of them is a request. The limits
        // are in there, before each attempt: to the API that is a request, too. Boxed: it is most of what a call has to
        // remember while it waits, and would be moved through every stage around it, also when the cache answers.
        Box::pin(send::send(self, request)).await
    }
}

impl Notes {
    /// Tells one more thing. Of two with one name the later one counts.
    pub(super) fn tell(&mut self, name: &'static str, value: impl Into<Value>) {
        self.meta.retain(|(told, _)| *told != name);
        self.meta.push((name, value.into()));
    }

    /// Says one more thing. Without secrets.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.texts.push(text.into());
    }
}
