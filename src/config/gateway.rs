//! What a gateway file means, once everything in it has been checked and resolved.

mod ask;
mod credential;
mod jobs;
mod limits;
mod offers;
mod pages;

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::shown::Shown;
use crate::config::errors::ErrorRule;
use crate::config::response::ResponseRules;
use crate::openapi::Operation;
use crate::source::Place;
use crate::source::remote::Permission;
pub use ask::{AskRules, AskWhen, Asked, Confirm, FormField, ModelMessage, Named, Question, Role, Said};
pub use credential::{
    Assertion, AssertionKey, BodyHash, ClientAuthentication, Command, Credential, Digest, Encoding, Grant,
    Hmac, KeyEncoding, Mtls, NamedCredential, OAuth2, Part, Secret, SecretPiece, SigV4, Stamp, StampFormat,
};
pub use jobs::{JobCondition, JobPathPiece, JobPlace, JobRules};
pub use limits::{BreakerRules, Concurrency, ForEach, RateLimit, RetryRules};
pub use offers::{
    About, Address, Annotations, Attachment, AttachmentContent, Completion, EmbeddedContent, Icon,
    Introduction, MessageContent, Offers, Prompt, PromptArgument, PromptMessage, RequestId, Resource,
    ResourceContent,
};
pub use pages::{
    BodyPath, CursorRules, NextCursor, PageCaps, PageEnd, PageMode, PageRule, PageStyle, Pagination,
};

/// One API: where it is, how it is called, and which of its operations become tools.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its name, `[A-Za-z0-9_-]{1,32}`: the path `/mcp/<name>` and the prefix of tool names.
    pub name: String,
    /// Where the gateway was declared; `None` for a bare document.
    pub place: Option<Place>,
    /// Where the API lives, in the operator's own words: it may be a private address.
    pub base_url: Option<Url>,
    /// Which of the document's servers is called, where no base URL is said.
    pub server: ServerRules,
    /// The document to take operations from.
    pub document: Option<DocumentLocation>,
    /// What the document may have fetched by referring to it.
    pub references: Permission,
    /// OpenAPI Overlays that are applied to it, in order. Where there is no document, the first says which it is.
    pub overlays: Vec<Overlay>,
    /// Credentials by name, in the order of the file.
    pub credentials: Vec<NamedCredential>,
    /// Names of the credentials that are not there because an empty `${NAME:-}` says that they may be missing.
    pub declined_credentials: Vec<String>,
    /// Headers of every request.
    pub headers: Vec<(HeaderName, Text)>,
    /// How many requests the API gets in how much time. All of them hold.
    pub rate_limits: Vec<RateLimit>,
    /// How much is in flight at once.
    pub concurrency: Concurrency,
    /// What is sent again when it fails.
    pub retry: RetryRules,
    /// When the API is left alone; `None` for never.
    pub breaker: Option<BreakerRules>,
    /// The deadline of a whole call.
    pub timeout: Duration,
    /// Which answers are kept; `None` when nothing is said: what the API's headers allow.
    pub cache: Option<CacheRules>,
    /// How the tools are shown.
    pub shown: Shown,
    /// What the agent gets of an answer.
    pub response: ResponseRules,
    /// What answers mean.
    pub errors: Vec<ErrorRule>,
    /// What becomes of answers that have more pages.
    pub pagination: Pagination,
    /// How cursors are sealed.
    pub cursors: CursorRules,
    /// How long a caller may take to answer a question.
    pub ask_timeout: Duration,
    /// Which operations of the document become tools.
    pub operations: OperationRules,
    /// Endpoints written by hand.
    pub endpoints: Vec<Endpoint>,
    /// How it introduces itself to clients.
    pub introduction: Introduction,
    /// What it offers beside tools.
    pub offers: Offers,
}

/// Which of a document's servers is called.
#[derive(Clone, Debug, Default)]
pub struct ServerRules {
    /// Its number in the list that holds for an operation.
    pub index: Option<ServerIndex>,
    /// Values of its variables, instead of their defaults.
    pub variables: Vec<ServerVariable>,
}

/// The number of a server.
#[derive(Clone, Debug)]
pub struct ServerIndex {
    /// Counted from 0.
    pub value: usize,
    /// Where it was written.
    pub place: Place,
}

/// A value for a variable of servers.
#[derive(Clone, Debug)]
pub struct ServerVariable {
    /// Name of the variable.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it was written, when it was written in a file.
    pub place: Option<Place>,
}

/// An overlay of a document.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// Where it is.
    pub location: DocumentLocation,
    /// Where the gateway file names it.
    pub place: Place,
}

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentLocation {
    /// A file, relative paths already joined to the folder of the gateway file.
    File(PathBuf),
    /// A URL.
    Url(Url),
}

/// A text of the gateway file; secret when something in it came from the environment or a file.
#[derive(Clone)]
pub enum Text {
    /// Written in the file as it is.
    Plain(String),
    /// Holds something that must never be shown.
    Secret(SecretString),
}

/// Which operations of a document become tools, and how they look.
#[derive(Clone, Debug, Default)]
pub struct OperationRules {
    /// Only what one of these matches; everything when empty.
    pub include: Vec<Pattern>,
    /// Not what one of these matches.
    pub exclude: Vec<Pattern>,
    /// What becomes of operations that write.
    pub writes: Writes,
    /// Deprecated operations are left out.
    pub denies_deprecated: bool,
    /// GET operations that are offered as resources too.
    pub resources: Vec<Pattern>,
    /// Changes, by operationId or `METHOD /path`.
    pub change: Vec<(Pattern, Change)>,
}

