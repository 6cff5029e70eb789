//! The schemas of a document, as JSON Schema 2020-12.
//!
//! A schema that something refers to becomes a *definition*: it is converted when it is first reached, once, and
//! shared by every operation that reaches it. What comes out refers to `#/$defs/NAME` alone, holds no word of
//! OpenAPI's own dialects, and compiles: a keyword whose value makes no sense is left out and told.
//!
//! Two private keys remain, which the catalog must strip from what it shows: see [`XML`].

mod bound;
mod combine;
mod convert;
mod discriminator;
mod enumeration;
mod fault;
mod merge;
mod name;
mod number;
mod pattern;
mod relax;
mod types;

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use super::definitions::Definitions;
use super::node::Node;
use super::reference::{References, reference_of};
use super::report::NodeKey;
use super::shared::Json;
use super::version::Version;
use bound::bound;
use convert::Converter;
pub(super) use fault::Fault;

/// The key under which OpenAPI's `xml` object of a schema is kept: names and places on the wire that JSON Schema has
/// no word for.
pub const XML: &str = "x-toolgate-xml";

/// How much JSON the definitions of one operation may come to, and each of its schemas by itself. No model reads
/// more than this about one tool; a document like Microsoft Graph's, where everything reaches everything, would
/// otherwise cost gigabytes.
const OPERATION_BYTES: usize = 64 << 10;

/// Which way a value goes: it decides which properties there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the API: without `readOnly` properties.
    Request,
    /// From the API: without `writeOnly` properties.
    Response,
}

/// A converted schema, shared by all who refer to it.
#[derive(Clone)]
pub(super) struct Schema(Rc<Converted>);

struct Converted {
    value: Json,
    /// The same for an operation of which something was cut; made when it is first asked for.
    relaxed: OnceCell<Json>,
    /// What is left of it where it does not fit; made when it is first asked for.
    stub: OnceCell<Json>,
    /// The definitions that it refers to.
    references: Vec<Index>,
    /// About how long it is as JSON.
    bytes: usize,
    /// Its deepest parts were left out.
    cut: bool,
}

/// The definitions that some schemas reach.
#[derive(Clone)]
pub(super) struct Closure {
    pub(super) definitions: Definitions,
    /// Whether something was left out for its size.
    pub(super) cut: bool,
}

/// All schemas of a document that were reached so far.
pub(super) struct Schemas<'d> {
    version: Version,
    direction: Direction,
    definitions: Vec<Definition<'d>>,
    by_node: FxHashMap<NodeKey, Index>,
    by_name: FxHashMap<Arc<str>, Index>,
    bodies: FxHashMap<BodyKey, Schema>,
    closures: FxHashMap<(Vec<Index>, bool), Closure>,
    patterns: FxHashMap<&'d str, bool>,
    /// Which walk over the definitions saw each of them last.
    seen: Vec<u32>,
    walk: u32,
}

/// A definition by its number.
type Index = u32;

/// Where the schema of a body is written, and whether it is referred to. A component that thousands of operations send is
/// merged once, and all of them share it.
type BodyKey = (NodeKey, bool);

struct Definition<'d> {
    node: Node<'d>,
    name: Arc<str>,
    schema: Option<Schema>,
}

impl Schema {
    /// A schema that refers to nothing.
    pub(super) fn plain(value: Value) -> Self {
        Self::new(value, Vec::new())
    }

    fn new(value: Value, references: Vec<Index>) -> Self {
        Self::of(value.into(), references)
    }

    fn of(value: Json, references: Vec<Index>) -> Self {
        let (value, bytes, cut) = bound(value, OPERATION_BYTES);
        Self(Rc::new(Converted {
            value,
            relaxed: OnceCell::new(),
            stub: OnceCell::new(),
            references,
            bytes,
            cut,
        }))
    }

    /// The schema; its root is no bare `$ref`.
    fn value(&self) -> &Json {
        &self.0.value
    }

    /// What is left of a schema that does not fit: its type, so that the right kind of value is still asked for.
    fn stub(&self) -> Json {
        self.0.stub.get_or_init(|| bound::stub(self.value().get("type"))).clone()
    }

