//! Texts of a format, a length or a pattern.

use serde_json::Value;

use super::{pattern, size};
use crate::mock::schema::Flat;

/// Longer texts are not made, whatever `minLength` says.
const LONGEST: usize = 100_000;

/// A text that the schema allows; `name` is what it says when nothing else is known.
pub(super) fn text(flat: &Flat, name: &str, turn: usize) -> Option<String> {
    let least = size(flat, "minLength").unwrap_or_default().min(LONGEST);
    let most = size(flat, "maxLength").unwrap_or(LONGEST);
    if least > most {
        return None;
    }
    if let Some(pattern) = flat.get("pattern").and_then(Value::as_str)
        && let Some(found) = pattern::of_length(pattern, least, most, turn)
    {
        return Some(found);
    }
    let format = flat.get("format").or_else(|| flat.get("contentEncoding")).and_then(Value::as_str);
    let formatted = format.and_then(|format| Some(lengthened(format, of_format(format, turn)?, least)));
    if let Some(formatted) = formatted.filter(|text| (least..=most).contains(&text.chars().count())) {
        return Some(formatted);
    }
    Some(of_length(name, least, most, turn))
}

/// Whether a text is within the bounds of length; true of everything else.
pub(super) fn is_within(flat: &Flat, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    let length = text.chars().count();
    let matches =
        flat.get("pattern").and_then(Value::as_str).is_none_or(|pattern| pattern::is_match(pattern, text));
    let long_enough = size(flat, "minLength").is_none_or(|least| length >= least);
    matches && long_enough && size(flat, "maxLength").is_none_or(|most| length <= most)
}

fn of_length(name: &str, least: usize, most: usize, turn: usize) -> String {
    let mut text = if turn == 0 { name.to_owned() } else { format!("{} {name}", turn + 1) };
    let mut length = text.chars().count();
    while length < least {
        text.push('x');
        length += 1;
    }
    text.chars().take(most).collect()
}

/// Fills up a text of those formats that have room for more.
fn lengthened(format: &str, text: String, least: usize) -> String {
    let missing = "x".repeat(least.saturating_sub(text.len()));
    match format {
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => text + &missing,
        "email" | "idn-email" => missing + &text,
        _ => text,
    }
}

/// A text of one of the formats that JSON Schema and OpenAPI know.
fn of_format(format: &str, turn: usize) -> Option<String> {
    let minute = turn % 60;
    Some(match format {
        "date-time" => format!("2026-05-17T09:{minute:02}:00Z"),
        "date" => format!("2026-05-{:02}", 1 + turn % 28),
        "time" => format!("09:{minute:02}:00Z"),
        "duration" => format!("PT{}H", turn + 1),
        "email" | "idn-email" => format!("reader{}@example.com", turn + 1),
        "hostname" | "idn-hostname" => format!("host{}.example.com", turn + 1),
        "ipv4" | "ip" => format!("192.0.2.{}", 1 + turn % 250),
        "ipv6" => format!("2001:db8::{:x}", 1 + turn % 0xffff),
        "cidr" => "192.0.2.0/24".to_owned(),
        "uri" | "url" | "iri" => format!("https://example.com/{}", turn + 1),
        "uri-reference" | "iri-reference" => format!("/{}", turn + 1),
        "uri-template" => "https://example.com/{id}".to_owned(),
        "uuid" | "guid" => format!("6f1c1a52-93f4-4c0a-9d9e-{:012x}", turn + 1),
        "byte" | "base64" => "dGV4dA==".to_owned(),
        "base64url" => "dGV4dA".to_owned(),
        "json-pointer" => format!("/{turn}"),
        "relative-json-pointer" => format!("{turn}"),
        "regex" => "^.*$".to_owned(),
        "int32" | "int64" | "integer" | "uint64" => format!("{}", turn + 1),
        "decimal" | "double" | "float" | "number" => format!("{}.5", turn + 1),
        "color" => "#336699".to_owned(),
        _ => return None,
    })
}