/// A pattern over operations and where it was written.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What it matches.
    pub matches: OperationMatch,
    /// As it was written.
    pub text: String,
    /// Where it was written, when it was written in a file.
    pub place: Option<Place>,
}

/// What a pattern matches. `*` in a text stands for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationMatch {
    /// `tag:NAME`
    Tag(String),
    /// `GET /path`, or `* /path`
    Route {
        /// The method; `None` for any.
        method: Option<Method>,
        /// The path template; variable names do not matter.
        path: String,
    },
    /// An operationId.
    Id(String),
}

/// What becomes of operations that write (anything but GET, HEAD and OPTIONS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writes {
    /// They are left out.
    #[default]
    Deny,
    /// They are served; the person at the client is asked before each call.
    Confirm,
    /// They are served.
    Allow,
}

/// A change to one operation.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another tool name.
    pub name: Option<String>,
    /// Another title.
    pub title: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// Rate limits of this operation alone, beside those of the gateway.
    pub rate_limits: Vec<RateLimit>,
    /// Other rules for what is sent again.
    pub retry: Option<RetryRules>,
    /// Another deadline.
    pub timeout: Option<Duration>,
    /// Names of the credentials that go with it, instead of those that its `security` asks for; none of them for `none`.
    pub credentials: Option<Vec<String>>,
    /// Which answers are kept, and where that was written.
    pub cache: Option<(CacheRules, Place)>,
    /// What the agent gets of an answer; what is not said is as the gateway says.
    pub response: ResponseRules,
    /// What answers mean; tried before those of the gateway.
    pub errors: Vec<ErrorRule>,
    /// What becomes of an answer that has more pages.
    pub pagination: Option<Pagination>,
    /// How the job is followed that it begins.
    pub job: Option<JobRules>,
    /// What the caller is asked before a call.
    pub ask: Option<AskRules>,
    /// Whether the person must agree to each call; `None`: as for all operations.
    pub confirm: Option<Confirm>,
    /// Changes to parameters (or properties of the body), by name on the wire.
    pub parameters: Vec<(String, ParameterChange)>,
}

/// A change to one parameter.
#[derive(Clone, Debug, Default)]
pub struct ParameterChange {
    /// Another argument name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// Sent when the caller gives no value.
    pub default: Option<Value>,
    /// Not shown to the caller; the default is always sent.
    pub hide: bool,
    /// Must, or need not, be given.
    pub required: Option<bool>,
    /// Clients repeat the value in the header `Mcp-Param-` and this.
    pub mcp_header: Option<String>,
    /// Where it was written.
    pub place: Option<Place>,
}

/// An endpoint written by hand: an operation, and what the document cannot say about it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The operation; its id is the name of the endpoint.
    pub operation: Operation,
    /// How it is changed: the same keys as for an operation of a document.
    pub change: Change,
    /// What the answer looks like, for the stand-in (`--mock`).
    pub example: Option<Value>,
}

/// Which answers are kept, to be given again without asking the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheRules {
    /// None.
    Off,
    /// What the API's headers allow (RFC 9111), and what else is said here.
    On(CacheTimes),
}

/// How long answers are good, beyond what the API's headers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheTimes {
    /// How long an answer is good when the API says nothing about it; `None`: not at all.
    pub ttl: Option<Duration>,
    /// How long after that it is given while a new one is asked for (RFC 5861, section 3).
    pub stale_while_revalidate: Duration,
    /// How long after that it is given when the API fails (RFC 5861, section 4).
    pub stale_if_error: Duration,
}

/// Arguments or other JSON objects of a configuration.
pub type Object = Map<String, Value>;

impl Gateway {
    /// A gateway with nothing but a name: what a bare document begins with.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            place: None,
            base_url: None,
            server: ServerRules::default(),
            document: None,
            references: Permission::Nothing,
            overlays: Vec::new(),
            credentials: Vec::new(),
            declined_credentials: Vec::new(),
            headers: Vec::new(),
            rate_limits: Vec::new(),
            concurrency: Concurrency::default(),
            retry: RetryRules::default(),
            breaker: Some(BreakerRules::default()),
            timeout: Self::DEFAULT_TIMEOUT,
            cache: None,
            shown: Shown::default(),
            response: ResponseRules::default(),
            errors: Vec::new(),
            pagination: Pagination::default(),
            cursors: CursorRules::default(),
            ask_timeout: Self::DEFAULT_ASK_TIMEOUT,
            operations: OperationRules::default(),
            endpoints: Vec::new(),
            introduction: Introduction::default(),
            offers: Offers::default(),
        }
    }

    /// The deadline of a call when the file says none.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

    /// How long a caller may take to answer a question when the file says nothing.
    pub const DEFAULT_ASK_TIMEOUT: Duration = Duration::from_secs(600);
}

impl Text {
    /// The text itself. Whoever calls this must not print it when [`Text::is_secret`].
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(text) => text.expose_secret(),
        }
    }

    /// Whether it must never be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// Whether a reload has found another one. A secret is never the same as what may be shown.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.is_secret() == other.is_secret() && self.expose() == other.expose()
    }
}

impl Eq for Text {}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(text) => text.fmt(f),
            Self::Secret(_) => f.write_str("***"),
        }
    }
}

impl std::fmt::Display for DocumentLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}
