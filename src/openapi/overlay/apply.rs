//! Applies the actions of overlays to a document.
//!
//! A tree is only ever added to. Of an action, the nodes that it selects are put into a trie by their place; then each
//! selected node, and each node around one, is built once more with what changed in it. A node that is used in
//! several places (a YAML alias) is thereby changed only where it was selected, and children stay before the parents
//! that hold them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::action::{Action, Change};
use super::path::Trail;
use super::{Overlay, fault};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::openapi::node::{Builder, Kind, MAX_DEPTH, NodeId, Tree};
use crate::source::{Place, Span};

/// What an action changes, by place.
#[derive(Default)]
struct Selected {
    /// The node itself.
    here: bool,
    /// What is in it, by position.
    below: BTreeMap<u32, Selected>,
}

/// Applies overlays, in order. `None` when one of them cannot be, which is then an error in `diagnostics`.
#[must_use]
pub fn apply(tree: Tree, overlays: &[Overlay], diagnostics: &mut Diagnostics) -> Option<Tree> {
    let sources: Vec<_> = overlays.iter().map(|overlay| Arc::clone(overlay.source())).collect();
    let (source, shifts) = tree.source().with_annexes(&sources);
    let mut root = tree.root().id();
    let mut editor = Editor { builder: Builder::resume(tree, source), diagnostics };
    for (overlay, shift) in overlays.iter().zip(shifts) {
        let mut copied = FxHashMap::default();
        for action in &overlay.actions {
            root = editor.act(root, overlay, action, shift, &mut copied)?;
        }
    }
    let tree = editor.builder.finish(root);
    bounded(&tree, overlays, diagnostics).then_some(tree)
}

/// What reads a tree may recurse, and must come to an end.
fn bounded(tree: &Tree, overlays: &[Overlay], diagnostics: &mut Diagnostics) -> bool {
    /// Ten times the largest real document.
    const MOST: u64 = 20_000_000;
    let extent = tree.extent();
    let is_bounded = extent.depth as usize <= MAX_DEPTH && extent.weight <= MOST;
    if let Some(last) = overlays.last().filter(|_| !is_bounded) {
        let message = "with its overlays, the document is nested deeper, or is larger, than toolgate reads";
        let place = Place::new(last.source(), Span::default());
        diagnostics.push(Diagnostic::new(Code::TooDeep, message).at(place));
    }
    is_bounded
}

struct Editor<'d> {
    builder: Builder,
    diagnostics: &'d mut Diagnostics,
}

