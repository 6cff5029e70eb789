//! The part of JSON Schema that Anthropic, OpenAI and Gemini all take.
//!
//! | in | out |
//! |---|---|
//! | `type: [a, b]` | `anyOf`; `null` goes (a note says so) |
//! | `oneOf` | `anyOf` |
//! | `allOf`, keywords beside `$ref` | one merged schema |
//! | `const` | `enum` of one |
//! | `enum` of numbers | a note in the description |
//! | `format` | a note, and a pattern where the format has a short one |
//! | no type | the type that the other keywords imply, else every type |
//! | `items` missing | items of any type |
//! | `not`, `if`, `patternProperties`, `prefixItems`, `x-…`, examples, titles | gone |
//!
//! The result may take more than the schema it was made of, never less (but for `null`, which the note allows): calls
//! are validated against the original.

mod keyword;
mod loose;
mod room;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::describe::{describe, notes};
use super::merge::merged;
use super::reach::Reach;
use crate::catalog::schema::{definition, reference, resolve};
use crate::catalog::text::is_all_visible;
use crate::config::shown::Detail;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::{Json, Member, Object};
pub(super) use keyword::is_portable_name;
use keyword::{
    any_of, anything, copy_counts, definition_key, described, distinct, implied, is_null, is_true, mark,
    mentions, names_null, number, open_object, scalar_or_object, text, types, values_of,
};
pub(super) use room::Room;

/// How much of a schema is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How deep objects and arrays are shown.
    pub depth: usize,
    /// The longest description of an argument that must be given, in characters.
    pub argument: usize,
    /// The longest description of any other argument.
    pub optional: usize,
    /// The longest description of anything within an argument.
    pub nested: usize,
    /// The longest list of texts to choose from.
    pub choices: usize,
    /// How many schemas are looked at.
    pub work: usize,
}

impl Limits {
    /// From what is shown as a rule to what is shown of the largest schemas.
    pub(super) fn of(detail: Detail) -> &'static [Self] {
        match detail {
            Detail::Full => Self::FULL,
            Detail::Lean => Self::LEAN,
            Detail::Minimal => Self::MINIMAL,
        }
    }

    const FULL: &[Self] = &[
        Self { depth: 8, argument: 200, optional: 200, nested: 80, choices: 200, work: 1500 },
        Self { depth: 5, argument: 200, optional: 200, nested: 60, choices: 100, work: 800 },
        Self { depth: 3, argument: 200, optional: 200, nested: 0, choices: 40, work: 400 },
        Self { depth: 1, argument: 100, optional: 100, nested: 0, choices: 20, work: 200 },
    ];

    const LEAN: &[Self] = &[
        Self { depth: 3, argument: 80, optional: 80, nested: 0, choices: 40, work: 300 },
        Self { depth: 1, argument: 80, optional: 80, nested: 0, choices: 20, work: 200 },
    ];

    const MINIMAL: &[Self] =
        &[Self { depth: 1, argument: 60, optional: 0, nested: 0, choices: 20, work: 200 }];
}

/// Alternatives beyond this many are not shown; an object that takes anything stands for them.
const ALTERNATIVES: usize = 16;

/// Defaults longer than this are not shown.
const DEFAULT: usize = 80;

/// Makes portable schemas of the schemas of one operation.
pub(super) struct Portable<'a> {
    definitions: &'a Definitions,
    reach: &'a Reach,
    limits: Limits,
    shown: Map<String, Value>,
    within: Vec<String>,
    work: usize,
    room: Room,
    cut: bool,
}

impl<'a> Portable<'a> {
    /// `room` is how much of it is of use to anybody: what is made of more is nothing.
    pub(super) fn new(definitions: &'a Definitions, reach: &'a Reach, limits: Limits, room: Room) -> Self {
        Self {
            definitions,
            reach,
            limits,
            shown: Map::new(),
            within: Vec::new(),
            work: limits.work,
            room,
            cut: false,
        }
    }

    /// Whether there was more than there is room for.
    pub(super) fn is_too_long(&self) -> bool {
        self.room.is_used_up()
    }

