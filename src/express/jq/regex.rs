//! Regular expressions of filters, by an engine whose time is linear, over texts of a bounded length: no step of a match
//! can be interrupted.

use jaq_core::{Cv, Error, ValR};
use regex::{Captures, Regex, RegexBuilder};

use super::meter::step;
use super::native::Machine;
use super::value::{Text, Value};

/// The longest text that is searched, in bytes.
const TEXT: usize = 256 << 10;
/// What an expression may become, in bytes.
const COMPILED: usize = 64 << 10;

/// What is wanted of a search.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    between: bool,
    matches: bool,
}

impl Parts {
    /// Each match, as a list of its groups.
    pub(super) const MATCHES: Self = Self { between: false, matches: true };
    /// The texts between matches.
    pub(super) const BETWEEN: Self = Self { between: true, matches: false };
    /// Both in turn.
    pub(super) const BOTH: Self = Self { between: true, matches: true };
}

/// Searches the input for an expression with flags, the two arguments.
pub(super) fn run(mut cv: Cv<'_, Machine>, parts: Parts) -> ValR<Value> {
    let (flags, expression) = (cv.0.pop_var(), cv.0.pop_var());
    let flags = if matches!(flags, Value::Null) { Value::string("") } else { flags };
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        other => Err(Error::typ(other.clone(), "text")),
    };
    let (text, expression, flags) = (text(&cv.1)?, text(&expression)?, text(&flags)?);
    if text.text.len() > TEXT {
        return Err(Error::str(format_args!("a text of more than {} KiB is not searched", TEXT >> 10)));
    }
    let regex = compile(&expression.text, &flags.text).map_err(Error::str)?;
    let most = if flags.text.contains('g') { usize::MAX } else { 1 };
    let skips_empty = flags.text.contains('n');
    Ok(search(&regex, &text.text, parts, most, skips_empty))
}

fn compile(expression: &str, flags: &str) -> Result<Regex, String> {
    if let Some(unknown) = flags.chars().find(|flag| !"gnimslxp".contains(*flag)) {
        return Err(format!("there is no flag `{unknown}` of regular expressions"));
    }
    let has = |flag| flags.contains(flag);
    RegexBuilder::new(expression)
        .case_insensitive(has('i'))
        .multi_line(has('m') || has('p'))
        .dot_matches_new_line(has('s') || has('p'))
        .swap_greed(has('l'))
        .ignore_whitespace(has('x'))
        .size_limit(COMPILED)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
            error => format!("the regular expression cannot be read: {error}"),
        })
}

fn search(regex: &Regex, text: &str, parts: Parts, most: usize, skips_empty: bool) -> Value {
    let mut found = Vec::new();
    let mut end = 0;
    // Of where the last match began: its place in bytes and in characters.
    let mut counted = (0, 0);
    for captures in regex.captures_iter(text).take(most) {
        step();
        let Some(whole) = captures.get(0) else { continue };
        if skips_empty && whole.is_empty() {
            continue;
        }
        if parts.between {
            found.push(Value::string(text.get(end..whole.start()).unwrap_or_default()));
        }
        let characters = text.get(counted.0..whole.start()).unwrap_or_default().chars().count();
        counted = (whole.start(), counted.1 + characters);
        if parts.matches {
            found.push(groups(regex, text, &captures, counted));
        }
        end = whole.end();
    }
    if parts.between {
        found.push(Value::string(text.get(end..).unwrap_or_default()));
    }
    found.into_iter().collect()
}

fn groups(regex: &Regex, text: &str, captures: &Captures<'_>, counted: (usize, usize)) -> Value {
    let group = |(name, group): (Option<&str>, Option<regex::Match<'_>>)| {
        let offset = group.map_or(Value::Int(-1), |group| {
            // A group begins within its match.
            let characters = text.get(counted.0..group.start()).unwrap_or_default().chars().count();
            Value::from(counted.1 + characters)
        });
        let length = group.map_or(0, |group| group.as_str().chars().count());
        let string = group.map_or(Value::Null, |group| Value::string(group.as_str()));
        let name = name.map(|name| ("name", Value::string(name)));
        let members = [("offset", offset), ("length", length.into()), ("string", string)];
        Value::object(members.into_iter().chain(name).map(|(key, value)| (Text::new(key), value)).collect())
    };
    regex.capture_names().zip(captures.iter()).map(group).collect()
}
