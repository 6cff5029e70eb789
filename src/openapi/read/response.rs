//! Answers: which media types to ask for, and (for the stand-in alone) what they look like.

use serde_json::Value;

use super::Reader;
use super::path::Found;
use crate::openapi::files::Files;
use crate::openapi::node::{EntryRef, Node};
use crate::openapi::operation::{Operation, Response};
use crate::openapi::schema::{Direction, Schema};
use crate::openapi::version::Version;

/// What a document says that one of its operations answers.
pub(in crate::openapi) fn responses(files: &Files, version: Version, operation: &Operation) -> Vec<Response> {
    let mut reader = Reader::new(files, version, Direction::Response);
    let node = reader.find(operation);
    node.map_or_else(Vec::new, |node| reader.responses(node))
}

impl<'d> Reader<'d> {
    /// The media types of the successful answers, in the order of the document.
    pub(super) fn produces(&mut self, operation: Node<'d>) -> Vec<String> {
        let mut names: Vec<&str> = Vec::new();
        if self.version.is_3() {
            for (_, response) in
                self.response_nodes(operation).into_iter().filter(|(status, _)| *status < 300)
            {
                names.extend(
                    response.get("content").into_iter().flat_map(Node::entries).map(|entry| entry.key),
                );
            }
        } else {
            let list = operation.get("produces").or_else(|| self.root.get("produces"));
            names.extend(list.into_iter().flat_map(Node::items).filter_map(Node::scalar));
        }
        let mut produces: Vec<String> = Vec::new();
        for name in names.into_iter().map(str::trim).filter(|name| is_media_range(name)) {
            if !produces.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                produces.push(name.to_owned());
            }
        }
        produces
    }

    /// The operation's node, found again by path and method.
    fn find(&mut self, operation: &Operation) -> Option<Node<'d>> {
        let text = operation.path.text();
        for key in ["paths", "x-ms-paths"] {
            let Some(paths) = self.root.get(key).and_then(|paths| self.references.follow(paths)) else {
                continue;
            };
            let entry = paths.entry(text).or_else(|| paths.entry(text.strip_prefix('/')?));
            let Some(item) = entry.and_then(|entry: EntryRef<'d>| self.path_item(entry)) else { continue };
            let is_it = |found: &Found<'d>| found.method == operation.method;
            if let Some(found) = self.methods(&item).into_iter().find(is_it) {
                return self.references.follow(found.node);
            }
        }
        None
    }

    /// The responses of an operation with the status that each stands for.
    pub(super) fn response_nodes(&mut self, operation: Node<'d>) -> Vec<(u16, Node<'d>)> {
        let entries = operation.get("responses").into_iter().flat_map(Node::entries);
        let mut nodes = Vec::new();
        for entry in entries {
            if let Some(status) = status(entry.key)
                && let Ok(node) = self.references.try_follow(entry.value)
            {
                nodes.push((status, node));
            }
        }
        // `default` stands for what is not listed: a success only where no other is.
        let has_success = nodes.iter().any(|(status, _)| (200..300).contains(status));
        nodes.iter_mut().filter(|(status, _)| *status == DEFAULT).for_each(|(status, _)| {
            *status = if has_success { 500 } else { 200 };
        });
        nodes
    }

    fn responses(&mut self, operation: Node<'d>) -> Vec<Response> {
        let mut responses = Vec::new();
        for (status, node) in self.response_nodes(operation) {
            let headers = self.example_headers(node);
            let content =
                if self.version.is_3() { self.content_of(node) } else { self.content_of_2(operation, node) };
            if content.is_empty() {
                responses.push(self.response(status, None, None, None, headers.clone()));
            }
            for (name, schema, example) in content {
                responses.push(self.response(status, Some(name), schema, example, headers.clone()));
            }
        }
        responses
    }

    fn response(
        &mut self,
        status: u16,
        media_type: Option<String>,
        schema: Option<Schema>,
        example: Option<Value>,
        headers: Vec<(String, String)>,
    ) -> Response {
        let closure = self.schemas.close(&mut self.references, schema.iter());
        let schema = schema.map(|schema| schema.for_operation(closure.cut).to_value());
        Response { status, media_type, schema, example, headers, definitions: closure.definitions }
    }

    fn content_of(&mut self, response: Node<'d>) -> Vec<(String, Option<Schema>, Option<Value>)> {
        let mut content = Vec::new();
        for entry in response.get("content").into_iter().flat_map(Node::entries) {
            let Some(media) = self.references.follow(entry.value) else { continue };
            let schema = media.get("schema").map(|schema| self.schemas.read(&mut self.references, schema));
            let items = media.get("itemSchema").filter(|_| schema.is_none());
            let schema =
                schema.or_else(|| items.map(|items| self.schemas.read_items(&mut self.references, items)));
            content.push((entry.key.trim().to_owned(), schema, self.example(media)));
        }
        content
    }

    fn content_of_2(
        &mut self,
        operation: Node<'d>,
        response: Node<'d>,
    ) -> Vec<(String, Option<Schema>, Option<Value>)> {
        let examples = response.get("examples");
        let schema = response.get("schema");
        if schema.is_none() && examples.is_none() {
            return Vec::new();
        }
        let is_file = schema.is_some_and(|schema| schema.get("type").and_then(Node::as_str) == Some("file"));
        let schema = schema.map(|schema| self.schemas.read(&mut self.references, schema));
        let mut names = self.produces(operation);
        if names.is_empty() {
            names.push(if is_file { "application/octet-stream" } else { "application/json" }.to_owned());
        }
        let example = |name: &str| examples.and_then(|examples| examples.get(name)).map(Node::to_value);
        names.into_iter().map(|name| (name.clone(), schema.clone(), example(&name))).collect()
    }

    /// `example`, or the first of `examples`; else that of the schema itself.
    fn example(&mut self, node: Node<'d>) -> Option<Value> {
        if let Some(example) = node.get("example") {
            return Some(self.references.follow(example)?.to_value());
        }
        let first = node.get("examples").and_then(|examples| {
            let entry = examples.entries().next().map(|entry| entry.value);
            entry.or_else(|| examples.item(0))
        });
        if let Some(first) = first.and_then(|first| self.references.follow(first)) {
            return first.get("value").or_else(|| first.get("dataValue")).map(Node::to_value);
        }
        let schema = self.references.follow(node.get("schema")?)?;
        let own = schema.get("example").or_else(|| schema.get("examples").and_then(|list| list.item(0)));
        own.map(Node::to_value)
    }

    fn example_headers(&mut self, response: Node<'d>) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for entry in response.get("headers").into_iter().flat_map(Node::entries) {
            let Some(header) = self.references.follow(entry.value) else { continue };
            let schema =
                header.get("schema").and_then(|schema| self.references.follow(schema)).unwrap_or(header);
            let example = self.example(header).or_else(|| {
                let value = schema.get("default").or_else(|| schema.get("enum")?.item(0));
                value.map(Node::to_value)
            });
            let text = match example {
                Some(Value::String(text)) => text,
                Some(value) => value.to_string(),
                None => stand_in(schema).to_owned(),
            };
            headers.push((entry.key.to_owned(), text));
        }
        headers
    }
}

/// Stands for `default` until it is known what else there is.
const DEFAULT: u16 = 0;

fn status(key: &str) -> Option<u16> {
    match key.as_bytes() {
        b"default" => Some(DEFAULT),
        [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => Some(u16::from(class - b'0') * 100),
        [b'1'..=b'5', _, _] => key.parse().ok(),
        _ => None,
    }
}

fn stand_in(schema: Node<'_>) -> &'static str {
    match schema.get("type").and_then(Node::as_str) {
        Some("integer" | "number") => "1",
        Some("boolean") => "true",
        _ => "text",
    }
}

/// What may stand in an `Accept` header.
fn is_media_range(name: &str) -> bool {
    name.contains('/')
        && name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && !name.contains(',')
}
