//! What the errors of a gateway file cost, decided by where they are.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::openapi::node::{EntryRef, Node};
use crate::source::{Source, Span};

/// Which parts of a file cannot be served.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Blame<'t> {
    /// An error is in none of the parts below.
    pub(super) gateway: bool,
    /// Names of the endpoints with an error in them.
    pub(super) endpoints: Vec<&'t str>,
    /// Names of the resources with an error in them.
    pub(super) resources: Vec<&'t str>,
    /// Names of the prompts with an error in them.
    pub(super) prompts: Vec<&'t str>,
    /// Keys of `operations.change` with an error in them.
    pub(super) changes: Vec<&'t str>,
}

impl<'t> Blame<'t> {
    /// What these errors cost. One whose place is elsewhere (in a YAML anchor that an endpoint refers to) costs the
    /// gateway: nobody knows who else uses it.
    pub(super) fn of(root: Node<'t>, problems: &Diagnostics) -> Self {
        let mut blame = Self::default();
        let change = || root.get("operations").and_then(|operations| operations.get("change"));
        for error in problems.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
            if let Some(name) = entry_around(root.get("endpoints"), error, root.tree().source()) {
                blame.endpoints.push(name);
            } else if let Some(key) = entry_around(change(), error, root.tree().source()) {
                blame.changes.push(key);
            } else if let Some(name) = entry_around(root.get("resources"), error, root.tree().source()) {
                blame.resources.push(name);
            } else if let Some(name) = entry_around(root.get("prompts"), error, root.tree().source()) {
                blame.prompts.push(name);
            } else {
                blame.gateway = true;
            }
        }
        blame
    }
}

/// The entry of a mapping in whose key or value the diagnostic, one about `source`, is.
pub(super) fn entry_around<'t>(
    mapping: Option<Node<'t>>,
    diagnostic: &Diagnostic,
    source: &Arc<Source>,
) -> Option<&'t str> {
    let (mapping, place) = (mapping?, diagnostic.place.as_ref()?);
    if !Arc::ptr_eq(source, &place.source) {
        return None;
    }
    mapping.entries().find(|entry| surrounds(entry, place.span)).map(|entry| entry.key)
}

fn surrounds(entry: &EntryRef<'_>, span: Span) -> bool {
    [entry.key_span, entry.value.span()]
        .iter()
        .any(|outer| outer.start <= span.start && span.end <= outer.end)
}
