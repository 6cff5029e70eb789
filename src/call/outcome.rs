//! What a client is told: an answer as content, a failure as a text and as data.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

use super::error::ArgumentProblem;
use super::json::{self, Shape};
use super::{Content, Ended, ToolOutcome};
use crate::upstream::Fault;

/// A success, read.
#[derive(Debug)]
pub(super) enum Answer {
    /// JSON on one line.
    Json {
        /// The document.
        text: Bytes,
        /// It can be spliced into a message: every client's parser can hold it.
        portable: bool,
    },
    /// Text in UTF-8.
    Text(Bytes),
    /// Image, audio, or other data.
    Media(Content),
    /// Several blocks, as the file makes them.
    Blocks(Vec<Content>),
}

/// An answer as the agent gets it.
#[derive(Debug)]
pub(super) struct Shaped {
    /// The content.
    pub(super) answer: Answer,
    /// What there is to say about it, each in a block of its own after the content.
    pub(super) remarks: Vec<String>,
    /// The same as data: what was cut.
    pub(super) meta: Option<serde_json::Value>,
}

/// A failure, as told to the model.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Problem {
    /// The stable name of this kind of failure.
    pub(super) code: &'static str,
    /// What the gateway file calls it instead, for the agent.
    pub(super) kind: Option<Box<str>>,
    /// The status that the API answered.
    pub(super) status: Option<StatusCode>,
    /// Whose fault it is.
    pub(super) fault: Fault,
    /// What happened, in sentences.
    pub(super) message: String,
    /// What to do, in sentences.
    pub(super) advice: Cow<'static, str>,
    /// The same call may succeed later, and does no harm when it is made again.
    pub(super) retryable: bool,
    /// How long the API asks to wait.
    pub(super) retry_after_seconds: Option<u64>,
    /// What the API said.
    pub(super) body: Option<Excerpt>,
    /// What is wrong with the arguments.
    pub(super) arguments: Vec<ArgumentProblem>,
}

/// A part of what the API said, small enough to show. Without secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    text: String,
    /// `text` is the whole body, and JSON that can be spliced into a message.
    json: bool,
}

impl Excerpt {
    /// How many bytes are shown.
    const LIMIT: usize = 2 << 10;

    /// The beginning of a text.
    pub(super) fn of_text(text: &str) -> Self {
        let shown = text.floor_char_boundary(Self::LIMIT);
        let text = match text.get(..shown) {
            Some(begin) if shown < text.len() => format!("{begin}… ({} bytes in all)", text.len()),
            _ => text.to_owned(),
        };
        Self { text, json: false }
    }

    /// A JSON document, or the beginning of a long one.
    pub(super) fn of_json(text: &str, shape: Shape) -> Self {
        let text = if shape.line_breaks { json::compact(text) } else { text.to_owned() };
        if text.len() > Self::LIMIT { Self::of_text(&text) } else { Self { text, json: shape.portable } }
    }

    /// The JSON document, when it is whole.
    pub(super) fn json(&self) -> Option<&str> {
        self.json.then_some(&self.text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl From<Answer> for Shaped {
    fn from(answer: Answer) -> Self {
        Self { answer, remarks: Vec::new(), meta: None }
    }
}

impl From<Shaped> for ToolOutcome {
    fn from(Shaped { answer, remarks, meta }: Shaped) -> Self {
        let (content, structured) = match answer {
            Answer::Json { text, portable } => (vec![Content::Json(text.clone())], portable.then_some(text)),
            Answer::Text(text) => (vec![Content::Text(text)], None),
            Answer::Media(content) => (vec![content], None),
            Answer::Blocks(content) => (content, None),
        };
        let content = content.into_iter().chain(remarks.into_iter().map(Content::from)).collect();
        let meta = meta.map(|cut| ("toolgate/truncated", cut)).into_iter().collect();
        Self { is_error: false, content, structured, meta, ended: Ended::OK }
    }
}

impl From<Problem> for ToolOutcome {
    fn from(problem: Problem) -> Self {
        // Cannot fail: the keys are texts, and what is spliced has been read as JSON.
        let structured = serde_json::to_vec(&Data { error: Error::of(&problem) }).ok().map(Bytes::from);
        let ended = Ended { code: problem.code, status: problem.status.map(|status| status.as_u16()) };
        Self { ended, ..Self::error(problem.text(), structured) }
    }
}

impl Problem {
    /// A failure about which nothing more is known.
    pub(super) fn new(code: &'static str, fault: Fault) -> Self {
        Self {
            code,
            kind: None,
            status: None,
            fault,
            message: String::new(),
            advice: Cow::Borrowed(""),
            retryable: false,
            retry_after_seconds: None,
            body: None,
            arguments: Vec::new(),
        }
    }

    /// What an agent knows it by.
    fn name(&self) -> &str {
        self.kind.as_deref().unwrap_or(self.code)
    }

    fn text(&self) -> String {
        let mut text = self.message.clone();
        for problem in &self.arguments {
            text.push_str("\n- ");
            if let Some(argument) = &problem.argument {
                let _ = write!(text, "`{argument}`: ");
            }
            text.push_str(&problem.message);
            if let Some(help) = &problem.help {
                let _ = write!(text, " ({help})");
            }
        }
        if !self.advice.is_empty() {
            let _ = write!(text, "\n{}", self.advice);
        }
        let _ = write!(text, "\nCode: {}", self.name());
        if let Some(body) = &self.body {
            let _ = write!(text, "\nThe API said:\n{}", body.text);
        }
        text
    }
}

/// The same as data: `structuredContent` of a failure.
#[derive(Serialize)]
struct Data<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    message: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Argument<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Json(&'a RawValue),
    Text(&'a str),
}

#[derive(Serialize)]
struct Argument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> Error<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self {
            code: problem.name(),
            status: problem.status.map(|status| status.as_u16()),
            message: &problem.message,
            retryable: problem.retryable,
            retry_after_seconds: problem.retry_after_seconds,
            body: problem.body.as_ref().map(|body| match body.json().map(serde_json::from_str) {
                Some(Ok(json)) => Body::Json(json),
                _ => Body::Text(&body.text),
            }),
            arguments: problem.arguments.iter().map(Argument::of).collect(),
        }
    }
}

impl<'a> Argument<'a> {
    fn of(problem: &'a ArgumentProblem) -> Self {
        Self {
            argument: problem.argument.as_deref(),
            message: &problem.message,
            help: problem.help.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests;