    /// What `#/$defs/…` in the schemas made so far refers to.
    pub(super) fn take_definitions(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.shown)
    }

    /// How much is shown.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether a part of a schema was left out.
    pub(super) fn has_cut(&self) -> bool {
        self.cut
    }

    /// Whether a schema says in so many words that it takes `null`.
    pub(super) fn names_null(&self, schema: &Json) -> bool {
        resolve(schema, self.definitions).as_object().is_some_and(names_null)
    }

    /// The schema of an argument.
    pub(super) fn argument(
        &mut self,
        schema: &Json,
        description: Option<&str>,
        default: Option<&Value>,
        deprecated: bool,
        more: &[String],
        limit: usize,
    ) -> Value {
        let resolved = resolve(schema, self.definitions);
        let empty = Object::default();
        let keywords = resolved.as_object().unwrap_or(&empty);
        let own = schema.get("description").and_then(Json::as_str);
        let mut shown = self.schema(schema, 0);
        let mut all = notes(keywords, self.limits.choices);
        all.extend_from_slice(more);
        let is_deprecated = deprecated || is_true(schema, "deprecated");
        let text = describe(keywords, description.or(own), limit, &all);
        shown.shift_remove("description");
        if let Some(default) = default.filter(|default| !default.is_object() && !default.is_array())
            && !shown.contains_key("$ref")
            && !shown.contains_key("anyOf")
        {
            shown.insert("default".into(), default.clone());
        }
        described(shown, mark(text, is_deprecated)).into()
    }

    /// A schema of any kind. Every one has a type, an `anyOf`, or is a reference.
    fn schema(&mut self, schema: &Json, depth: usize) -> Map<String, Value> {
        if self.room.is_used_up() {
            return Map::new();
        }
        let Json::Object(keywords) = schema else { return anything() };
        let Some(work) = self.work.checked_sub(1) else {
            return self.loose(schema);
        };
        self.work = work;
        if let Some(name) = reference(schema) {
            return self.reference(name, keywords, depth);
        }
        if keywords.contains_key("allOf") {
            return self.keywords(&merged(keywords, self.definitions), depth);
        }
        self.keywords(keywords, depth)
    }

    fn reference(&mut self, name: &str, keywords: &Object, depth: usize) -> Map<String, Value> {
        let Some(target) = definition(self.definitions, name) else { return anything() };
        if self.reach.kept.contains(name) {
            return self.kept(name, target);
        }
        if self.reach.dropped.contains(name) || self.within.iter().any(|open| open == name) {
            return self.loose(target);
        }
        self.within.push(name.to_owned());
        let shown = if keywords.len() > 1 {
            self.keywords(&merged(keywords, self.definitions), depth)
        } else {
            self.schema(target, depth)
        };
        self.within.pop();
        shown
    }

    /// A reference to a definition, which is added when it is not there yet.
    fn kept(&mut self, name: &str, target: &Json) -> Map<String, Value> {
        let key = definition_key(name);
        if !self.shown.contains_key(&key) {
            // Its place is taken before it is made, because it may hold itself.
            self.shown.insert(key.clone(), Value::Null);
            let within = std::mem::replace(&mut self.within, vec![name.to_owned()]);
            let shown = self.schema(target, 1);
            self.within = within;
            self.shown.insert(key.clone(), shown.into());
        }
        Map::from_iter([("$ref".to_owned(), format!("#/$defs/{key}").into())])
    }

    fn keywords(&mut self, keywords: &Object, depth: usize) -> Map<String, Value> {
        let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|name| keywords.get(name)?.as_array());
        // A list of its own is the narrower one.
        let alternatives = alternatives.filter(|_| values_of(keywords).is_none());
        let types = types(keywords);
        let choices = alternatives.and_then(|alternatives| self.choices(alternatives));
        let mut shown = match (alternatives, types.as_slice()) {
            (Some(_), [] | ["string" | "integer" | "number"]) if choices.is_some() => {
                let choices = choices.unwrap_or_default().into_iter().collect();
                let all = Object::from(vec![Member::new("enum", choices)]);
                let kind = types.first().copied().or(implied(&all)).unwrap_or("string");
                self.typed(kind, &all, depth)
            }
            (Some(alternatives), [] | ["object"]) if !alternatives.is_empty() => {
                self.alternatives(keywords, alternatives, depth)
            }
            (_, [kind]) => self.typed(kind, keywords, depth),
            (_, []) => match implied(keywords) {
                Some(kind) => self.typed(kind, keywords, depth),
                None => anything(),
            },
            (_, types) => any_of(types.iter().map(|kind| self.typed(kind, keywords, depth)).collect()),
        };
        if depth > 0 && !shown.contains_key("$ref") {
            let mut all = notes(keywords, self.limits.choices);
            if names_null(keywords) {
                all.push("May be null.".to_owned());
            }
            let text = describe(keywords, None, self.limits.nested, &all);
            shown.shift_remove("description");
            return described(shown, mark(text, keywords.get("deprecated") == Some(&Json::Bool(true))));
        }
        shown
    }

    fn alternatives(&mut self, keywords: &Object, alternatives: &[Json], depth: usize) -> Map<String, Value> {
        let alternatives: Vec<&Json> = alternatives.iter().filter(|schema| !is_null(schema)).collect();
        if keywords
            .get("properties")
            .and_then(Json::as_object)
            .is_some_and(|properties| !properties.is_empty())
        {
            return self.variants(keywords, &alternatives, depth);
        }
        if depth >= self.limits.depth {
            return any_of(distinct(alternatives.iter().map(|schema| self.loose(schema))));
        }
        let first = alternatives.iter().take(ALTERNATIVES).enumerate();
        let mut shown = distinct(first.map(|(number, schema)| {
            // All but the first may be what another one is, and are left out then.
            self.room.begin_alternative(number);
            let shown = self.schema(schema, depth + 1);
            self.room.end_alternative(number);
            shown
        }));
        if alternatives.len() > ALTERNATIVES {
            self.cut = true;
            shown.push(open_object());
        }
        any_of(shown)
    }

    /// The values of alternatives each of which is a constant or a list of values.
    fn choices(&self, alternatives: &[Json]) -> Option<Vec<Json>> {
        let mut all = Vec::new();
        for schema in alternatives.iter().filter(|schema| !is_null(schema)) {
            all.extend_from_slice(values_of(resolve(schema, self.definitions).as_object()?)?);
        }
        all.retain(|value| !value.is_null());
        let is_alike = all.iter().all(Json::is_string) || all.iter().all(Json::is_number);
        (is_alike && !all.is_empty()).then_some(all)
    }

    /// An object with alternatives beside its properties: one object with the properties of all of them.
    fn variants(&mut self, keywords: &Object, alternatives: &[&Json], depth: usize) -> Map<String, Value> {
        let own = keywords.get("properties").and_then(Json::as_object);
        let mut properties: Vec<Member> = own.map(|own| own.members().to_vec()).unwrap_or_default();
        let mut known: FxHashSet<String> = properties.iter().map(|it| it.key.as_str().to_owned()).collect();
        for schema in alternatives {
            let Json::Object(alternative) = schema else { continue };
            let alternative = merged(alternative, self.definitions);
            let more = alternative.get("properties").and_then(Json::as_object);
            let new = more.into_iter().flat_map(Object::members);
            properties.extend(new.filter(|it| known.insert(it.key.as_str().to_owned())).cloned());
        }
        let mut properties = Some(Json::Object(properties.into()));
        let others = keywords.members().iter().filter(|it| !matches!(it.key.as_str(), "anyOf" | "oneOf"));
        let all = others.map(|member| {
            match (member.key.as_str(), properties.take_if(|_| member.key.as_str() == "properties")) {
                ("properties", Some(value)) => Member { value, ..member.clone() },
                _ => member.clone(),
            }
        });
        self.typed("object", &all.collect(), depth)
    }

    /// A schema of one type, with the keywords that go with it.
    fn typed(&mut self, kind: &str, keywords: &Object, depth: usize) -> Map<String, Value> {
        let mut shown = Map::new();
        match kind {
            "string" => text(keywords, self.limits.choices, &mut shown),
            "integer" | "number" => number(kind, keywords, &mut shown),
            "boolean" => {
                shown.insert("type".into(), "boolean".into());
            }
            "array" => self.array(keywords, &mut shown, depth),
            "object" => self.object(keywords, &mut shown, depth),
            _ => return anything(),
        }
        let fits = |default: &&Value| match kind {
            "string" => {
                shown.get("enum").and_then(Value::as_array).is_none_or(|values| values.contains(default))
                    && default.is_string()
            }
            "integer" | "number" => default.is_number(),
            "boolean" => default.is_boolean(),
            _ => false,
        };
        let default = keywords.get("default").map(Json::to_value);
        let is_short = |default: &&Value| default.to_string().len() <= DEFAULT && is_all_visible(default);
        if let Some(default) = default.as_ref().filter(fits).filter(is_short) {
            shown.insert("default".into(), default.clone());
        }
        // What an argument of its own has may be written differently in the end.
        if depth > 0 && !matches!(kind, "array" | "object") {
            self.room.take(&shown);
        }
        shown
    }

    fn array(&mut self, keywords: &Object, shown: &mut Map<String, Value>, depth: usize) {
        shown.insert("type".into(), "array".into());
        let tuple = keywords.contains_key("prefixItems");
        let items = match keywords.get("items") {
            Some(items) if !tuple && depth < self.limits.depth => self.schema(items, depth + 1),
            Some(items) if !tuple => self.loose(items),
            _ => scalar_or_object(),
        };
        shown.insert("items".into(), items.into());
        copy_counts(&["minItems", "maxItems"], keywords, shown);
    }

    fn object(&mut self, keywords: &Object, shown: &mut Map<String, Value>, depth: usize) {
        shown.insert("type".into(), "object".into());
        let properties =
            keywords.get("properties").and_then(Json::as_object).filter(|properties| !properties.is_empty());
        let values = keywords
            .get("additionalProperties")
            .filter(|values| values.as_object().is_some_and(|it| !it.is_empty()));
        if depth >= self.limits.depth && (properties.is_some() || values.is_some()) {
            *shown = self.loose_object(keywords);
            return;
        }
        let is_whole = match properties {
            Some(properties) => self.properties(properties, keywords, shown, depth),
            None => false,
        };
        match values {
            Some(values) => {
                let values = self.schema(values, depth + 1);
                shown.insert("additionalProperties".into(), values.into());
            }
            None if !is_whole => drop(shown.insert("additionalProperties".into(), true.into())),
            None => {}
        }
    }

    /// The properties of an object, and which of them are required. Whether all of them are shown.
    fn properties(
        &mut self,
        properties: &Object,
        keywords: &Object,
        shown: &mut Map<String, Value>,
        depth: usize,
    ) -> bool {
        let mut all = Map::new();
        let mut optional = Vec::new();
        let possible = properties.iter().filter(|(_, schema)| **schema != Json::Bool(false));
        for (name, schema) in possible.clone().filter(|(name, _)| is_portable_name(name)) {
            self.room.begin_member(name);
            let one = self.schema(schema, depth + 1);
            self.room.end_member(name, &one);
            if self.refers_to_itself(&one) {
                optional.push(name);
            }
            all.insert(name.to_owned(), one.into());
        }
        let names = keywords.get("required").and_then(Json::as_array).into_iter().flatten();
        let is_whole = all.len() == possible.count();
        // What is required without being declared takes anything.
        for name in names.clone().filter_map(Json::as_str) {
            if !properties.contains_key(name) && is_portable_name(name) {
                all.insert(name.to_owned(), anything().into());
            }
        }
        let is_required = |name: &&Json| {
            name.as_str().is_some_and(|name| all.contains_key(name) && !optional.contains(&name))
        };
        let required: Vec<Value> = names.filter(is_required).map(Json::to_value).collect();
        shown.insert("properties".into(), all.into());
        if !required.is_empty() {
            shown.insert("required".into(), required.into());
        }
        is_whole
    }

    /// Whether a schema within a recursive definition leads back to one. One provider takes that in optional
    /// properties only.
    fn refers_to_itself(&self, shown: &Map<String, Value>) -> bool {
        let is_recursive = |name: &str| self.reach.recursive.contains(name);
        self.within.iter().any(|name| is_recursive(name))
            && self
                .reach
                .recursive
                .iter()
                .any(|name| mentions(shown, &format!("#/$defs/{}", definition_key(name))))
    }
}

#[cfg(test)]
mod tests;
