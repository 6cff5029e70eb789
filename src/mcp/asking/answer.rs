//! What a client answers, made into arguments.
//!
//! An answer comes from outside like everything else: it is bounded, read strictly where it decides something, and
//! checked against what was asked for. What it holds beyond that is left out.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Open;
use super::question::fields;
use crate::catalog::ask::{AskedPlan, QuestionPlan, form_faults, form_schema};

/// The longest answer to one question, in bytes.
pub(super) const LONGEST: usize = 64 << 10;

/// An answer, read.
#[derive(Debug, PartialEq)]
pub(super) enum Answered {
    /// It gives these arguments.
    Given(Map<String, Value>),
    /// The person said no.
    Declined,
    /// The person said nothing.
    Cancelled,
}

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// Longer than is taken.
    #[error("the answer is longer than {LONGEST} bytes")]
    TooLong,
    /// Not what the protocol has for an answer to this.
    #[error("the answer cannot be read")]
    Unreadable,
    /// Not what was asked for: without the values.
    #[error("{0}")]
    Unfit(String),
}

/// `ElicitResult`
#[derive(Deserialize)]
struct Elicited {
    action: Action,
    #[serde(default)]
    content: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Accept,
    Decline,
    Cancel,
}

/// `CreateMessageResult`
#[derive(Deserialize)]
struct Sampled {
    content: Blocks,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Blocks {
    Several(Vec<Block>),
    One(Block),
}

#[derive(Deserialize)]
struct Block {
    #[serde(default)]
    text: Option<String>,
}

/// `ListRootsResult`
#[derive(Deserialize)]
struct Listed {
    roots: Vec<Root>,
}

#[derive(Deserialize)]
struct Root {
    uri: String,
}

/// Reads the answer to a question about a call with these arguments.
pub(super) fn read(
    open: Open<'_>,
    arguments: &Map<String, Value>,
    raw: &RawValue,
) -> Result<Answered, Unusable> {
    if raw.get().len() > LONGEST {
        return Err(Unusable::TooLong);
    }
    let question = match open {
        Open::Question(question) => question,
        // Whatever is filled in: there was nothing to fill in.
        Open::Confirm(_) => return Ok(elicited(raw)?.unwrap_or_else(|_| Answered::Given(Map::new()))),
    };
    match &question.to {
        AskedPlan::Person { .. } => match elicited(raw)? {
            Ok(over) => Ok(over),
            Err(content) => form(question, arguments, content).map(Answered::Given),
        },
        AskedPlan::Model { into, .. } => {
            let Sampled { content } = parse(raw)?;
            let text = content.text().ok_or(Unusable::Unreadable)?;
            Ok(Answered::Given(Map::from_iter([(into.to_string(), text.into())])))
        }
        AskedPlan::Roots { into, list } => {
            let Listed { roots } = parse(raw)?;
            let mut uris = roots.into_iter().map(|root| Value::from(root.uri));
            let value = if *list { Some(uris.collect()) } else { uris.next() };
            Ok(Answered::Given(value.map(|value| (into.to_string(), value)).into_iter().collect()))
        }
    }
}

/// What a person did: it is over, or this is what he filled in.
fn elicited(raw: &RawValue) -> Result<Result<Answered, Map<String, Value>>, Unusable> {
    let Elicited { action, content } = parse(raw)?;
    Ok(match action {
        Action::Accept => Err(content.unwrap_or_default()),
        Action::Decline => Ok(Answered::Declined),
        Action::Cancel => Ok(Answered::Cancelled),
    })
}

/// The arguments that a filled-in form gives.
fn form(
    question: &QuestionPlan,
    arguments: &Map<String, Value>,
    mut content: Map<String, Value>,
) -> Result<Map<String, Value>, Unusable> {
    let asked = || fields(question, arguments);
    // A field that was left empty comes as an empty text from some clients, and as null from others.
    let is_empty = |value: &Value| value.is_null() || value == "";
    content.retain(|name, value| {
        asked()
            .any(|field| *field.argument == *name && (field.required && !value.is_null() || !is_empty(value)))
    });
    let faults = form_faults(&form_schema(asked(), &Map::new()), &content);
    if let Some(fault) = faults {
        return Err(Unusable::Unfit(fault));
    }
    let argument = |field: &crate::catalog::ask::FieldPlan| {
        let value = content.remove(&*field.argument)?;
        Some((field.argument.to_string(), field.value(value)))
    };
    Ok(asked().filter_map(argument).collect())
}

impl Blocks {
    /// The texts, one after the other; `None` when there is none.
    fn text(self) -> Option<String> {
        let texts: Vec<String> = match self {
            Self::One(block) => block.text.into_iter().collect(),
            Self::Several(blocks) => blocks.into_iter().filter_map(|block| block.text).collect(),
        };
        (!texts.is_empty()).then(|| texts.join("\n"))
    }
}

fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Unusable> {
    serde_json::from_str(raw.get()).map_err(|_| Unusable::Unreadable)
}
