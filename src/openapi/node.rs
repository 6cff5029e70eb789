//! A document as a tree whose every node knows where it was written.
//!
//! JSON and YAML are read into the same [`Tree`]: flat vectors, texts borrowed from the source where they can be, so
//! that a document costs little more than its own text (20 bytes a node, 20 more for its key). Numbers keep their
//! digits. Keys are texts, entries keep their order, and of a key that comes twice the last one counts (the reader
//! has warned).
//!
//! YAML aliases share a node: the tree is then a directed graph without cycles, and [`Tree::extent`] says how large
//! and how deep it would be written out. The YAML reader bounds both, so that whoever walks a tree may recurse.

mod builder;
mod lookup;

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use crate::source::{Place, Source, Span};
pub(super) use builder::{Builder, Duplicate};
use lookup::Lookup;

/// How deep a document may be nested, aliases written out: four times what the deepest real one is, as deep as common
/// JSON parsers read what we make of it, and far below what a recursive walk has stack for.
pub(super) const MAX_DEPTH: usize = 120;

/// A document.
pub struct Tree {
    source: Arc<Source>,
    nodes: Vec<Data>,
    spans: Vec<Span>,
    entries: Vec<Entry>,
    items: Vec<u32>,
    owned: String,
    lookup: Lookup,
    root: u32,
}

/// A node of a [`Tree`]: cheap to copy, borrows the tree.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool,
    /// A number.
    Number,
    /// A text.
    String,
    /// A sequence.
    Array,
    /// A mapping.
    Object,
}

/// An entry of an object.
#[derive(Clone, Copy)]
pub struct EntryRef<'t> {
    /// The key.
    pub key: &'t str,
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub value: Node<'t>,
}

/// A node by its number within its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// How large a tree would be with every alias written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// How many nodes there would be.
    pub weight: u64,
    /// How many arrays and objects would be around the deepest place.
    pub depth: u32,
}

/// A text: a range of the source, or of [`Tree::owned`] when it is not written there as it is meant.
#[derive(Clone, Copy)]
pub(super) struct Text {
    /// The first byte; [`Text::OWNED`] is set in it for a range of [`Tree::owned`].
    start: u32,
    len: u32,
}

#[derive(Clone, Copy)]
enum Data {
    Null,
    Bool(bool),
    Number(Text),
    String(Text),
    Array { start: u32, len: u32 },
    Object { start: u32, len: u32 },
}

struct Entry {
    key: Text,
    key_span: Span,
    value: u32,
}

impl Text {
    /// Sources are shorter than this, so that the bit is free.
    const OWNED: u32 = 1 << 31;

    /// The text that is written at `span`.
    pub(super) fn at(span: Span) -> Self {
        Self { start: span.start, len: span.end.saturating_sub(span.start) }
    }

    /// The text itself, of the source's text and the texts that are not written in it.
    fn of<'t>(self, source: &'t str, owned: &'t str) -> &'t str {
        let start = (self.start & !Self::OWNED) as usize;
        let all = if self.start & Self::OWNED == 0 { source } else { owned };
        all.get(start..start + self.len as usize).unwrap_or_default()
    }
}

impl Tree {
    /// The text that it was read from.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The outermost node.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, id: self.root }
    }

    /// The node with this number.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id: id.0 }
    }

    /// All nodes, children before the parents that hold them.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..to_u32(self.nodes.len())).map(|id| Node { tree: self, id })
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none; never true of a tree that was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How large it would be with every alias written out.
    #[must_use]
    pub fn extent(&self) -> Extent {
        let mut extents: Vec<Extent> = Vec::with_capacity(self.nodes.len());
        for data in &self.nodes {
            let is_collection = matches!(data, Data::Array { .. } | Data::Object { .. });
            let mut extent = Extent { weight: 1, depth: u32::from(is_collection) };
            let mut add = |child: u32| {
                // Children come before their parents, so theirs is known.
                let Some(child) = extents.get(child as usize) else { return };
                extent.weight = extent.weight.saturating_add(child.weight);
                extent.depth = extent.depth.max(child.depth.saturating_add(1));
            };
            self.array_items(*data).iter().for_each(|item| add(*item));
            self.object_entries(*data).iter().for_each(|entry| add(entry.value));
            extents.push(extent);
        }
        extents.get(self.root as usize).copied().unwrap_or(Extent { weight: 0, depth: 0 })
    }

    fn data(&self, id: u32) -> Data {
        self.nodes.get(id as usize).copied().unwrap_or(Data::Null)
    }

    fn text(&self, text: Text) -> &str {
        text.of(self.source.text(), &self.owned)
    }

    fn object_entries(&self, data: Data) -> &[Entry] {
        match data {
            Data::Object { start, len } => range(&self.entries, start, len),
            _ => &[],
        }
    }

    fn array_items(&self, data: Data) -> &[u32] {
        match data {
            Data::Array { start, len } => range(&self.items, start, len),
            _ => &[],
        }
    }

    /// Whether any object has one of these keys.
    pub(super) fn has_any_key(&self, keys: &[&str]) -> bool {
        self.entries.iter().any(|entry| keys.iter().any(|key| self.has_key(entry, key)))
    }

    /// Whether `entry` has this key.
    fn has_key(&self, entry: &Entry, key: &str) -> bool {
        entry.key.len as usize == key.len() && self.text(entry.key) == key
    }
}

