//! Path items: which operations there are.

use http::Method;

use super::Reader;
use crate::diagnostic::Code;
use crate::openapi::node::{EntryRef, Node};
use crate::openapi::operation::Operation;
use crate::openapi::template::PathTemplate;
use crate::openapi::version::Version;
use crate::source::{Place, Span};

/// A path item and the key under which it stands.
#[derive(Clone, Copy)]
pub(super) struct PathItem<'d> {
    /// Where the key was written.
    pub(super) key_span: Span,
    /// The item as it stands in `paths`.
    pub(super) own: Node<'d>,
    /// The item that its `$ref` leads to; the same node without one.
    pub(super) target: Node<'d>,
}

/// An operation in its path item.
#[derive(Clone)]
pub(super) struct Found<'d> {
    pub(super) method: Method,
    pub(super) node: Node<'d>,
    /// The key that names the method.
    pub(super) place: Place,
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl<'d> PathItem<'d> {
    /// The value of a key: the item's own, or that of what it refers to.
    pub(super) fn get(&self, key: &str) -> Option<Node<'d>> {
        self.own.get(key).or_else(|| self.target.get(key))
    }

    fn is_reference(&self) -> bool {
        self.own.id() != self.target.id() || !std::ptr::eq(self.own.tree(), self.target.tree())
    }
}

impl<'d> Reader<'d> {
    /// Reads the operations of one entry of `paths`.
    pub(super) fn path(&mut self, entry: EntryRef<'d>, operations: &mut Vec<Operation>) {
        let Some(item) = self.path_item(entry) else { return };
        let found = self.methods(&item);
        if found.is_empty() {
            return;
        }
        let Some(template) = self.template(entry, &found) else { return };
        for found in found {
            if let Some(operation) = self.operation(&item, &template, found) {
                operations.push(operation);
            }
        }
    }

    /// The path item of an entry of `paths`; `None` (and told, unless it is an extension) when it is none.
    pub(super) fn path_item(&mut self, entry: EntryRef<'d>) -> Option<PathItem<'d>> {
        let EntryRef { key, key_span, value } = entry;
        if key.starts_with("x-") {
            return None;
        }
        let target = match self.references.try_follow(value) {
            Ok(target) => target,
            Err(broken) => {
                let reference = value.get("$ref").and_then(Node::as_str).unwrap_or_default();
                let message =
                    || format!("the operations of {key} are left out: `$ref` {reference:?} {broken}");
                self.report().once_at(Code::UnservableOperation, value, key_span, message);
                return None;
            }
        };
        if !target.is_object() {
            let message = || format!("{key} is left out: a path item is an object");
            self.report().once_at(Code::UnexpectedType, value, key_span, message);
            return None;
        }
        Some(PathItem { key_span, own: value, target })
    }

    /// The operations of a path item, whatever they look like.
    pub(super) fn methods(&mut self, item: &PathItem<'d>) -> Vec<Found<'d>> {
        let mut found = Vec::new();
        self.add_methods(item.own, &mut found);
        if item.is_reference() {
            self.add_methods(item.target, &mut found);
        }
        found
    }

    fn add_methods(&self, item: Node<'d>, found: &mut Vec<Found<'d>>) {
        for entry in item.entries() {
            if self.version >= Version::V32 && entry.key == "additionalOperations" {
                entry.value.entries().for_each(|entry| add_method(item, entry, entry.key, found));
            } else if self.is_method(entry.key) {
                add_method(item, entry, &entry.key.to_ascii_uppercase(), found);
            }
        }
    }

    fn is_method(&self, key: &str) -> bool {
        METHODS.iter().any(|method| key.eq_ignore_ascii_case(method))
            || (self.version >= Version::V32 && key.eq_ignore_ascii_case("query"))
    }

    /// The path template of a key. A slash that was forgotten at its beginning is meant.
    fn template(&mut self, entry: EntryRef<'d>, found: &[Found<'d>]) -> Option<PathTemplate> {
        let slash = if entry.key.starts_with('/') { "" } else { "/" };
        match PathTemplate::parse(&format!("{slash}{}", entry.key)) {
            Ok(template) => Some(template),
            Err(error) => {
                let methods: Vec<&str> = found.iter().map(|found| found.method.as_str()).collect();
                let message = format!("{} {} is left out: {error}", methods.join(", "), entry.key);
                self.report().once_at(Code::UnservableOperation, entry.value, entry.key_span, || message);
                None
            }
        }
    }
}

fn add_method<'d>(item: Node<'d>, entry: EntryRef<'d>, name: &str, found: &mut Vec<Found<'d>>) {
    let Ok(method) = Method::from_bytes(name.as_bytes()) else { return };
    if found.iter().all(|known| known.method != method) {
        let place = Place::new(item.tree().source(), entry.key_span);
        found.push(Found { method, node: entry.value, place });
    }
}
