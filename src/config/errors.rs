//! What an answer means that is an error, or looks like none.

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::resolver::Resolver;
use super::response::{filter, path};
use super::text::{Json, Literal};
use super::whole::Whole;
use super::written::{Entry, Map, Optional, Read, Slot, Written, written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::express::jq::Filter;
use crate::express::path::Path;

written! {
    /// What an answer means. What is not said is as toolgate would have it.
    #[schemars(rename = "ErrorRule")]
    pub(super) struct ErrorFile<'t> {
        /// Only answers whose body says this. A rule for a 2xx needs it: it makes an error of a success.
        when: Optional<'t, ConditionFile<'t>>,
        /// What this kind of error is called: the `code` that a program sees.
        #[schemars(regex(pattern = "^[a-z][a-z0-9_]{0,63}$"), extend("examples" = ["quota_exceeded"]))]
        kind: Optional<'t, Literal<'t>>,
        /// Where the body says in words what is wrong.
        #[schemars(extend("examples" = ["error.message"]))]
        message: Optional<'t, Literal<'t>>,
        /// Whether the same call may succeed later. It is told to the agent; toolgate itself tries again by `retry`.
        retryable: Optional<'t, bool>,
        /// How many seconds to wait, where the answer does not say it.
        retry_after_seconds: Optional<'t, Whole<0, 86_400>>,
        /// What the agent should do: told instead of what toolgate would advise.
        #[schemars(extend("examples" = ["Find the owner and the name of a repository with search_repositories."]))]
        hint: Optional<'t, &'t str>,
        /// The answer is no error: this is its result. `404: {result: []}` is a search that found nothing.
        result: Optional<'t, Json<'t>>,
    }

    /// What a body must say. One of `path` (with one of `equals`, `matches` and `exists`) and `jq`.
    #[schemars(rename = "Condition")]
    pub(super) struct ConditionFile<'t> {
        /// A member of the body, by names with dots between them; of a list on the way, any item.
        #[schemars(extend("examples" = ["ok", "error.code"]))]
        path: Optional<'t, Literal<'t>>,
        /// It has this value.
        equals: Optional<'t, Json<'t>>,
        /// It is a text that this regular expression matches somewhere.
        matches: Optional<'t, &'t str>,
        /// It is there (`true`), or it is not (`false`). Null counts as not there.
        exists: Optional<'t, bool>,
        /// A filter in jq that gives something else than false and null.
        jq: Optional<'t, &'t str>,
    }
}

/// One rule, or several of which the first that fits counts.
pub(super) struct Rules<'t>(Vec<Written<'t, ErrorFile<'t>>>);

impl<'t> Read<'t> for Rules<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let slots: Vec<Slot<'t>> = match slot.node.is_array() {
            true => slot.node.items().map(|node| Slot { node, key: None }).collect(),
            false => vec![slot],
        };
        let read = |slot| ErrorFile::read(slot, problems).map(|value| Written { value, slot });
        Some(Self(slots.into_iter().filter_map(read).collect()))
    }
}

impl JsonSchema for Rules<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ErrorRules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rule = generator.subschema_for::<ErrorFile<'_>>();
        json_schema!({"anyOf": [rule, {"type": "array", "items": rule}]})
    }
}

/// What answers mean, by status.
pub(super) type ErrorsFile<'t> = Map<'t, Rules<'t>>;

/// A rule about answers.
#[derive(Clone, Debug)]
pub struct ErrorRule {
    /// Which statuses it is about.
    pub status: StatusMatch,
    /// What the body must say.
    pub condition: Option<Condition>,
    /// What this kind of error is called.
    pub kind: Option<Box<str>>,
    /// Where the API's own words are.
    pub message: Option<Path>,
    /// Whether the same call may succeed later.
    pub retryable: Option<bool>,
    /// How long to wait, where the answer does not say it.
    pub retry_after_seconds: Option<u64>,
    /// What the agent should do.
    pub hint: Option<Box<str>>,
    /// It is no error, and this is its result: JSON on one line.
    pub result: Option<Box<str>>,
}

/// Which statuses a rule is about; the more exact one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusMatch {
    /// `404`
    Exact(u16),
    /// `4XX`: its first digit.
    Class(u16),
    /// `default`: every status that is no success.
    Default,
}

/// What a body must say.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A member of it.
    Member {
        /// Where.
        path: Path,
        /// What it must be.
        test: Test,
    },
    /// A filter in jq gives something.
    Filter(Arc<Filter>),
}

/// What a member must be.
#[derive(Clone, Debug)]
pub enum Test {
    /// This value.
    Equals(Value),
    /// A text that this expression matches.
    Matches(Regex),
    /// There, or not there.
    Exists(bool),
}

impl StatusMatch {
    /// Whether a status is among them.
    #[must_use]
    pub fn matches(self, status: u16) -> bool {
        match self {
            Self::Exact(exact) => exact == status,
            Self::Class(class) => class == status / 100,
            Self::Default => status / 100 != 2,
        }
    }

    fn is_success(self) -> bool {
        matches!(self, Self::Exact(200..=299) | Self::Class(2))
    }
}

