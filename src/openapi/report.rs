//! The diagnostics of one reading of a document: each cause is told once, however many operations it touches.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::node::{Node, NodeId};
use super::schema::Fault;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Place, Span};

/// A node among all files of a document. Holds as long as the document does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NodeKey {
    tree: usize,
    node: NodeId,
}

/// Collects diagnostics.
#[derive(Default)]
pub(super) struct Report {
    diagnostics: Diagnostics,
    told: FxHashSet<(NodeKey, Code, Box<str>)>,
    faults: IndexMap<Fault, (Place, usize), FxBuildHasher>,
}

impl Report {
    /// Tells about a node, unless the same was told about it before.
    pub(super) fn once(&mut self, code: Code, node: Node<'_>, message: impl FnOnce() -> String) {
        self.once_at(code, node, node.span(), message);
    }

    /// The same, with the part of the node's source that is to be shown.
    pub(super) fn once_at(
        &mut self,
        code: Code,
        node: Node<'_>,
        span: Span,
        message: impl FnOnce() -> String,
    ) {
        self.once_for(code, node, span, "", message);
    }

    /// The same for one of several things that can be wrong with a node: `which` tells them apart.
    pub(super) fn once_for(
        &mut self,
        code: Code,
        node: Node<'_>,
        span: Span,
        which: &str,
        message: impl FnOnce() -> String,
    ) {
        self.once_for_place(code, node, &Place::new(node.tree().source(), span), which, message);
    }

    /// The same with a place that need not be in the node's source.
    pub(super) fn once_for_place(
        &mut self,
        code: Code,
        node: Node<'_>,
        place: &Place,
        which: &str,
        message: impl FnOnce() -> String,
    ) {
        if self.told.insert((NodeKey::of(node), code, which.into())) {
            self.push(Diagnostic::new(code, message()).at(place.clone()));
        }
    }

    /// Tells what it is given.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether something of this kind was told.
    pub(super) fn has(&self, code: Code) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == code)
    }

    /// Tells what was found elsewhere.
    pub(super) fn extend(&mut self, diagnostics: &Diagnostics) {
        self.diagnostics.extend(diagnostics.clone());
    }

    /// Tells about a mistake in a schema. A mistake made a thousand times is one habit: the first place is shown,
    /// the others are counted.
    pub(super) fn fault(&mut self, fault: Fault, node: Node<'_>) {
        if self.told.insert((NodeKey::of(node), Code::InvalidSchema, Box::default())) {
            self.faults.entry(fault).or_insert_with(|| (node.place(), 0)).1 += 1;
        }
    }

    /// Everything that was told.
    pub(super) fn finish(mut self) -> Diagnostics {
        for (fault, (place, count)) in self.faults {
            let more = if count > 1 { format!(" (and {} more like it)", count - 1) } else { String::new() };
            self.diagnostics.push(
                Diagnostic::new(Code::InvalidSchema, format!("{fault}{more}"))
                    .at(place)
                    .severity(fault.severity()),
            );
        }
        self.diagnostics
    }
}

impl NodeKey {
    pub(super) fn of(node: Node<'_>) -> Self {
        Self { tree: std::ptr::from_ref(node.tree()).addr(), node: node.id() }
    }
}
