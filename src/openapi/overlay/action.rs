//! The actions of an overlay, as they are written.

use super::fault;
use super::path::Query;
use crate::diagnostic::{Diagnostics, Severity};
use crate::openapi::node::{Node, NodeId};
use crate::source::{Place, Span};

/// One action.
#[derive(Debug)]
pub(super) struct Action {
    /// What it selects.
    pub(super) target: Query,
    /// Where the target is written.
    pub(super) span: Span,
    pub(super) change: Change,
}

/// What becomes of the nodes that an action selects.
#[derive(Debug)]
pub(super) enum Change {
    /// They are taken away.
    Remove,
    /// This node of the overlay is merged into them.
    Update(NodeId),
    /// A node of the document is merged into them (since 1.1).
    Copy(Query),
    /// Nothing.
    None,
}

const KEYS: [&str; 6] = ["target", "description", "update", "remove", "copy", "$ref"];

impl Action {
    /// Reads an action, or a reference to a reusable one (since 1.2). `None` when it has a fault.
    pub(super) fn read(root: Node<'_>, node: Node<'_>, problems: &mut Diagnostics) -> Option<Self> {
        if !node.is_object() {
            problems.push(fault("an action is a mapping with a `target`").at(node.place()));
            return None;
        }
        for entry in node.entries().filter(|entry| !entry.key.starts_with("x-")) {
            if !KEYS.contains(&entry.key) {
                let message = format!("an action has no key `{}`; it is ignored", entry.key);
                let place = Place::new(node.tree().source(), entry.key_span);
                problems.push(fault(message).at(place).severity(Severity::Warning));
            }
        }
        let Some(target) = node.get("target") else {
            problems.push(fault("an action needs a `target`").at(node.place()));
            return None;
        };
        let reusable = match node.get("$ref") {
            Some(reference) => Some(reusable(root, reference, problems)?),
            None => None,
        };
        let query = query(target, problems);
        let change = change(node, reusable, problems);
        Some(Self { target: query?, span: target.span(), change: change? })
    }
}

/// The `fields` of a reusable action.
fn reusable<'d>(root: Node<'d>, reference: Node<'_>, problems: &mut Diagnostics) -> Option<Node<'d>> {
    let name = reference.as_str().and_then(|text| text.strip_prefix("#/components/actions/"));
    let name = name.map(|name| name.replace("~1", "/").replace("~0", "~"));
    let found = name.and_then(|name| root.get("components")?.get("actions")?.get(&name)?.get("fields"));
    if found.is_none() {
        problems.push(
            fault("this leads to no `fields` of a reusable action of the overlay").at(reference.place()),
        );
    }
    found
}

/// What the action says, and else what the reusable one says.
fn change(node: Node<'_>, reusable: Option<Node<'_>>, problems: &mut Diagnostics) -> Option<Change> {
    let says = |key: &str| node.get(key).or_else(|| reusable?.get(key));
    match says("remove").map(|remove| (remove.as_bool(), remove)) {
        Some((Some(true), _)) => return Some(Change::Remove),
        Some((None, remove)) => {
            problems.push(fault("`remove` is true or false").at(remove.place()));
            return None;
        }
        _ => {}
    }
    if let Some(update) = says("update") {
        return Some(Change::Update(update.id()));
    }
    if let Some(copy) = says("copy") {
        return query(copy, problems).map(Change::Copy);
    }
    let message = "an action without `update`, `copy` or `remove` changes nothing";
    problems.push(fault(message).at(node.place()).severity(Severity::Warning));
    Some(Change::None)
}

fn query(node: Node<'_>, problems: &mut Diagnostics) -> Option<Query> {
    let parsed = node.as_str().ok_or_else(|| "a JSONPath expression is a text".to_owned());
    match parsed.and_then(Query::parse) {
        Ok(query) => Some(query),
        Err(reason) => {
            let diagnostic = fault(format!("this is no JSONPath expression: {reason}")).at(node.place());
            let help = "JSONPath of RFC 9535; a name with other characters than letters, digits and `_` is written \
                        in brackets: `$.paths['/books'].get['x-note']`";
            problems.push(diagnostic.help(help));
            None
        }
    }
}
