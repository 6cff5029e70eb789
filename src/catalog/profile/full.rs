//! JSON Schema 2020-12 as the document says it, and the part of that which suits Anthropic.
//!
//! Nothing is simplified, and only the definitions that are reached are kept. What is left out is what has no meaning
//! in JSON Schema (`xml`, `discriminator`, `x-…`), and texts are cleaned like everywhere else: they are read by a
//! model.

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::Keywords;
use crate::catalog::plan::ArgumentsPlan;
use crate::catalog::schema::{definition, reference};
use crate::catalog::text::{TOOL_DESCRIPTION, is_all_visible, one_line, plain, visible};
use crate::openapi::shared::Json;

/// What a schema for Anthropic may have, in bytes; a longer one is shown in its portable form.
const ANTHROPIC_BYTES: usize = 8 << 10;

/// The longest title, in characters.
const TITLE: usize = 80;

/// Keywords of OpenAPI that say nothing about a value.
const OPENAPI: [&str; 4] = ["xml", "discriminator", "externalDocs", "example"];

/// The schema of the whole `arguments` object. What `portable` says of an argument in words is kept where the document
/// says it elsewhere than in the schema.
pub(super) fn schema(arguments: &ArgumentsPlan, portable: &Keywords) -> Keywords {
    let mut shown = Keywords::from_iter([("type".to_owned(), Value::from("object"))]);
    let mut properties = Keywords::new();
    let mut reached = Reached::default();
    for argument in &arguments.arguments {
        let mut schema = match cleaned(&argument.schema) {
            Value::Object(keywords) => keywords,
            _ => Keywords::new(),
        };
        let described = portable.get("properties").and_then(|all| all.get(&*argument.name));
        for keyword in ["description", "default", "x-mcp-header"] {
            if let (false, Some(value)) =
                (schema.contains_key(keyword), described.and_then(|it| it.get(keyword)))
            {
                schema.insert(keyword.to_owned(), value.clone());
            }
        }
        reached.enter(&argument.schema);
        properties.insert(argument.name.to_string(), schema.into());
    }
    let required: Vec<Value> =
        arguments.arguments.iter().filter(|it| it.required).map(|it| Value::from(&*it.name)).collect();
    if !properties.is_empty() {
        shown.insert("properties".to_owned(), properties.into());
    }
    if !required.is_empty() {
        shown.insert("required".to_owned(), required.into());
    }
    if let Some(together) = &arguments.together {
        shown.insert("dependentRequired".to_owned(), together.dependent_required());
    }
    shown.insert("additionalProperties".to_owned(), false.into());
    let definitions = reached.definitions(arguments);
    if !definitions.is_empty() {
        shown.insert("$defs".to_owned(), definitions.into());
    }
    shown
}

/// Whether Anthropic takes it: its names are legal there, and it is short enough to be carried around.
pub(super) fn suits_anthropic(schema: &Keywords) -> bool {
    let has_legal_names = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    };
    Value::Object(schema.clone()).to_string().len() <= ANTHROPIC_BYTES
        && schema.values().all(|value| names(value, &has_legal_names))
}

/// Whether all names of properties in a schema pass.
fn names(schema: &Value, pass: &impl Fn(&str) -> bool) -> bool {
    match schema {
        Value::Object(keywords) => keywords.iter().all(|(keyword, value)| {
            let own = match (keyword.as_str(), value) {
                ("properties" | "$defs", Value::Object(properties)) => {
                    properties.keys().all(|name| pass(name))
                }
                _ => true,
            };
            own && names(value, pass)
        }),
        Value::Array(items) => items.iter().all(|item| names(item, pass)),
        _ => true,
    }
}

/// The names of the definitions that were reached, in order.
#[derive(Default)]
struct Reached<'a> {
    names: Vec<&'a str>,
    known: FxHashSet<&'a str>,
}

impl<'a> Reached<'a> {
    fn enter(&mut self, schema: &'a Json) {
        if let Some(name) = reference(schema)
            && self.known.insert(name)
        {
            self.names.push(name);
        }
        match schema {
            Json::Object(keywords) => {
                for (keyword, value) in keywords.iter().filter(|(keyword, _)| !is_data(keyword)) {
                    match value {
                        Json::Object(all) if is_named(keyword) => {
                            all.values().for_each(|one| self.enter(one));
                        }
                        value => self.enter(value),
                    }
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.enter(item)),
            _ => {}
        }
    }

    fn definitions(mut self, arguments: &'a ArgumentsPlan) -> Keywords {
        let mut shown = Keywords::new();
        let mut at = 0;
        while let Some(name) = self.names.get(at).copied() {
            at += 1;
            if let Some(schema) = definition(&arguments.definitions, name) {
                shown.insert(name.replace("~1", "/").replace("~0", "~"), cleaned(schema));
                self.enter(schema);
            }
        }
        shown
    }
}

/// Keywords whose values are no schemas.
fn is_data(keyword: &str) -> bool {
    matches!(keyword, "enum" | "const" | "default" | "examples" | "example")
}

/// Keywords whose values are schemas by names that the author chose.
fn is_named(keyword: &str) -> bool {
    matches!(keyword, "properties" | "patternProperties" | "dependentSchemas" | "$defs")
}

/// A schema without what only OpenAPI knows, its texts cleaned.
fn cleaned(schema: &Json) -> Value {
    let Json::Object(keywords) = schema else { return schema.to_value() };
    let mut shown = Keywords::new();
    for (keyword, value) in keywords.iter() {
        let value = match (keyword, value) {
            (keyword, _) if OPENAPI.contains(&keyword) || keyword.starts_with("x-") => continue,
            ("description", Json::String(text)) => plain(text.as_str(), TOOL_DESCRIPTION).into(),
            ("title", Json::String(text)) => one_line(text.as_str(), TITLE).into(),
            (keyword, Json::Object(all)) if is_named(keyword) => {
                let seen = all.iter().filter(|(name, _)| visible(name) == **name);
                let all = seen.map(|(name, one)| ((*name).to_owned(), cleaned(one)));
                Keywords::from_iter(all).into()
            }
            (keyword, value) if is_data(keyword) || keyword == "pattern" => {
                let value = value.to_value();
                if !is_all_visible(&value) {
                    continue;
                }
                value
            }
            (_, Json::Array(all)) => all.iter().map(cleaned).collect(),
            (_, value) => cleaned(value),
        };
        shown.insert(keyword.to_owned(), value);
    }
    shown.into()
}
