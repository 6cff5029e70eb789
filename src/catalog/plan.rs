//! Everything about a call that can be decided before it.

mod pages;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, HeaderName, Method};
use serde_json::Value;
use url::Url;

use super::ask::AskPlan;
use super::validator::Validators;
use crate::config::errors::ErrorRule;
use crate::config::gateway::CacheTimes;
use crate::config::gateway::JobRules;
use crate::config::response::ResponseRules;
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{Encoding, Location};
use crate::openapi::shared::Json;
use crate::store::Cache;
use crate::telemetry::metrics::ToolMetrics;
use crate::upstream::breaker::Breaker;
use crate::upstream::limit::LimitPlan;
use crate::upstream::retry::RetryPlan;
use crate::upstream::{CredentialSet, Upstream};
pub use pages::{PagePlan, SizeParameter};

/// The plan of one tool's calls: immutable, shared by all of them.
#[derive(Debug)]
pub struct CallPlan {
    /// Name of the tool.
    pub tool: Box<str>,
    /// Name of its gateway.
    pub gateway: Arc<str>,
    /// `GET /repos/{owner}/{repo}`: how people name the endpoint.
    pub signature: Box<str>,
    /// Who is called.
    pub upstream: Arc<Upstream>,
    /// Which of the upstream's credentials go with a call, all of them together; empty for a call without one.
    pub credentials: Arc<CredentialSet>,
    /// Which arguments are taken.
    pub arguments: ArgumentsPlan,
    /// How they become a request.
    pub request: RequestPlan,
    /// What a call changes.
    pub effect: Effect,
    /// What paces the calls.
    pub(crate) limits: LimitPlan,
    /// What is sent again when it fails.
    pub(crate) retry: RetryPlan,
    /// Knows whether the API is there; `None` when nobody asks.
    pub(crate) breaker: Option<Arc<Breaker>>,
    /// The deadline of a whole call.
    pub timeout: Duration,
    /// Which answers are kept.
    pub cache: CachePlan,
    /// What becomes of an answer that has more pages; `None`: nothing is known about them.
    pub pages: Option<Box<PagePlan>>,
    /// How the job is followed that a call begins; `None`: a call is over with its answer.
    pub job: Option<Box<JobRules>>,
    /// How the answer is handed on.
    pub response: ResponsePlan,
    /// Where its calls are counted.
    pub metrics: Arc<ToolMetrics>,
    /// What the caller is asked before it; `None` for nothing.
    pub ask: Option<Box<AskPlan>>,
}

/// Which answers of a tool are kept, and where.
#[derive(Debug)]
pub struct CachePlan {
    /// Where.
    pub(crate) store: Arc<Cache>,
    /// How long; `None` when none are.
    pub(crate) times: Option<CacheTimes>,
    /// Its requests change something, so that what is kept about it gets old.
    pub(crate) writes: bool,
    /// The last answer could not be kept.
    passes: AtomicBool,
}

impl CachePlan {
    /// Nobody has asked yet; `passes` is what is assumed of the first answer.
    pub(super) fn new(store: &Arc<Cache>, times: Option<CacheTimes>, writes: bool, passes: bool) -> Self {
        Self { store: Arc::clone(store), times, writes, passes: AtomicBool::new(passes) }
    }

    /// Whether the last answer could not be kept: the next one probably cannot either, and nobody waits for it.
    pub(crate) fn passes(&self) -> bool {
        self.passes.load(Ordering::Relaxed)
    }

    /// Remembers whether an answer could be kept.
    pub(crate) fn pass(&self, passes: bool) {
        // Not written when it stays: a line of memory that many threads write to is slow to read.
        if self.passes() != passes {
            self.passes.store(passes, Ordering::Relaxed);
        }
    }
}

