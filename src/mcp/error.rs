//! The errors of the protocol itself, and the one map from them to JSON-RPC codes and HTTP statuses.
//!
//! These are for the program that calls: what a model should read (bad arguments, failures of the API) is never one
//! of them but a result with `isError`. Codes from -32000 to -32019 are never used.

use http::StatusCode;
use serde_json::{Value, json};

use super::capabilities::Capabilities;
use super::era::{self, Era};
use super::strict::{Flaw, MAX_DEPTH};
use crate::call::unanswered::Unanswered;

/// Why a message is refused. All of it is the client's doing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProtocolError {
    /// No JSON, or not UTF-8.
    #[error("Parse error: the message is not valid JSON")]
    Parse,
    /// More than is read, so nobody knows what it was.
    #[error("Parse error: a message is at most {limit} bytes long")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// JSON, but no message of JSON-RPC 2.0.
    #[error("Invalid request: {0}")]
    Envelope(EnvelopeFault),
    /// JSON that must not be read, inside `params`.
    #[error("Invalid params: {}", flaw_text(.0))]
    FlawedParams(Flaw),
    /// Nothing that we offer.
    #[error("Method not found: {}", shown(.method))]
    MethodNotFound {
        /// What was asked for.
        method: String,
    },
    /// A parameter is missing or is not what the method takes.
    #[error("Invalid params: {param} {fault}")]
    Param {
        /// Its name.
        param: &'static str,
        /// What is wrong with it.
        fault: ParamFault,
    },
    /// A field that the modern era requires on every request.
    #[error("Invalid params: _meta must hold {field}")]
    Meta {
        /// Its key.
        field: &'static str,
    },
    /// No tool of this name is shown at this endpoint.
    #[error("Unknown tool: {}", shown(.name))]
    UnknownTool {
        /// What was asked for.
        name: String,
    },
    /// The caller sees it, and lacks scopes for using it.
    #[error("Invalid request: this needs the scopes {}", .scopes.join(", "))]
    InsufficientScope {
        /// All that are needed.
        scopes: Vec<String>,
    },
    /// What is asked for has to be remembered, and nothing remembers the client.
    #[error("Invalid request: the Mcp-Session-Id that initialize gave is missing")]
    NoSession,
    /// No resource of this URI is shown at this endpoint.
    #[error("Resource not found: {}", shown(.uri))]
    ResourceNotFound {
        /// What was asked for.
        uri: String,
    },
    /// No prompt of this name is shown at this endpoint.
    #[error("Unknown prompt: {}", shown(.name))]
    UnknownPrompt {
        /// What was asked for.
        name: String,
    },
    /// A value that cannot be meant.
    #[error("Invalid params: {text}")]
    InvalidValue {
        /// What is wrong with it.
        text: String,
        /// The URI that it is part of.
        uri: Option<String>,
    },
    /// The client was asked something first, and there is no answer.
    #[error("{0}")]
    Unanswered(Unanswered),
    /// What is offered cannot be had at present.
    #[error("{text}")]
    Failed {
        /// What happened, and what to do; without secrets.
        text: String,
        /// The same as data.
        data: Option<Value>,
    },
    /// A header does not say what the body says.
    #[error("Header mismatch: {} {fault}", shown(.header))]
    Header {
        /// Its name.
        header: String,
        /// What is wrong with it.
        fault: HeaderFault,
    },
    /// The client would have to be asked for something that it does not declare.
    #[error("Missing required client capability: {}", .required.named())]
    MissingCapability {
        /// What it would have to declare.
        required: Capabilities,
    },
    /// A version that we do not speak.
    #[error("Unsupported protocol version")]
    UnsupportedVersion {
        /// The version asked for.
        requested: String,
    },
}

