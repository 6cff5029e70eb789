//! Which named schemas an operation reaches, and what becomes of each: written where it is used, kept under `$defs`,
//! or left out because the schema would become too long.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use crate::catalog::schema::{definition, reference};
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;

/// A definition smaller than this is written out wherever it is used: a reference saves little, and some clients do
/// not follow it.
const INLINE: usize = 240;

/// What is known of the definitions of a document. Each is looked at once, however many operations share it.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Library<'a> {
    /// By where they are.
    known: FxHashMap<usize, Entry<'a>>,
}

#[derive(Debug, Default)]
struct Entry<'a> {
    size: usize,
    references: Vec<&'a str>,
}

/// What becomes of the definitions that an operation reaches. Those that are in neither set are written where they are
/// used.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reach {
    /// Kept under `$defs`: used more than once, or within themselves.
    pub kept: FxHashSet<Arc<str>>,
    /// Left out: too far from the operation for the schema to stay short.
    pub dropped: FxHashSet<Arc<str>>,
    /// Used within themselves.
    pub recursive: FxHashSet<Arc<str>>,
}

impl<'a> Library<'a> {
    /// What the schemas `roots` reach, nearest first, as far as `budget` bytes go.
    pub(super) fn reach(&mut self, roots: &[&Json], definitions: &'a Definitions, budget: usize) -> Reach {
        if definitions.is_empty() {
            return Reach::default();
        }
        let mut walk = Walk { left: budget, ..Walk::default() };
        for root in roots {
            walk.enter(&Entry::of(root));
        }
        while let Some(name) = walk.next() {
            let Some(schema) = definition(definitions, name) else { continue };
            let entry = self.known.entry(schema.address()).or_insert_with(|| Entry::of(schema));
            // What is small is not worth the loss.
            if entry.size > walk.left && entry.size > INLINE / 2 {
                walk.dropped.insert(name);
            } else {
                walk.enter(entry);
            }
        }
        let Walk { uses, queue, dropped, .. } = walk;
        let recursive = self.recursive(&queue, definitions, &dropped);
        let is_large = |name: &str| {
            let schema = definition(definitions, name).map(Json::address);
            schema.and_then(|schema| self.known.get(&schema)).is_some_and(|entry| entry.size > INLINE)
        };
        let shared = uses.iter().filter(|(name, uses)| **uses > 1 && is_large(name)).map(|(name, _)| *name);
        let kept = shared.chain(recursive.iter().copied()).filter(|name| !dropped.contains(name));
        let owned = |name: &str| definitions.name(name);
        Reach {
            kept: kept.map(owned).collect(),
            dropped: dropped.iter().copied().map(owned).collect(),
            recursive: recursive.iter().copied().map(owned).collect(),
        }
    }

    /// The definitions at which every cycle can be cut: the targets of back edges of a depth-first walk.
    fn recursive<'n>(
        &'n self,
        names: &[&'n str],
        definitions: &Definitions,
        dropped: &FxHashSet<&'n str>,
    ) -> FxHashSet<&'n str> {
        let mut recursive = FxHashSet::default();
        let mut done: FxHashSet<&'n str> = FxHashSet::default();
        for start in names.iter().filter(|name| !dropped.contains(*name)) {
            // A walk without recursion: chains of references can be longer than a stack.
            let mut path: Vec<(&'n str, usize)> = vec![(start, 0)];
            let mut on_path: FxHashSet<&'n str> = FxHashSet::from_iter([*start]);
            while let Some((name, next)) = path.last_mut() {
                let entry =
                    definition(definitions, name).map(Json::address).and_then(|it| self.known.get(&it));
                let target =
                    entry.filter(|_| !done.contains(name)).and_then(|entry| entry.references.get(*next));
                *next += 1;
                match target {
                    Some(target) if on_path.contains(target) => drop(recursive.insert(*target)),
                    Some(target) if done.contains(target) || dropped.contains(target) => {}
                    Some(target) => {
                        on_path.insert(target);
                        path.push((target, 0));
                    }
                    None => {
                        done.insert(name);
                        on_path.remove(name);
                        path.pop();
                    }
                }
            }
        }
        recursive
    }
}

/// A walk over definitions, nearest first.
#[derive(Default)]
struct Walk<'a> {
    /// How often each is referred to.
    uses: FxHashMap<&'a str, usize>,
    queue: Vec<&'a str>,
    at: usize,
    /// Bytes that are left of the budget.
    left: usize,
    dropped: FxHashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.at += 1;
        self.queue.get(self.at - 1).copied()
    }

    fn enter(&mut self, entry: &Entry<'a>) {
        self.left = self.left.saturating_sub(entry.size);
        for name in &entry.references {
            let uses = self.uses.entry(name).or_default();
            *uses += 1;
            if *uses == 1 {
                self.queue.push(name);
            }
        }
    }
}

impl<'a> Entry<'a> {
    fn of(schema: &'a Json) -> Self {
        let mut entry = Self { size: size_of_shared(schema), references: Vec::new() };
        entry.add_references(schema);
        entry
    }

    fn add_references(&mut self, schema: &'a Json) {
        self.references.extend(reference(schema));
        match schema {
            Json::Object(keywords) => {
                for (keyword, value) in keywords.iter() {
                    if !matches!(keyword, "default" | "enum" | "const" | "example" | "examples" | "not") {
                        self.add_references(value);
                    }
                }
            }
            Json::Array(values) => values.iter().for_each(|value| self.add_references(value)),
            _ => {}
        }
    }
}

/// Whether there is a reference to a definition in a schema.
pub(super) fn refers(schema: &Json) -> bool {
    !Entry::of(schema).references.is_empty()
}

/// Of a longer description only so much is counted, in bytes.
pub(super) const DESCRIPTION: usize = 130;

/// How long a schema is about to be when it is shown, in bytes.
pub(super) fn size(schema: &Value) -> usize {
    match schema {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 6,
        Value::String(text) => text.len() + 2,
        Value::Array(values) => 2 + values.iter().map(|value| size(value) + 1).sum::<usize>(),
        Value::Object(keywords) => 2 + members_size(keywords),
    }
}

/// The same for what is in an object.
pub(super) fn members_size(keywords: &Map<String, Value>) -> usize {
    keywords.iter().map(|(key, value)| member_size(key, || size(value))).sum()
}

/// The same of a schema that is shared.
pub(super) fn size_of_shared(schema: &Json) -> usize {
    match schema {
        Json::Null | Json::Bool(_) => 4,
        Json::Number(_) => 6,
        Json::String(text) => text.as_str().len() + 2,
        Json::Array(values) => 2 + values.iter().map(|value| size_of_shared(value) + 1).sum::<usize>(),
        Json::Object(keywords) => {
            let member = |(key, value)| member_size(key, || size_of_shared(value));
            2 + keywords.iter().map(member).sum::<usize>()
        }
    }
}

fn member_size(key: &str, size: impl FnOnce() -> usize) -> usize {
    match key {
        "description" => 16 + size().min(DESCRIPTION),
        key if !counts(key) => 0,
        key => key.len() + 4 + size(),
    }
}

/// Whether a member of this name is counted with all that is in it.
pub(super) fn counts(key: &str) -> bool {
    !matches!(
        key,
        "description"
            | "example"
            | "examples"
            | "title"
            | "xml"
            | "discriminator"
            | "externalDocs"
            | "format"
    )
}
