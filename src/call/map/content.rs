//! The body of a success, as content.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::ACCEPT;
use url::Url;

use super::html;
use super::read;
use super::status::named;
use super::text::{MediaType, looks_like_text};
use crate::call::Content;
use crate::call::json::{self, NotJson};
use crate::call::outcome::{Answer, Excerpt, Problem};
use crate::catalog::CallPlan;
use crate::store::{Kept, Read};
use crate::telemetry::Redactor;
use crate::upstream::{Fault, Reply};

/// The content of a 2xx with a body. `looks_inside`: what is a tree or a table is read as one, whatever its format. One
/// that is kept is looked through once.
///
/// # Errors
/// [`Problem`] when the body is not what it says it is, or a web page where JSON was asked for.
pub(super) fn content(
    plan: &CallPlan,
    reply: &Reply,
    kept: Option<&Kept>,
    looks_inside: bool,
) -> Result<Answer, Box<Problem>> {
    let redactor = plan.upstream.redactor();
    if let Some(read) = kept.and_then(|kept| kept.read(redactor)) {
        return Ok(Answer::Json { text: read.text.clone(), portable: read.portable });
    }
    let answer = looked_through(plan, reply, looks_inside)?;
    if let (Some(kept), Answer::Json { text, portable }) = (kept, &answer) {
        let (text, redactor) = (text.clone(), Arc::clone(redactor));
        kept.remember(Read { text, portable: *portable, redactor });
    }
    Ok(answer)
}

fn looked_through(plan: &CallPlan, reply: &Reply, looks_inside: bool) -> Result<Answer, Box<Problem>> {
    let media = MediaType::of(&reply.headers);
    let redactor = plan.upstream.redactor();
    let is_text = media.is_text() || (media.may_be_text() && looks_like_text(&reply.body));
    if !is_text {
        return Ok(Answer::Media(binary(media, reply.body.clone(), &reply.url, redactor)));
    }
    let text = redactor.blank_bytes(media.decode(&reply.body));
    let begins = text.trim_ascii_start().first();
    if media.is_json() {
        return match (begins, read_json(&text)) {
            (None, _) => Ok(Answer::Text(format!("Done: {}", named(reply.status)).into())),
            (_, Ok(answer)) => Ok(answer),
            (_, Err(error)) => Err(Box::new(invalid_json(reply, error, &text))),
        };
    }
    if let Some(read) = read::read(&media, &text, looks_inside) {
        return match read {
            Ok(json) => read_json(&json.into()).map_err(|error| Box::new(invalid_json(reply, error, &text))),
            Err(error) => Err(Box::new(unreadable(reply, &error, &text))),
        };
    }
    // Many APIs send JSON under another name.
    if matches!(begins, Some(b'{' | b'['))
        && let Ok(answer) = read_json(&text)
    {
        return Ok(answer);
    }
    if media.is_html() && wants_json(plan) {
        return Err(Box::new(html_instead_of_json(reply, &text)));
    }
    Ok(Answer::Text(text))
}

/// The text as JSON on one line. Its bytes are shared unless it has line breaks.
fn read_json(text: &Bytes) -> Result<Answer, NotJson> {
    let text = text.slice_ref(text.trim_ascii());
    let shape = json::scan(&text)?;
    let text = if shape.line_breaks { Bytes::from(json::compact(&utf8(&text))) } else { text };
    Ok(Answer::Json { text, portable: shape.portable })
}

fn binary(media: MediaType, data: Bytes, url: &Url, redactor: &Redactor) -> Content {
    let mime_type = media.essence;
    match mime_type.split('/').next() {
        Some("image") => Content::Image { data, mime_type },
        Some("audio") => Content::Audio { data, mime_type },
        _ if mime_type.is_empty() => {
            Content::Blob { uri: uri(url, redactor), data, mime_type: "application/octet-stream".to_owned() }
        }
        _ => Content::Blob { uri: uri(url, redactor), data, mime_type },
    }
}

/// Where the data came from, without what may be secret.
fn uri(url: &Url, redactor: &Redactor) -> String {
    let mut uri = url.clone();
    uri.set_query(None);
    uri.set_fragment(None);
    // Both fail only for URLs that cannot have a user.
    let _ = uri.set_username("");
    let _ = uri.set_password(None);
    redactor.blank(uri.as_str()).into_owned()
}

/// Whether JSON was asked for, and not HTML: see `Accept`.
fn wants_json(plan: &CallPlan) -> bool {
    let accept = plan.request.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("html")
}

fn invalid_json(reply: &Reply, error: NotJson, text: &Bytes) -> Problem {
    let named = named(reply.status);
    let message = format!(
        "The API answered {named}, but the body is not the JSON that its Content-Type says: {error}."
    );
    unusable("invalid_json", reply, message, Excerpt::of_text(&utf8(text)))
}

fn unreadable(reply: &Reply, error: &read::ReadError, text: &Bytes) -> Problem {
    let named = named(reply.status);
    let message = format!("The API answered {named}, but the body cannot be read: {error}.");
    unusable(error.code(), reply, message, Excerpt::of_text(&utf8(text)))
}

fn html_instead_of_json(reply: &Reply, page: &Bytes) -> Problem {
    let named = named(reply.status);
    let message = format!("The API answered {named}, but with a web page where JSON was asked for.");
    let excerpt = Excerpt::of_text(&html::text(&utf8(page)));
    Problem {
        advice: "It may be a login page or a proxy's notice: whoever runs this gateway has to look at the base URL and \
                 the credential. An endpoint that is meant to answer with HTML says so with the header \
                 `Accept: text/html`."
            .into(),
        ..unusable("html_instead_of_json", reply, message, excerpt)
    }
}

fn unusable(code: &'static str, reply: &Reply, message: String, excerpt: Excerpt) -> Problem {
    Problem {
        status: Some(reply.status),
        message,
        advice: "By its status the request was carried out; do not repeat one that changes something.".into(),
        body: Some(excerpt),
        ..Problem::new(code, Fault::Upstream)
    }
}

/// The text of bytes that [`MediaType::decode`] made. Checked first: that goes by words, where looking for what is broken
/// goes by bytes.
fn utf8(text: &Bytes) -> Cow<'_, str> {
    std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
}
