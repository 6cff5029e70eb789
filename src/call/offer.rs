//! What is offered beside tools, done: a resource read, a prompt filled in, an argument completed.
//!
//! Each happens in two steps. The first waits for nothing: it finds what is meant, fills gaps and makes arguments of texts.
//! What comes out is either the answer already, or owns all that the second step needs: requests, which go through
//! the same pipeline as calls of tools.

mod complete;
mod prompt;
mod read;

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Call, CallerHeaders, Content, Progress, ToolOutcome, pipeline};
use crate::access::Principal;
use crate::catalog::CallPlan;
use crate::catalog::offer::PlannedRequest;
use crate::clock;
pub use complete::{Completed, Completing, MOST_VALUES, complete};
pub use prompt::{FilledMessage, FilledPrompt, Filling, caller_headers, fill};
pub use read::{Contents, Data, Found, Reading, read};

/// Why something offered cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// No resource has this URI, here or at the API.
    #[error("no resource has this URI")]
    NotFound {
        /// The URI.
        uri: String,
    },
    /// A value cannot be sent, or there is a wrong one.
    #[error("{text}")]
    Invalid {
        /// What is wrong, in sentences.
        text: String,
        /// The URI that it is part of.
        uri: Option<String>,
    },
    /// The API failed, or could not be asked.
    #[error("{text}")]
    Failed {
        /// What happened and what to do, in sentences; without secrets.
        text: String,
        /// The same as data.
        data: Option<Value>,
    },
}

/// Who asks for something offered.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who it is.
    pub principal: Principal,
    /// What credentials may read of the request.
    pub caller: CallerHeaders,
    /// `traceparent`, `tracestate` and `baggage`.
    pub trace: Vec<(&'static str, String)>,
}

/// A request that is ready to be made.
#[derive(Debug)]
struct Request {
    plan: Arc<CallPlan>,
    arguments: Option<Box<RawValue>>,
}

impl Request {
    /// A planned request with these values.
    fn new<'v>(request: &PlannedRequest, values: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        Self { plan: Arc::clone(&request.plan), arguments: request.arguments(values) }
    }

    /// Makes it.
    async fn make(&self, asker: &Asker, progress: Option<&dyn Progress>) -> ToolOutcome {
        let call = Call {
            plan: &self.plan,
            arguments: self.arguments.as_deref(),
            principal: &asker.principal,
            caller: &asker.caller,
            deadline: clock::now() + self.plan.timeout,
            progress,
            trace: asker.trace.clone(),
        };
        pipeline::run(call).await
    }
}

/// What a failure means for whoever reads `uri`.
fn failure(outcome: ToolOutcome, uri: Option<&str>) -> OfferError {
    let text = outcome.content.into_iter().find_map(|content| match content {
        Content::Text(text) => Some(text),
        _ => None,
    });
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    let data: Option<Value> = outcome.structured.and_then(|data| serde_json::from_slice(&data).ok());
    let error = data.as_ref().and_then(|data| data.get("error"));
    let code = error.and_then(|error| error.get("code")).and_then(Value::as_str);
    let status = error.and_then(|error| error.get("status")).and_then(Value::as_u64);
    match (code, status, uri) {
        (Some("invalid_arguments"), ..) => OfferError::Invalid { text, uri: uri.map(str::to_owned) },
        (_, Some(404 | 410), Some(uri)) => OfferError::NotFound { uri: uri.to_owned() },
        _ => OfferError::Failed { text, data },
    }
}
