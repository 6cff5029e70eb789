//! Second stage: a plan and arguments, to a complete HTTP request.
//!
//! Nothing that a caller gives is put into a URL, a header or a body without being encoded for its place, and what
//! cannot be encoded is refused by the name of its argument; nothing is stripped. What the plan decided is only filled
//! in here.

mod body;
mod cookie;
mod file;
mod form;
mod header;
mod multipart;
mod path;
mod query;
mod style;
mod xml;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};
use url::{Position, Url};

use super::error::{ArgumentProblem, ArgumentsError};
use crate::catalog::CallPlan;
use crate::catalog::plan::{ParameterPlan, RequestPlan};
use crate::upstream::HttpRequest;

/// The largest request, URL and body together.
pub const MAX_BYTES: usize = 4 << 20;

/// Why a value cannot be sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Reason {
    #[error("must not be empty")]
    Empty,
    #[error("must not hold `.` or `..` as a path segment")]
    DotSegment,
    #[error("must not begin or end with `/` or hold `//`")]
    EmptySegment,
    #[error("must not hold control characters")]
    Control,
    #[error("must consist of visible ASCII characters, since it is sent in a header")]
    NotVisible,
    #[error("must be base64 or a data URI")]
    NotAFile,
    #[error("is required")]
    Missing,
    #[error("must be an object, each of whose properties is a field")]
    NoFields,
    #[error("is not one of the media types that the tool takes")]
    UnknownMediaType,
}

/// What cannot be sent, and why.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The value of an argument.
    Argument(Box<str>, Reason),
    /// The request as a whole.
    TooLarge(usize),
    /// The URL came out other than it was put together. Encoding prevents it; this is the second lock.
    Url,
}

/// The request of a call. `arguments` have been validated.
///
/// # Errors
/// [`ArgumentsError`] naming the argument whose value cannot be sent: a path value that is empty, holds a dot segment
/// or a control character; a header or cookie value that is not visible ASCII; a file that is no base64; a request
/// larger than [`MAX_BYTES`].
pub fn build(plan: &CallPlan, arguments: &Map<String, Value>) -> Result<HttpRequest, ArgumentsError> {
    Ok(build_with_boundary(plan, arguments, &random_boundary)?)
}

/// The same with a multipart boundary of the caller's choice, which must not occur in the parts.
pub(super) fn build_with_boundary(
    plan: &CallPlan,
    arguments: &Map<String, Value>,
    boundary: &dyn Fn() -> String,
) -> Result<HttpRequest, Refusal> {
    let request = &plan.request;
    let url = url(request, arguments)?;
    let mut headers = HeaderMap::clone(&request.headers);
    header::insert(request, arguments, &mut headers)?;
    cookie::insert(request, arguments, &mut headers)?;
    let mut bytes = Bytes::new();
    if let Some(body) = body::write(plan, arguments, boundary)? {
        if let Ok(content_type) = HeaderValue::from_str(&body.content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        bytes = body.bytes.into();
    }
    let size = url.as_str().len() + bytes.len();
    if size > MAX_BYTES {
        return Err(Refusal::TooLarge(size));
    }
    Ok(HttpRequest { method: request.method.clone(), url, headers, body: bytes })
}

/// The URL of the API with a path and a query put together here. They must come out of the parser as they went in: it
/// resolves dot segments and knows other spellings of a slash, and none may be left to it. What stands before the path is
/// not parsed again: with host and port it is most of the work.
fn url(request: &RequestPlan, arguments: &Map<String, Value>) -> Result<Url, Refusal> {
    let mut text = String::with_capacity(request.prefix.len() + 64);
    text.push_str(&request.prefix);
    path::write(request, arguments, &mut text)?;
    let path_end = text.len();
    query::write(request, arguments, &mut text)?;
    if text.len() > MAX_BYTES {
        return Err(Refusal::TooLarge(text.len()));
    }
    let path_start = request.base[..Position::BeforePath].len();
    let (Some(path), Some(query)) = (text.get(path_start..path_end), text.get(path_end..)) else {
        return Err(Refusal::Url);
    };
    let mut url = request.base.clone();
    url.set_path(path);
    url.set_query(query.strip_prefix('?'));
    if url.path() == path { Ok(url) } else { Err(Refusal::Url) }
}

/// The value of a parameter: the argument, else the default.
fn value<'a>(parameter: &'a ParameterPlan, arguments: &'a Map<String, Value>) -> Option<&'a Value> {
    given(parameter.argument.as_deref(), arguments).or(parameter.default.as_ref())
}

fn given<'a>(argument: Option<&str>, arguments: &'a Map<String, Value>) -> Option<&'a Value> {
    arguments.get(argument?)
}

fn random_boundary() -> String {
    format!("toolgate-{:032x}", rand::random::<u128>())
}

impl Reason {
    /// A refusal of the parameter's value.
    fn of(self, parameter: &ParameterPlan) -> Refusal {
        Refusal::Argument(parameter.argument.as_ref().unwrap_or(&parameter.name).clone(), self)
    }
}

impl From<Refusal> for ArgumentsError {
    fn from(refusal: Refusal) -> Self {
        let (argument, message) = match refusal {
            Refusal::Argument(name, reason) => (Some(name.to_string()), format!("`{name}` {reason}")),
            Refusal::TooLarge(size) => {
                (None, format!("the request would have {size} bytes; at most {MAX_BYTES} are sent"))
            }
            Refusal::Url => (None, "the arguments do not make a URL of this tool".to_owned()),
        };
        Self { problems: vec![ArgumentProblem { argument, message, help: None }] }
    }
}

#[cfg(test)]
mod tests;
