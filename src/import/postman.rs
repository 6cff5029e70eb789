//! Postman collections, format 2.1 (and 2.0, which differs in how authentication is written).
//!
//! `{{name}}` is a variable of the collection or of an environment. One that the collection gives a value is replaced
//! where it says where the API lives; everywhere else it stays open: an argument in path and query, a reference to the
//! environment where it authenticates.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use url::Url;

use super::gather::imported;
use super::recorded::{Auth, Body, Part, Recorded, Segment};
use super::{Imported, Options, secret};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::Node;
use crate::openapi::parse;
use crate::source::Source;

/// How deep folders are read.
const MAX_DEPTH: usize = 32;

/// The gateway file of a collection. `None` when it holds no request; the reason is in `diagnostics`.
#[must_use]
pub fn postman(source: &Arc<Source>, options: &Options, diagnostics: &mut Diagnostics) -> Option<Imported> {
    let mut problems = Diagnostics::default();
    let tree = parse(source, &mut problems);
    // A collection may hold secrets: its places are named and not shown.
    diagnostics.extend(problems.iter().cloned().map(Diagnostic::sensitive).collect());
    let tree = tree?;
    let root = tree.root();
    // The API of Postman wraps it.
    let root = root.get("collection").unwrap_or(root);
    let Some(items) = root.get("item").filter(|items| items.is_array()) else {
        let diagnostic =
            Diagnostic::new(Code::SourceUnknown, "this is no Postman collection: it has no `item`");
        diagnostics.push(diagnostic.at(root.place()).sensitive());
        return None;
    };
    let mut collection =
        Collection { variables: variables(root), requests: Vec::new(), unreadable: Vec::new() };
    collection.folder(items, root.get("auth"), 0);
    let notes = collection
        .unreadable
        .iter()
        .map(|name| format!("`{name}` is left out: it has no URL that could be called"));
    let options = &Options {
        name: options.name.clone().or_else(|| root.get("info")?.get("name")?.as_str().map(gateway_name)),
        ..options.clone()
    };
    let imported = imported(collection.requests, options, notes.collect());
    if imported.is_none() {
        let diagnostic = Diagnostic::new(Code::SourceUnknown, "no request is in this collection");
        diagnostics.push(diagnostic.at(items.place()).sensitive());
    }
    imported
}

fn gateway_name(title: &str) -> String {
    let name = super::route::identifier(title).replace('_', "-");
    let name = name.get(..32).unwrap_or(&name).trim_end_matches('-').to_owned();
    if name.is_empty() { "api".to_owned() } else { name }
}

/// Variables of the collection that have a value.
fn variables(root: Node<'_>) -> FxHashMap<&str, &str> {
    let all = root.get("variable").into_iter().flat_map(Node::items);
    all.filter_map(|variable| {
        let name = text(variable, "key").or_else(|| text(variable, "id"))?;
        Some((name, text(variable, "value").filter(|value| !value.is_empty())?))
    })
    .collect()
}

struct Collection<'d> {
    variables: FxHashMap<&'d str, &'d str>,
    requests: Vec<Recorded>,
    unreadable: Vec<String>,
}

impl<'d> Collection<'d> {
    /// Reads a folder; `auth` is what holds where a request says nothing.
    fn folder(&mut self, items: Node<'d>, auth: Option<Node<'d>>, depth: usize) {
        for item in items.items() {
            let auth = item.get("auth").filter(|auth| auth.is_object()).or(auth);
            if let Some(inner) = item.get("item").filter(|_| depth < MAX_DEPTH) {
                self.folder(inner, auth, depth + 1);
            } else if let Some(request) = item.get("request") {
                match self.request(item, request, auth) {
                    Some(recorded) => self.requests.push(recorded),
                    None => self.unreadable.push(text(item, "name").unwrap_or("a request").to_owned()),
                }
            }
        }
    }

    fn request(&self, item: Node<'d>, request: Node<'d>, auth: Option<Node<'d>>) -> Option<Recorded> {
        let mut recorded = Recorded {
            name: text(item, "name").map(str::to_owned),
            description: described(request.get("description").or_else(|| item.get("description"))),
            method: text(request, "method").unwrap_or("GET").to_ascii_uppercase(),
            ..Recorded::default()
        };
        // A request may be its URL alone.
        let url = if request.as_str().is_some() { request } else { request.get("url")? };
        self.locate(&mut recorded, url)?;
        for header in enabled(request.get("header")) {
            if let (Some(name), Some(value)) = (text(header, "key"), text(header, "value")) {
                recorded.header(name, value);
            }
        }
        let auth = request.get("auth").filter(|auth| auth.is_object()).or(auth);
        if let Some(auth) = auth.and_then(authenticated) {
            recorded.authenticate(auth);
        }
        if let Some(body) = request.get("body") {
            carry(&mut recorded, body);
        }
        Some(recorded)
    }

