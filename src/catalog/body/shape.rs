//! Whether a schema is a plain object, and what its properties are.

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde_json::{Value, json};

use super::rule;
use crate::catalog::schema::{definition, may_be, reference};
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::{Json, Member, Object};

/// How deep `$ref`s and `allOf`s are followed.
const DEPTH: usize = 16;

/// The properties of a plain object.
#[derive(Debug, Default)]
pub(super) struct Shape<'a> {
    properties: IndexMap<&'a str, Vec<&'a Json>, FxBuildHasher>,
    required: Vec<&'a str>,
    /// What else holds of the object: keywords of its schemas that are about several properties at once.
    rules: Vec<Object>,
    /// An object without any property is not taken.
    needs_any: bool,
}

/// Keywords that say which properties go together.
const RULES: &[&str] =
    &["anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"];

impl<'a> Shape<'a> {
    /// The shape of an object all of whose properties are named. `None` for everything else: no object, none or
    /// further properties, alternatives that have properties of their own.
    pub(super) fn of(schema: &'a Json, definitions: &'a Definitions) -> Option<Self> {
        let mut shape = Self::default();
        let mut constraints = Vec::new();
        shape.add(schema, definitions, &mut constraints, DEPTH)?;
        if shape.properties.is_empty() {
            return None;
        }
        shape.declare_required();
        let is_plain =
            constraints.iter().all(|constraint| shape.knows_all_of(constraint, definitions, DEPTH));
        is_plain.then_some(shape)
    }

    /// The properties that a body may have, whatever it is put together of. None of them is required.
    pub(super) fn loose(schema: &'a Json, definitions: &'a Definitions) -> Self {
        let mut shape = Self::default();
        shape.add_loosely(schema, definitions, DEPTH);
        shape
    }

    /// What is required without being declared is a property like others, which takes anything.
    fn declare_required(&mut self) {
        const ANYTHING: &Json = &Json::Bool(true);
        for name in &self.required {
            self.properties.entry(name).or_insert_with(|| vec![ANYTHING]);
        }
    }

    fn add_loosely(&mut self, schema: &'a Json, definitions: &'a Definitions, depth: usize) {
        let (Some(keywords), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else { return };
        if let Some(target) = reference(schema).and_then(|name| definition(definitions, name)) {
            self.add_loosely(target, definitions, depth);
        }
        self.add_properties(keywords);
        let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|name| keywords.get(name)?.as_array());
        lists.flatten().for_each(|schema| self.add_loosely(schema, definitions, depth));
    }

    fn add_properties(&mut self, keywords: &'a Object) {
        let Some(Json::Object(properties)) = keywords.get("properties") else { return };
        for (name, schema) in properties.iter() {
            let schemas = self.properties.entry(name).or_default();
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.properties.keys().copied()
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.required.contains(&name)
    }

    /// Which properties go together, as schemas of the object. They name no property that is not in the shape, and say
    /// nothing about others.
    pub(super) fn rules(&self, definitions: &Definitions) -> Vec<Value> {
        let any =
            || json!({"anyOf": self.names().map(|name| json!({"required": [name]})).collect::<Vec<_>>()});
        let any = (self.needs_any && self.required.is_empty()).then(any);
        let rules = self.rules.iter().map(|rule| rule::opened(&Json::Object(rule.clone()), definitions));
        rules.chain(any).collect()
    }

    /// What a property takes.
    pub(super) fn schema(&self, name: &str) -> Option<Cow<'a, Json>> {
        let schemas = self.properties.get(name)?;
        Some(match schemas.as_slice() {
            [only] => Cow::Borrowed(*only),
            all => Cow::Owned(json!({"allOf": all}).into()),
        })
    }

    /// Adds what an object schema says; the schemas that only constrain it are put aside.
    fn add(
        &mut self,
        schema: &'a Json,
        definitions: &'a Definitions,
        constraints: &mut Vec<&'a Json>,
        depth: usize,
    ) -> Option<()> {
        let keywords = schema.as_object()?;
        let depth = depth.checked_sub(1)?;
        if !may_be(keywords, "object") || is_open(keywords) {
            return None;
        }
        if let Some(name) = reference(schema) {
            self.add(definition(definitions, name)?, definitions, constraints, depth)?;
        }
        if let Some(Json::Array(schemas)) = keywords.get("allOf") {
            for schema in schemas.iter() {
                self.add(schema, definitions, constraints, depth)?;
            }
        }
        self.add_properties(keywords);
        if let Some(Json::Array(required)) = keywords.get("required") {
            self.required.extend(required.iter().filter_map(Json::as_str));
        }
        let mut rules: Vec<Member> = keywords
            .members()
            .iter()
            .filter(|member| RULES.contains(&member.key.as_str()))
            .cloned()
            .collect();
        for name in ["anyOf", "oneOf"] {
            let Some(Json::Array(schemas)) = keywords.get(name) else { continue };
            match &**schemas {
                // An object or null: a body that is null is not worth the loss of its arguments.
                [object, null] | [null, object] if is_null(null) => {
                    rules.retain(|member| member.key.as_str() != name);
                    self.add(object, definitions, constraints, depth)?;
                }
                schemas => constraints.extend(schemas),
            }
        }
        if !rules.is_empty() {
            self.rules.push(rules.into());
        }
        self.needs_any |= keywords.get("minProperties").and_then(Json::as_u64).is_some_and(|least| least > 0);
        constraints.extend(["if", "then", "else"].into_iter().filter_map(|name| keywords.get(name)));
        Some(())
    }

    /// Whether a schema says nothing about properties that are not in the shape. If so, it only constrains which of
    /// them go together; that is left to the API.
    fn knows_all_of(&self, schema: &Json, definitions: &Definitions, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let Json::Object(keywords) = schema else { return schema.is_boolean() };
        if !may_be(keywords, "object") {
            return false;
        }
        let target = reference(schema).map(|name| definition(definitions, name));
        let properties = keywords.get("properties").and_then(Json::as_object);
        let mut branches = ["anyOf", "oneOf", "allOf"]
            .into_iter()
            .filter_map(|name| keywords.get(name).and_then(Json::as_array))
            .flatten();
        properties.is_none_or(|properties| properties.keys().all(|name| self.properties.contains_key(name)))
            && target.is_none_or(|target| {
                target.is_some_and(|target| self.knows_all_of(target, definitions, depth))
            })
            && branches.all(|branch| self.knows_all_of(branch, definitions, depth))
    }
}

fn is_null(schema: &Json) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

/// Whether an object takes properties that it does not name. What says nothing about them is meant to be closed.
fn is_open(keywords: &Object) -> bool {
    let takes_any = |name: &str| keywords.get(name).is_some_and(|schema| *schema != Json::Bool(false));
    takes_any("additionalProperties")
        || takes_any("unevaluatedProperties")
        || keywords.contains_key("patternProperties")
}
