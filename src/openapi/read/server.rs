//! Servers: OpenAPI 3's `servers`, and Swagger 2.0's `schemes`, `host` and `basePath`.

use super::Reader;
use super::path::PathItem;
use crate::diagnostic::Code;
use crate::openapi::node::{EntryRef, Node};
use crate::openapi::operation::{Server, ServerVariable};
use crate::source::Span;

impl<'d> Reader<'d> {
    /// The servers that hold for an operation: its own, else its path item's, else the document's.
    pub(super) fn servers(&mut self, item: &PathItem<'d>, operation: Node<'d>) -> Vec<Server> {
        if !self.version.is_3() {
            return self.host(operation);
        }
        let levels = [operation.get("servers"), item.get("servers"), self.root.get("servers")];
        let list = levels.into_iter().flatten().find(|list| !list.is_empty());
        list.into_iter().flat_map(Node::items).filter_map(|node| self.server(node)).collect()
    }

    fn server(&mut self, node: Node<'d>) -> Option<Server> {
        let node = self.references.follow(node)?;
        let Some(url) = node.get("url").filter(|url| url.scalar().is_some()) else {
            self.report().once(Code::InvalidServer, node, || "a server without a URL".to_owned());
            return None;
        };
        let variables = node.get("variables").into_iter().flat_map(Node::entries);
        Some(Server {
            url: url.scalar().map(str::trim).filter(|url| !url.is_empty()).unwrap_or("/").to_owned(),
            variables: variables.map(variable).collect(),
            span: self.span_here(url),
        })
    }

    /// Swagger 2.0: one server for each scheme, `https` first. Without a host the URL is relative to the document.
    fn host(&mut self, operation: Node<'d>) -> Vec<Server> {
        let text = |key: &str| self.root.get(key).and_then(Node::scalar).map(str::trim).unwrap_or_default();
        let (host, base) = (text("host"), text("basePath"));
        let span = self.root.entry("host").or_else(|| self.root.entry("basePath"));
        let Some(span) = span.map(|entry| entry.key_span) else { return Vec::new() };
        let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
        let server = |url: String| Server { url, variables: Vec::new(), span };
        if host.is_empty() {
            return vec![server(format!("{slash}{base}"))];
        }
        if host.contains("://") {
            return vec![server(format!("{}{slash}{base}", host.trim_end_matches('/')))];
        }
        let schemes = operation.get("schemes").or_else(|| self.root.get("schemes"));
        let named = |scheme: &&str| {
            schemes.is_some_and(|list| list.items().any(|item| item.scalar() == Some(*scheme)))
        };
        let mut schemes: Vec<&str> = ["https", "http"].into_iter().filter(named).collect();
        if schemes.is_empty() {
            schemes.push("https");
        }
        schemes.into_iter().map(|scheme| server(format!("{scheme}://{host}{slash}{base}"))).collect()
    }

    /// The span of a node that is in the document itself; a place in another file is no place in this one.
    fn span_here(&self, node: Node<'d>) -> Span {
        if std::ptr::eq(node.tree(), self.root.tree()) { node.span() } else { Span::default() }
    }
}

fn variable(entry: EntryRef<'_>) -> ServerVariable {
    let values = entry.value.get("enum").into_iter().flat_map(Node::items);
    let values: Vec<String> = values.filter_map(Node::scalar).map(str::to_owned).collect();
    let default = entry.value.get("default").and_then(Node::scalar).map(str::to_owned);
    let default = default.or_else(|| values.first().cloned());
    ServerVariable { name: entry.key.to_owned(), default, values }
}
