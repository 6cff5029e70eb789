//! The outline of a successful answer: what its headers and its outermost properties are called.
//!
//! It is read of every operation that may have pages, so it is looked up in the tree and nothing is converted; what is
//! shared by many operations is read once.

use std::sync::Arc;

use super::Reader;
use crate::openapi::node::{Kind, Node};
use crate::openapi::operation::{Field, FieldKind, Outline};
use crate::openapi::report::NodeKey;

/// How deep objects are looked into.
const DEPTH: usize = 3;
/// How far `$ref` and combinators are followed.
const LINKS: usize = 6;
/// More properties than this are not looked at.
const MOST: usize = 200;

/// Objects that are looked into: what APIs put about the page, and what they put around the items.
const OPENED: [&str; 22] = [
    "data",
    "result",
    "results",
    "response",
    "paging",
    "pages",
    "page",
    "pageinfo",
    "pagination",
    "paginate",
    "meta",
    "metadata",
    "responsemetadata",
    "resultinfo",
    "cursors",
    "cursor",
    "next",
    "links",
    "link",
    "pagecontext",
    "listmetadata",
    "pager",
];

/// Parts of names that speak of pages.
const TELLING: [&str; 14] = [
    "next", "cursor", "token", "more", "total", "page", "offset", "last", "continu", "marker", "scroll",
    "bookmark", "prev", "after",
];

impl<'d> Reader<'d> {
    /// The outline of what an operation answers when all is well.
    pub(super) fn outline(&mut self, operation: Node<'d>) -> Arc<Outline> {
        let next_link = operation.get("x-ms-pageable").and_then(|pages| pages.get("nextLinkName")?.as_str());
        let mut responses = self.response_nodes(operation);
        responses.retain(|(status, _)| (200..300).contains(status));
        let Some((_, response)) = responses.iter().min_by_key(|(status, _)| *status) else {
            return Arc::default();
        };
        let headers: Vec<String> = response
            .get("headers")
            .into_iter()
            .flat_map(Node::entries)
            .map(|entry| entry.key.to_ascii_lowercase())
            .collect();
        let body = self.body_schema(*response).map(|schema| self.outline_of(schema));
        let body = body.unwrap_or_default();
        if headers.is_empty() && next_link.is_none() {
            return body;
        }
        Arc::new(Outline { headers, next_link: next_link.map(str::to_owned), ..(*body).clone() })
    }

    fn body_schema(&mut self, response: Node<'d>) -> Option<Node<'d>> {
        if !self.version.is_3() {
            return response.get("schema");
        }
        let content = response.get("content")?;
        let media =
            content.entries().find(|entry| entry.key.contains("json") || entry.key.contains("*/*"))?;
        self.references.try_follow(media.value).ok()?.get("schema")
    }

    fn outline_of(&mut self, schema: Node<'d>) -> Arc<Outline> {
        let Some(schema) = self.settle(schema) else { return Arc::default() };
        let key = NodeKey::of(schema);
        if let Some(known) = self.outlines.get(&key) {
            return Arc::clone(known);
        }
        let mut outline = Outline { is_list: kind(schema) == FieldKind::List, ..Outline::default() };
        self.fields(schema, &mut Vec::new(), LINKS, &mut outline.fields);
        let outline = Arc::new(outline);
        self.outlines.insert(key, Arc::clone(&outline));
        outline
    }

    /// Notes the properties of an object that matter, those of what it is put together of included.
    fn fields(&mut self, schema: Node<'d>, path: &mut Vec<String>, links: usize, fields: &mut Vec<Field>) {
        if links == 0 {
            return;
        }
        for part in schema.get("allOf").into_iter().flat_map(Node::items) {
            if let Some(part) = self.settle(part) {
                self.fields(part, path, links - 1, fields);
            }
        }
        let properties = schema.get("properties").into_iter().flat_map(Node::entries);
        for entry in properties.take(MOST) {
            let Some(value) = self.settle(entry.value) else { continue };
            self.field(entry.key, value, path, fields);
        }
    }

    fn field(&mut self, name: &str, value: Node<'d>, path: &mut Vec<String>, fields: &mut Vec<Field>) {
        let plain = plain(name);
        let kind = kind(value);
        path.push(name.to_owned());
        if kind == FieldKind::List || TELLING.iter().any(|part| plain.contains(part)) {
            let items_have_id = kind == FieldKind::List && self.items_have_id(value);
            let is_url =
                value.get("format").and_then(Node::as_str).is_some_and(|format| format.starts_with("ur"));
            fields.push(Field { path: path.clone(), kind, is_url, items_have_id });
        }
        if kind == FieldKind::Object && path.len() < DEPTH && OPENED.contains(&&*plain) {
            self.fields(value, path, LINKS, fields);
        }
        path.pop();
    }

    fn items_have_id(&mut self, list: Node<'d>) -> bool {
        let Some(item) = list.get("items").and_then(|items| self.settle(items)) else { return false };
        let parts = item.get("allOf").into_iter().flat_map(Node::items).filter_map(|part| self.settle(part));
        let parts: Vec<Node<'d>> = parts.chain([item]).collect();
        parts
            .iter()
            .any(|part| part.get("properties").is_some_and(|properties| properties.get("id").is_some()))
    }

    /// The schema that a reference leads to; of alternatives, the first that is not null.
    fn settle(&mut self, schema: Node<'d>) -> Option<Node<'d>> {
        let mut schema = schema;
        for _ in 0..LINKS {
            schema = self.references.try_follow(schema).ok()?;
            if schema.get("properties").is_some() || schema.get("type").is_some() {
                return Some(schema);
            }
            let alternatives = schema.get("oneOf").or_else(|| schema.get("anyOf"));
            let is_null = |node: &Node<'d>| node.get("type").and_then(Node::as_str) == Some("null");
            match alternatives.and_then(|list| list.items().find(|node| !is_null(node))) {
                Some(first) => schema = first,
                None => return Some(schema),
            }
        }
        None
    }
}

/// What kind of value a schema means, as far as it says.
fn kind(schema: Node<'_>) -> FieldKind {
    let kind = schema.get("type");
    let name = kind.and_then(Node::as_str).or_else(|| {
        let names = kind.filter(|kind| kind.kind() == Kind::Array)?.items();
        names.filter_map(Node::as_str).find(|name| *name != "null")
    });
    match name {
        Some("array") => FieldKind::List,
        Some("object") => FieldKind::Object,
        Some("string") => FieldKind::Text,
        Some("integer") => FieldKind::Whole,
        Some("boolean") => FieldKind::Flag,
        None if schema.get("properties").is_some() || schema.get("allOf").is_some() => FieldKind::Object,
        None if schema.get("items").is_some() => FieldKind::List,
        _ => FieldKind::Other,
    }
}

/// A name by its letters and digits alone.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
