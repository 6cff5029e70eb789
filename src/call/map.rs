//! What an answer means: a success with its content, or a failure that the model can act on.
//!
//! | status | becomes |
//! |---|---|
//! | 2xx | its content ([`content`]), as the agent gets it ([`shape`]); without a body a short text; for HEAD the headers |
//! | 304 | a short text: the request asked for it with a condition of its own |
//! | everything else | a [`Problem`] with a code of its own ([`status`]) |
//!
//! A 2xx is no success by itself: a body that is not what its `Content-Type` says, or a web page where JSON was asked
//! for (a login page, a proxy's notice), is a failure too. What a gateway file says about answers ([`rule`]) counts
//! more than the status: it can make an error of a 2xx, and a success of a 404.

mod body;
mod content;
mod html;
mod read;
mod rule;
mod shape;
mod status;
mod text;
mod words;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, StatusCode};

use super::outcome::{Answer, Excerpt, Problem, Shaped};
use crate::catalog::CallPlan;
use crate::express::jq::Filter;
use crate::store::Kept;
use crate::telemetry::Redactor;
use crate::upstream::Reply;

/// Reads a reply. The secrets of the upstream are not in what comes out of here. `kept` is what the cache has of it, and
/// `select` the model's own filter.
///
/// # Errors
/// [`Problem`] when the call was no success.
pub(super) async fn map(
    plan: &CallPlan,
    reply: &Reply,
    kept: Option<&Kept>,
    select: Option<&Arc<Filter>>,
) -> Result<Shaped, Box<Problem>> {
    let rule = rule::matching(plan, reply).await;
    if let Some(result) = rule.and_then(|rule| rule.result.as_deref()) {
        let text = Bytes::copy_from_slice(result.as_bytes());
        return Ok(Answer::Json { text, portable: true }.into());
    }
    let redactor = plan.upstream.redactor();
    match reply.status {
        StatusCode::NOT_MODIFIED => Ok(done(reply, redactor).into()),
        status if !status.is_success() || rule.is_some() => Err(Box::new(status::problem(plan, reply, rule))),
        _ if plan.request.method == Method::HEAD => Ok(headers(reply, redactor).into()),
        _ if reply.body.is_empty() => Ok(done(reply, redactor).into()),
        _ => {
            let looks_inside = select.is_some() || plan.response.shape.looks_inside();
            shape::shape(plan, content::content(plan, reply, kept, looks_inside)?, select).await
        }
    }
}

/// What is shown of a body that tells of a failure, without the secrets of its upstream; `None` when it has no text.
pub(super) fn excerpt(plan: &CallPlan, reply: &Reply) -> Option<Excerpt> {
    body::read(plan, reply).map(|body| body.excerpt)
}

/// An answer without a body.
fn done(reply: &Reply, redactor: &Redactor) -> Answer {
    let mut text = format!("Done: {}", status::named(reply.status));
    if let Some(location) = reply.headers.get(LOCATION).and_then(|location| location.to_str().ok()) {
        text.push_str("\nLocation: ");
        text.push_str(&redactor.blank(location));
    }
    Answer::Text(text.into())
}

/// The answer to HEAD. A cookie is a credential that was made for us, and stays here.
fn headers(reply: &Reply, redactor: &Redactor) -> Answer {
    let mut text = status::named(reply.status);
    for (name, value) in lines(&reply.headers) {
        text.push('\n');
        text.push_str(name);
        text.push_str(": ");
        text.push_str(&redactor.blank(&value));
    }
    Answer::Text(text.into())
}

fn lines(headers: &HeaderMap) -> impl Iterator<Item = (&str, String)> {
    headers
        .iter()
        .filter(|(name, _)| *name != SET_COOKIE)
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests;
