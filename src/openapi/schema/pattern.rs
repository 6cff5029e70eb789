//! What a pattern says, and which regular expressions can be checked.

use jsonschema::PatternOptions;
use serde_json::json;

/// Whether a validator with a linear engine takes the pattern: no lookaround, no back reference, no range that is
/// upside down, and small enough once compiled.
pub(super) fn is_linear(pattern: &str) -> bool {
    if pattern.len() > LONGEST {
        return false;
    }
    let options = PatternOptions::regex().size_limit(LARGEST).dfa_size_limit(LARGEST);
    jsonschema::options().with_pattern_options(options).build(&json!({ "pattern": pattern })).is_ok()
}

/// A pattern as an author wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written<'d> {
    /// A regular expression.
    Plain(&'d str),
    /// One with the slashes and flags of a literal of JavaScript around it.
    Literal { inside: &'d str, ignores_case: bool },
}

/// Tells a literal from an expression that begins with a slash: no text at all matches `/^…` or `…$/`, so whoever wrote
/// that meant the literal.
pub(super) fn read(pattern: &str) -> Written<'_> {
    let literal = || {
        let (inside, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
        let is_literal = (inside.starts_with('^') || inside.ends_with('$'))
            && flags.chars().all(|flag| "dgimsuvy".contains(flag));
        is_literal.then(|| Written::Literal { inside, ignores_case: flags.contains('i') })
    };
    literal().unwrap_or(Written::Plain(pattern))
}

/// A pattern longer than this is a list of values in disguise.
const LONGEST: usize = 4 << 10;

/// How large a compiled pattern may be.
const LARGEST: usize = 1 << 20;
