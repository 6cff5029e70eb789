//! Which named schemas an operation reaches, and what becomes of each: written where it is used, kept under `$defs`,
//! or left out because the schema would become too long.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::catalog::schema::{definition, reference};
use crate::openapi::definitions::Definitions;

/// A definition smaller than this is written out wherever it is used: a reference saves little, and some clients do
/// not follow it.
const INLINE: usize = 240;

/// What is known of the definitions of a document. Each is looked at once, however many operations share it.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Library<'a> {
    known: FxHashMap<*const Value, Entry<'a>>,
}

#[derive(Debug, Default)]
struct Entry<'a> {
    size: usize,
    references: Vec<&'a str>,
}

/// What becomes of the definitions that an operation reaches. Those that are in neither set are written where they are
/// used.
#[derive(Debug, Default)]
pub(super) struct Reach<'a> {
    /// Kept under `$defs`: used more than once, or within themselves.
    pub kept: FxHashSet<&'a str>,
    /// Left out: too far from the operation for the schema to stay short.
    pub dropped: FxHashSet<&'a str>,
    /// Used within themselves.
    pub recursive: FxHashSet<&'a str>,
}

impl<'a> Library<'a> {
    /// What the schemas `roots` reach, nearest first, as far as `budget` bytes go.
    pub(super) fn reach(
        &mut self,
        roots: &[&'a Value],
        definitions: &'a Definitions,
        budget: usize,
    ) -> Reach<'a> {
        let mut reach = Reach::default();
        if definitions.is_empty() {
            return reach;
        }
        let mut uses: FxHashMap<&'a str, usize> = FxHashMap::default();
        let mut queue: Vec<&'a str> = Vec::new();
        let mut left = budget;
        for root in roots {
            let entry = Entry::of(root);
            left = left.saturating_sub(entry.size);
            for name in entry.references {
                use_once(name, &mut uses, &mut queue);
            }
        }
        let mut at = 0;
        while let Some(name) = queue.get(at).copied() {
            at += 1;
            let Some(schema) = definition(definitions, name) else { continue };
            let entry = self.known.entry(std::ptr::from_ref(schema)).or_insert_with(|| Entry::of(schema));
            // What is small is not worth the loss.
            if entry.size > left && entry.size > INLINE / 2 {
                reach.dropped.insert(name);
                continue;
            }
            left = left.saturating_sub(entry.size);
            for name in &entry.references {
                use_once(name, &mut uses, &mut queue);
            }
        }
        reach.recursive = self.recursive(&queue, definitions, &reach.dropped);
        let is_large = |name: &str| {
            let schema = definition(definitions, name).map(std::ptr::from_ref);
            schema.and_then(|schema| self.known.get(&schema)).is_some_and(|entry| entry.size > INLINE)
        };
        let shared = uses.iter().filter(|(name, uses)| **uses > 1 && is_large(name)).map(|(name, _)| *name);
        reach.kept = shared.chain(reach.recursive.iter().copied()).collect();
        reach.kept.retain(|name| !reach.dropped.contains(name));
        reach
    }

    /// The definitions at which every cycle can be cut: the targets of back edges of a depth-first walk.
    fn recursive(
        &self,
        names: &[&'a str],
        definitions: &'a Definitions,
        dropped: &FxHashSet<&'a str>,
    ) -> FxHashSet<&'a str> {
        let mut recursive = FxHashSet::default();
        let mut done: FxHashSet<&'a str> = FxHashSet::default();
        for start in names.iter().filter(|name| !dropped.contains(*name)) {
            // A walk without recursion: chains of references can be longer than a stack.
            let mut path: Vec<(&'a str, usize)> = vec![(start, 0)];
            let mut on_path: FxHashSet<&'a str> = FxHashSet::from_iter([*start]);
            while let Some((name, next)) = path.last_mut() {
                let entry =
                    definition(definitions, name).map(std::ptr::from_ref).and_then(|it| self.known.get(&it));
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

impl<'a> Entry<'a> {
    fn of(schema: &'a Value) -> Self {
        let mut entry = Self { size: size(schema), references: Vec::new() };
        entry.add_references(schema);
        entry
    }

    fn add_references(&mut self, schema: &'a Value) {
        self.references.extend(reference(schema));
        match schema {
            Value::Object(keywords) => {
                for (keyword, value) in keywords {
                    if !matches!(
                        keyword.as_str(),
                        "default" | "enum" | "const" | "example" | "examples" | "not"
                    ) {
                        self.add_references(value);
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.add_references(value)),
            _ => {}
        }
    }
}

fn use_once<'a>(name: &'a str, uses: &mut FxHashMap<&'a str, usize>, queue: &mut Vec<&'a str>) {
    let uses = uses.entry(name).or_default();
    *uses += 1;
    if *uses == 1 {
        queue.push(name);
    }
}

/// How long a schema is about to be when it is shown, in bytes.
pub(super) fn size(schema: &Value) -> usize {
    const DESCRIPTION: usize = 130;
    match schema {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 6,
        Value::String(text) => text.len() + 2,
        Value::Array(values) => 2 + values.iter().map(|value| size(value) + 1).sum::<usize>(),
        Value::Object(keywords) => {
            let member = |(key, value): (&String, &Value)| match key.as_str() {
                "example" | "examples" | "title" | "xml" | "discriminator" | "externalDocs" | "format" => 0,
                "description" => 16 + size(value).min(DESCRIPTION),
                _ => key.len() + 4 + size(value),
            };
            2 + keywords.iter().map(member).sum::<usize>()
        }
    }
}