/// Which arguments a tool takes.
#[derive(Debug)]
pub struct ArgumentsPlan {
    /// The arguments, in the order in which they are shown.
    pub arguments: Vec<ArgumentPlan>,
    /// Arguments that must all be given as soon as one of `of` is: the required properties of an optional body.
    pub together: Option<Together>,
    /// Schemas of the whole arguments that hold beside those of each: which of them go together, by the document.
    pub rules: Vec<Value>,
    /// What `#/$defs/NAME` in the schemas of the arguments refers to.
    pub definitions: Definitions,
    /// The compiled form, made on the first call: compiling all tools of a large document takes longer than
    /// everything else at start. `check` compiles all of them.
    pub(super) validator: OnceLock<Box<Validators>>,
}

/// One argument.
#[derive(Debug)]
pub struct ArgumentPlan {
    /// Its name, `[A-Za-z0-9_.-]{1,64}`, unique in the tool.
    pub name: Box<str>,
    /// What it takes; JSON Schema 2020-12. The `inputSchema` that is shown may say less, never more.
    pub schema: Json,
    /// Must be given.
    pub required: bool,
    /// `null` is a value of its own. Where it is not, an optional argument that is null counts as not given.
    pub nullable: bool,
}

/// Arguments that come together: see [`ArgumentsPlan::together`].
#[derive(Debug)]
pub struct Together {
    /// As soon as one of these is given …
    pub of: Vec<Box<str>>,
    /// … all of these must be.
    pub required: Vec<Box<str>>,
}

/// What a call changes at the upstream (RFC 9110, section 9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it may be repeated and cached.
    Safe,
    /// The same however often it is done.
    Idempotent,
    /// Something each time.
    Write,
}

/// How arguments become a request.
#[derive(Debug)]
pub struct RequestPlan {
    /// Method.
    pub method: Method,
    /// Scheme, authority and base path; no query, no fragment, no trailing slash in the path.
    pub base: Url,
    /// `base` as text without a trailing slash: what every URL of this plan begins with.
    pub prefix: Box<str>,
    /// Path below it.
    pub segments: Vec<Vec<PiecePlan>>,
    /// Fixed query, already encoded, without `?`; may be empty.
    pub query: String,
    /// Parameters in the order in which they are sent. Shared by the plans of a gateway that have the same ones.
    pub parameters: Box<[Arc<ParameterPlan>]>,
    /// Headers that every request has: the configured ones and `Accept`. Values that are secret are marked
    /// `sensitive`. Shared by the plans of a gateway that have the same ones.
    pub headers: Arc<HeaderMap>,
    /// The body. Shared like parameters.
    pub body: Option<Arc<BodyPlan>>,
}

/// A piece of a path segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PiecePlan {
    /// Already encoded.
    Literal(Box<str>),
    /// The value of `parameters[index]`.
    Variable {
        /// Index into [`RequestPlan::parameters`].
        parameter: usize,
        /// `{+name}`: reserved characters stay.
        reserved: bool,
    },
}

/// One parameter of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterPlan {
    /// Name of the argument; `None` when it is hidden from the caller and the default is always sent.
    pub argument: Option<Box<str>>,
    /// Name on the wire.
    pub name: Box<str>,
    /// The name as it stands in a query: percent-encoded.
    pub encoded_name: Box<str>,
    /// The name as that of a header; set when `location` is [`Location::Header`].
    pub header: Option<HeaderName>,
    /// Where it goes.
    pub location: Location,
    /// How it is written.
    pub encoding: Encoding,
    /// Sent when the caller gives no value.
    pub default: Option<Value>,
    /// Whether the request cannot be sent without it.
    pub required: bool,
}

/// The body of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyPlan {
    /// A request without it is not sent.
    pub required: bool,
    /// The media types in which it can be sent, best first; never empty.
    pub media: Vec<MediaPlan>,
    /// Name of the argument that chooses among several media types.
    pub media_argument: Option<Box<str>>,
    /// Which arguments it is made of.
    pub shape: BodyShape,
}