    /// A schema of an object with these properties, each with its name and a description that is not in its schema.
    pub(super) fn object(properties: Vec<(&str, Option<&str>, Self)>, required: &[&str]) -> Self {
        let mut references = Vec::new();
        let mut map = Map::with_capacity(properties.len());
        for (name, description, schema) in properties {
            let mut value = schema.value().to_value();
            if let (Some(object), Some(text)) = (value.as_object_mut(), description) {
                object.insert("description".to_owned(), json!(text));
            }
            for index in &schema.0.references {
                if !references.contains(index) {
                    references.push(*index);
                }
            }
            map.insert(name.to_owned(), value);
        }
        let mut value = json!({"type": "object", "properties": map});
        if let Some(object) = value.as_object_mut()
            && !required.is_empty()
        {
            object.insert("required".to_owned(), json!(required));
        }
        Self::new(value, references)
    }

    /// Whether nothing is said about the value.
    pub(super) fn accepts_anything(&self) -> bool {
        self.value().as_object().is_some_and(|schema| schema.keys().all(combine::is_annotation))
    }

    /// Whether the value is a list.
    pub(super) fn is_list(&self) -> bool {
        self.value().get("type").is_some_and(|types| types == "array")
    }

    /// The schema with a name for its element in XML, unless it says one.
    pub(super) fn named_in_xml(self, name: &str) -> Self {
        let mut value = self.value().to_value();
        let Some(keywords) = value.as_object_mut() else { return self };
        let rules = keywords.entry(XML).or_insert_with(|| json!({}));
        match rules.as_object_mut() {
            Some(rules) if !rules.contains_key("name") => {
                rules.insert("name".to_owned(), name.into());
            }
            _ => return self,
        }
        Self::new(value, self.0.references.clone())
    }

    /// The schema for an operation of which something was cut, or nothing was.
    pub(super) fn for_operation(&self, cut: bool) -> Json {
        let value = &self.0.value;
        if !cut {
            return value.clone();
        }
        let relaxed = || relax::relaxed(value).map_or_else(|| value.clone(), Json::from);
        self.0.relaxed.get_or_init(relaxed).clone()
    }
}

impl<'d> Schemas<'d> {
    pub(super) fn new(version: Version, direction: Direction) -> Self {
        Self {
            version,
            direction,
            definitions: Vec::new(),
            by_node: FxHashMap::default(),
            by_name: FxHashMap::default(),
            bodies: FxHashMap::default(),
            closures: FxHashMap::default(),
            patterns: FxHashMap::default(),
            seen: Vec::new(),
            walk: 0,
        }
    }

    /// A schema as it stands in a parameter, a header or a response.
    pub(super) fn read(&mut self, references: &mut References<'d>, node: Node<'d>) -> Schema {
        if reference_of(node).is_some()
            && node.len() == 1
            && let Some(target) = references.schema(node)
        {
            let index = self.define(target, node);
            let schema = self.definition(references, index);
            return merge::settled(self, references, schema);
        }
        let mut converter = Converter::new(self, references);
        let value = converter.schema(node);
        let found = converter.finish();
        merge::settled(self, references, Schema::new(value, found))
    }

    /// The schema of a Swagger 2.0 parameter, whose keywords stand among the parameter's own.
    pub(super) fn read_parameter(&mut self, references: &mut References<'d>, node: Node<'d>) -> Schema {
        let mut converter = Converter::new(self, references);
        let value = converter.parameter(node);
        let found = converter.finish();
        Schema::new(value, found)
    }

    /// The schema of a list whose items are at `node` (3.2's `itemSchema`).
    pub(super) fn read_items(&mut self, references: &mut References<'d>, node: Node<'d>) -> Schema {
        let mut converter = Converter::new(self, references);
        let items = converter.schema(node);
        let found = converter.finish();
        Schema::new(json!({"type": "array", "items": items}), found)
    }

