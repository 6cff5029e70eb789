//! Parts of JSON, and differences that a person can read.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

/// Of `actual`, what `expected` speaks of: keys that it does not name are left out, where both are objects.
pub(super) fn part(actual: &Value, expected: &Value) -> Value {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            let named = expected.keys().filter_map(|key| {
                Some((key.clone(), part(actual.get(key)?, expected.get(key).unwrap_or(&Value::Null))))
            });
            Value::Object(named.collect::<Map<_, _>>())
        }
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => {
            actual.iter().zip(expected).map(|(actual, expected)| part(actual, expected)).collect()
        }
        _ => actual.clone(),
    }
}

/// The lines that differ, with some around them.
pub(super) fn difference(expected: &str, actual: &str) -> String {
    let diff = TextDiff::from_lines(expected, actual);
    let mut text = String::new();
    for change in diff.grouped_ops(3).iter().flatten().flat_map(|group| diff.iter_changes(group)) {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        text.push_str(&format!("  {sign} {}\n", change.value().trim_end_matches('\n')));
    }
    text
}
