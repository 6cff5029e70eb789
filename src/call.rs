//! One call of a tool, from arguments to outcome: see [`pipeline`] for the stages and why they are in their order.

pub mod admission;
pub mod build;
mod cache;
pub mod error;
mod exchange;
pub mod explain;
#[cfg(test)]
mod fixture;
mod identify;
mod job;
mod json;
mod limit;
mod map;
pub mod offer;
mod outcome;
mod paginate;
pub mod pipeline;
mod select;
mod send;
mod target;
pub(crate) mod unanswered;
pub mod validate;

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::access::Principal;
use crate::catalog::CallPlan;
pub use crate::upstream::CallerHeaders;

/// A call of a tool. Dropping the future that runs it cancels it, the upstream request included.
#[derive(Debug)]
pub struct Call<'a> {
    /// What to do.
    pub plan: &'a Arc<CallPlan>,
    /// The `arguments` of tools/call as they came: a JSON object, or nothing.
    pub arguments: Option<&'a RawValue>,
    /// Who calls.
    pub principal: &'a Principal,
    /// What the tool's credentials may read of the caller's request.
    pub caller: &'a CallerHeaders,
    /// When an answer must be there; waiting, retries and pages included.
    pub deadline: Instant,
    /// Who is told how far it is and what happens; `None`: nobody asked.
    pub progress: Option<&'a dyn Progress>,
    /// `traceparent`, `tracestate` and `baggage` to hand on, checked by nobody yet.
    pub trace: Vec<(&'static str, String)>,
}

/// Is told how far a call is, and what happens in it.
pub trait Progress: fmt::Debug + Send + Sync {
    /// So much is done: pages that were read, questions about a job that were answered. It grows from call to call.
    /// `message` says it for people, without secrets.
    fn report(&self, done: u64, total: Option<u64>, message: &str);

    /// Something was decided, or has happened, with the API of this gateway: `message` says it for people, without
    /// secrets.
    fn happened(&self, weight: Weight, gateway: &str, message: fmt::Arguments<'_>);
}

/// How much something matters to whoever waits for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// To those who want to know everything: what the API answered.
    Detail,
    /// A step forward: a page has come.
    Step,
    /// Not what would be expected: something is tried again, an old answer is given.
    Unusual,
}

/// What a call came to, in MCP's terms but in no wire form.
#[derive(Debug)]
pub struct ToolOutcome {
    /// The call failed in a way that the model is told about.
    pub is_error: bool,
    /// What the model sees.
    pub content: Vec<Content>,
    /// What programs see: one JSON value without raw line breaks. When it came from `Content::Json` the bytes are
    /// shared. The legacy era wraps what is no object.
    pub structured: Option<Bytes>,
    /// What there is to tell beside it, by keys of MCP's `_meta`: `toolgate/cache`.
    pub meta: Vec<(&'static str, Value)>,
    /// How it ended, for whoever keeps records.
    pub ended: Ended,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `ok`, or the stable name of a kind of failure.
    pub code: &'static str,
    /// The status of the last answer.
    pub status: Option<u16>,
}

impl Ended {
    /// A success.
    pub const OK: Self = Self { code: "ok", status: None };

    /// It comes again, with the answers to what its caller is asked first.
    pub const INPUT_REQUIRED: Self = Self { code: "input_required", status: None };

    /// A failure that no answer of an API is part of.
    #[must_use]
    pub fn failed(code: &'static str) -> Self {
        Self { code, status: None }
    }
}

/// One block of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text in UTF-8.
    Text(Bytes),
    /// A JSON document, valid and without raw line breaks, shown as text.
    Json(Bytes),
    /// `image/*`
    Image {
        /// The bytes, not yet base64.
        data: Bytes,
        /// Media type without parameters.
        mime_type: String,
    },
    /// `audio/*`
    Audio {
        /// The bytes, not yet base64.
        data: Bytes,
        /// Media type without parameters.
        mime_type: String,
    },
    /// Any other binary: an embedded resource with a blob.
    Blob {
        /// What it is called; never holds a secret.
        uri: String,
        /// The bytes, not yet base64.
        data: Bytes,
        /// Media type without parameters.
        mime_type: String,
    },
    /// An embedded resource with a text.
    Resource {
        /// What it is called; never holds a secret.
        uri: String,
        /// UTF-8.
        text: Bytes,
        /// Media type.
        mime_type: Option<String>,
    },
    /// A resource that the client may read by itself.
    Link {
        /// Its URI.
        uri: String,
        /// Its name.
        name: String,
        /// A title, for people.
        title: Option<String>,
        /// What it is.
        description: Option<String>,
        /// Media type.
        mime_type: Option<String>,
    },
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl ToolOutcome {
    /// A failure that is told in one text.
    #[must_use]
    pub fn error(text: impl Into<String>, structured: Option<Bytes>) -> Self {
        Self {
            is_error: true,
            content: vec![Content::from(text.into())],
            structured,
            meta: Vec::new(),
            ended: Ended::failed("failed"),
        }
    }
}
