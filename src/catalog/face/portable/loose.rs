//! What stands for a schema that is too much to show.
//!
//! It takes everything that the schema takes, and still says what a value cannot do without: its type, and of an
//! object the properties that are required.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::keyword::{
    any_of, anything, distinct, implied, is_null, is_portable_name, number, open_object, scalar_or_object,
    text, types,
};
use super::{ALTERNATIVES, Portable};
use crate::catalog::face::merge::merged;
use crate::catalog::schema::resolve;
use crate::openapi::shared::{Json, Object};

/// How deep it shows what is required.
const DEPTH: usize = 3;

impl Portable<'_> {
    /// What stands for a schema.
    pub(super) fn loose(&mut self, schema: &Json) -> Map<String, Value> {
        self.cut = true;
        self.stand_in(schema, DEPTH)
    }

    /// What stands for an object schema.
    pub(super) fn loose_object(&mut self, keywords: &Object) -> Map<String, Value> {
        self.cut = true;
        self.object_stand_in(keywords, DEPTH)
    }

    fn stand_in(&self, schema: &Json, depth: usize) -> Map<String, Value> {
        let Json::Object(keywords) = resolve(schema, self.definitions) else { return anything() };
        let keywords = match keywords.contains_key("allOf") {
            true => Cow::Owned(merged(keywords, self.definitions)),
            false => Cow::Borrowed(keywords),
        };
        let mut shown = Map::new();
        match only_type(&keywords) {
            Some("object") => return self.object_stand_in(&keywords, depth),
            Some("array") => {
                let items = keywords.get("items").filter(|_| !keywords.contains_key("prefixItems"));
                let items = match (items, depth.checked_sub(1)) {
                    (Some(items), Some(depth)) => self.stand_in(items, depth),
                    _ => scalar_or_object(),
                };
                shown.insert("type".into(), "array".into());
                shown.insert("items".into(), items.into());
            }
            Some("string") => text(&keywords, self.limits.choices, &mut shown),
            Some(kind @ ("integer" | "number")) => number(kind, &keywords, &mut shown),
            Some("boolean") => drop(shown.insert("type".into(), "boolean".into())),
            _ => return self.alternatives_stand_in(&keywords, depth),
        }
        shown
    }

    fn alternatives_stand_in(&self, keywords: &Object, depth: usize) -> Map<String, Value> {
        let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|name| keywords.get(name)?.as_array());
        let (Some(alternatives), Some(depth)) = (alternatives, depth.checked_sub(1)) else {
            return anything();
        };
        if alternatives.len() > ALTERNATIVES {
            return anything();
        }
        let all = alternatives.iter().filter(|schema| !is_null(schema));
        any_of(distinct(all.map(|schema| self.stand_in(schema, depth))))
    }

    fn object_stand_in(&self, keywords: &Object, depth: usize) -> Map<String, Value> {
        let mut shown = open_object();
        let properties = keywords.get("properties").and_then(Json::as_object);
        let names = keywords.get("required").and_then(Json::as_array);
        let (Some(properties), Some(names), Some(depth)) = (properties, names, depth.checked_sub(1)) else {
            return shown;
        };
        let mut required = Map::new();
        for name in names.iter().filter_map(Json::as_str).filter(|name| is_portable_name(name)) {
            if let Some(schema) = properties.get(name) {
                required.insert(name.to_owned(), self.stand_in(schema, depth).into());
            }
        }
        if !required.is_empty() {
            shown.insert("required".into(), required.keys().cloned().collect());
            shown.insert("properties".into(), required.into());
        }
        shown
    }
}

/// The one type that a schema says or implies.
fn only_type(keywords: &Object) -> Option<&str> {
    match types(keywords).as_slice() {
        [kind] => Some(kind),
        [] => implied(keywords),
        _ => None,
    }
}
