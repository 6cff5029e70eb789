//! `x-mcp`: an author's own word on how a tool looks, in the document or brought in by an overlay.
//!
//! There is no standard for it. What other programs write is taken too where it can only mean one thing: a flag for
//! whether there is a tool, at every level of the document; names, descriptions and MCP's own hints at an operation. An
//! `x-mcp` at the root that describes a server is nothing of the kind and is passed over.

use super::Reader;
use super::path::PathItem;
use crate::openapi::node::Node;
use crate::openapi::operation::{ParameterHints, ToolHints};

const NAMES: [&str; 2] = ["x-mcp-tool-name", "x-mcp-name"];
const DESCRIPTIONS: [&str; 3] = ["x-mcp-tool-description", "x-mcp-description", "x-tool-description"];

impl<'d> Reader<'d> {
    /// What is said of an operation. Its own word counts before that of its path item, its tags and the document.
    pub(super) fn hints(&mut self, item: &PathItem<'d>, operation: Node<'d>) -> ToolHints {
        let parameters = self.parameter_hints(item, operation);
        let said = |key: &str, others: &[&str]| {
            let own = objects(operation).find_map(|object| text(object, key));
            own.or_else(|| others.iter().find_map(|key| text(operation, key)))
        };
        let consequential = operation.get("x-openai-isConsequential").and_then(Node::as_bool);
        let annotated =
            |key: &str| annotations(operation).or_else(|| annotations(item.target))?.get(key)?.as_bool();
        ToolHints {
            name: said("name", &NAMES),
            title: said("title", &["x-mcp-title"])
                .or_else(|| annotations(operation).and_then(|annotations| text(annotations, "title"))),
            description: said("description", &DESCRIPTIONS),
            hidden: !self.is_shown(item, operation),
            read_only: annotated("readOnlyHint").or(consequential.filter(|is| *is).map(|_| false)),
            destructive: annotated("destructiveHint").or(consequential),
            idempotent: annotated("idempotentHint"),
            open_world: annotated("openWorldHint"),
            parameters,
        }
    }

    fn is_shown(&self, item: &PathItem<'d>, operation: Node<'d>) -> bool {
        let tags = || {
            let mut declared = self.root.get("tags").into_iter().flat_map(Node::items);
            let used = operation.get("tags").into_iter().flat_map(Node::items).filter_map(Node::scalar);
            let used: Vec<&str> = used.collect();
            declared.find_map(|tag| {
                let is_used = tag.get("name").and_then(Node::scalar).is_some_and(|name| used.contains(&name));
                shown(tag).filter(|_| is_used)
            })
        };
        let path_item = || shown(item.own).or_else(|| shown(item.target));
        shown(operation).or_else(path_item).or_else(tags).or_else(|| shown(self.root)).unwrap_or(true)
    }

    fn parameter_hints(&mut self, item: &PathItem<'d>, operation: Node<'d>) -> Vec<ParameterHints> {
        let lists = [item.get("parameters"), operation.get("parameters")];
        let mut hints = Vec::new();
        for node in lists.into_iter().flatten().flat_map(Node::items) {
            // Most parameters say nothing; only what does is followed.
            let target = if node.get("$ref").is_some() { self.references.follow(node) } else { Some(node) };
            let says_something = |node: Node<'d>| objects(node).next().is_some() || shown(node).is_some();
            let Some(target) = target.filter(|target| says_something(*target) || says_something(node)) else {
                continue;
            };
            let said = |key: &str| objects(node).chain(objects(target)).find_map(|object| text(object, key));
            if let Some(name) = target.get("name").and_then(Node::scalar) {
                hints.push(ParameterHints {
                    name: name.to_owned(),
                    argument: said("name"),
                    description: said("description"),
                    hidden: shown(node).or_else(|| shown(target)) == Some(false),
                });
            }
        }
        hints
    }
}

/// The mappings in which something may be said about a node.
fn objects(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    ["x-mcp", "x-speakeasy-mcp"]
        .into_iter()
        .filter_map(move |key| node.get(key))
        .filter(|object| object.is_object())
}

/// MCP's hints: by themselves, or among the other keys.
fn annotations(node: Node<'_>) -> Option<Node<'_>> {
    objects(node).next().map(|object| object.get("annotations").unwrap_or(object))
}

/// Whether it is said that there is, or is not, a tool.
fn shown(node: Node<'_>) -> Option<bool> {
    let flag = |node: Node<'_>| node.scalar().and_then(|text| text.parse::<bool>().ok());
    let own = node.get("x-mcp").and_then(flag).or_else(|| node.get("x-mcp-tool").and_then(flag));
    own.or_else(|| {
        objects(node).find_map(|object| {
            let hidden =
                ["hide", "hidden", "disabled"].into_iter().find_map(|key| object.get(key).and_then(flag));
            object.get("enabled").and_then(flag).or(hidden.map(|hidden| !hidden))
        })
    })
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Node::scalar).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}
