//! Schemas as the stand-in reads them: references followed, `allOf` merged, choices kept.
//!
//! [`Flat`] is what both sides of the stand-in need: the generator of answers asks it what an instance must have, the
//! decoder of requests asks it what a value on the wire is meant to be. Neither decides validity: that is
//! [`validator`]'s word alone.

use std::borrow::Cow;

use jsonschema::{Draft, PatternOptions, Validator};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;

/// References and `allOf`s are followed this deep; a schema that goes on says nothing more.
const DEPTH: usize = 32;

/// Backtracking of a pattern with lookaround ends here.
const BACKTRACK_LIMIT: usize = 100_000;

/// A schema with its references and its `allOf` worked in.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// All keywords but `$ref`, `allOf`, `anyOf` and `oneOf`.
    pub keywords: Map<String, Value>,
    /// The branches of every `anyOf` and `oneOf`: one of each must hold.
    pub choices: Vec<Vec<Value>>,
    /// One of the choices is a `oneOf`: no second branch may hold.
    pub exclusive: bool,
    /// The definitions that were followed.
    pub followed: Vec<String>,
}

/// Which kinds of values a schema takes, as far as the wire can tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub array: bool,
    pub object: bool,
    pub primitive: bool,
}

/// A validator for `schema` with what it refers to; `None` when it is no schema that can be checked.
pub(super) fn validator(schema: &Value, definitions: &Definitions) -> Option<Validator> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT))
        .build(&whole(schema, definitions))
        .ok()
}

/// Whether `value` is an instance of `schema`; a schema that cannot be checked takes everything.
pub(super) fn holds(schema: &Value, definitions: &Definitions, value: &Value) -> bool {
    validator(schema, definitions).is_none_or(|validator| validator.is_valid(value))
}

/// The schema together with those definitions that it reaches.
fn whole<'s>(schema: &'s Value, definitions: &Definitions) -> Cow<'s, Value> {
    let mut reached = Map::new();
    let mut open = vec![Json::from(schema)];
    while let Some(part) = open.pop() {
        match part {
            Json::Array(items) => open.extend(items.iter().cloned()),
            Json::Object(keywords) => {
                open.extend(keywords.values().cloned());
                let Some(name) = keywords.get("$ref").and_then(Json::as_str).and_then(definition_name) else {
                    continue;
                };
                if let Some(target) = definitions.get(&name)
                    && !reached.contains_key(&name)
                {
                    reached.insert(name, target.to_value());
                    open.push(target.clone());
                }
            }
            _ => {}
        }
    }
    match schema {
        Value::Object(keywords) if !reached.is_empty() => {
            let mut keywords = keywords.clone();
            keywords.insert("$defs".to_owned(), Value::Object(reached));
            Cow::Owned(Value::Object(keywords))
        }
        _ => Cow::Borrowed(schema),
    }
}

/// NAME of `#/$defs/NAME`.
pub(super) fn definition_name(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/$defs/")?;
    let name = percent_decode_str(name).decode_utf8_lossy();
    Some(name.replace("~1", "/").replace("~0", "~"))
}

impl Flat {
    /// Reads a schema; `None` when nothing can satisfy it.
    pub(super) fn of(schema: &Value, definitions: &Definitions) -> Option<Self> {
        let mut flat = Self::default();
        flat.add(schema, definitions, DEPTH)?;
        Some(flat)
    }

    /// The same with another schema that must hold too.
    pub(super) fn and(&self, schema: &Value, definitions: &Definitions) -> Option<Self> {
        let mut flat = self.clone();
        flat.add(schema, definitions, DEPTH)?;
        Some(flat)
    }

    /// A keyword.
    pub(super) fn get(&self, keyword: &str) -> Option<&Value> {
        self.keywords.get(keyword)
    }

    /// The types that it names; empty for all of them.
    pub(super) fn types(&self) -> Vec<&str> {
        types(self.get("type"))
    }

    fn add(&mut self, schema: &Value, definitions: &Definitions, depth: usize) -> Option<()> {
        let keywords = match schema {
            Value::Bool(false) => return None,
            Value::Object(keywords) if depth > 0 => keywords,
            _ => return Some(()),
        };
        if let Some(name) = keywords.get("$ref").and_then(Value::as_str).and_then(definition_name)
            && let Some(target) = definitions.get(&name)
        {
            self.followed.push(name);
            self.add(&target.to_value(), definitions, depth - 1)?;
        }
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("$ref" | "$defs", _) => {}
                ("allOf", Value::Array(parts)) => {
                    for part in parts {
                        self.add(part, definitions, depth - 1)?;
                    }
                }
                ("anyOf" | "oneOf", Value::Array(branches)) => {
                    self.exclusive |= keyword == "oneOf";
                    self.choices.push(branches.clone());
                }
                _ => self.merge(keyword, value)?,
            }
        }
        Some(())
    }

    /// Both must hold: the stricter one stays, or both in an `allOf`.
    fn merge(&mut self, keyword: &str, new: &Value) -> Option<()> {
        let Some(old) = self.keywords.get(keyword) else {
            self.keywords.insert(keyword.to_owned(), new.clone());
            return Some(());
        };
        let merged = match keyword {
            "type" => both_types(old, new)?,
            "enum" => both_enums(old, new)?,
            "const" if old != new => return None,
            "required" => union(old, new),
            "properties" | "patternProperties" => both_properties(old, new),
            "items" | "additionalProperties" | "propertyNames" | "contains" => both_schemas(old, new),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => larger(old, new),
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => larger(new, old),
            "uniqueItems" => json!(old == &json!(true) || new == &json!(true)),
            _ => new.clone(),
        };
        self.keywords.insert(keyword.to_owned(), merged);
        Some(())
    }
}

