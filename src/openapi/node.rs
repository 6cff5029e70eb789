//! A document as a tree whose every node knows where it was written.
//!
//! JSON and YAML are read into the same [`Tree`]: flat vectors, texts borrowed from the source where they can be, so
//! that a document of 13 MB costs little more than its own text. Numbers keep their digits. Keys are texts, entries
//! keep their order, and of a key that comes twice the last one counts (the reader has warned).
//!
//! YAML aliases share a node: the tree is then a directed graph without cycles, and [`Tree::weight`] says how large
//! it would be written out. The YAML reader bounds it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Number, Value};

use crate::source::{Place, Source, Span};

/// Objects with more entries than this are looked up through a hash index.
const INDEXED_FROM: usize = 16;

/// A document.
pub struct Tree {
    source: Arc<Source>,
    nodes: Vec<Data>,
    spans: Vec<Span>,
    entries: Vec<Entry>,
    items: Vec<u32>,
    owned: Vec<Box<str>>,
    index: FxHashMap<(u32, u64), u32>,
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

/// A text: a range of the source, or one that had escapes in it.
#[derive(Clone, Copy)]
pub(super) enum Text {
    Source(Span),
    Owned(u32),
}

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

/// Builds a tree bottom-up: children before the parent that holds them.
pub(super) struct Builder {
    tree: Tree,
}

impl Builder {
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self {
            tree: Tree {
                source: Arc::clone(source),
                nodes: Vec::new(),
                spans: Vec::new(),
                entries: Vec::new(),
                items: Vec::new(),
                owned: Vec::new(),
                index: FxHashMap::default(),
                root: 0,
            },
        }
    }

    /// Keeps a text that is not a range of the source.
    pub(super) fn own(&mut self, text: impl Into<Box<str>>) -> Text {
        self.tree.owned.push(text.into());
        Text::Owned(to_u32(self.tree.owned.len() - 1))
    }

    pub(super) fn text(&self, text: Text) -> &str {
        self.tree.text(text)
    }

    pub(super) fn null(&mut self, span: Span) -> NodeId {
        self.node(Data::Null, span)
    }

    pub(super) fn bool(&mut self, value: bool, span: Span) -> NodeId {
        self.node(Data::Bool(value), span)
    }

    /// `text` must be a JSON number.
    pub(super) fn number(&mut self, text: Text, span: Span) -> NodeId {
        self.node(Data::Number(text), span)
    }

    pub(super) fn string(&mut self, text: Text, span: Span) -> NodeId {
        self.node(Data::String(text), span)
    }

    pub(super) fn array(&mut self, items: &[NodeId], span: Span) -> NodeId {
        let start = to_u32(self.tree.items.len());
        self.tree.items.extend(items.iter().map(|item| item.0));
        self.node(Data::Array { start, len: to_u32(items.len()) }, span)
    }

    /// Of a key that comes twice the last value counts, at the place of the first.
    pub(super) fn object(&mut self, entries: &[(Text, Span, NodeId)], span: Span) -> NodeId {
        let id = to_u32(self.tree.nodes.len());
        let start = self.tree.entries.len();
        for (key, key_span, value) in entries {
            let position = self.tree.position(id, start, self.tree.text(*key));
            if let Some(entry) = position.and_then(|position| self.tree.entries.get_mut(position)) {
                entry.value = value.0;
                entry.key_span = *key_span;
                continue;
            }
            if entries.len() > INDEXED_FROM {
                let hash = hash(self.tree.text(*key));
                let position = to_u32(self.tree.entries.len());
                self.tree.index.entry((id, hash)).or_insert(position);
            }
            self.tree.entries.push(Entry { key: *key, key_span: *key_span, value: value.0 });
        }
        let len = to_u32(self.tree.entries.len() - start);
        self.node(Data::Object { start: to_u32(start), len }, span)
    }

    /// The value of `key` in an object that was built before; for merge keys.
    pub(super) fn entries_of(&self, id: NodeId) -> Vec<(Text, Span, NodeId)> {
        self.tree
            .object_entries(id.0)
            .iter()
            .map(|entry| (entry.key, entry.key_span, NodeId(entry.value)))
            .collect()
    }

    pub(super) fn items_of(&self, id: NodeId) -> Vec<NodeId> {
        self.tree.array_items(id.0).iter().map(|item| NodeId(*item)).collect()
    }

    pub(super) fn kind(&self, id: NodeId) -> Kind {
        self.tree.kind(id.0)
    }

    pub(super) fn finish(mut self, root: NodeId) -> Tree {
        self.tree.root = root.0;
        self.tree.nodes.shrink_to_fit();
        self.tree.spans.shrink_to_fit();
        self.tree.entries.shrink_to_fit();
        self.tree.items.shrink_to_fit();
        self.tree
    }

    fn node(&mut self, data: Data, span: Span) -> NodeId {
        self.tree.nodes.push(data);
        self.tree.spans.push(span);
        NodeId(to_u32(self.tree.nodes.len() - 1))
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

    /// How many nodes there would be with every alias written out.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let mut weights: Vec<u64> = Vec::with_capacity(self.nodes.len());
        for id in 0..to_u32(self.nodes.len()) {
            let of = |child: u32| weights.get(child as usize).copied().unwrap_or(1);
            let children = match self.kind(id) {
                Kind::Array => self.array_items(id).iter().map(|item| of(*item)).fold(0, u64::saturating_add),
                Kind::Object => {
                    self.object_entries(id).iter().map(|entry| of(entry.value)).fold(0, u64::saturating_add)
                }
                _ => 0,
            };
            weights.push(children.saturating_add(1));
        }
        weights.get(self.root as usize).copied().unwrap_or_default()
    }