impl Editor<'_> {
    /// Applies one action; gives the new root.
    fn act(
        &mut self,
        root: NodeId,
        overlay: &Overlay,
        action: &Action,
        shift: u32,
        copied: &mut FxHashMap<NodeId, NodeId>,
    ) -> Option<NodeId> {
        let place = || Place::new(overlay.source(), action.span);
        let Some(trails) = action.target.select(self.builder.view(root)) else {
            self.diagnostics.push(fault("this selects too many nodes").at(place()));
            return None;
        };
        if trails.is_empty() {
            let message = "the target of this action matches nothing in the document";
            self.diagnostics.push(Diagnostic::new(Code::NoMatch, message).at(place()));
            return Some(root);
        }
        let merged = match &action.change {
            Change::None => return Some(root),
            Change::Remove => None,
            Change::Update(node) => Some(self.builder.copy(overlay.tree.node(*node), shift, copied)),
            Change::Copy(query) => match query.nodes(self.builder.view(root)).as_slice() {
                [only] => Some(only.id()),
                nodes => {
                    let message = format!("`copy` selects one node; this selects {}", nodes.len());
                    self.diagnostics.push(fault(message).at(place()));
                    return None;
                }
            },
        };
        let mut selected = Selected::default();
        trails.iter().for_each(|trail| selected.add(trail));
        let changed = self.change(root, &selected, merged, &place());
        if changed.is_none() {
            self.diagnostics.push(fault("the document as a whole cannot be removed").at(place()));
        }
        changed
    }

    /// A node with what was selected in it changed; `None` when it is taken away itself.
    fn change(
        &mut self,
        node: NodeId,
        selected: &Selected,
        merged: Option<NodeId>,
        place: &Place,
    ) -> Option<NodeId> {
        if selected.here && merged.is_none() {
            return None;
        }
        let changed = self.change_below(node, selected, merged, place);
        match merged.filter(|_| selected.here) {
            // An item is appended to a list, whatever it is; several are a list themselves.
            Some(update) if self.kind(changed) == Kind::Array && self.kind(update) != Kind::Array => {
                let items: Vec<_> =
                    self.builder.items_of(changed).into_iter().flatten().chain([update]).collect();
                Some(self.array(&items, changed))
            }
            Some(update) => Some(self.merge(changed, update, place)),
            None => Some(changed),
        }
    }

    fn change_below(
        &mut self,
        node: NodeId,
        selected: &Selected,
        merged: Option<NodeId>,
        place: &Place,
    ) -> NodeId {
        if selected.below.is_empty() {
            return node;
        }
        let items: Option<Vec<_>> = self.builder.items_of(node).map(Iterator::collect);
        if let Some(items) = items {
            let items = (0..).zip(items).filter_map(|(position, item)| match selected.below.get(&position) {
                Some(below) => self.change(item, below, merged, place),
                None => Some(item),
            });
            let items: Vec<_> = items.collect();
            return self.array(&items, node);
        }
        let entries: Vec<_> = self.builder.entries_of(node).into_iter().flatten().collect();
        let entries: Vec<_> = (0..)
            .zip(entries)
            .filter_map(|(position, (key, span, value))| {
                let value = match selected.below.get(&position) {
                    Some(below) => self.change(value, below, merged, place)?,
                    None => value,
                };
                Some((key, span, value))
            })
            .collect();
        let span = self.builder.span(node);
        self.builder.object(&entries, span)
    }

    /// What an update makes of a node.
    fn merge(&mut self, target: NodeId, update: NodeId, place: &Place) -> NodeId {
        match (self.kind(target), self.kind(update)) {
            (Kind::Object, Kind::Object) => self.merge_objects(target, update, place),
            (Kind::Array, Kind::Array) => {
                let lists = [target, update].map(|list| self.builder.items_of(list).into_iter().flatten());
                let items: Vec<_> = lists.into_iter().flatten().collect();
                self.array(&items, target)
            }
            // `tags:` with nothing after it, on either side, says nothing.
            (Kind::Object | Kind::Array, Kind::Null) => target,
            (Kind::Null, _) => update,
            (Kind::Object | Kind::Array, _) | (_, Kind::Object | Kind::Array) => {
                self.tell_incompatible(update, place);
                update
            }
            _ => update,
        }
    }

    fn merge_objects(&mut self, target: NodeId, update: NodeId, place: &Place) -> NodeId {
        let mut entries: Vec<_> = self.builder.entries_of(target).into_iter().flatten().collect();
        let updates: Vec<_> = self.builder.entries_of(update).into_iter().flatten().collect();
        for (key, span, value) in updates {
            let name = self.builder.text(key);
            match entries.iter().position(|(known, ..)| self.builder.text(*known) == name) {
                Some(at) => {
                    let Some((_, _, known)) = entries.get(at).copied() else { continue };
                    let merged = self.merge(known, value, place);
                    if let Some(entry) = entries.get_mut(at) {
                        entry.2 = merged;
                    }
                }
                None => entries.push((key, span, value)),
            }
        }
        let span = self.builder.span(target);
        self.builder.object(&entries, span)
    }

    /// The specification calls it an error; what is meant is plain.
    fn tell_incompatible(&mut self, update: NodeId, place: &Place) {
        let update = self.builder.view(update).place().written();
        let place = if Arc::ptr_eq(&update.source, &place.source) { update } else { place.clone() };
        let message = "this is of another kind than what it is merged with; it replaces it";
        self.diagnostics.push(fault(message).at(place).severity(Severity::Warning));
    }

    fn array(&mut self, items: &[NodeId], like: NodeId) -> NodeId {
        let span = self.builder.span(like);
        self.builder.array(items, span)
    }

    fn kind(&self, node: NodeId) -> Kind {
        self.builder.view(node).kind()
    }
}

impl Selected {
    fn add(&mut self, trail: &Trail) {
        let mut at = self;
        for position in trail {
            at = at.below.entry(*position).or_default();
        }
        at.here = true;
    }
}
