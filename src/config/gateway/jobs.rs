//! Jobs that outlast a request, as a gateway file means them.

use std::time::Duration;

use http::HeaderName;
use serde_json::Value;

use super::BodyPath;

/// How a job is followed that a request began.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRules {
    /// Where the answer says how the job is asked about.
    pub status: JobPlace,
    /// When it is done; `None`: as soon as the answer is another success than 202.
    pub done: Option<JobCondition>,
    /// When it has failed.
    pub failed: Option<JobCondition>,
    /// How long to wait before each question, at least.
    pub interval: Duration,
    /// Where the result is, by the last answer; `None`: that answer is the result.
    pub result: Option<JobPlace>,
}

/// Where a URL comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobPlace {
    /// A header of the answer.
    Header(HeaderName),
    /// The body of the answer.
    Body(BodyPath),
    /// A path below the base URL with values of the body in it.
    Path(Vec<JobPathPiece>),
}

/// A piece of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobPathPiece {
    /// As it is.
    Literal(String),
    /// The value at this path of the body, encoded as one segment.
    Value(BodyPath),
}

/// What holds when one of these values is there.
#[derive(Clone, Debug, PartialEq)]
pub struct JobCondition {
    /// Where in the body.
    pub path: BodyPath,
    /// The values.
    pub values: Vec<Value>,
}
