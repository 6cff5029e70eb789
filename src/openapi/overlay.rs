//! OpenAPI Overlays 1.0 to 1.2: an author's changes to a document that is not his.
//!
//! An overlay is a list of actions. Each selects nodes of the document by a JSONPath expression (RFC 9535, [`path`])
//! and merges something into them or takes them away. Actions are applied one after the other to the positioned tree,
//! before anything is typed ([`apply`]): whatever reads the tree afterwards knows nothing of overlays, and a
//! diagnostic points into the file, document or overlay, where the faulty thing was written.
//!
//! Only what changes is built anew: the nodes that an action selects and those around them. The rest of a large
//! document is neither copied nor turned into values.

mod action;
mod apply;
mod filter;
mod path;

use std::sync::Arc;

use super::node::Tree;
use super::text;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::{Place, Source, Span};
use action::Action;
pub use apply::apply;

/// An overlay, without fault as far as it can be seen without a document.
#[derive(Debug)]
pub struct Overlay {
    tree: Tree,
    actions: Vec<Action>,
}

impl Overlay {
    /// Reads a text as an overlay. `None` when it has a fault; all of them are then errors in `diagnostics`.
    #[must_use]
    pub fn read(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut problems = Diagnostics::default();
        let tree = text::parse(source, &mut problems);
        let actions = tree.as_ref().map(|tree| actions(tree, &mut problems));
        let good = !problems.has_errors();
        diagnostics.extend(problems);
        Some(Self { tree: tree?, actions: actions?.into_iter().collect::<Option<_>>()? }).filter(|_| good)
    }

    /// The document that it says it is for: a path or URL relative to its own.
    #[must_use]
    pub fn extends(&self) -> Option<&str> {
        self.tree.root().get("extends")?.as_str().filter(|extends| !extends.is_empty())
    }

    /// Where it was written.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        self.tree.source()
    }
}

/// All actions, `None` for those with a fault.
fn actions(tree: &Tree, problems: &mut Diagnostics) -> Vec<Option<Action>> {
    let root = tree.root();
    let start = || Place::new(tree.source(), Span::default());
    match root.entry("overlay") {
        None => {
            let message = "this is no overlay: it has no `overlay: 1.0.0`";
            problems.push(fault(message).at(start()));
            return Vec::new();
        }
        // A later version of the same kind is read by what is known of it.
        Some(entry) if !entry.value.scalar().is_some_and(|version| version.starts_with("1.")) => {
            let message = "only overlays of version 1 are known";
            problems.push(fault(message).at(entry.value.place()).severity(Severity::Warning));
        }
        Some(_) => {}
    }
    match root.entry("actions") {
        Some(entry) if entry.value.is_array() => {
            entry.value.items().map(|item| Action::read(root, item, problems)).collect()
        }
        Some(entry) => {
            problems.push(fault("`actions` is a list").at(entry.value.place()));
            Vec::new()
        }
        None => {
            problems.push(fault("an overlay without `actions` changes nothing").at(start()));
            Vec::new()
        }
    }
}

fn fault(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::InvalidOverlay, message)
}

#[cfg(test)]
mod tests;
