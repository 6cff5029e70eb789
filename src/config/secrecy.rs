//! Keeps secrets that are written in a gateway file out of what is shown.
//!
//! A diagnostic is shown with the line that it is about, and on that line a password may stand that the diagnostic
//! has nothing to do with. So whether a line may be shown is decided by the line, after all is known, and not by
//! whoever reports something. Values that come from references are not in the text and need no care here.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::openapi::node::{EntryRef, Node};
use crate::source::Source;

/// Headers whose values are no secrets.
const HARMLESS_HEADERS: [&str; 8] = [
    "accept",
    "accept-language",
    "content-type",
    "user-agent",
    "host",
    "content-length",
    "connection",
    "referer",
];

/// Keys of credentials whose values are no secrets.
const HARMLESS_KEYS: [&str; 2] = ["in", "name"];

/// Parts of names that secrets are given.
const TELLING: [&str; 12] = [
    "cred",
    "token",
    "secret",
    "passw",
    "pwd",
    "authori",
    "bearer",
    "key",
    "cookie",
    "signature",
    "basic",
    "header",
];

/// The diagnostics, those whose lines hold a secret marked `sensitive`. `root` is `None` when the text could not be
/// parsed.
pub(super) fn shield(problems: &Diagnostics, source: &Source, root: Option<Node<'_>>) -> Diagnostics {
    let mut secrets = Vec::new();
    if let Some(root) = root {
        root.entries().for_each(|entry| collect(entry, &mut secrets));
    }
    let shielded = problems.iter().cloned().map(|diagnostic| {
        let hidden = match (line_of(&diagnostic, source), root) {
            (Some(line), Some(_)) => {
                secrets.iter().any(|secret| secret.start < line.end && line.start < secret.end)
            }
            (Some(line), None) => looks_secret(source.text(), line),
            (None, _) => false,
        };
        if hidden { diagnostic.sensitive() } else { diagnostic }
    });
    shielded.collect()
}

/// The line that is shown with a diagnostic.
fn line_of(diagnostic: &Diagnostic, source: &Source) -> Option<Range<usize>> {
    let place = diagnostic.place.as_ref().filter(|place| std::ptr::eq(&*place.source, source))?;
    let (before, after) = source.text().split_at_checked(place.span.range().start)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = before.len() + after.find('\n').unwrap_or(after.len());
    Some(start..end.max(start + 1))
}

/// The places of secrets in an entry of the outermost mapping.
fn collect(entry: EntryRef<'_>, secrets: &mut Vec<Range<usize>>) {
    match entry.key {
        "credential" => scalars(entry.value, &HARMLESS_KEYS, secrets),
        "credentials" => entry.value.entries().for_each(|one| scalars(one.value, &HARMLESS_KEYS, secrets)),
        "headers" => scalars(entry.value, &HARMLESS_HEADERS, secrets),
        "base_url" | "openapi" if entry.value.as_str().is_some_and(|url| url.contains(['@', '?'])) => {
            scalars(entry.value, &[], secrets);
        }
        key if is_telling(key) => scalars(entry.value, &[], secrets),
        _ => {}
    }
}

/// The places of all scalars but those under harmless keys and those that only refer to a secret.
fn scalars(node: Node<'_>, harmless: &[&str], secrets: &mut Vec<Range<usize>>) {
    if node.scalar().is_some_and(|text| !is_mere_reference(text)) {
        secrets.push(node.span().range());
    }
    for entry in node.entries() {
        if !harmless.contains(&&*entry.key.to_ascii_lowercase()) {
            scalars(entry.value, harmless, secrets);
        }
    }
    node.items().for_each(|item| scalars(item, harmless, secrets));
}

/// `${NAME}`, `${NAME:-}`, `${file:PATH}`: whoever reads it learns nothing.
fn is_mere_reference(text: &str) -> bool {
    let inside = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    inside.is_some_and(|inside| {
        !inside.contains("${") && inside.split_once(":-").is_none_or(|(_, default)| default.is_empty())
    })
}

fn is_telling(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    TELLING.iter().any(|part| key.contains(part))
}

/// Whether a line of a text that is no YAML may hold a secret: a key in it, or one that it is indented under, is
/// called like one.
fn looks_secret(text: &str, line: Range<usize>) -> bool {
    let shown = text.get(line.clone()).unwrap_or_default();
    let above = text.get(..line.start).unwrap_or_default();
    let mut indent = indent_of(shown);
    let mut owners = above.lines().rev().filter(|line| {
        let is_owner = !line.trim().is_empty() && indent_of(line) < indent;
        if is_owner {
            indent = indent_of(line);
        }
        is_owner
    });
    keys(shown).any(is_telling) || owners.any(|owner| keys(owner).any(is_telling))
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What looks like keys of a line: the words before its colons.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    line.match_indices(':').filter_map(move |(at, _)| {
        let before = line.get(..at)?.trim_end_matches(['"', '\'', ' ']);
        before.rsplit(|character| !is_part(character)).next()
    })
}