/// One media type of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaPlan {
    /// As sent in `Content-Type` (a multipart boundary is added). `image/*` and the like only for
    /// [`BodyFormat::Binary`], where the argument may say which one it is.
    pub name: Box<str>,
    /// How it is written.
    pub format: BodyFormat,
    /// Names of its properties, where a body has several media types that differ in them.
    pub properties: Vec<Box<str>>,
    /// Those of them that it requires.
    pub required: Vec<Box<str>>,
    /// How its properties are written, for forms and multipart.
    pub fields: Vec<FieldPlan>,
    /// What it holds: XML takes its names from there.
    pub schema: Json,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// `application/json`, `+json`
    Json,
    /// One JSON value a line.
    JsonLines,
    /// The same with a record separator before each (RFC 7464).
    JsonSequence,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
    /// `text/*`: the argument as it is.
    Text,
    /// Anything else: the argument is base64.
    Binary,
    /// `application/xml`, `text/xml`, `+xml`
    Xml,
}

/// One field of a form or part of a multipart body.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPlan {
    /// Name on the wire.
    pub name: Box<str>,
    /// The style in which it is written, when the document says one.
    pub encoding: Option<Encoding>,
    /// What the field holds.
    pub content: FieldContent,
    /// Media type of the part, when the document says one.
    pub content_type: Option<Box<str>>,
    /// Fixed headers of the part.
    pub headers: Vec<(String, String)>,
}

/// What a field of a form holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldContent {
    /// Texts, numbers, booleans; objects as JSON.
    Value,
    /// A file: the argument is base64 or a data URI.
    File,
}

/// Which arguments a body is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum BodyShape {
    /// Each property of the body's object is an argument of its own.
    Properties(Vec<PropertyPlan>),
    /// One argument is the whole body.
    Whole {
        /// Its name; `None` when it is hidden and the default is always sent.
        argument: Option<Box<str>>,
        /// Sent when the caller gives no value.
        default: Option<Value>,
    },
}

/// One property of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyPlan {
    /// Name of the argument; `None` when it is hidden and the default is always sent.
    pub argument: Option<Box<str>>,
    /// Name in the body.
    pub name: Box<str>,
    /// `"name":` as it stands in a JSON object.
    pub key: Box<str>,
    /// Sent when the caller gives no value.
    pub default: Option<Value>,
}

/// How the answer is handed on.
#[derive(Debug, Clone, Default)]
pub struct ResponsePlan {
    /// What the agent gets of it.
    pub shape: ResponseRules,
    /// The argument in which the model gives a filter of its own.
    pub select_argument: Option<Box<str>>,
    /// What answers mean, in the order in which the rules are tried.
    pub errors: Vec<ErrorRule>,
}

impl CallPlan {
    /// Which arguments a caller gives, before it is asked anything.
    #[must_use]
    pub fn taken(&self) -> &ArgumentsPlan {
        self.ask.as_ref().and_then(|ask| ask.before.as_ref()).unwrap_or(&self.arguments)
    }
}

impl ResponsePlan {
    /// The cap on a decoded body: 8 MiB. What is larger is refused while it comes in.
    pub const MAX_BYTES: usize = 8 << 20;
    /// What the agent gets at most when nothing is said: 2 MiB. That is half a million tokens and more than a model reads at
    /// once, so nothing that could be used is cut; and it is large enough that ordinary answers, a megabyte among them,
    /// are never looked into.
    pub const SHOWN_BYTES: usize = 2 << 20;

    /// What the agent gets at most, in bytes.
    #[must_use]
    pub fn shown_bytes(&self) -> usize {
        self.shape.max_bytes.unwrap_or(Self::SHOWN_BYTES)
    }
}

impl Effect {
    /// What the method promises (RFC 9110, section 9.2; RFC 10008 for QUERY).
    #[must_use]
    pub fn of(method: &Method) -> Self {
        match method.as_str() {
            "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" => Self::Safe,
            "PUT" | "DELETE" => Self::Idempotent,
            _ => Self::Write,
        }
    }
}
