//! Why a call came to nothing: one enum over the stages, in the order in which they run, and what the model is told.

use super::outcome::Problem;
use crate::catalog::CallPlan;
use crate::catalog::plan::Effect;
use crate::clock;
use crate::upstream::limit::{LimitOf, Refusal};
use crate::upstream::{Fault, SendError};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// `validate` or `build`: the arguments cannot be sent. Nothing was.
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    /// `limit`: it was not sent.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// `send`: no whole answer came.
    #[error(transparent)]
    Send(#[from] SendError),
    /// `map`: the answer was no success.
    #[error(transparent)]
    Answer(#[from] Box<Problem>),
    /// The deadline of the whole call passed.
    #[error("no whole answer came in time")]
    Deadline,
    /// A defect of toolgate.
    #[error("toolgate failed")]
    Panic,
}

/// The arguments of a call cannot be sent: everything that is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the arguments are invalid")]
pub struct ArgumentsError {
    /// What is wrong, in the order of the schema; never empty.
    pub problems: Vec<ArgumentProblem>,
}

/// One thing that is wrong with the arguments. It may quote an argument's value: it goes to the caller who sent it,
/// never to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentProblem {
    /// Which argument, as a path: `filter.since`, `items[2]`; `None` when it is about all of them.
    pub argument: Option<String>,
    /// One short sentence, without a full stop.
    pub message: String,
    /// What to do: "did you mean `per_page`?"
    pub help: Option<String>,
}

impl CallError {
    /// What the model is told, and how the call is logged. `sent`: something was sent before it failed.
    pub(super) fn problem(self, plan: &CallPlan, sent: bool) -> Problem {
        match self {
            Self::Arguments(error) => invalid_arguments(error),
            Self::Refused(refusal) => refused(plan, refusal, sent),
            Self::Send(error) => no_answer(plan, &error),
            Self::Answer(problem) => *problem,
            Self::Deadline => deadline(plan, sent),
            Self::Panic => panicked(plan, sent),
        }
    }
}

fn invalid_arguments(error: ArgumentsError) -> Problem {
    Problem {
        message: "The arguments are invalid. Nothing was sent.".to_owned(),
        advice: "Correct them and call again.".into(),
        arguments: error.problems,
        ..Problem::new("invalid_arguments", Fault::Caller)
    }
}

impl From<ArgumentsError> for super::ToolOutcome {
    fn from(error: ArgumentsError) -> Self {
        invalid_arguments(error).into()
    }
}

/// `sent`: other requests of this call were sent before: pages, or steps of a long job.
fn refused(plan: &CallPlan, refusal: Refusal, sent: bool) -> Problem {
    let (code, fault, until) = match refusal {
        Refusal::RateLimited { until, .. } => ("rate_limited", Fault::Caller, Some(until)),
        Refusal::CircuitOpen { until } => ("circuit_open", Fault::Upstream, Some(until)),
        Refusal::Overloaded => ("overloaded", Fault::Upstream, None),
    };
    let why = match refusal {
        Refusal::RateLimited { by: LimitOf::Gateway, .. } => "The rate limit of this gateway is used up.",
        Refusal::RateLimited { by: LimitOf::Api, .. } => "The API asks not to be called for a while.",
        Refusal::CircuitOpen { .. } => "The API fails at present, and is left alone until it is back.",
        Refusal::Overloaded => "Too many calls to this API are in flight.",
    };
    let seconds = until.map(|until| {
        let left = until.saturating_duration_since(clock::now());
        (left.as_secs() + u64::from(left.subsec_nanos() > 0)).max(1)
    });
    let not_sent = if sent { "The call ended before its last request" } else { "Nothing was sent" };
    Problem {
        message: format!("{not_sent}: {} was not called. {why}", plan.signature),
        advice: match seconds {
            Some(seconds) => format!("Call again in {seconds} seconds.").into(),
            None => "Call again later, or call less at once.".into(),
        },
        retryable: !sent || plan.effect != Effect::Write,
        retry_after_seconds: seconds,
        ..Problem::new(code, fault)
    }
}

fn no_answer(plan: &CallPlan, error: &SendError) -> Problem {
    let harmless = error.certainly_not_written() || plan.effect != Effect::Write;
    let advice = match error {
        SendError::AddressRefused { .. } => {
            "Only the operator may name an address inside: with `base_url` in the gateway file, or `--base-url`."
        }
        SendError::RedirectRefused { .. } => {
            "If the API lives there, whoever runs this gateway has to name that place as its base URL."
        }
        _ if error.fault() == Fault::Configuration => {
            "Whoever runs this gateway has to look at its configuration."
        }
        SendError::Credential(_) if error.fault() == Fault::Caller => {
            "Whoever runs this client has to look at what it sends with its requests."
        }
        SendError::InvalidRequest { .. } => "Send shorter arguments.",
        SendError::TooLarge { .. } => "Ask for less at once: a page, a filter, fewer fields.",
        _ if !harmless => UNKNOWN,
        _ if error.is_transient() => "Try again later.",
        _ => "The API, or something on the way to it, is broken. The same call will probably fail again.",
    };
    let message = format!("No answer from the API to {}: {error}.", plan.signature);
    Problem {
        message: plan.upstream.redactor().blank(&message).into_owned(),
        advice: advice.into(),
        retryable: harmless && error.is_transient(),
        ..Problem::new(error.code(), error.fault())
    }
}

fn panicked(plan: &CallPlan, sent: bool) -> Problem {
    Problem {
        message: "toolgate failed in the middle of this call. That is a defect; its log says where."
            .to_owned(),
        advice: if sent && plan.effect == Effect::Write { UNKNOWN } else { "Other calls are not affected." }
            .into(),
        ..Problem::new("internal", Fault::Toolgate)
    }
}

fn deadline(plan: &CallPlan, sent: bool) -> Problem {
    let harmless = !sent || plan.effect != Effect::Write;
    let seconds = plan.timeout.as_secs_f64();
    Problem {
        message: format!("No whole answer from the API to {} within {seconds} seconds.", plan.signature),
        advice: if harmless { "Try again later, or ask for less at once." } else { UNKNOWN }.into(),
        retryable: harmless,
        ..Problem::new("timeout_total", Fault::Upstream)
    }
}

const UNKNOWN: &str = "Whether the change was made is not known: look before calling again.";
