//! Which regular expressions can be checked.

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

/// A pattern longer than this is a list of values in disguise.
const LONGEST: usize = 4 << 10;

/// How large a compiled pattern may be.
const LARGEST: usize = 1 << 20;
