//! What an error body says, as a sentence: problem details (RFC 9457), or what other APIs call the same.

use serde_json::{Map, Value};

use crate::express::path::Path;

/// The longest sentence, in bytes. The body itself is shown beside it.
const LONGEST: usize = 500;
/// How many single faults are named.
const FAULTS: usize = 5;
/// How deep words are looked for.
const DEPTH: usize = 4;

/// Members whose texts say what is wrong, the most telling first.
const MESSAGES: [&str; 15] = [
    "message",
    "error_description",
    "error_message",
    "errorMessage",
    "errorDescription",
    "description",
    "reason",
    "msg",
    "Message",
    "error_summary",
    "faultstring",
    "status_message",
    "statusText",
    "text",
    "info",
];
/// Members that hold the error, or several of them.
const NESTED: [&str; 8] = ["error", "errors", "Error", "fault", "detail", "details", "meta", "status"];
/// Members that list what is wrong with single values.
const FAULTY: [&str; 7] = [
    "errors",
    "invalid-params",
    "invalid_params",
    "violations",
    "fieldErrors",
    "validation_errors",
    "details",
];
/// Members that name the value that a fault is about.
const PLACES: [&str; 9] =
    ["field", "name", "param", "parameter", "pointer", "path", "loc", "property", "location"];

/// The sentence in an error body.
pub(super) fn said(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    words(&value, 0).map(|words| shortened(&words))
}

/// What is at a path, as words.
pub(super) fn at(path: &Path, body: &str) -> Option<String> {
    let found = path.find(body).into_iter();
    let words: Vec<String> = found
        .take(FAULTS)
        .filter_map(|text| match serde_json::from_str(text).ok()? {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        })
        .collect();
    (!words.is_empty()).then(|| shortened(&words.join("; ")))
}

fn words(value: &Value, depth: usize) -> Option<String> {
    match value {
        _ if depth > DEPTH => None,
        Value::String(text) => {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        }
        Value::Array(items) => {
            let words: Vec<String> =
                items.iter().filter_map(|item| fault(item, depth + 1)).take(FAULTS).collect();
            (!words.is_empty()).then(|| words.join("; "))
        }
        Value::Object(members) => of_object(members, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn of_object(members: &Map<String, Value>, depth: usize) -> Option<String> {
    let text = |name: &str| {
        members.get(name).filter(|value| value.is_string()).and_then(|value| words(value, depth))
    };
    let general = match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => Some(format!("{title}: {detail}")),
        (title, detail) => detail.or(title),
    };
    let general = general.or_else(|| MESSAGES.iter().find_map(|name| text(name)));
    if let Some(general) = general {
        return Some(with_faults(general, members, depth));
    }
    let nested = NESTED.iter().find_map(|name| words(members.get(*name)?, depth + 1));
    // `{"name": ["must not be empty"]}`: the faults by the names of what they are about.
    nested.or_else(|| by_name(members, depth))
}

/// The sentence, and what is wrong with single values.
fn with_faults(general: String, members: &Map<String, Value>, depth: usize) -> String {
    let faults = FAULTY.iter().find_map(|name| {
        members
            .get(*name)
            .filter(|faults| faults.is_array() || faults.is_object())
            .and_then(|faults| words(faults, depth + 1))
    });
    match faults {
        Some(faults) if !general.contains(&faults) => {
            format!("{} ({faults})", general.trim_end_matches('.'))
        }
        _ => general,
    }
}

/// One fault: which value it is about, and what is wrong with it.
fn fault(value: &Value, depth: usize) -> Option<String> {
    let Value::Object(members) = value else { return words(value, depth) };
    let place = PLACES.iter().find_map(|name| match members.get(*name)? {
        Value::String(place) => Some(place.clone()),
        Value::Array(steps) => {
            let steps =
                steps.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
            Some(steps.collect::<Vec<_>>().join("."))
        }
        _ => None,
    });
    let what =
        of_object(members, depth).or_else(|| members.get("code").and_then(|code| words(code, depth)))?;
    match place {
        Some(place) if !place.is_empty() && place != what => Some(format!("{place}: {what}")),
        _ => Some(what),
    }
}

fn by_name(members: &Map<String, Value>, depth: usize) -> Option<String> {
    let named = members.iter().filter(|(_, value)| value.is_array());
    let faults: Vec<String> = named
        .filter_map(|(name, value)| Some(format!("{name}: {}", words(value, depth + 1)?)))
        .take(FAULTS)
        .collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}

fn shortened(words: &str) -> String {
    let end = words.floor_char_boundary(LONGEST);
    match words.get(..end) {
        Some(begin) if end < words.len() => format!("{begin}…"),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_in_which_apis_say_what_is_wrong_are_read() {
        for (body, words) in [
            (
                r#"{"type":"about:blank","title":"Not enough credit","detail":"It costs 50.","instance":"/a"}"#,
                "Not enough credit: It costs 50.",
            ),
            (
                r#"{"title":"Invalid","errors":[{"detail":"must be positive","pointer":"/age"},{"detail":"is no color","pointer":"/color"}]}"#,
                "Invalid (/age: must be positive; /color: is no color)",
            ),
            (r#"{"title":"Bad","invalid-params":[{"name":"age","reason":"too low"}]}"#, "Bad (age: too low)"),
            (
                r#"{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"}]}"#,
                "Validation Failed (title: missing_field)",
            ),
            (
                r#"{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}}"#,
                "Invalid value",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"The token has expired"}"#,
                "The token has expired",
            ),
            (r#"{"errors":[{"message":"A"},{"message":"B"}]}"#, "A; B"),
            (
                r#"{"detail":[{"loc":["body","name"],"msg":"field required","type":"missing"}]}"#,
                "body.name: field required",
            ),
            (
                r#"{"name":["is too short","is taken"],"age":["is no number"]}"#,
                "name: is too short; is taken; age: is no number",
            ),
            (r#"{"errors":{"email":["is invalid"]}}"#, "email: is invalid"),
            (r#"{"ok":false,"error":"channel_not_found"}"#, "channel_not_found"),
            (r#"{"fault":{"faultstring":"Rate limit quota violation"}}"#, "Rate limit quota violation"),
            (r#""just words""#, "just words"),
        ] {
            assert_eq!(said(body).as_deref(), Some(words), "{body}");
        }
        for silent in ["{}", "[]", r#"{"ok":false}"#, r#"{"error":null,"code":7}"#, "<p>"] {
            assert_eq!(said(silent), None, "{silent}");
        }
        assert!(
            said(&format!("{{\"message\":\"{}\"}}", "ä".repeat(5000))).is_some_and(|words| words.len() < 510)
        );
    }
}
