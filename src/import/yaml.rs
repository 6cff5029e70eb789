//! Writes YAML for people: short things on one line, long texts as blocks, comments where they belong.
//!
//! A serialiser cannot write comments, and quotes and breaks as it likes. What is written here is the part of YAML that
//! reads back as the same value in every reader: a text stands without quotes only when nothing could take it for
//! something else, and is written as a JSON string otherwise.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The longest line on which a list or a mapping is written whole.
const WIDTH: usize = 100;

/// Writes the entries of a mapping, each on lines of its own.
pub(super) fn entries(out: &mut String, entries: &Map<String, Value>, indent: usize) {
    for (key, value) in entries {
        entry(out, key, value, indent);
    }
}

/// Writes `key: value`.
fn entry(out: &mut String, key: &str, value: &Value, indent: usize) {
    pad(out, indent);
    out.push_str(&scalar(key));
    out.push(':');
    after_colon(out, value, indent);
}

/// Writes a comment, one `#` a line.
pub(super) fn comment(out: &mut String, text: &str, indent: usize) {
    for line in text.lines() {
        pad(out, indent);
        let line: String = line.chars().filter(|character| !character.is_control()).collect();
        // Writing to a text cannot fail.
        let _ok = writeln!(out, "# {line}");
    }
}

fn after_colon(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) if is_block(text) => block(out, text, indent + 2),
        Value::Object(object) if !object.is_empty() => match fitting(value, indent) {
            Some(flow) => line(out, &flow),
            None => {
                out.push('\n');
                entries(out, object, indent + 2);
            }
        },
        Value::Array(items) if !items.is_empty() => match fitting(value, indent) {
            Some(flow) => line(out, &flow),
            None => {
                out.push('\n');
                items.iter().for_each(|item| list_item(out, item, indent + 2));
            }
        },
        // Outside of braces and brackets, more can stand without quotes: `GET /books/{id}`.
        Value::String(text) if is_plain(text, "{},?=&:'") => line(out, text),
        _ => line(out, &flow(value)),
    }
}

fn list_item(out: &mut String, item: &Value, indent: usize) {
    pad(out, indent);
    out.push('-');
    match item {
        Value::Object(object) if !object.is_empty() && fitting(item, indent).is_none() => {
            // The first key stands after the dash, the others below it.
            let mut inner = String::new();
            entries(&mut inner, object, indent + 2);
            out.push(' ');
            out.push_str(inner.trim_start_matches(' '));
        }
        Value::Array(items) if !items.is_empty() && fitting(item, indent).is_none() => {
            out.push('\n');
            items.iter().for_each(|item| list_item(out, item, indent + 2));
        }
        // What stands after the dash is deeper than the dash.
        _ => after_colon(out, item, indent),
    }
}

fn line(out: &mut String, text: &str) {
    out.push(' ');
    out.push_str(text);
    out.push('\n');
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// On one line, when it is short and holds nothing that is better read on several.
fn fitting(value: &Value, indent: usize) -> Option<String> {
    let is_deep = depth(value) > 2;
    // Several things that have parts of their own are read one below the other.
    let is_collection = |value: &Value| depth(value) > 0;
    let is_crowded = value
        .as_object()
        .is_some_and(|object| object.values().filter(|value| is_collection(value)).count() > 1);
    Some(flow(value)).filter(|text| !is_deep && !is_crowded && indent + text.len() <= WIDTH)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or_default(),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// On one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", scalar(key), flow(value));
            format!("{{{}}}", object.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text as a literal block keeps it.
fn is_block(text: &str) -> bool {
    let is_kept = |line: &str| {
        !line.ends_with(char::is_whitespace)
            && line.chars().all(|character| is_printable(character) && character != '\t')
    };
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with('\n')
        && text.split('\n').all(is_kept)
}

fn block(out: &mut String, text: &str, indent: usize) {
    out.push_str(" |-\n");
    for line in text.split('\n') {
        if !line.is_empty() {
            pad(out, indent);
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// A text on one line, in quotes unless it can only be a text.
fn scalar(text: &str) -> String {
    if is_plain(text, "") {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            character if is_printable(character) => quoted.push(character),
            character => {
                // Beyond the first 65,536 everything is printable.
                let _ok = write!(quoted, "\\u{:04X}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(text: &str, more: &str) -> bool {
    /// Words that some reader of YAML takes for something else than a text.
    const TAKEN: [&str; 11] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"];
    text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '_' | '$'))
        && text.ends_with(|last: char| last.is_ascii_graphic())
        && text.chars().all(|character| {
            character.is_ascii_alphanumeric() || " _-./$()+".contains(character) || more.contains(character)
        })
        && !text.contains(": ")
        && !text.ends_with(':')
        && !TAKEN.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// What YAML lets stand in a text as it is (YAML 1.2, section 5.1); line separators break lines for some readers.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Source;

    fn written(value: &Value) -> String {
        let mut out = String::new();
        entries(&mut out, value.as_object().unwrap(), 0);
        out
    }

    #[test]
    fn short_things_stand_on_one_line_and_long_ones_on_several() {
        let value = json!({
            "gateway": "shop",
            "timeout": 3,
            "on": ["yes", "1", "a: b", ""],
            "endpoints": {"list_books": {
                "description": "List the books.\n\nAll of them.",
                "request": "GET /books/{id}",
                "parameters": {"q": {"in": "query", "type": "string", "description": "Words, \"as they are\": all of them must be in the title"},
                    "id": {"in": "path", "schema": {"type": "array", "items": {"type": "string"}}}},
            }},
            "list": [{"a": {"b": {"c": {"d": 1}}}, "e": 2}, [[["x"]]]],
        });
        let expected = r#"gateway: shop
timeout: 3
"on": ["yes", "1", "a: b", ""]
endpoints:
  list_books:
    description: |-
      List the books.

      All of them.
    request: GET /books/{id}
    parameters:
      q:
        in: query
        type: string
        description: "Words, \"as they are\": all of them must be in the title"
      id:
        in: path
        schema: {type: array, items: {type: string}}
list:
  - a:
      b: {c: {d: 1}}
    e: 2
  -
    - [[x]]
"#;
        assert_eq!(written(&value), expected);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            "[a-z:# \\n\\t{}\\[\\],&*!|>'\"%@`~-]{0,12}",
            Just("true".to_owned()),
            Just("0x1f".to_owned()),
            Just("1_000".to_owned()),
            Just("~".to_owned()),
            Just("- a".to_owned()),
            Just("a\n b\n\nc".to_owned()),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_by_our_reader_and_by_another(value in any_json()) {
            let value = json!({"value": value, "after": 1});
            let text = written(&value);
            let mut diagnostics = Diagnostics::default();
            let tree = crate::openapi::parse(&Source::new("a.yaml", text.as_str()), &mut diagnostics);
            prop_assert!(tree.is_some(), "{text}\n{diagnostics:?}");
            prop_assert_eq!(&tree.unwrap().root().to_value(), &value, "{}", text);
            let other: Value = serde_yaml::from_str(&text).unwrap();
            prop_assert_eq!(other, value, "{}", text);
        }
    }
}
