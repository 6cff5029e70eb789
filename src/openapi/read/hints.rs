//! `x-mcp`: an author's own word on how a tool looks.

use super::Reader;
use crate::openapi::node::Node;
use crate::openapi::operation::ToolHints;

impl<'d> Reader<'d> {
    /// What `x-mcp` of an operation says: an object, or `false` for no tool.
    pub(super) fn hints(&self, operation: Node<'d>) -> ToolHints {
        let Some(node) = operation.get("x-mcp") else { return ToolHints::default() };
        let text = |node: Node<'_>, key: &str| {
            node.get(key).and_then(Node::scalar).filter(|text| !text.trim().is_empty()).map(str::to_owned)
        };
        let annotations = node.get("annotations").unwrap_or(node);
        let says = |key: &str| annotations.get(key).and_then(Node::as_bool);
        let hide = ["hide", "hidden", "disabled"]
            .into_iter()
            .any(|key| node.get(key).and_then(Node::as_bool) == Some(true));
        let off = node.as_bool() == Some(false) || node.get("enabled").and_then(Node::as_bool) == Some(false);
        ToolHints {
            name: text(node, "name"),
            title: text(node, "title").or_else(|| text(annotations, "title")),
            description: text(node, "description"),
            hidden: hide || off,
            read_only: says("readOnlyHint"),
            destructive: says("destructiveHint"),
            idempotent: says("idempotentHint"),
        }
    }
}
