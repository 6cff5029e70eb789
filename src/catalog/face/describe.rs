//! What is said of an argument in words: its description, and what the shown schema has no keyword for.

use super::portable::is_portable_name;
use crate::catalog::text::{leading, one_line, visible};
use crate::openapi::shared::{Json, Object};

/// Up to this many characters a description is cut at a sentence.
const SHORT: usize = 80;

/// A description of at most `limit` characters with notes after it; `None` when there is nothing to say.
pub(super) fn describe(
    keywords: &Object,
    description: Option<&str>,
    limit: usize,
    notes: &[String],
) -> Option<String> {
    let description = description.or_else(|| keywords.get("description").and_then(Json::as_str));
    let mut text = match description {
        // A short one is of whole sentences, where there are any so short.
        Some(description) if limit > SHORT => one_line(description, limit),
        Some(description) if limit > 0 => leading(description, limit),
        _ => String::new(),
    };
    for note in notes.iter().filter(|note| !note.is_empty()) {
        if !text.is_empty() {
            let is_sentence = text.ends_with(['.', '!', '?', ':', '…', ')']);
            text.push_str(if is_sentence { " " } else { ". " });
        }
        text.push_str(note);
    }
    (!text.is_empty()).then_some(text)
}

/// Notes on what no keyword says that all providers take: the form of a text, and numbers to choose from.
/// Lists of more than `choices` texts are not shown as a list.
pub(super) fn notes(keywords: &Object, choices: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let format = match keywords.get("format").and_then(Json::as_str) {
        Some("date") => "YYYY-MM-DD.",
        Some("time") => "HH:MM:SS.",
        Some("uuid") => "UUID.",
        Some("byte" | "base64") => "Base64.",
        Some("uri" | "url") => "URL.",
        Some("duration") => "ISO 8601 duration.",
        _ => "",
    };
    let said = || keywords.get("description").and_then(Json::as_str).unwrap_or_default().to_lowercase();
    if !format.is_empty() && !said().contains(&format.trim_end_matches('.').to_lowercase()) {
        notes.push(format.to_owned());
    }
    notes.extend(numbers(keywords));
    notes.extend(long_list(keywords, choices));
    if keywords.get("type").is_none_or(|kind| kind != "integer") {
        for (keyword, words) in [("exclusiveMinimum", "More than"), ("exclusiveMaximum", "Less than")] {
            let bound = keywords.get(keyword).filter(|bound| bound.is_number());
            notes.extend(bound.map(|bound| format!("{words} {bound}.")));
        }
    }
    let step = keywords.get("multipleOf").filter(|step| step.as_i64() != Some(1));
    notes.extend(step.map(|step| format!("A multiple of {step}.")));
    notes.extend(odd_names(keywords));
    notes
}

/// Properties whose names not every client accepts; they can be given all the same.
fn odd_names(keywords: &Object) -> Option<String> {
    let properties = keywords.get("properties")?.as_object()?;
    let odd: Vec<String> = properties
        .keys()
        .filter(|name| !is_portable_name(name))
        .map(|name| format!("`{}`", visible(name)))
        .collect();
    (!odd.is_empty()).then(|| format!("Also takes {}.", odd.join(", ")))
}

fn long_list(keywords: &Object, most: usize) -> Option<String> {
    const SHOWN: usize = 5;
    let values = keywords.get("enum")?.as_array().filter(|values| values.len() > most)?;
    let first: Vec<&str> = values.iter().filter_map(Json::as_str).take(SHOWN).collect();
    (first.len() == SHOWN)
        .then(|| format!("One of {} values, such as {}.", values.len(), visible(&first.join(", "))))
}

/// `One of 1, 2, 3.` of an enum that is not of texts: one provider takes texts only.
fn numbers(keywords: &Object) -> Option<String> {
    const MOST: usize = 20;
    let of_const = keywords.get("const").map(std::slice::from_ref);
    let values = keywords.get("enum").and_then(Json::as_array).or(of_const)?;
    if values.iter().any(Json::is_string) {
        return None;
    }
    let numbers: Vec<String> = values
        .iter()
        .filter(|value| value.is_number() || value.is_boolean())
        .map(ToString::to_string)
        .collect();
    match numbers.as_slice() {
        [] => None,
        [only] => Some(format!("Always {only}.")),
        numbers if numbers.len() > MOST => None,
        numbers => Some(format!("One of {}.", numbers.join(", "))),
    }
}
