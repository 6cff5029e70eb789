//! Builds a [`Tree`] bottom-up: children before the parent that holds them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Data, Entry, Kind, Node, NodeId, Text, Tree, lookup, range, to_u32};
use crate::source::{Source, Span};

/// Builds a tree.
pub(crate) struct Builder {
    tree: Tree,
    duplicates: Vec<Duplicate>,
    /// All duplicates, also those that were too many to keep.
    duplicate_count: usize,
}

/// A key that came twice in one object.
#[derive(Clone, Copy)]
pub(crate) struct Duplicate {
    /// Where it was first.
    pub(crate) first: Span,
    /// Where it was again.
    pub(crate) second: Span,
}

impl Builder {
    /// Of more duplicates than this only the number is kept.
    const MAX_DUPLICATES: usize = 100;

    /// A builder of a tree over `source`, which must be shorter than 1 GiB.
    pub(crate) fn new(source: &Arc<Source>) -> Self {
        Self {
            tree: Tree {
                source: Arc::clone(source),
                nodes: Vec::new(),
                spans: Vec::new(),
                entries: Vec::new(),
                items: Vec::new(),
                owned: String::new(),
                lookup: lookup::Lookup::default(),
                root: 0,
            },
            duplicates: Vec::new(),
            duplicate_count: 0,
        }
    }

    /// Goes on building on top of a tree; what it holds keeps its numbers. `source` is the tree's own, or that with
    /// annexes.
    pub(crate) fn resume(mut tree: Tree, source: Arc<Source>) -> Self {
        tree.source = source;
        Self { tree, duplicates: Vec::new(), duplicate_count: 0 }
    }