impl Shape {
    /// What values of `schema` look like.
    pub(super) fn of(schema: &Value, definitions: &Definitions) -> Self {
        Self::within(schema, definitions, DEPTH)
    }

    fn within(schema: &Value, definitions: &Definitions, depth: usize) -> Self {
        let any = Self { array: false, object: false, primitive: true };
        let Some(flat) = Flat::of(schema, definitions).filter(|_| depth > 0) else { return any };
        let named = flat.types();
        if !named.is_empty() {
            return named.into_iter().fold(Self::default(), Self::with_type);
        }
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| flat.get(keyword).is_some());
        if has(&["items", "prefixItems", "minItems", "maxItems"]) {
            return Self { array: true, ..Self::default() };
        }
        if has(&["properties", "additionalProperties", "required"]) {
            return Self { object: true, ..Self::default() };
        }
        let branches = flat.choices.iter().flatten();
        let shape = branches.fold(Self::default(), |shape, branch| {
            let branch = Self::within(branch, definitions, depth - 1);
            Self {
                array: shape.array || branch.array,
                object: shape.object || branch.object,
                primitive: shape.primitive || branch.primitive,
            }
        });
        if shape == Self::default() { any } else { shape }
    }

    fn with_type(mut self, name: &str) -> Self {
        match name {
            "array" => self.array = true,
            "object" => self.object = true,
            _ => self.primitive = true,
        }
        self
    }
}

/// Whether the schema says that its values are texts.
pub(super) fn is_text(schema: &Value, definitions: &Definitions) -> bool {
    Flat::of(schema, definitions).is_some_and(|flat| flat.types() == ["string"])
}

/// What every item of an array of this schema is.
pub(super) fn items(schema: &Value, definitions: &Definitions) -> Value {
    part(schema, definitions, &|flat| flat.get("items").cloned())
}

/// What the property `name` of an object of this schema is.
pub(super) fn property(schema: &Value, definitions: &Definitions, name: &str) -> Value {
    part(schema, definitions, &|flat| {
        let declared = flat.get("properties").and_then(|properties| properties.get(name));
        declared.or_else(|| flat.get("additionalProperties")).cloned()
    })
}

/// Names of all properties that an object of this schema declares, in any of its branches.
pub(super) fn property_names(schema: &Value, definitions: &Definitions) -> Vec<String> {
    let mut names = Vec::new();
    visit(schema, definitions, DEPTH, &mut |flat| {
        if let Some(properties) = flat.get("properties").and_then(Value::as_object) {
            names.extend(properties.keys().cloned());
        }
    });
    names
}

/// Whether an object of this schema may have properties that it does not declare.
pub(super) fn is_open(schema: &Value, definitions: &Definitions) -> bool {
    let mut open = false;
    visit(schema, definitions, DEPTH, &mut |flat| {
        let shut = matches!(flat.get("additionalProperties"), Some(Value::Bool(false)));
        open |= flat.get("additionalProperties").is_some() && !shut;
    });
    open
}

fn part(schema: &Value, definitions: &Definitions, pick: &dyn Fn(&Flat) -> Option<Value>) -> Value {
    let mut found = Vec::new();
    visit(schema, definitions, DEPTH, &mut |flat| found.extend(pick(flat)));
    match found.len() {
        0 => Value::Bool(true),
        1 => found.pop().unwrap_or(Value::Bool(true)),
        _ => json!({ "anyOf": found }),
    }
}

fn visit(schema: &Value, definitions: &Definitions, depth: usize, see: &mut dyn FnMut(&Flat)) {
    let Some(flat) = Flat::of(schema, definitions).filter(|_| depth > 0) else { return };
    see(&flat);
    for branch in flat.choices.iter().flatten() {
        visit(branch, definitions, depth / 2, see);
    }
}

fn types(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn both_types(old: &Value, new: &Value) -> Option<Value> {
    let (old, new) = (types(Some(old)), types(Some(new)));
    let takes = |names: &[&str], name: &str| {
        names.contains(&name) || (name == "integer" && names.contains(&"number"))
    };
    let mut both: Vec<&str> = old.iter().copied().filter(|name| takes(&new, name)).collect();
    for name in new {
        if takes(&old, name) && !both.contains(&name) {
            both.push(name);
        }
    }
    (!both.is_empty()).then(|| json!(both))
}

fn both_enums(old: &Value, new: &Value) -> Option<Value> {
    let new = new.as_array()?;
    let both: Vec<&Value> = old.as_array()?.iter().filter(|value| new.contains(value)).collect();
    (!both.is_empty()).then(|| json!(both))
}

fn union(old: &Value, new: &Value) -> Value {
    let mut all: Vec<Value> = old.as_array().cloned().unwrap_or_default();
    for item in new.as_array().into_iter().flatten() {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
    Value::Array(all)
}

fn both_properties(old: &Value, new: &Value) -> Value {
    let mut all = old.as_object().cloned().unwrap_or_default();
    for (name, schema) in new.as_object().into_iter().flatten() {
        let merged = all.get(name).map_or_else(|| schema.clone(), |old| both_schemas(old, schema));
        all.insert(name.clone(), merged);
    }
    Value::Object(all)
}

fn both_schemas(old: &Value, new: &Value) -> Value {
    match (old, new) {
        (Value::Bool(true), other) | (other, Value::Bool(true)) => other.clone(),
        (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
        _ if old == new => old.clone(),
        _ => json!({ "allOf": [old, new] }),
    }
}

fn larger(old: &Value, new: &Value) -> Value {
    if new.as_f64() > old.as_f64() { new.clone() } else { old.clone() }
}