/// The rules of an operation and of its gateway, in the order in which they are tried: the more exact status first,
/// and of two alike the operation's.
pub(crate) fn in_order(operation: &[ErrorRule], gateway: &[ErrorRule]) -> Vec<ErrorRule> {
    let mut rules: Vec<ErrorRule> = operation.iter().chain(gateway).cloned().collect();
    let rank = |rule: &ErrorRule| match rule.status {
        StatusMatch::Exact(_) => 0,
        StatusMatch::Class(_) => 1,
        StatusMatch::Default => 2,
    };
    rules.sort_by_key(rank);
    rules
}

/// The `errors` of a gateway, an endpoint or a change.
pub(super) fn resolve(
    file: Option<&Written<'_, ErrorsFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<ErrorRule> {
    let mut rules = Vec::new();
    for entry in file.iter().flat_map(|file| &file.value.0) {
        let Some(status) = status(entry, resolver) else { continue };
        for rule in &entry.value.0 {
            rules.extend(self::rule(status, rule, resolver));
        }
    }
    rules
}

fn status(entry: &Entry<'_, Rules<'_>>, resolver: &mut Resolver<'_>) -> Option<StatusMatch> {
    let key = entry.key;
    let digit = |at: usize| key.as_bytes().get(at).and_then(|byte| char::from(*byte).to_digit(10));
    let class = digit(0).filter(|class| (1..=5).contains(class)).and_then(|class| u16::try_from(class).ok());
    let status = match (key, class) {
        ("default", _) => Some(StatusMatch::Default),
        (key, Some(class)) if key.len() == 3 && key.ends_with("XX") => Some(StatusMatch::Class(class)),
        (key, Some(_)) if key.len() == 3 => key.parse().ok().map(StatusMatch::Exact),
        _ => None,
    };
    if status.is_none() {
        let message = format!("`{key}` is no status of an answer");
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
        resolver.problem(diagnostic.help("write a status (404), a class of them (4XX) or `default`"));
    }
    status
}

fn rule(
    status: StatusMatch,
    written: &Written<'_, ErrorFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<ErrorRule> {
    let file = &written.value;
    check(status, written, resolver);
    let kind = file.kind.as_ref().and_then(|written| kind(written, resolver));
    let message = file.message.as_ref().and_then(|written| path(written, resolver));
    let condition = match &file.when {
        // Without its condition a rule would be about answers that it is not meant for.
        Some(when) => Some(condition(when, resolver)?),
        None => None,
    };
    Some(ErrorRule {
        status,
        condition,
        kind,
        message,
        retryable: file.retryable.map(|written| written.value),
        retry_after_seconds: file.retry_after_seconds.map(|written| u64::from(written.value.0)),
        hint: file.hint.map(|written| written.value.trim().into()),
        result: file.result.map(|written| written.value.0.to_value().to_string().into()),
    })
}

fn check(status: StatusMatch, written: &Written<'_, ErrorFile<'_>>, resolver: &mut Resolver<'_>) {
    let file = &written.value;
    let says_error = file.kind.is_some()
        || file.message.is_some()
        || file.retryable.is_some()
        || file.retry_after_seconds.is_some()
        || file.hint.is_some();
    if status.is_success() && file.when.is_none() {
        let help = "say by what an error is told: `when: {path: ok, equals: false}`";
        resolver.problem(written.slot.invalid("every success would be an error").help(help));
    }
    if file.result.is_some() && says_error {
        let message = "an answer with a `result` is no error, about which there is nothing else to say";
        resolver.problem(written.slot.invalid(message));
    }
    if !status.is_success() && file.result.is_none() && !says_error {
        resolver.problem(
            written.slot.invalid("this rule says nothing").help("say a `hint`, a `kind` or another key"),
        );
    }
}

fn kind(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<Box<str>> {
    let kind = written.value.0;
    let is_kind = (1..=64).contains(&kind.len())
        && kind.starts_with(|first: char| first.is_ascii_lowercase())
        && kind.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if !is_kind {
        let help = "it has 1 to 64 of the characters a-z, 0-9 and `_`, and begins with a letter";
        resolver.problem(written.slot.invalid(format!("`{kind}` cannot be the name of an error")).help(help));
    }
    is_kind.then(|| kind.into())
}

fn condition(written: &Written<'_, ConditionFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Condition> {
    let file = &written.value;
    let tests = usize::from(file.equals.is_some())
        + usize::from(file.matches.is_some())
        + usize::from(file.exists.is_some());
    match (&file.path, &file.jq, tests) {
        (None, Some(jq), 0) => return filter(jq, resolver).map(Condition::Filter),
        (Some(_), None, 1) => {}
        _ => {
            let help = "write `{path: ok, equals: false}`, `{path: error.code, matches: \"^quota\"}`, `{path: error, \
                        exists: true}` or `{jq: \".errors | length > 0\"}`";
            resolver.problem(
                written.slot.invalid("a condition is a `path` with one test, or a filter in `jq`").help(help),
            );
            return None;
        }
    }
    let path = path(file.path.as_ref()?, resolver)?;
    let test = match (&file.equals, &file.matches, file.exists) {
        (Some(equals), ..) => Test::Equals(equals.value.0.to_value()),
        (_, Some(matches), _) => Test::Matches(expression(matches, resolver)?),
        (.., exists) => Test::Exists(exists?.value),
    };
    Some(Condition::Member { path, test })
}

fn expression(written: &Written<'_, &str>, resolver: &mut Resolver<'_>) -> Option<Regex> {
    match Regex::new(written.value) {
        Ok(regex) => Some(regex),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            resolver.problem(written.slot.invalid(format!("this is no regular expression: {reason}")));
            None
        }
    }
}
