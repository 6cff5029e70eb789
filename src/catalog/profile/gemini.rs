//! Gemini's function declarations: the subset of OpenAPI 3.0 that their `Schema` is made of.
//!
//! It knows no references, so they are written out; what is within itself ends as an object that says no more. It
//! knows no `additionalProperties`. And whatever has `anyOf` has nothing else: a description goes into the choices.

use serde_json::{Value, json};

use super::{Keywords, definition, definitions, note};

/// The fields of a `Schema` that a portable schema can have, and what is for MCP's clients.
const FIELDS: [&str; 13] = [
    "type",
    "format",
    "description",
    "enum",
    "pattern",
    "default",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "x-mcp-header",
];

/// How deep references are written out.
const DEPTH: usize = 6;

/// How many schemas are written out in all.
const WORK: usize = 600;

/// The declaration of a portable schema.
pub(super) fn schema(portable: &Keywords) -> Keywords {
    let definitions = definitions(portable);
    Writer { definitions: &definitions, within: Vec::new(), work: WORK }.written(portable, 0)
}

struct Writer<'s> {
    definitions: &'s Keywords,
    within: Vec<&'s str>,
    work: usize,
}

impl<'s> Writer<'s> {
    fn written(&mut self, schema: &Keywords, depth: usize) -> Keywords {
        if let Some((name, target)) = definition(self.definitions, schema) {
            return self.referred(name, target, depth);
        }
        let Some(work) = self.work.checked_sub(1) else { return unsaid(schema) };
        self.work = work;
        let mut shown: Keywords = schema
            .iter()
            .filter(|(keyword, _)| FIELDS.contains(&keyword.as_str()))
            .map(|(keyword, value)| (keyword.clone(), value.clone()))
            .collect();
        match schema.get("items") {
            Some(Value::Object(items)) => {
                let items = self.written(items, depth);
                shown.insert("items".to_owned(), items.into());
            }
            _ if schema.get("type").is_some_and(|kind| kind == "array") => {
                shown.insert("items".to_owned(), json!({"type": "string"}));
            }
            _ => {}
        }
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let written = |(name, one): (&String, &Value)| {
                Some((name.clone(), Value::from(self.written(one.as_object()?, depth))))
            };
            let properties: Keywords = properties.iter().filter_map(written).collect();
            shown.insert("properties".to_owned(), properties.into());
            shown.extend(schema.get("required").map(|names| ("required".to_owned(), names.clone())));
        }
        match schema.get("anyOf") {
            Some(Value::Array(all)) => self.choice(all, &shown, depth),
            _ => shown,
        }
    }

    fn referred(&mut self, name: &'s str, target: &'s Keywords, depth: usize) -> Keywords {
        if depth >= DEPTH || self.within.contains(&name) {
            return unsaid(target);
        }
        self.within.push(name);
        let shown = self.written(target, depth + 1);
        self.within.pop();
        shown
    }

    /// `anyOf` and nothing beside it.
    fn choice(&mut self, all: &[Value], beside: &Keywords, depth: usize) -> Keywords {
        let mut choices: Vec<Keywords> =
            all.iter().filter_map(Value::as_object).map(|one| self.written(one, depth)).collect();
        let said = beside.get("description").and_then(Value::as_str);
        if let Some(said) = said {
            choices.iter_mut().for_each(|choice| say(choice, said));
        }
        match choices.len() {
            1 => choices.remove(0),
            _ => Keywords::from_iter([("anyOf".to_owned(), Value::from_iter(choices))]),
        }
    }
}

/// Puts a description before what a schema says of itself.
fn say(schema: &mut Keywords, text: &str) {
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.iter_mut().filter_map(Value::as_object_mut).for_each(|choice| say(choice, text));
        return;
    }
    let own = schema.insert("description".to_owned(), text.into());
    if let Some(own) = own.as_ref().and_then(Value::as_str).filter(|own| *own != text) {
        note(schema, own);
    }
}

/// What stands for a schema that is not written out again.
fn unsaid(schema: &Keywords) -> Keywords {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or("object");
    let mut shown = Keywords::from_iter([("type".to_owned(), kind.into())]);
    if kind == "array" {
        shown.insert("items".to_owned(), json!({"type": "object"}));
    }
    shown
}
