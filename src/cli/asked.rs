//! Whoever sits at the terminal, asked what a call wants to know first. A script agrees with `--yes` and gives the rest
//! as arguments; where nobody sits and nobody agreed, nothing is sent.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::output;
use crate::mcp::asking::InputRequest;
use crate::mcp::asking::live::Asked;
use crate::mcp::line::AskError;

/// The person at the terminal, if there is one.
#[derive(Debug)]
pub(super) struct Terminal {
    /// He agrees to the call beforehand.
    yes: bool,
    is_there: bool,
    /// He was asked for something and was not there.
    was_missed: AtomicBool,
}

impl Terminal {
    pub(super) fn new(yes: bool) -> Self {
        let is_there = io::stdin().is_terminal() && output::is_stderr_terminal();
        Self { yes, is_there, was_missed: AtomicBool::new(false) }
    }

    /// Whether somebody should have been there.
    pub(super) fn was_missed(&self) -> bool {
        self.was_missed.load(Ordering::Relaxed)
    }
}

impl Asked for Terminal {
    async fn ask(&self, request: &InputRequest, _: Duration) -> Result<Box<RawValue>, AskError> {
        let form = request.params.pointer("/requestedSchema/properties").and_then(Value::as_object);
        let answer = match form {
            Some(fields) if fields.is_empty() && self.yes => json!({"action": "accept"}),
            Some(fields) if self.is_there => {
                let message = request.params.get("message").and_then(Value::as_str).unwrap_or_default();
                answered(message, fields, &mut |prompt| {
                    output::prompt(prompt);
                    let mut line = String::new();
                    io::stdin().read_line(&mut line).ok().filter(|read| *read > 0)?;
                    Some(line.trim().to_owned())
                })
            }
            _ => {
                self.was_missed.store(true, Ordering::Relaxed);
                return Err(AskError::NoWay);
            }
        };
        to_raw_value(&answer).map_err(|_| AskError::Refused)
    }
}

/// The `ElicitResult` of somebody who is asked for these fields; `ask` gives a line, and `None` at the end of input.
/// Without fields he is asked whether.
fn answered(
    message: &str,
    fields: &Map<String, Value>,
    ask: &mut dyn FnMut(&str) -> Option<String>,
) -> Value {
    if fields.is_empty() {
        let answer = ask(&format!("{message}\n[y/N] ")).unwrap_or_default();
        let agrees = matches!(answer.to_lowercase().as_str(), "y" | "yes");
        return json!({"action": if agrees { "accept" } else { "decline" }});
    }
    let mut content = Map::new();
    let mut before = format!("{message}\n");
    for (name, schema) in fields {
        let Some(line) = ask(&format!("{before}{}", prompt(name, schema))) else {
            return json!({"action": "cancel"});
        };
        before.clear();
        let value = if line.is_empty() { schema.get("default").cloned() } else { Some(value(&line, schema)) };
        content.extend(value.map(|value| (name.clone(), value)));
    }
    json!({"action": "accept", "content": content})
}

/// `colour (red, green) [green]: `
fn prompt(name: &str, schema: &Value) -> String {
    let choices: Vec<&str> = ["/enum", "/oneOf", "/items/enum", "/items/anyOf"]
        .into_iter()
        .find_map(|pointer| schema.pointer(pointer)?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|choice| choice.as_str().or_else(|| choice.get("const")?.as_str()))
        .collect();
    let mut prompt = schema.get("title").and_then(Value::as_str).unwrap_or(name).to_owned();
    if !choices.is_empty() {
        prompt.push_str(&format!(" ({})", choices.join(", ")));
    }
    match schema.get("default") {
        Some(Value::String(text)) => prompt.push_str(&format!(" [{text}]")),
        Some(default) => prompt.push_str(&format!(" [{default}]")),
        None => {}
    }
    prompt + ": "
}

/// What a line means in a field. What it cannot mean stays a text, and is refused with its reason.
fn value(line: &str, schema: &Value) -> Value {
    let text = || Value::from(line);
    match schema.get("type").and_then(Value::as_str) {
        Some("integer" | "number") => {
            serde_json::from_str(line).ok().filter(Value::is_number).unwrap_or_else(text)
        }
        Some("boolean") => match line.to_lowercase().as_str() {
            "y" | "yes" | "true" => true.into(),
            "n" | "no" | "false" => false.into(),
            _ => text(),
        },
        Some("array") => line.split(',').map(|item| item.trim().to_owned()).collect(),
        _ => text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer of somebody who types these lines, and what he was asked.
    fn typed(message: &str, fields: &Value, lines: &[&str]) -> (Value, String) {
        let mut lines = lines.iter();
        let mut shown = String::new();
        let answer = answered(message, fields.as_object().unwrap(), &mut |prompt| {
            shown.push_str(prompt);
            lines.next().map(|line| (*line).to_owned())
        });
        (answer, shown)
    }

    #[test]
    fn only_yes_is_yes() {
        for (line, action) in
            [("y", "accept"), ("Yes", "accept"), ("", "decline"), ("n", "decline"), ("yep", "decline")]
        {
            let (answer, shown) = typed("Shall this be sent?", &json!({}), &[line]);
            assert_eq!((answer, &*shown), (json!({"action": action}), "Shall this be sent?\n[y/N] "));
        }
        assert_eq!(typed("?", &json!({}), &[]).0, json!({"action": "decline"}));
    }

    #[test]
    fn each_field_is_a_line() {
        let fields = json!({
            "title": {"type": "string"},
            "colour": {"type": "string", "enum": ["red", "green"], "default": "green", "title": "Colour"},
            "copies": {"type": "integer"},
            "gift": {"type": "boolean", "default": false},
            "tags": {"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]}},
        });
        let (answer, shown) = typed("About it", &fields, &["Dune", "", "3", "y", "a, b"]);
        let content =
            json!({"title": "Dune", "colour": "green", "copies": 3, "gift": true, "tags": ["a", "b"]});
        assert_eq!(answer, json!({"action": "accept", "content": content}));
        assert_eq!(
            shown,
            "About it\ntitle: Colour (red, green) [green]: copies: gift [false]: tags (a, b): "
        );
        let (odd, _) = typed("", &json!({"copies": {"type": "integer"}}), &["many"]);
        assert_eq!(odd["content"], json!({"copies": "many"}), "it is refused where it is checked");
        assert_eq!(typed("", &fields, &["Dune"]).0, json!({"action": "cancel"}));
    }
}
