//! Objects that are put together by `allOf`, as one object.
//!
//! The properties of a body become arguments of their own. That works only when they can be seen at its root, so
//! the branches of `allOf` are folded into it. What cannot be folded stays in `allOf` and still holds.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use super::super::reference::References;
use super::super::shared::{self, Json};
use super::{Index, Schema, Schemas};

/// More branches than this, references followed, are left as they are.
const MOST: usize = 256;

/// Keywords that speak of properties that other keywords of the same schema do not name.
const OPEN: [&str; 3] = ["additionalProperties", "unevaluatedProperties", "patternProperties"];

type Object = Map<String, Value>;

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
    let mut value = target.value().to_value();
    value.as_object_mut()?.extend(beside().map(|(key, value)| (key.to_owned(), value.to_value())));
    Some(Schema::new(value, target.0.references.clone()))
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
    if let Some(Value::Array(rest)) = merged.get("allOf")
        && rest.is_empty()
    {
        merged.shift_remove("allOf");
    }
    let value = Value::Object(merged);
    let mut found = Vec::new();
    collect(&value, schemas, &mut found);
    Some(Schema::new(value, found))
}

/// The schemas that an `allOf` is made of, in the order in which their properties are wanted.
struct Parts {
    parts: Vec<Object>,
    visited: FxHashSet<Index>,
}

impl Parts {
    fn of<'d>(
        schemas: &mut Schemas<'d>,
        references: &mut References<'d>,
        root: &shared::Object,
    ) -> Option<Vec<Object>> {
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
        let (annotations, own): (Object, Object) = schema
            .iter()
            .filter(|(key, _)| !matches!(*key, "$ref" | "allOf"))
            .map(|(key, value)| (key.to_owned(), value.to_value()))
            .partition(|(key, _)| super::combine::is_annotation(key));
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

fn fold(parts: Vec<Object>) -> Option<Object> {
    let mut merged = Object::new();
    let mut rest = Vec::new();
    for part in parts {
        if !part.get("type").is_none_or(is_object) {
            return None;
        }
        let (open, part): (Object, Object) =
            part.into_iter().partition(|(key, _)| OPEN.contains(&key.as_str()));
        if open.values().any(closes) {
            rest.push(closed(&part, open));
        }
        for (key, value) in part {
            add(&mut merged, &mut rest, key, value);
        }
    }
    if !merged.contains_key("properties") && !merged.contains_key("type") {
        return None;
    }
    merged.insert("type".to_owned(), json!("object"));
    rest.retain(|part| is_satisfiable(part, &merged));
    merged.insert("allOf".to_owned(), rest.into_iter().map(Value::Object).collect());
    Some(merged)
}

fn add(merged: &mut Object, rest: &mut Vec<Object>, key: String, value: Value) {
    match (key.as_str(), merged.get_mut(&key), value) {
        ("properties", Some(Value::Object(properties)), Value::Object(more)) => {
            for (name, schema) in more {
                let both = match properties.get_mut(&name) {
                    Some(known) if *known != schema => both(known.take(), schema),
                    _ => schema,
                };
                properties.insert(name, both);
            }
        }
        ("required", Some(Value::Array(names)), Value::Array(more)) => {
            let new: Vec<Value> = more.into_iter().filter(|name| !names.contains(name)).collect();
            names.extend(new);
        }
        (_, None, value) => {
            merged.insert(key, value);
        }
        ("type", ..) => {}
        (key, Some(known), value) => {
            if *known != value && !super::combine::is_annotation(key) {
                rest.push(Object::from_iter([(key.to_owned(), value)]));
            }
        }
    }
}

/// Two schemas of one property.
fn both(first: Value, second: Value) -> Value {
    match (&first, &second) {
        (Value::Object(map), _) if map.keys().all(|key| super::combine::is_annotation(key)) => second,
        (_, Value::Object(map)) if map.keys().all(|key| super::combine::is_annotation(key)) => first,
        _ => json!({ "allOf": [first, second] }),
    }
}

/// `properties: {a: {}}, additionalProperties: false`: what a branch says about properties that it does not name.
fn closed(part: &Object, mut open: Object) -> Object {
    if let Some(Value::Object(properties)) = part.get("properties") {
        let names: Object = properties.keys().map(|name| (name.clone(), json!({}))).collect();
        open.insert("properties".to_owned(), Value::Object(names));
    }
    open
}

/// Whether a closed branch allows what the whole requires. Where it does not, its author meant the branch alone.
fn is_satisfiable(part: &Object, merged: &Object) -> bool {
    if part.get("additionalProperties") != Some(&Value::Bool(false)) || part.contains_key("patternProperties")
    {
        return true;
    }
    let required = merged.get("required").and_then(Value::as_array);
    let allows = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        part.get("properties").is_some_and(|properties| properties.get(name).is_some())
    };
    required.is_none_or(|required| required.iter().all(allows))
}

fn closes(value: &Value) -> bool {
    !(value == &Value::Bool(true) || value.as_object().is_some_and(Object::is_empty))
}

fn is_object(types: &Value) -> bool {
    types == "object" || types.as_array().is_some_and(|types| types.contains(&json!("object")))
}

/// The definitions that a converted schema refers to.
fn collect(value: &Value, schemas: &Schemas<'_>, found: &mut Vec<Index>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, schemas, found)),
        Value::Object(map) => {
            for (key, value) in map {
                match schemas.index_of(value.as_str()).filter(|_| key == "$ref") {
                    Some(index) if !found.contains(&index) => found.push(index),
                    _ => collect(value, schemas, found),
                }
            }
        }
        _ => {}
    }
}