    fn text(&self, text: Text) -> &str {
        match text {
            Text::Source(span) => self.source.slice(span),
            Text::Owned(at) => self.owned.get(at as usize).map_or("", AsRef::as_ref),
        }
    }

    fn kind(&self, id: u32) -> Kind {
        match self.nodes.get(id as usize) {
            None | Some(Data::Null) => Kind::Null,
            Some(Data::Bool(_)) => Kind::Bool,
            Some(Data::Number(_)) => Kind::Number,
            Some(Data::String(_)) => Kind::String,
            Some(Data::Array { .. }) => Kind::Array,
            Some(Data::Object { .. }) => Kind::Object,
        }
    }

    fn object_entries(&self, id: u32) -> &[Entry] {
        match self.nodes.get(id as usize) {
            Some(Data::Object { start, len }) => {
                self.entries.get(*start as usize..(*start + *len) as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    fn array_items(&self, id: u32) -> &[u32] {
        match self.nodes.get(id as usize) {
            Some(Data::Array { start, len }) => {
                self.items.get(*start as usize..(*start + *len) as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// Index into `entries` of `key` in the object `id`, whose entries begin at `start`.
    fn position(&self, id: u32, start: usize, key: &str) -> Option<usize> {
        if let Some(found) = self.index.get(&(id, hash(key))) {
            let found = *found as usize;
            if self.entries.get(found).is_some_and(|entry| self.text(entry.key) == key) {
                return Some(found);
            }
        }
        let end = match self.nodes.get(id as usize) {
            Some(Data::Object { len, .. }) => start + *len as usize,
            _ => self.entries.len(),
        };
        if end - start > INDEXED_FROM && !self.index.contains_key(&(id, hash(key))) {
            return None;
        }
        let entries = self.entries.get(start..end).unwrap_or_default();
        entries.iter().position(|entry| self.text(entry.key) == key).map(|at| start + at)
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
        self.tree.kind(self.id)
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
        match self.tree.nodes.get(self.id as usize) {
            Some(Data::String(text)) => Some(self.tree.text(*text)),
            _ => None,
        }
    }

    /// The digits, of a number: a JSON number as it was written.
    #[must_use]
    pub fn as_number(self) -> Option<&'t str> {
        match self.tree.nodes.get(self.id as usize) {
            Some(Data::Number(text)) => Some(self.tree.text(*text)),
            _ => None,
        }
    }

    /// The value, of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.tree.nodes.get(self.id as usize) {
            Some(Data::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// The text of a string, a number or a boolean: what an author meant who forgot the quotes.
    #[must_use]
    pub fn scalar(self) -> Option<&'t str> {
        match self.tree.nodes.get(self.id as usize) {
            Some(Data::String(text) | Data::Number(text)) => Some(self.tree.text(*text)),
            Some(Data::Bool(true)) => Some("true"),
            Some(Data::Bool(false)) => Some("false"),
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
        let Some(Data::Object { start, .. }) = self.tree.nodes.get(self.id as usize) else { return None };
        let position = self.tree.position(self.id, *start as usize, key)?;
        self.tree.entries.get(position).map(|entry| self.entry_ref(entry))
    }

    /// The entries of an object, in order; none of anything else.
    pub fn entries(self) -> impl ExactSizeIterator<Item = EntryRef<'t>> + Clone {
        self.tree.object_entries(self.id).iter().map(move |entry| self.entry_ref(entry))
    }

    /// The items of an array; none of anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'t>> + Clone {
        self.tree.array_items(self.id).iter().map(move |id| Node { tree: self.tree, id: *id })
    }

    /// The item at an index of an array.
    #[must_use]
    pub fn item(self, index: usize) -> Option<Node<'t>> {
        self.tree.array_items(self.id).get(index).map(|id| Node { tree: self.tree, id: *id })
    }

    /// How many entries or items there are.
    #[must_use]
    pub fn len(self) -> usize {
        match self.tree.nodes.get(self.id as usize) {
            Some(Data::Array { len, .. } | Data::Object { len, .. }) => *len as usize,
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
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(self.as_bool().unwrap_or_default()),
            Kind::Number => self.as_number().map_or(Value::Null, number),
            Kind::String => Value::String(self.as_str().unwrap_or_default().to_owned()),
            Kind::Array => Value::Array(self.items().map(Node::to_value).collect()),
            Kind::Object => Value::Object(
                self.entries()
                    .map(|entry| (entry.key.to_owned(), entry.value.to_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    fn entry_ref(self, entry: &'t Entry) -> EntryRef<'t> {
        EntryRef {
            key: self.tree.text(entry.key),
            key_span: entry.key_span,
            value: Node { tree: self.tree, id: entry.value },
        }
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} at {}", self.kind(), self.place())
    }
}

/// A JSON number with the digits of `text`.
pub(super) fn number(text: &str) -> Value {
    text.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number)
}

fn hash(key: &str) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault};
    BuildHasherDefault::<rustc_hash::FxHasher>::default().hash_one(key)
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
