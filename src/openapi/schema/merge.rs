//! Objects that are put together by `allOf`, as one object.
//!
//! The properties of a body become arguments of their own. That works only when they can be seen at its root, so
//! the branches of `allOf` are folded into it. What cannot be folded stays in `allOf` and still holds.

use rustc_hash::FxHashSet;

use super::super::reference::References;
use super::super::shared::{self, Json, Member, Members, Text};
use super::{Index, Schema, Schemas};

/// More branches than this, references followed, are left as they are.
const MOST: usize = 256;

/// Keywords that speak of properties that other keywords of the same schema do not name.
const OPEN: [&str; 3] = ["additionalProperties", "unevaluatedProperties", "patternProperties"];

/// `schema`, with what it refers to in place of a reference that has no more than a title or a description beside it.
pub(super) fn settled<'d>(
    schemas: &mut Schemas<'d>,
    references: &mut References<'d>,
    mut schema: Schema,
) -> Schema {
    /// Aliases of aliases; a circle of them ends here.
    const MOST: usize = 8;
    for _ in 0..MOST {
        match annotated(schemas, references, &schema) {
            Some(settled) => schema = settled,
            None => break,
        }
    }
    schema
}

fn annotated<'d>(
    schemas: &mut Schemas<'d>,
    references: &mut References<'d>,
    schema: &Schema,
) -> Option<Schema> {
    let root = schema.value().as_object()?;
    let index = schemas.index_of(root.get("$ref")?.as_str())?;
    let beside = || root.iter().filter(|(key, _)| *key != "$ref");
    if !beside().all(|(key, _)| super::combine::is_annotation(key)) {
        return None;
    }
    let target = schemas.definition(references, index);
    let mut value = draft(target.value().as_object()?);
    value.extend(beside().map(|(key, value)| (key.into(), value.clone())));
    Some(Schema::of(finished(value), target.0.references.clone()))
}

/// `schema` with its `allOf`, and the reference beside other keywords, folded in; `None` when there is nothing to
/// fold, or it is no object.
pub(super) fn merged<'d>(
    schemas: &mut Schemas<'d>,
    references: &mut References<'d>,
    schema: &Schema,
) -> Option<Schema> {
    let root = schema.value().as_object()?;
    root.get("allOf").or_else(|| root.get("$ref"))?;
    let parts = Parts::of(schemas, references, root)?;
    let mut merged = fold(parts)?;
    if merged.get("allOf").and_then(Json::as_array).is_some_and(<[Json]>::is_empty) {
        merged.shift_remove("allOf");
    }
    let value = finished(merged);
    let mut found = Vec::new();
    collect(&value, schemas, &mut found);
    Some(Schema::of(value, found))
}

/// The schemas that an `allOf` is made of, in the order in which their properties are wanted.
struct Parts {
    parts: Vec<Members>,
    visited: FxHashSet<Index>,
}

impl Parts {
    fn of<'d>(
        schemas: &mut Schemas<'d>,
        references: &mut References<'d>,
        root: &shared::Object,
    ) -> Option<Vec<Members>> {
        let mut parts = Self { parts: Vec::new(), visited: FxHashSet::default() };
        parts.add(schemas, references, root)?;
        Some(parts.parts)
    }

    fn add<'d>(
        &mut self,
        schemas: &mut Schemas<'d>,
        references: &mut References<'d>,
        schema: &shared::Object,
    ) -> Option<()> {
        if self.parts.len() >= MOST {
            return None;
        }
        // Annotations of the outermost schema come first and win; its properties come after those it builds on.
        let (annotations, own): (Members, Members) = draft(schema)
            .into_iter()
            .filter(|(key, _)| !matches!(key.as_str(), "$ref" | "allOf"))
            .partition(|(key, _)| super::combine::is_annotation(key.as_str()));
        self.parts.push(annotations);
        let reference = schema.get("$ref").and_then(Json::as_str);
        if let Some(index) = schemas.index_of(reference)
            && self.visited.insert(index)
        {
            let target = schemas.definition(references, index);
            self.add(schemas, references, target.value().as_object()?)?;
        }
        for branch in schema.get("allOf").and_then(Json::as_array).into_iter().flatten() {
            self.add(schemas, references, branch.as_object()?)?;
        }
        self.parts.push(own);
        Some(())
    }
}

fn fold(parts: Vec<Members>) -> Option<Members> {
    let mut folded = Folded::default();
    for part in parts {
        if !part.get("type").is_none_or(is_object) {
            return None;
        }
        let (open, part): (Members, Members) =
            part.into_iter().partition(|(key, _)| OPEN.contains(&key.as_str()));
        if open.values().any(closes) {
            folded.rest.push(closed(&part, open));
        }
        for (key, value) in part {
            folded.add(key, value);
        }
    }
    folded.finish()
}