    /// The schema of a body: an object that is put together of several by `allOf` comes as one, so that each of its
    /// properties can be seen at its root.
    pub(super) fn read_body(&mut self, references: &mut References<'d>, node: Node<'d>) -> Schema {
        let is_reference = reference_of(node).is_some() && node.len() == 1;
        let target = if is_reference { references.schema(node) } else { None };
        let key = (NodeKey::of(target.unwrap_or(node)), target.is_some());
        if let Some(schema) = self.bodies.get(&key) {
            return schema.clone();
        }
        let schema = self.read(references, node);
        let schema = merge::merged(self, references, &schema).unwrap_or(schema);
        self.bodies.insert(key, schema.clone());
        schema
    }

    /// The definitions that the schemas reach, nearest first. Of what does not fit any more only the type is kept.
    /// Operations whose schemas begin with the same ones share all of them.
    pub(super) fn close<'s>(
        &mut self,
        references: &mut References<'d>,
        schemas: impl Iterator<Item = &'s Schema>,
    ) -> Closure {
        self.walk += 1;
        let mut queue = VecDeque::new();
        let mut cut = false;
        for schema in schemas {
            cut |= schema.0.cut;
            self.enqueue(&schema.0.references, &mut queue);
        }
        let key = (Vec::from_iter(queue.iter().copied()), cut);
        if let Some(closure) = self.closures.get(&key) {
            return closure.clone();
        }
        let closure = self.walked(references, queue, cut);
        self.closures.insert(key, closure.clone());
        closure
    }

    fn walked(
        &mut self,
        references: &mut References<'d>,
        mut queue: VecDeque<Index>,
        mut cut: bool,
    ) -> Closure {
        let mut reached = Vec::new();
        let mut left = OPERATION_BYTES;
        while let Some(index) = queue.pop_front() {
            let schema = self.definition(references, index);
            let rest = left.checked_sub(schema.0.bytes);
            cut |= schema.0.cut || rest.is_none();
            if let Some(rest) = rest {
                left = rest;
                self.enqueue(&schema.0.references, &mut queue);
            }
            reached.push((index, schema, rest.is_some()));
        }
        let mut definitions = Definitions::new();
        for (index, schema, whole) in reached {
            let value = if whole { schema.for_operation(cut) } else { schema.stub() };
            definitions.insert(self.name(index), value);
        }
        Closure { definitions, cut }
    }

    fn enqueue(&mut self, references: &[Index], queue: &mut VecDeque<Index>) {
        self.seen.resize(self.definitions.len(), 0);
        for index in references {
            if let Some(seen) = self.seen.get_mut(*index as usize)
                && *seen != self.walk
            {
                *seen = self.walk;
                queue.push_back(*index);
            }
        }
    }

    /// The number of the definition that `target` is, which `reference` refers to.
    fn define(&mut self, target: Node<'d>, reference: Node<'d>) -> Index {
        let key = NodeKey::of(target);
        if let Some(index) = self.by_node.get(&key) {
            return *index;
        }
        let index = Index::try_from(self.definitions.len()).unwrap_or(Index::MAX);
        let name = name::unique(&name::of(reference_of(reference).unwrap_or_default()), &self.by_name);
        self.by_name.insert(Arc::clone(&name), index);
        self.definitions.push(Definition { node: target, name, schema: None });
        self.by_node.insert(key, index);
        index
    }

    fn definition(&mut self, references: &mut References<'d>, index: Index) -> Schema {
        let Some(definition) = self.definitions.get(index as usize) else { return Schema::plain(json!({})) };
        if let Some(schema) = &definition.schema {
            return schema.clone();
        }
        let node = definition.node;
        let mut converter = Converter::new(self, references);
        let value = converter.schema(node);
        let found = converter.finish();
        let schema = Schema::new(value, found);
        if let Some(definition) = self.definitions.get_mut(index as usize) {
            definition.schema = Some(schema.clone());
        }
        schema
    }

    /// The definition that a converted `$ref` refers to.
    fn index_of(&self, reference: Option<&str>) -> Option<Index> {
        self.by_name.get(reference?.strip_prefix("#/$defs/")?).copied()
    }

    fn name(&self, index: Index) -> Arc<str> {
        self.definitions.get(index as usize).map_or_else(|| "schema".into(), |found| Arc::clone(&found.name))
    }
}

#[cfg(test)]
mod tests;