    fn locate(&self, recorded: &mut Recorded, url: Node<'d>) -> Option<()> {
        let raw = url.as_str().or_else(|| text(url, "raw"))?;
        let (base, rest) = self.split(raw)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // The base may have a path of its own.
        let (origin, before) = match base.strip_prefix('$') {
            Some(_) => (base.clone(), Vec::new()),
            None => {
                recorded.locate(&Url::parse(&base).ok()?)?;
                (recorded.origin.clone(), std::mem::take(&mut recorded.path))
            }
        };
        recorded.origin = origin;
        let path = path.split('#').next().unwrap_or_default();
        let own = path.trim_start_matches('/').split('/').map(segment);
        let before = before.into_iter().filter(|segment| *segment != Segment::Text(String::new()));
        recorded.path = before.chain(own.filter(|_| !path.trim_matches('/').is_empty())).collect();
        match url.get("query") {
            Some(listed) => {
                for pair in enabled(Some(listed)) {
                    if let Some(name) = text(pair, "key") {
                        recorded.query(name, known(text(pair, "value").unwrap_or_default()));
                    }
                }
            }
            None => {
                for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
                    recorded.query(&name, known(&value));
                }
            }
        }
        Some(())
    }

    /// A URL as its base, an absolute URL or `${VARIABLE}`, and the rest.
    fn split<'t>(&self, raw: &'t str) -> Option<(String, &'t str)> {
        if let Some(inner) = raw.strip_prefix("{{") {
            let (name, rest) = inner.split_once("}}")?;
            let base = match self.variables.get(name.trim()) {
                Some(value) if value.contains("://") => (*value).to_owned(),
                // A host without its scheme.
                Some(value) if value.contains('.') || value.starts_with("localhost") => {
                    format!("https://{value}")
                }
                _ => format!("${{{}}}", secret::constant(name)),
            };
            return Some((base, rest));
        }
        let after_scheme = raw.find("://").map_or(0, |at| at + 3);
        let end = raw.get(after_scheme..)?.find(['/', '?']).map_or(raw.len(), |at| after_scheme + at);
        let (base, rest) = raw.split_at_checked(end)?;
        let base = self.replaced(base);
        let base = if base.contains("://") { base } else { format!("https://{base}") };
        Some((base, rest))
    }

    /// The text with the variables that have a value.
    fn replaced(&self, text: &str) -> String {
        self.variables
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
    }
}

/// `:id`, `{{id}}`, or text.
fn segment(text: &str) -> Segment {
    let named =
        text.strip_prefix(':').or_else(|| text.strip_prefix("{{").and_then(|name| name.strip_suffix("}}")));
    match named.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Segment::Variable(name.to_owned()),
        None => Segment::Text(text.to_owned()),
    }
}

/// A value that is known: none that has a variable in it.
fn known(value: &str) -> &str {
    if value.contains("{{") { "" } else { value }
}

/// The items of a list that are not switched off.
fn enabled(list: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    let is_on = |item: &Node<'_>| item.get("disabled").and_then(Node::as_bool) != Some(true);
    list.into_iter().flat_map(Node::items).filter(is_on)
}