/// What has been folded so far.
#[derive(Default)]
struct Folded {
    /// In the place of properties and required names, nothing.
    merged: Members,
    properties: Option<Members>,
    required: Option<Names>,
    /// What cannot be folded.
    rest: Vec<Members>,
}

#[derive(Default)]
struct Names {
    all: Vec<Json>,
    known: FxHashSet<Text>,
}

impl Folded {
    fn add(&mut self, key: Text, value: Json) {
        let Self { merged, properties, required, rest } = self;
        let is_new = !merged.contains_key(key.as_str());
        match (key.as_str(), value) {
            ("properties", Json::Object(more)) if is_new || properties.is_some() => {
                merged.entry(key).or_default();
                let all = properties.get_or_insert_default();
                for Member { key, value } in more.members() {
                    let both = match all.get(key.as_str()) {
                        Some(known) if known != value => both(known, value),
                        _ => value.clone(),
                    };
                    all.insert(key.clone(), both);
                }
            }
            ("required", Json::Array(more)) if is_new || required.is_some() => {
                merged.entry(key).or_default();
                required.get_or_insert_default().add(&more);
            }
            (_, value) if is_new => {
                merged.insert(key, value);
            }
            ("type", _) => {}
            (word, value) => {
                if merged.get(word) != Some(&value) && !super::combine::is_annotation(word) {
                    rest.push(Members::from_iter([(key, value)]));
                }
            }
        }
    }

    fn finish(self) -> Option<Members> {
        let Self { mut merged, properties, required, mut rest } = self;
        if !merged.contains_key("properties") && !merged.contains_key("type") {
            return None;
        }
        merged.extend(properties.map(|properties| (Text::from("properties"), finished(properties))));
        merged.extend(required.map(|names| (Text::from("required"), names.all.into_iter().collect())));
        merged.insert("type".into(), Json::String("object".into()));
        rest.retain(|part| is_satisfiable(part, &merged));
        merged.insert("allOf".into(), rest.into_iter().map(finished).collect());
        Some(merged)
    }
}

impl Names {
    /// Adds those that are new. The first ones are taken as they are.
    fn add(&mut self, more: &[Json]) {
        let is_first = self.all.is_empty();
        for name in more {
            let is_new = match name {
                Json::String(text) => self.known.insert(text.clone()),
                other => !self.all.contains(other),
            };
            if is_new || is_first {
                self.all.push(name.clone());
            }
        }
    }
}

/// Two schemas of one property.
fn both(first: &Json, second: &Json) -> Json {
    let says_nothing = |schema: &Json| {
        schema.as_object().is_some_and(|object| object.keys().all(super::combine::is_annotation))
    };
    match (first, second) {
        (first, second) if says_nothing(first) => second.clone(),
        (first, second) if says_nothing(second) => first.clone(),
        _ => {
            let both = [first, second].into_iter().cloned().collect();
            shared::Object::from(vec![Member::new("allOf", both)]).into()
        }
    }
}

/// `properties: {a: {}}, additionalProperties: false`: what a branch says about properties that it does not name.
fn closed(part: &Members, mut open: Members) -> Members {
    if let Some(Json::Object(properties)) = part.get("properties") {
        let anything = || Json::Object(shared::Object::default());
        let names: shared::Object = properties.keys().map(|name| Member::new(name, anything())).collect();
        open.insert("properties".into(), names.into());
    }
    open
}

fn draft(object: &shared::Object) -> Members {
    object.members().iter().map(|member| (member.key.clone(), member.value.clone())).collect()
}

fn finished(draft: Members) -> Json {
    Json::Object(draft.into_iter().collect())
}

/// Whether a closed branch allows what the whole requires. Where it does not, its author meant the branch alone.
fn is_satisfiable(part: &Members, merged: &Members) -> bool {
    if part.get("additionalProperties") != Some(&Json::Bool(false)) || part.contains_key("patternProperties")
    {
        return true;
    }
    let required = merged.get("required").and_then(Json::as_array);
    let allows = |name: &Json| {
        let name = name.as_str().unwrap_or_default();
        part.get("properties").is_some_and(|properties| properties.get(name).is_some())
    };
    required.is_none_or(|required| required.iter().all(allows))
}

fn closes(value: &Json) -> bool {
    !(value == &Json::Bool(true) || value.as_object().is_some_and(shared::Object::is_empty))
}

fn is_object(types: &Json) -> bool {
    types == "object" || types.as_array().is_some_and(|types| types.iter().any(|one| one == "object"))
}

/// The definitions that a converted schema refers to.
fn collect(value: &Json, schemas: &Schemas<'_>, found: &mut Vec<Index>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| collect(item, schemas, found)),
        Json::Object(object) => {
            for (key, value) in object.iter() {
                match schemas.index_of(value.as_str()).filter(|_| key == "$ref") {
                    Some(index) if !found.contains(&index) => found.push(index),
                    _ => collect(value, schemas, found),
                }
            }
        }
        _ => {}
    }
}