/// Why JSON is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EnvelopeFault {
    /// Several messages in an array.
    #[error("batches are not supported, send one message at a time")]
    Batch,
    /// Any other JSON value.
    #[error("a message is a JSON object")]
    NotAnObject,
    /// `jsonrpc` is missing or another version.
    #[error("jsonrpc must be \"2.0\"")]
    Version,
    /// Neither text nor integer.
    #[error("id must be a string or an integer")]
    Id,
    /// `method` is missing or no text.
    #[error("method must be a string")]
    Method,
    /// Duplicate keys or too deep.
    #[error("{}", flaw_text(.0))]
    Flaw(Flaw),
    /// The id of a request that is still running, where ids are shared by all requests (stdio).
    #[error("a request with this id is still running")]
    IdInUse,
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamFault {
    /// Not there.
    #[error("is missing")]
    Missing,
    /// Not a text.
    #[error("must be a string")]
    NotAString,
    /// Not an object.
    #[error("must be an object")]
    NotAnObject,
    /// Not an object of texts.
    #[error("must be an object whose values are strings")]
    NotTexts,
    /// Not of the form that the method takes.
    #[error("is not of the form that the method takes")]
    NotTheForm,
    /// A cursor that we did not give out, or whose place is gone.
    #[error("is not one that this list gave")]
    UnknownCursor,
    /// Members of it are not what they must be.
    #[error("is no filter of notifications")]
    NotAFilter,
    /// More of it than is taken.
    #[error("asks for too much")]
    TooMuch,
    /// No state that we gave out for this request.
    #[error("is not one that was given out for this request")]
    ForeignState,
    /// State that we gave out, too long ago.
    #[error("has expired: make the request again without it")]
    ExpiredState,
    /// No answer to any question of ours.
    #[error("holds an answer that cannot be read")]
    Unreadable,
    /// Longer than is taken.
    #[error("is too long")]
    TooLong,
    /// No log level.
    #[error("is not a log level")]
    UnknownLevel,
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderFault {
    /// The body has the value, the header is not there.
    #[error("is missing")]
    Missing,
    /// The header is there, the body has no such value.
    #[error("names what the body does not")]
    Unexpected,
    /// Sent more than once.
    #[error("comes more than once")]
    Repeated,
    /// Not visible ASCII, or base64 that is none.
    #[error("has invalid characters")]
    Malformed,
    /// Another value than the body's.
    #[error("does not match the body")]
    Mismatch,
}

impl ProtocolError {
    /// The code of JSON-RPC or MCP.
    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Parse | Self::TooLong { .. } => -32700,
            Self::Envelope(_) | Self::InsufficientScope { .. } | Self::NoSession => -32600,
            Self::MethodNotFound { .. } => -32601,
            Self::FlawedParams(_)
            | Self::Param { .. }
            | Self::Meta { .. }
            | Self::UnknownTool { .. }
            | Self::ResourceNotFound { .. }
            | Self::UnknownPrompt { .. }
            | Self::InvalidValue { .. }
            | Self::Unanswered(_) => -32602,
            Self::Failed { .. } => -32603,
            Self::Header { .. } => -32020,
            Self::MissingCapability { .. } => -32021,
            Self::UnsupportedVersion { .. } => -32022,
        }
    }

    /// How a request that ends with it is written down.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::UnknownTool { .. } => "unknown_tool",
            Self::UnknownPrompt { .. } => "unknown_prompt",
            Self::ResourceNotFound { .. } => "not_found",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::MissingCapability { .. } => "cannot_ask",
            Self::Unanswered(unanswered) => unanswered.code(),
            Self::Failed { .. } => "failed",
            Self::FlawedParams(_) | Self::Param { .. } | Self::InvalidValue { .. } => "invalid_arguments",
            _ => "invalid_request",
        }
    }

    /// The status of the HTTP answer. Errors that a well-formed message runs into are answered with 200, as clients
    /// of both eras expect; the exception is an unknown method in the modern era.
    pub(crate) fn status(&self, era: Era) -> StatusCode {
        match self {
            Self::MethodNotFound { .. } if era == Era::Modern => StatusCode::NOT_FOUND,
            Self::MethodNotFound { .. }
            | Self::Param { .. }
            | Self::UnknownTool { .. }
            | Self::ResourceNotFound { .. }
            | Self::UnknownPrompt { .. }
            | Self::InvalidValue { .. }
            | Self::Unanswered(_)
            | Self::Failed { .. } => StatusCode::OK,
            Self::InsufficientScope { .. } => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What a program needs to do better, beside the message.
    pub(crate) fn data(&self) -> Option<Value> {
        match self {
            Self::UnsupportedVersion { requested } => {
                Some(json!({"supported": era::SUPPORTED, "requested": shown(requested)}))
            }
            Self::MissingCapability { required } => {
                Some(json!({"requiredCapabilities": required.declaration()}))
            }
            Self::ResourceNotFound { uri } | Self::InvalidValue { uri: Some(uri), .. } => {
                Some(json!({"uri": shown(uri)}))
            }
            Self::Failed { data, .. } => data.clone(),
            _ => None,
        }
    }

    /// A fault of the envelope.
    pub(crate) fn envelope(fault: EnvelopeFault) -> Self {
        Self::Envelope(fault)
    }

    /// A fault of a parameter.
    pub(crate) fn param(param: &'static str, fault: ParamFault) -> Self {
        Self::Param { param, fault }
    }

    /// A fault of a header.
    pub(crate) fn header(header: impl Into<String>, fault: HeaderFault) -> Self {
        Self::Header { header: header.into(), fault }
    }
}

fn flaw_text(flaw: &Flaw) -> String {
    match flaw {
        Flaw::DuplicateKey(key) => format!("the key {:?} comes twice in one object", shown(key)),
        Flaw::TooDeep => format!("nested deeper than {MAX_DEPTH} levels"),
    }
}

/// What a client sent, short enough to be sent back.
fn shown(text: &str) -> &str {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}
