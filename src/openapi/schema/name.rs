//! Names of definitions: short, readable, and the same on every run.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustc_hash::FxHashMap;

/// Longer names are cut at their beginning: what tells them apart is at the end.
const LONGEST: usize = 64;

/// Words of a pointer that say where a schema is, not what it is.
const PLACES: [&str; 24] = [
    "components",
    "schemas",
    "definitions",
    "$defs",
    "properties",
    "items",
    "additionalProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "paths",
    "parameters",
    "schema",
    "content",
    "requestBody",
    "requestBodies",
    "responses",
    "headers",
    "get",
    "put",
    "post",
    "patch",
    "delete",
];

/// A name for what the text of a `$ref` leads to, of characters that need no escape in a JSON pointer or a URL.
pub(super) fn of(reference: &str) -> String {
    let decoded = percent_decode_str(reference).decode_utf8_lossy();
    let (file, pointer) = decoded.split_once('#').unwrap_or((&decoded, ""));
    let says = |token: &&str| !token.is_empty() && !is_place(token);
    let mut tokens: Vec<&str> = pointer.rsplit('/').filter(says).take(2).collect();
    // The last word is what the author called it, also when it is a word like `items`.
    if let Some(last) = pointer.rsplit('/').next()
        && !last.is_empty()
        && tokens.is_empty()
    {
        tokens.push(last);
    }
    if is_component(pointer) {
        tokens.truncate(1);
    }
    tokens.reverse();
    let name = if tokens.is_empty() { stem(file).to_owned() } else { tokens.join("_") };
    legal(&name.replace("~1", "/"))
}

/// The name, or the name with a number when it is taken.
pub(super) fn unique<T>(name: &str, taken: &FxHashMap<Arc<str>, T>) -> Arc<str> {
    let mut candidate: Arc<str> = name.into();
    let mut number = 1_usize;
    while taken.contains_key(&candidate) {
        number += 1;
        candidate = format!("{name}_{number}").into();
    }
    candidate
}

/// `/components/schemas/Pet`, `/definitions/Pet`: the last token is the whole name.
fn is_component(pointer: &str) -> bool {
    let rest = ["/components/schemas/", "/definitions/", "/$defs/"]
        .into_iter()
        .find_map(|prefix| pointer.strip_prefix(prefix));
    rest.is_some_and(|rest| !rest.contains('/'))
}

fn is_place(token: &str) -> bool {
    PLACES.contains(&token) || token.contains("~1") || token.bytes().all(|byte| byte.is_ascii_digit())
}

fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn legal(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_') {
            name.push(character);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    let from = name.len().saturating_sub(LONGEST);
    let name = name.get(from..).unwrap_or_default().trim_matches(['_', '.', '-']);
    if name.is_empty() { "schema".to_owned() } else { name.to_owned() }
}
