//! What a call would send, in words that people know: HTTP itself, or a command line of curl. Secrets are `***`.

mod curl;
mod decided;
mod http;
mod summary;

use serde_json::value::RawValue;

use super::build::build;
use super::error::ArgumentsError;
use super::validate::validate;
use crate::catalog::CallPlan;
use crate::clock;
use crate::config::gateway::Credential;
use crate::upstream::HttpRequest;
use crate::upstream::credential::{self, Outgoing};
use ::http::HeaderValue;
pub use decided::{Decided, decided};
pub(crate) use summary::summary;

/// What stands for a secret.
const BLANK: &str = "***";

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As HTTP/1.1 on the wire.
    Http,
    /// As a command line of curl.
    Curl,
}

/// The request that a call with these arguments would send, credential included, as text that ends with a line break.
/// Nothing is sent.
///
/// # Errors
/// [`ArgumentsError`] when a call with these arguments would send nothing.
pub fn explain(
    plan: &CallPlan,
    arguments: Option<&RawValue>,
    format: Format,
) -> Result<String, ArgumentsError> {
    let arguments = validate(&plan.arguments, arguments)?;
    let mut request = build(plan, &arguments)?;
    blank_headers(&mut request);
    for keeper in plan.credentials.keepers() {
        show_place(keeper.credential(), &mut request);
    }
    let text = match format {
        Format::Http => http::write(&request),
        Format::Curl => curl::write(&request),
    };
    Ok(plan.upstream.redactor().blank(&text).into_owned())
}

/// Blanks the values that are marked as secret.
fn blank_headers(request: &mut HttpRequest) {
    for value in request.headers.values_mut().filter(|value| value.is_sensitive()) {
        *value = HeaderValue::from_static(BLANK);
    }
}

/// Puts a credential on the request whose every secret is `***`, so that one sees where it goes.
fn show_place(credential: &Credential, request: &mut HttpRequest) {
    let Some(proof) = credential::shown(credential) else { return };
    let HttpRequest { method, url, headers, body } = request;
    // A credential that cannot be put on a request is told when one is sent.
    let _ = proof.apply(&mut Outgoing { method, url, headers, body, now: clock::wall() });
}

/// The URL as it is shown. `***` comes out of a URL encoded.
fn shown_url(request: &HttpRequest) -> String {
    request.url.as_str().replace("=%2A%2A%2A", "=***")
}

/// The body as text, when it is text that a person can read.
fn readable(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let is_odd = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    (!text.contains(is_odd)).then_some(text)
}

#[cfg(test)]
mod tests;