impl<'t> Node<'t> {
    /// Its number within its tree.
    #[must_use]
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// The tree that it is in.
    #[must_use]
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.data() {
            Data::Null => Kind::Null,
            Data::Bool(_) => Kind::Bool,
            Data::Number(_) => Kind::Number,
            Data::String(_) => Kind::String,
            Data::Array { .. } => Kind::Array,
            Data::Object { .. } => Kind::Object,
        }
    }

    /// Where it was written.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree.spans.get(self.id as usize).copied().unwrap_or_default()
    }

    /// Where it was written, with the source.
    #[must_use]
    pub fn place(self) -> Place {
        Place::new(&self.tree.source, self.span())
    }

    /// The text, of a string.
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        match self.data() {
            Data::String(text) => Some(self.tree.text(text)),
            _ => None,
        }
    }

    /// The digits, of a number: a JSON number as it was written.
    #[must_use]
    pub fn as_number(self) -> Option<&'t str> {
        match self.data() {
            Data::Number(text) => Some(self.tree.text(text)),
            _ => None,
        }
    }

    /// The value, of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.data() {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a string, a number or a boolean: what an author meant who forgot the quotes.
    #[must_use]
    pub fn scalar(self) -> Option<&'t str> {
        match self.data() {
            Data::String(text) | Data::Number(text) => Some(self.tree.text(text)),
            Data::Bool(true) => Some("true"),
            Data::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// Whether it is a sequence.
    #[must_use]
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }

    /// The value of a key, of an object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The entry of a key, of an object.
    #[must_use]
    pub fn entry(self, key: &str) -> Option<EntryRef<'t>> {
        let entries = self.tree.object_entries(self.data());
        let has_key = |entry: &&Entry| self.tree.has_key(entry, key);
        let found = match self.tree.lookup.table(self.id, entries.len()) {
            Some(table) => table.candidates(key).filter_map(|index| entries.get(index)).find(has_key),
            None => entries.iter().find(has_key),
        };
        found.map(|entry| self.entry_ref(entry))
    }

    /// The entries of an object, in order; none of anything else.
    pub fn entries(self) -> impl ExactSizeIterator<Item = EntryRef<'t>> + Clone {
        self.tree.object_entries(self.data()).iter().map(move |entry| self.entry_ref(entry))
    }

    /// The items of an array; none of anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'t>> + Clone {
        self.tree.array_items(self.data()).iter().map(move |id| Node { tree: self.tree, id: *id })
    }

    /// The item at an index of an array.
    #[must_use]
    pub fn item(self, index: usize) -> Option<Node<'t>> {
        self.tree.array_items(self.data()).get(index).map(|id| Node { tree: self.tree, id: *id })
    }

    /// How many entries or items there are.
    #[must_use]
    pub fn len(self) -> usize {
        match self.data() {
            Data::Array { len, .. } | Data::Object { len, .. } => len as usize,
            _ => 0,
        }
    }

    /// Whether there are no entries or items.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The whole node as a JSON value, numbers with their digits.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self.data() {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(value),
            Data::Number(text) => number(self.tree.text(text)),
            Data::String(text) => Value::String(self.tree.text(text).to_owned()),
            Data::Array { .. } => Value::Array(self.items().map(Node::to_value).collect()),
            Data::Object { .. } => Value::Object(
                self.entries()
                    .map(|entry| (entry.key.to_owned(), entry.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    fn data(self) -> Data {
        self.tree.data(self.id)
    }

    fn entry_ref(self, entry: &'t Entry) -> EntryRef<'t> {
        EntryRef {
            key: self.tree.text(entry.key),
            key_span: entry.key_span,
            value: Node { tree: self.tree, id: entry.value },
        }
    }
}

impl std::fmt::Debug for Tree {
    /// Its source alone: a tree is as large as its document.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tree").field(&self.source.name()).finish()
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} at {}", self.kind(), self.place())
    }
}

/// A JSON number with the digits of `text`.
fn number(text: &str) -> Value {
    text.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number)
}

fn range<T>(all: &[T], start: u32, len: u32) -> &[T] {
    all.get(start as usize..start as usize + len as usize).unwrap_or_default()
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