    /// What was built so far, by its number.
    pub(crate) fn view(&self, id: NodeId) -> Node<'_> {
        self.tree.node(id)
    }

    /// Copies a node of another tree, with all that is in it. Its spans are shifted by `shift`.
    pub(crate) fn copy(
        &mut self,
        node: Node<'_>,
        shift: u32,
        copied: &mut FxHashMap<NodeId, NodeId>,
    ) -> NodeId {
        if let Some(known) = copied.get(&node.id()) {
            return *known;
        }
        let moved = |span: Span| Span { start: span.start + shift, end: span.end + shift };
        let span = moved(node.span());
        let copy = match node.kind() {
            Kind::Null => self.null(span),
            Kind::Bool => self.bool(node.as_bool() == Some(true), span),
            Kind::Number | Kind::String => {
                let text = self.own(node.scalar().unwrap_or_default());
                if node.kind() == Kind::Number { self.number(text, span) } else { self.string(text, span) }
            }
            Kind::Array => {
                let items: Vec<_> = node.items().map(|item| self.copy(item, shift, copied)).collect();
                self.array(&items, span)
            }
            Kind::Object => {
                let entries: Vec<_> = node
                    .entries()
                    .map(|entry| {
                        let key = self.own(entry.key);
                        (key, moved(entry.key_span), self.copy(entry.value, shift, copied))
                    })
                    .collect();
                self.object(&entries, span)
            }
        };
        copied.insert(node.id(), copy);
        copy
    }

    /// Keeps a text that is not written in the source as it is meant.
    pub(crate) fn own(&mut self, text: &str) -> Text {
        let start = self.tree.owned.len();
        self.tree.owned.push_str(text);
        Text { start: to_u32(start) | Text::OWNED, len: to_u32(self.tree.owned.len().saturating_sub(start)) }
    }

    pub(crate) fn null(&mut self, span: Span) -> NodeId {
        self.node(Data::Null, span)
    }

    pub(crate) fn bool(&mut self, value: bool, span: Span) -> NodeId {
        self.node(Data::Bool(value), span)
    }

    /// `text` must be a JSON number.
    pub(crate) fn number(&mut self, text: Text, span: Span) -> NodeId {
        self.node(Data::Number(text), span)
    }

    pub(crate) fn string(&mut self, text: Text, span: Span) -> NodeId {
        self.node(Data::String(text), span)
    }

    pub(crate) fn array(&mut self, items: &[NodeId], span: Span) -> NodeId {
        let start = to_u32(self.tree.items.len());
        self.tree.items.extend(items.iter().map(|item| item.0));
        self.node(Data::Array { start, len: to_u32(items.len()) }, span)
    }

    /// Of a key that comes twice the last value counts, at the position of the first.
    pub(crate) fn object(&mut self, entries: &[(Text, Span, NodeId)], span: Span) -> NodeId {
        let start = self.tree.entries.len();
        let large = entries.len() > lookup::SMALL;
        if large {
            self.tree.lookup.begin(to_u32(self.tree.nodes.len()), entries.len());
        }
        for (key, key_span, value) in entries {
            if let Some(index) = self.index_of(start, *key, large) {
                self.replace(start + index, *key_span, *value);
                continue;
            }
            if large {
                let index = self.tree.entries.len() - start;
                self.tree.add_to_lookup(*key, index);
            }
            self.tree.entries.push(Entry { key: *key, key_span: *key_span, value: value.0 });
        }
        let len = to_u32(self.tree.entries.len() - start);
        self.node(Data::Object { start: to_u32(start), len }, span)
    }

    pub(crate) fn text(&self, text: Text) -> &str {
        self.tree.text(text)
    }

    /// The entries of an object that was built before; for merge keys.
    pub(crate) fn entries_of(
        &self,
        id: NodeId,
    ) -> Option<impl ExactSizeIterator<Item = (Text, Span, NodeId)> + Clone> {
        let Data::Object { start, len } = self.tree.data(id.0) else { return None };
        let entries = range(&self.tree.entries, start, len).iter();
        Some(entries.map(|entry| (entry.key, entry.key_span, NodeId(entry.value))))
    }

    /// The text of a scalar that was built before, and where it is.
    pub(crate) fn scalar_text(&self, id: NodeId) -> Option<(Text, Span)> {
        let span = self.span(id);
        match self.tree.data(id.0) {
            Data::String(text) | Data::Number(text) => Some((text, span)),
            Data::Null | Data::Bool(_) => Some((Text::at(span), span)),
            Data::Array { .. } | Data::Object { .. } => None,
        }
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        self.tree.spans.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The items of an array that was built before.
    pub(crate) fn items_of(&self, id: NodeId) -> Option<impl ExactSizeIterator<Item = NodeId> + Clone> {
        let Data::Array { start, len } = self.tree.data(id.0) else { return None };
        Some(range(&self.tree.items, start, len).iter().map(|item| NodeId(*item)))
    }

    /// The keys that came twice, in document order, as far as they were kept, and how many there were in all.
    pub(crate) fn duplicates(&self) -> (&[Duplicate], usize) {
        (&self.duplicates, self.duplicate_count)
    }

    pub(crate) fn finish(mut self, root: NodeId) -> Tree {
        self.tree.root = root.0;
        self.tree.nodes.shrink_to_fit();
        self.tree.spans.shrink_to_fit();
        self.tree.entries.shrink_to_fit();
        self.tree.items.shrink_to_fit();
        self.tree.owned.shrink_to_fit();
        self.tree.lookup.shrink_to_fit();
        self.tree
    }

    fn node(&mut self, data: Data, span: Span) -> NodeId {
        self.tree.nodes.push(data);
        self.tree.spans.push(span);
        NodeId(to_u32(self.tree.nodes.len() - 1))
    }

    /// Index of `key` among the entries of the object that is being built, which begin at `start`.
    fn index_of(&self, start: usize, key: Text, large: bool) -> Option<usize> {
        let entries = self.tree.entries.get(start..).unwrap_or_default();
        let key = self.tree.text(key);
        if large {
            return self
                .tree
                .lookup
                .newest()?
                .candidates(key)
                .find(|index| entries.get(*index).is_some_and(|entry| self.tree.has_key(entry, key)));
        }
        entries.iter().position(|entry| self.tree.has_key(entry, key))
    }

    fn replace(&mut self, at: usize, key_span: Span, value: NodeId) {
        let Some(entry) = self.tree.entries.get_mut(at) else { return };
        self.duplicate_count += 1;
        if self.duplicates.len() < Self::MAX_DUPLICATES {
            self.duplicates.push(Duplicate { first: entry.key_span, second: key_span });
        }
        entry.value = value.0;
        entry.key_span = key_span;
    }
}

impl Tree {
    fn add_to_lookup(&mut self, key: Text, index: usize) {
        let key = key.of(self.source.text(), &self.owned);
        self.lookup.add(key, index);
    }
}
