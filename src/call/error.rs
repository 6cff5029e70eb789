//! Why a call came to nothing: one enum over the stages, in the order in which they run.

use crate::upstream::SendError;

/// Why a call came to nothing. What an upstream answered, of whatever status, is no error here: see [`super::map`].
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// `validate` or `build`: the arguments cannot be sent. Nothing was.
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    /// `send`: no whole answer came.
    #[error(transparent)]
    Send(#[from] SendError),
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
