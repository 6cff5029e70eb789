//! A status that is no success, as something a model can act on.

use http::StatusCode;
use serde::Deserialize;

use super::html;
use super::text::{MediaType, looks_like_text};
use crate::call::json;
use crate::call::outcome::{Excerpt, Problem};
use crate::catalog::CallPlan;
use crate::catalog::plan::Effect;
use crate::clock;
use crate::upstream::{Fault, Reply, retry_after};

/// `404 Not Found`
pub(super) fn named(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}

/// What the kinds of failure are called, and what is to be done about them.
struct Kind {
    code: &'static str,
    fault: Fault,
    retryable: bool,
    advice: &'static str,
}

const CALLER: Kind = Kind {
    code: "client_error",
    fault: Fault::Caller,
    retryable: false,
    advice: "Check the arguments against the description of the tool.",
};
const OPERATOR: Kind = Kind {
    code: "client_error",
    fault: Fault::Configuration,
    retryable: false,
    advice: "Other arguments will not help: whoever runs this gateway has to look at its configuration.",
};
const SERVER: Kind = Kind {
    code: "server_error",
    fault: Fault::Upstream,
    retryable: true,
    advice: "The API failed, not the request. Try again later.",
};

fn kind(status: StatusCode) -> Kind {
    special(status).unwrap_or(match status.as_u16() {
        400..500 => CALLER,
        500..600 => SERVER,
        300..400 => {
            Kind { code: "redirect", advice: "The API points elsewhere without saying where.", ..OPERATOR }
        }
        _ => Kind {
            code: "invalid_status",
            retryable: false,
            advice: "That is no status of HTTP: something on the way to the API refuses the request.",
            ..SERVER
        },
    })
}

/// The statuses of which more can be said than what their class says.
fn special(status: StatusCode) -> Option<Kind> {
    Some(match status.as_u16() {
        400 => Kind { code: "bad_request", ..CALLER },
        401 => Kind {
            code: "unauthorized",
            advice: "The API wants a credential, or refuses the one it was given. Whoever runs this gateway has to \
                     look at the credential; other arguments will not help.",
            ..OPERATOR
        },
        402 => Kind { code: "payment_required", ..OPERATOR },
        403 => Kind {
            code: "forbidden",
            advice: "The credential may not do this. Try what it may see, or ask whoever runs this gateway.",
            ..OPERATOR
        },
        404 => Kind {
            code: "not_found",
            advice: "Check the arguments: what they name does not exist, or may not be seen.",
            ..CALLER
        },
        405 => Kind { code: "method_not_allowed", ..OPERATOR },
        406 => Kind { code: "not_acceptable", ..OPERATOR },
        408 => Kind { code: "request_timeout", ..SERVER },
        409 => Kind {
            code: "conflict",
            advice: "It conflicts with the present state. Read that first, then decide.",
            ..CALLER
        },
        410 => Kind { code: "gone", advice: "What the arguments name is gone for good.", ..CALLER },
        412 | 428 => Kind {
            code: "precondition_failed",
            advice: "It depends on a version or state that is not the present one. Read that first.",
            ..CALLER
        },
        413 => Kind { code: "content_too_large", advice: "Send less at once.", ..CALLER },
        415 => Kind { code: "unsupported_media_type", ..OPERATOR },
        422 => Kind {
            code: "unprocessable",
            advice: "The API refuses the values. What it says about them is below; correct them and call again.",
            ..CALLER
        },
        423 => Kind { code: "locked", advice: "It is locked at present.", ..CALLER },
        425 => Kind { code: "too_early", ..SERVER },
        429 => Kind {
            code: "rate_limited",
            retryable: true,
            advice: "Too many requests. Wait before calling again.",
            ..CALLER
        },
        451 => Kind {
            code: "unavailable_for_legal_reasons",
            advice: "It may not be shown for legal reasons.",
            ..CALLER
        },
        501 => {
            Kind { code: "not_implemented", retryable: false, advice: "The API cannot do this.", ..SERVER }
        }
        502 => Kind { code: "bad_gateway", ..SERVER },
        503 => Kind { code: "unavailable", ..SERVER },
        504 => Kind { code: "gateway_timeout", ..SERVER },
        _ => return None,
    })
}

/// What a reply whose status is no success means.
pub(super) fn problem(plan: &CallPlan, reply: &Reply) -> Problem {
    let kind = kind(reply.status);
    let retry_after_seconds = retry_after::seconds(&reply.headers, clock::wall());
    let repeatable = plan.effect != Effect::Write || kind.fault != Fault::Upstream;
    let mut advice = kind.advice.to_owned();
    if kind.code == "unauthorized" && plan.credentials.is_empty() {
        advice.push_str(" No credential is configured for this operation.");
    }
    if let Some(seconds) = retry_after_seconds {
        advice.push_str(&format!(" The API asks to wait {seconds} seconds."));
    }
    if !repeatable {
        advice.push_str(" Whether the change was made is not known: look before calling again.");
    }
    let body = excerpt(plan, reply);
    let mut message = format!("The API answered {} to {}", named(reply.status), plan.signature);
    message.push_str(
        &body.as_ref().and_then(Excerpt::json).and_then(said).map_or(".".into(), |said| format!(": {said}")),
    );
    Problem {
        code: kind.code,
        status: Some(reply.status),
        fault: kind.fault,
        message,
        advice: advice.into(),
        retryable: kind.retryable && repeatable,
        retry_after_seconds,
        body,
        arguments: Vec::new(),
    }
}

fn excerpt(plan: &CallPlan, reply: &Reply) -> Option<Excerpt> {
    let media = MediaType::of(&reply.headers);
    if reply.body.is_empty() || !(media.is_text() || looks_like_text(&reply.body)) {
        return None;
    }
    let text = plan.upstream.redactor().blank_bytes(media.decode(&reply.body));
    let text = String::from_utf8_lossy(&text);
    let text = text.trim();
    match json::scan(text) {
        Ok(shape) if text.starts_with(['{', '[']) => Some(Excerpt::of_json(text, shape)),
        _ if media.is_html() => Some(Excerpt::of_text(&html::text(text))),
        _ => Some(Excerpt::of_text(text)),
    }
    .filter(|excerpt| !excerpt.is_empty())
}

/// What an error body says in words: RFC 9457, section 3.1, or what most other APIs call it.
#[derive(Deserialize)]
struct Said {
    title: Option<serde_json::Value>,
    detail: Option<serde_json::Value>,
    message: Option<serde_json::Value>,
    error_description: Option<serde_json::Value>,
    error: Option<serde_json::Value>,
}

fn said(body: &str) -> Option<String> {
    let said: Said = serde_json::from_str(body).ok()?;
    let nested = said.error.as_ref().and_then(|error| error.get("message"));
    let text = |value: &Option<serde_json::Value>| {
        value.as_ref().and_then(|value| value.as_str()).map(str::to_owned)
    };
    let words = match (text(&said.title), text(&said.detail)) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => detail.or(title),
    };
    words
        .or_else(|| text(&said.message))
        .or_else(|| text(&said.error_description))
        .or_else(|| nested.and_then(|nested| nested.as_str()).map(str::to_owned))
        .or_else(|| text(&said.error))
}
