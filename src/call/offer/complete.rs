//! Arguments, completed.
//!
//! Values that begin with what was typed come before those that only hold it, each in the order in which they were
//! given. An API that is told what was typed has chosen by itself, and is not corrected.

use bytes::Bytes;

use super::{Asker, Request};
use crate::call::{Content, ToolOutcome};
use crate::catalog::offer::Completer;
use crate::express::json::{self, Kind};

/// How many values a client gets (MCP, completion: at most 100).
pub const MOST_VALUES: usize = 100;

/// How many values of an API are looked at.
const MOST_READ: usize = 10_000;

/// The values that complete an argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completed {
    /// At most [`MOST_VALUES`], the best first.
    pub values: Vec<String>,
    /// How many there are.
    pub total: usize,
}

/// A completion that is done, or about to be.
#[derive(Debug)]
pub enum Completing {
    /// The values.
    Done(Completed),
    /// The API is asked.
    Asks(CompletionRequest),
}

/// The request for values.
#[derive(Debug)]
pub struct CompletionRequest {
    request: Request,
    /// What was typed, when the API is not told.
    typed: Option<String>,
}

/// Completes the argument `name`, of which `typed` is there; `given` are the other arguments.
#[must_use]
pub fn complete(
    completer: &Completer,
    (name, typed): (&str, &str),
    given: &[(String, String)],
) -> Completing {
    match completer {
        Completer::Values(values) => {
            Completing::Done(Completed::of(values.iter().map(|value| String::from(&**value)), Some(typed)))
        }
        Completer::Request(request) => {
            let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let others = given.filter(|(other, value)| *other != name && !value.is_empty());
            // Nothing typed is no value: an API would be asked for what is called "".
            let own = std::iter::once((name, typed)).filter(|_| !typed.is_empty());
            let values: Vec<(&str, &str)> = others.chain(own).collect();
            let is_given = |required: &str| values.iter().any(|(known, _)| *known == required);
            if !request.required().all(is_given) {
                return Completing::Done(Completed::default());
            }
            let typed = (!request.takes(name)).then(|| typed.to_owned());
            Completing::Asks(CompletionRequest { request: Request::new(request, values), typed })
        }
    }
}

impl Completing {
    /// The headers of the caller that are kept for the request.
    #[must_use]
    pub fn caller_headers(&self) -> &[http::HeaderName] {
        match self {
            Self::Done(_) => &[],
            Self::Asks(asks) => asks.request.plan.credentials.caller_headers(),
        }
    }

    /// The values. Where the API fails there are none: somebody is typing, and the log has it.
    pub async fn finish(self, asker: &Asker) -> Completed {
        match self {
            Self::Done(completed) => completed,
            Self::Asks(CompletionRequest { request, typed }) => {
                let outcome = request.make(asker, None).await;
                if outcome.is_error {
                    Completed::default()
                } else {
                    Completed::of(texts(outcome), typed.as_deref())
                }
            }
        }
    }
}

impl Completed {
    /// Those of some values that fit what was typed; all of them when nothing was.
    fn of(values: impl IntoIterator<Item = String>, typed: Option<&str>) -> Self {
        let typed = typed.unwrap_or_default().to_lowercase();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut seen = rustc_hash::FxHashSet::default();
        for value in values {
            let lower = value.to_lowercase();
            if lower.contains(&typed) && seen.insert(value.clone()) {
                if lower.starts_with(&typed) { first.push(value) } else { second.push(value) }
            }
        }
        first.append(&mut second);
        let total = first.len();
        first.truncate(MOST_VALUES);
        Self { values: first, total }
    }
}

/// The texts of an answer: a list of texts, or a text of lines.
fn texts(outcome: ToolOutcome) -> Vec<String> {
    match outcome.content.into_iter().next() {
        Some(Content::Json(list)) => of_json(&list),
        Some(Content::Text(lines)) => String::from_utf8_lossy(&lines)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(MOST_READ)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn of_json(list: &Bytes) -> Vec<String> {
    let list = String::from_utf8_lossy(list);
    let text = |item: &str| match json::kind(item) {
        Kind::String => Some(json::text(item)),
        Kind::Other if item != "null" => Some(item.to_owned()),
        _ => None,
    };
    json::items(&list).filter_map(text).take(MOST_READ).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(values: &[&str], typed: &str) -> Vec<String> {
        Completed::of(values.iter().map(|value| (*value).to_owned()), Some(typed)).values
    }

    #[test]
    fn beginnings_come_before_the_rest_and_case_does_not_matter() {
        let values = ["repair", "Open", "reopened", "open", "closed", "open"];
        assert_eq!(completed(&values, "OPEN"), ["Open", "open", "reopened"]);
        assert_eq!(completed(&values, ""), ["repair", "Open", "reopened", "open", "closed"]);
        assert!(completed(&values, "x").is_empty());
    }

    #[test]
    fn no_more_are_given_than_may_be_and_all_are_counted() {
        let many = Completed::of((0..250).map(|number| number.to_string()), None);
        assert_eq!((many.values.len(), many.total), (MOST_VALUES, 250));
    }

    #[test]
    fn numbers_are_texts_too_and_what_is_no_value_is_left_out() {
        assert_eq!(
            of_json(&Bytes::from_static(br#"["a\n", 7, null, {"b":1}, [2], true]"#)),
            ["a\n", "7", "true"]
        );
        assert!(of_json(&Bytes::from_static(br#"{"a":1}"#)).is_empty());
    }
}
