//! Calls that came to nothing because their caller was asked something and did not answer. Nothing is sent then.

use super::ToolOutcome;
use super::outcome::Problem;
use crate::upstream::Fault;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The person said no.
    #[error("The person declined")]
    Declined,
    /// The person closed the question without a word.
    #[error("The person did not decide")]
    Cancelled,
    /// The client cannot be asked for this.
    #[error(
        "This call needs an answer first, and this client cannot be asked: it does not declare {capability}"
    )]
    CannotAsk {
        /// What it would have to declare.
        capability: String,
    },
    /// The client can be asked, but not on this connection.
    #[error("This call needs an answer first, and the client cannot be asked on this connection")]
    NoWay,
    /// The client answered with an error, or has gone.
    #[error("The client did not answer what this call needs to know first")]
    Refused,
    /// No answer came in time.
    #[error("No answer came in time to what this call needs to know first")]
    Deadline,
    /// What was answered is not what was asked for, again and again.
    #[error("The answer is not what was asked for: {fault}")]
    Unfit {
        /// What is wrong with it, without its values.
        fault: String,
    },
}

impl Unanswered {
    /// Its stable name.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::CannotAsk { .. } | Self::NoWay => "cannot_ask",
            Self::Refused => "not_answered",
            Self::Deadline => "not_answered_in_time",
            Self::Unfit { .. } => "invalid_answer",
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Declined => "Do not call again unless the person says so.",
            Self::Cancelled => "Ask the person before calling again.",
            Self::CannotAsk { .. } => {
                "Use a client that supports it; what a tool takes as an argument may be given as one instead."
            }
            Self::NoWay => "Over HTTP a client is asked within a session, on the stream of the call.",
            Self::Refused | Self::Deadline | Self::Unfit { .. } => "Call again when an answer can be given.",
        }
    }
}

impl From<Unanswered> for ToolOutcome {
    fn from(unanswered: Unanswered) -> Self {
        Problem {
            message: format!("{unanswered}. Nothing was sent."),
            advice: unanswered.advice().into(),
            ..Problem::new(unanswered.code(), Fault::Caller)
        }
        .into()
    }
}
