//! `allOf` and keywords beside a `$ref`, written as one schema. Providers take neither.

use rustc_hash::FxHashSet;

use crate::catalog::schema::{definition, reference};
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::{Json, Member, Members, Object, Text};

/// How deep `allOf`s and `$ref`s in them are followed.
const DEPTH: usize = 12;

/// One schema for a schema and all its `allOf`s. What cannot be said in one is left out, never added: the result takes
/// everything that the schema takes.
pub(super) fn merged(keywords: &Object, definitions: &Definitions) -> Object {
    let mut target = Target::default();
    target.merge(keywords, definitions, DEPTH);
    target.finish()
}

/// What is merged so far.
#[derive(Default)]
struct Target {
    /// In the order in which they come; in the place of properties and required names, nothing.
    keywords: Members,
    properties: Members,
    required: Vec<Text>,
    known: FxHashSet<Text>,
}

impl Target {
    fn merge(&mut self, keywords: &Object, definitions: &Definitions, depth: usize) {
        for member in keywords.members() {
            match (member.key.as_str(), &member.value) {
                ("allOf" | "$ref", _) => {}
                ("properties", Json::Object(properties)) => {
                    self.declare(member);
                    properties.members().iter().for_each(|property| self.add_property(property));
                }
                ("required", Json::Array(names)) => {
                    self.declare(member);
                    for name in names.iter() {
                        self.require(name);
                    }
                }
                ("properties" | "required", _) => {}
                (_, value) => {
                    self.keywords.entry(member.key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        let Some(depth) = depth.checked_sub(1) else { return };
        let name = keywords.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        let referred = name.and_then(|name| definition(definitions, name));
        let all = keywords.get("allOf").and_then(Json::as_array).into_iter().flatten();
        for schema in referred.into_iter().chain(all) {
            if let Json::Object(keywords) = schema {
                self.merge(keywords, definitions, depth);
            }
        }
    }

    /// Keeps the place of a keyword whose value is put together.
    fn declare(&mut self, member: &Member) {
        self.keywords.entry(member.key.clone()).or_default();
    }

    fn add_property(&mut self, property: &Member) {
        match self.properties.get_mut(property.key.as_str()) {
            None => drop(self.properties.insert(property.key.clone(), property.value.clone())),
            Some(known) if reference(&property.value).is_none() => {
                if let (Json::Object(first), Json::Object(second)) = (&*known, &property.value)
                    && !first.contains_key("$ref")
                {
                    let new =
                        second.members().iter().filter(|member| !first.contains_key(member.key.as_str()));
                    *known = Json::Object(first.members().iter().chain(new).cloned().collect());
                }
            }
            Some(_) => {}
        }
    }

    fn require(&mut self, name: &Json) {
        if let Json::String(name) = name
            && self.known.insert(name.clone())
        {
            self.required.push(name.clone());
        }
    }

    fn finish(mut self) -> Object {
        if let Some(place) = self.keywords.get_mut("properties") {
            *place = Json::Object(self.properties.into_iter().collect());
        }
        if let Some(place) = self.keywords.get_mut("required") {
            *place = self.required.into_iter().map(Json::String).collect();
        }
        self.keywords.into_iter().collect()
    }
}
