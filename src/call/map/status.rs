//! A status that is no success, as something a model can act on.

use http::StatusCode;

use super::body::{self, Body};
use super::words;
use crate::call::outcome::Problem;
use crate::catalog::CallPlan;
use crate::catalog::plan::Effect;
use crate::clock;
use crate::config::errors::ErrorRule;
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

/// What the body of a 2xx calls an error.
const IN_THE_BODY: Kind = Kind {
    code: "api_error",
    advice: "The API says in the body of its answer that it failed. Check the arguments.",
    ..CALLER
};

/// What a reply means that is no success, by its status or because a rule of the gateway file says so.
pub(super) fn problem(plan: &CallPlan, reply: &Reply, rule: Option<&ErrorRule>) -> Problem {
    let kind = if reply.status.is_success() { IN_THE_BODY } else { kind(reply.status) };
    let asked = retry_after::seconds(&reply.headers, clock::wall());
    let repeatable = plan.effect != Effect::Write || kind.fault != Fault::Upstream;
    let body = body::read(plan, reply);
    Problem {
        kind: rule.and_then(|rule| rule.kind.clone()),
        status: Some(reply.status),
        message: message(plan, reply, rule, body.as_ref()),
        advice: advice(plan, &kind, rule, asked, repeatable).into(),
        retryable: rule.and_then(|rule| rule.retryable).unwrap_or(kind.retryable && repeatable),
        retry_after_seconds: asked.or(rule.and_then(|rule| rule.retry_after_seconds)),
        body: body.map(|body| body.excerpt),
        ..Problem::new(kind.code, kind.fault)
    }
}

fn message(plan: &CallPlan, reply: &Reply, rule: Option<&ErrorRule>, body: Option<&Body>) -> String {
    let chosen = rule.and_then(|rule| rule.message.as_ref());
    let said = body.and_then(|body| {
        let json = body.json.as_deref()?;
        chosen.and_then(|path| words::at(path, json)).or_else(|| words::said(json))
    });
    let answered = format!("The API answered {} to {}", named(reply.status), plan.signature);
    match said {
        Some(said) => format!("{answered}: {said}"),
        None => format!("{answered}."),
    }
}

fn advice(
    plan: &CallPlan,
    kind: &Kind,
    rule: Option<&ErrorRule>,
    asked: Option<u64>,
    repeatable: bool,
) -> String {
    let hint = rule.and_then(|rule| rule.hint.as_deref());
    let mut advice = hint.unwrap_or(kind.advice).to_owned();
    if kind.code == "unauthorized" && plan.credentials.is_empty() {
        advice.push_str(" No credential is configured for this operation.");
    }
    if let Some(seconds) = asked {
        advice.push_str(&format!(" The API asks to wait {seconds} seconds."));
    } else if let Some(seconds) = rule.and_then(|rule| rule.retry_after_seconds) {
        advice.push_str(&format!(" Wait {seconds} seconds before that."));
    }
    if !repeatable {
        advice.push_str(" Whether the change was made is not known: look before calling again.");
    }
    advice
}
