//! Keeps secrets that are written in a gateway file out of what is shown.
//!
//! A diagnostic is shown with the line that it is about, and on that line a password may stand that the diagnostic
//! has nothing to do with. So whether a line may be shown is decided by the line, after all is known, and not by
//! whoever reports something. Values that come from references are not in the text and need no care here.

use std::ops::Range;

use super::suggest::{is_alike, is_typo};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::openapi::node::{EntryRef, Kind, Node};
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
const HARMLESS_KEYS: [&str; 22] = [
    "in",
    "name",
    "grant",
    "scopes",
    "client_authentication",
    "algorithm",
    "headers",
    "header",
    "type",
    "certificate",
    "ca",
    "region",
    "service",
    "key_encoding",
    "sign",
    "separator",
    "encoding",
    "timestamp",
    "nonce",
    "body_hash",
    "ttl",
    "lifetime",
];

/// Keys of `access` whose values are no secrets. A hash is not among them: what stands there may be the key itself.
const HARMLESS_ACCESS: [&str; 14] = [
    "resource",
    "issuer",
    "audience",
    "jwks_url",
    "algorithms",
    "required_scopes",
    "leeway",
    "url",
    "client_id",
    "client_authentication",
    "ttl",
    "scopes",
    "expires",
    "implied_scopes",
];

/// Written forms that hold secrets.
const SECRET_FORMS: [&str; 17] = [
    "CredentialFile",
    "BasicFile",
    "ApiKeyFile",
    "OAuth2File",
    "AssertionFile",
    "SubjectTokenFile",
    "PassThroughFile",
    "MtlsFile",
    "SigV4File",
    "HmacFile",
    "StampFile",
    "NonceFile",
    "BodyHashFile",
    "NamedPartFile",
    "CommandFile",
    "AccessKeyFile",
    "IntrospectionFile",
];

/// The keys of these forms.
const SECRET_KEYS: [&str; 36] = [
    "bearer",
    "basic",
    "api_key",
    "oauth2",
    "pass_through",
    "mtls",
    "sigv4",
    "hmac",
    "username",
    "password",
    "value",
    "key",
    "command",
    "timeout",
    "token_url",
    "client_id",
    "client_secret",
    "client_assertion",
    "refresh_token",
    "assertion",
    "subject_token",
    "parameters",
    "audience",
    "key_id",
    "issuer",
    "subject",
    "claims",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "format",
    "text",
    "in",
    "name",
    "grant",
    "scopes",
];

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

/// Whether what is written in this form is secret.
pub(super) fn is_secret(form: &str) -> bool {
    SECRET_FORMS.contains(&form)
}

/// Whether a key that this form does not have may be quoted: a password that lost its colon is a key to YAML.
pub(super) fn may_quote(form: &str, key: &str, known: &[&str]) -> bool {
    !is_secret(form) || known.iter().any(|candidate| is_typo(key, candidate))
}

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
        "credential" => credential(entry.value, secrets),
        "credentials" => entry.value.entries().for_each(|one| credential(one.value, secrets)),
        "access" => scalars(entry.value, &HARMLESS_ACCESS, secrets),
        "headers" => scalars(entry.value, &HARMLESS_HEADERS, secrets),
        "base_url" | "openapi" if entry.value.as_str().is_some_and(|url| url.contains(['@', '?'])) => {
            scalars(entry.value, &[], secrets);
        }
        "overlays"
            if entry.value.items().any(|url| url.as_str().is_some_and(|url| url.contains(['@', '?']))) =>
        {
            entry.value.items().for_each(|url| scalars(url, &[], secrets));
        }
        "gateway" | "timeout" | "operations" | "endpoints" | "overlays" | "response" | "errors"
        | "toolsets" | "rules" | "limits" | "audit" | "cors" => {}
        _ => suspects(entry, secrets),
    }
}

/// The places of secrets in a credential, keys that are none of its own included.
fn credential(node: Node<'_>, secrets: &mut Vec<Range<usize>>) {
    scalars(node, &HARMLESS_KEYS, secrets);
    stray_keys(node, secrets);
}

fn stray_keys(node: Node<'_>, secrets: &mut Vec<Range<usize>>) {
    for entry in node.entries() {
        let mut known = SECRET_KEYS.iter().chain(&HARMLESS_KEYS);
        if !known.any(|key| is_typo(entry.key, key)) {
            secrets.push(entry.key_span.range());
        }
        stray_keys(entry.value, secrets);
    }
}

/// The places of what may be secrets under a key that means nothing, or something else to its author.
fn suspects(entry: EntryRef<'_>, secrets: &mut Vec<Range<usize>>) {
    let misspelt = ["credential", "headers", "bearer", "basic", "username", "password", "value"];
    if is_telling(entry.key) || misspelt.iter().any(|key| is_alike(entry.key, key)) {
        scalars(entry.value, &[], secrets);
    } else {
        entry.value.entries().for_each(|entry| suspects(entry, secrets));
        entry.value.items().for_each(|item| item.entries().for_each(|entry| suspects(entry, secrets)));
    }
}

/// The places of all scalars but those under harmless keys and those that only refer to a secret.
fn scalars(node: Node<'_>, harmless: &[&str], secrets: &mut Vec<Range<usize>>) {
    // Where nothing is written, a comment may hold what was.
    if node.kind() == Kind::Null || node.scalar().is_some_and(|text| !is_mere_reference(text)) {
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

/// Whether a line of a text that is no YAML may hold a secret: a key in it, in the line before it, or in one that
/// either is indented under, is called like one.
fn looks_secret(text: &str, line: Range<usize>) -> bool {
    let shown = text.get(line.clone()).unwrap_or_default();
    let above: Vec<&str> = text.get(..line.start).unwrap_or_default().lines().rev().collect();
    let before = above.iter().position(|line| !line.trim().is_empty()).unwrap_or_default();
    let (before, above_it) = above.split_at_checked(before + 1).unwrap_or_default();
    let lines = owners(shown, &above).chain(owners(before.last().copied().unwrap_or_default(), above_it));
    lines.flat_map(keys).any(is_telling)
}

/// A line and those that it is indented under, of the lines above it from below.
fn owners<'t>(line: &'t str, above: &[&'t str]) -> impl Iterator<Item = &'t str> {
    let mut indent = indent_of(line);
    let owners = above.iter().copied().filter(move |line| {
        let is_owner = !line.trim().is_empty() && indent_of(line) < indent;
        if is_owner {
            indent = indent_of(line);
        }
        is_owner
    });
    std::iter::once(line).chain(owners)
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
