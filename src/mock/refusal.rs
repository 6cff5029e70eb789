//! What is wrong with a request, all of it, as `application/problem+json` (RFC 9457).

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

/// One reason why a request is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// What kind of fault it is.
    pub fault: Fault,
    /// OpenAPI's word for where it is: `path`, `query`, `header`, `cookie`, `body`.
    pub location: &'static str,
    /// Name of the parameter, or JSON Pointer into the body.
    pub name: Option<String>,
    /// What is wrong, to be read after the name.
    pub detail: String,
}

/// What kind of fault; decides the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// 400
    Invalid,
    /// 413
    TooLarge,
    /// 415
    MediaType,
    /// 401
    Credential,
    /// 404
    UnknownPath,
    /// 405
    Method,
}

/// Refuses a request; there is at least one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub reasons: Vec<Reason>,
}

impl Reason {
    pub(super) fn new(location: &'static str, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { fault: Fault::Invalid, location, name: Some(name.into()), detail: detail.into() }
    }

    pub(super) fn of(fault: Fault, location: &'static str, detail: impl Into<String>) -> Self {
        Self { fault, location, name: None, detail: detail.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} '{name}' {}", self.location, self.detail),
            None => write!(f, "{} {}", self.location, self.detail),
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reasons: vec![reason] }
    }
}

impl Refusal {
    /// The status of the gravest reason.
    pub(super) fn status(&self) -> StatusCode {
        match self.reasons.iter().map(|reason| reason.fault).max() {
            Some(Fault::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Some(Fault::MediaType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Some(Fault::Credential) => StatusCode::UNAUTHORIZED,
            Some(Fault::UnknownPath) => StatusCode::NOT_FOUND,
            Some(Fault::Method) => StatusCode::METHOD_NOT_ALLOWED,
            Some(Fault::Invalid) | None => StatusCode::BAD_REQUEST,
        }
    }

    /// The problem document.
    pub(super) fn to_problem(&self) -> Bytes {
        let status = self.status();
        let sentences: Vec<String> = self.reasons.iter().map(ToString::to_string).collect();
        let errors: Vec<Value> = self.reasons.iter().map(error).collect();
        let problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Refused"),
            "status": status.as_u16(),
            "detail": sentences.join("; "),
            "errors": errors,
        });
        Bytes::from(problem.to_string())
    }
}

fn error(reason: &Reason) -> Value {
    let mut error = json!({ "in": reason.location, "detail": reason.detail });
    if let (Some(name), Value::Object(error)) = (&reason.name, &mut error) {
        error.insert("name".to_owned(), Value::from(name.as_str()));
    }
    error
}