fn described(node: Option<Node<'_>>) -> Option<String> {
    let node = node?;
    let text = node.as_str().or_else(|| text(node, "content"))?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// How an `auth` authenticates; none for `noauth` and what is not known.
fn authenticated(auth: Node<'_>) -> Option<Auth> {
    let kind = text(auth, "type")?;
    match kind {
        "bearer" | "oauth2" | "jwt" => Some(Auth::Bearer),
        "basic" => Some(Auth::Basic),
        "apikey" => {
            let details = auth.get(kind);
            // A list of pairs in 2.1, a mapping in 2.0.
            let detail = |key: &str| {
                let details = details?;
                let listed = details.items().find(|pair| text(*pair, "key") == Some(key));
                listed.and_then(|pair| text(pair, "value")).or_else(|| text(details, key))
            };
            let location = if detail("in") == Some("query") { "query" } else { "header" };
            Some(Auth::Key(location, detail("key").unwrap_or("X-Api-Key").to_owned()))
        }
        _ => None,
    }
}

fn carry(recorded: &mut Recorded, body: Node<'_>) {
    let pairs = |key: &str| {
        let named = enabled(body.get(key)).filter_map(|pair| {
            Some((text(pair, "key")?.to_owned(), known(text(pair, "value").unwrap_or_default()).to_owned()))
        });
        named.collect::<Vec<_>>()
    };
    match text(body, "mode") {
        Some("urlencoded") => recorded.body = Body::Form(pairs("urlencoded")),
        Some("formdata") => {
            recorded.body = Body::Multipart(enabled(body.get("formdata")).filter_map(part).collect());
        }
        Some("file") => recorded.body = Body::Other("application/octet-stream".to_owned()),
        Some("graphql") => {
            let graphql = serde_json::json!({"query": "", "variables": {}});
            recorded.body = Body::Json("application/json".to_owned(), graphql);
        }
        Some("raw") => {
            let raw = text(body, "raw").unwrap_or_default();
            let language =
                body.get("options").and_then(|options| options.get("raw")?.get("language")?.as_str());
            let content_type = match language {
                Some("json") => "application/json",
                Some("xml") => "application/xml",
                Some("text" | "html" | "javascript") => "text/plain",
                _ if raw.trim_start().starts_with(['{', '[']) => "application/json",
                _ => "text/plain",
            };
            if !raw.is_empty() {
                recorded.carry(content_type, &with_values(raw));
            }
        }
        _ => {}
    }
}

/// JSON in which `{{name}}` stands for a value, also outside of quotes.
fn with_values(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut quoted = false;
    let mut rest = raw;
    while let Some(character) = rest.chars().next() {
        if let Some((_, after)) = rest.strip_prefix("{{").and_then(|inner| inner.split_once("}}")) {
            text.push_str(if quoted { "x" } else { "\"x\"" });
            rest = after;
            continue;
        }
        quoted ^= character == '"' && !text.ends_with('\\');
        text.push(character);
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    text
}

fn part(pair: Node<'_>) -> Option<Part> {
    let is_file = text(pair, "type") == Some("file");
    Some(Part {
        name: text(pair, "key")?.to_owned(),
        text: (!is_file).then(String::new),
        content_type: text(pair, "contentType").map(str::to_owned),
    })
}

fn text<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    node.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn import(collection: &Value) -> Imported {
        let mut diagnostics = Diagnostics::default();
        let source = Source::new("shop.postman_collection.json", collection.to_string());
        postman(&source, &Options::default(), &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:?}"))
    }

    #[test]
    fn requests_in_folders_become_endpoints() {
        let imported = import(&json!({
            "info": {"name": "The Shop", "schema": "https://schema.example.com/collection/v2.1.0/collection.json"},
            "variable": [{"key": "base", "value": "https://api.example.com/v1"}, {"key": "token", "value": "s3cr3t"}],
            "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]},
            "item": [{"name": "Books", "item": [
                {"name": "Find books", "request": {"method": "GET", "description": "Finds books by words.",
                    "url": {"raw": "{{base}}/books?q={{words}}&limit=10&off=1", "query": [
                        {"key": "q", "value": "{{words}}"}, {"key": "limit", "value": "10"}, {"key": "off", "value": "1", "disabled": true}]}}},
                {"name": "Change a book", "request": {"method": "PATCH", "url": {"raw": "{{base}}/books/:id/{{edition}}"},
                    "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"}, {"key": "value", "value": "k3y"}]},
                    "body": {"mode": "raw", "raw": "{\"title\": \"{{title}}\", \"count\": {{count}}}", "options": {"raw": {"language": "json"}}}}},
            ]}, {"name": "Login", "request": {"method": "POST", "url": "{{base}}/login", "auth": {"type": "noauth"},
                "body": {"mode": "urlencoded", "urlencoded": [{"key": "password", "value": "pa55"}]}}}],
        }));
        let expected = r#"gateway: the-shop
base_url: https://api.example.com
credentials:
  bearer: {bearer: "${THE_SHOP_TOKEN}"}
  x_key: {api_key: {in: header, name: X-Key, value: "${THE_SHOP_X_KEY}"}}
endpoints:
  find_books:
    description: Finds books by words.
    request: GET /v1/books
    parameters:
      q: {in: query, type: string}
      limit: {in: query, type: integer, examples: [10]}
    credential: bearer
  # Say what it does and when to use it.
  change_a_book:
    description: Change a book.
    request: PATCH /v1/books/{id}/{edition}
    parameters:
      id: {in: path, type: string}
      edition: {in: path, type: string}
    body:
      type: object
      properties:
        title: {type: string}
        count: {type: string}
    credential: x_key
  # Say what it does and when to use it.
  login:
    description: Login.
    request: POST /v1/login
    body:
      content_type: application/x-www-form-urlencoded
      type: object
      properties: {password: {type: string}}
    credential: none
"#;
        assert_eq!(imported.yaml, expected);
        assert_eq!(imported.variables, ["THE_SHOP_TOKEN", "THE_SHOP_X_KEY"]);
    }

    #[test]
    fn a_base_without_a_value_is_a_reference() {
        let imported =
            import(&json!({"info": {"name": "x"}, "item": [{"name": "a", "request": "{{baseUrl}}/a"}]}));
        assert!(imported.yaml.contains("base_url: ${BASEURL}"), "{}", imported.yaml);
        assert_eq!(imported.variables, ["BASEURL"]);
    }
}
