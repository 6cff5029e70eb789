//! The keywords of JSON Schema 2020-12 that endpoints written by hand may use.
//!
//! One table says what there is and what each takes. The reader checks schemas by it as strictly as all other keys (a
//! `minlength` that silently does nothing is a fault that an author finds last), and the JSON Schema of the gateway
//! file is made of it, so that an editor completes keywords inside of schemas too.
//!
//! There is no `$ref`: what several endpoints share is shared with a YAML anchor.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::suggest::did_you_mean;
use super::written::{Field, Keys, Read, Slot, expected, word};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::{Kind, Node};
use crate::source::Place;

/// A schema.
#[derive(Clone, Copy)]
pub(super) struct SchemaText<'t>(pub(super) Node<'t>);

/// Keywords of a schema beside other keys of a parameter or a body.
#[derive(Clone, Copy)]
pub(super) struct Inline<'t>(Node<'t>);

/// A keyword.
struct Keyword {
    name: &'static str,
    takes: Takes,
    about: &'static str,
}

/// What a keyword takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Anything,
    Text,
    Flag,
    Number,
    /// A whole number from 0.
    Count,
    List,
    Names,
    Types,
    Schema,
    Schemas,
    SchemasByName,
    NamesByName,
}

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "array", "object", "null"];

const KEYWORDS: &[Keyword] = &[
    keyword("type", Takes::Types, "Type of the value, or a list of types."),
    keyword("title", Takes::Text, "A short name of it."),
    keyword("description", Takes::Text, "About it, for the model."),
    keyword("default", Takes::Anything, "What holds when no value is given."),
    keyword("examples", Takes::List, "Values that show what is meant."),
    keyword("deprecated", Takes::Flag, "Better not used any more."),
    keyword("enum", Takes::List, "The values that are allowed."),
    keyword("const", Takes::Anything, "The one value that is allowed."),
    keyword("format", Takes::Text, "date, date-time, uuid, email, uri, int32, binary …"),
    keyword("pattern", Takes::Text, "A regular expression that a text must match somewhere."),
    keyword("minLength", Takes::Count, "Least number of characters."),
    keyword("maxLength", Takes::Count, "Greatest number of characters."),
    keyword("contentMediaType", Takes::Text, "Media type of what a text holds."),
    keyword("contentEncoding", Takes::Text, "How bytes are written as a text: base64."),
    keyword("minimum", Takes::Number, "Least value."),
    keyword("maximum", Takes::Number, "Greatest value."),
    keyword("exclusiveMinimum", Takes::Number, "The value is greater than this."),
    keyword("exclusiveMaximum", Takes::Number, "The value is less than this."),
    keyword("multipleOf", Takes::Number, "The value is a multiple of this."),
    keyword("items", Takes::Schema, "What the items of an array are."),
    keyword("prefixItems", Takes::Schemas, "What the first items of an array are, one by one."),
    keyword("contains", Takes::Schema, "What at least one item of an array is."),
    keyword("minItems", Takes::Count, "Least number of items."),
    keyword("maxItems", Takes::Count, "Greatest number of items."),
    keyword("uniqueItems", Takes::Flag, "No item comes twice."),
    keyword("properties", Takes::SchemasByName, "What the properties of an object are, by name."),
    keyword("required", Takes::Names, "Names of the properties that must be there."),
    keyword("additionalProperties", Takes::Schema, "What further properties are; false for none."),
    keyword(
        "patternProperties",
        Takes::SchemasByName,
        "What properties are whose names match an expression.",
    ),
    keyword("propertyNames", Takes::Schema, "What the names of properties are."),
    keyword("minProperties", Takes::Count, "Least number of properties."),
    keyword("maxProperties", Takes::Count, "Greatest number of properties."),
    keyword("dependentRequired", Takes::NamesByName, "Properties that must be there when another one is."),
    keyword("allOf", Takes::Schemas, "All of these hold."),
    keyword("anyOf", Takes::Schemas, "At least one of these holds."),
    keyword("oneOf", Takes::Schemas, "Exactly one of these holds."),
    keyword("not", Takes::Schema, "This does not hold."),
];

/// Keywords of other dialects, and what to write instead.
const ELSEWHERE: [(&str, &str); 4] = [
    ("$ref", "write the schema out, or share it with a YAML anchor (`&name`, `*name`)"),
    ("nullable", "write `type: [string, \"null\"]`"),
    ("example", "write `examples: [...]`"),
    ("definitions", "write the schema out, or share it with a YAML anchor (`&name`, `*name`)"),
];

/// Keys that a parameter or a body reads itself; `required` there is a flag or, as in a schema, a list of names.
const READ_BY_OWNER: [&str; 3] = ["description", "default", "required"];

const fn keyword(name: &'static str, takes: Takes, about: &'static str) -> Keyword {
    Keyword { name, takes, about }
}

impl SchemaText<'_> {
    /// As a value.
    pub(super) fn to_value(self) -> Value {
        self.0.to_value()
    }
}

impl Inline<'_> {
    /// The schema that the keywords make; `None` when there is none of them.
    pub(super) fn to_value(self) -> Option<Value> {
        let keywords: Map<String, Value> = self
            .0
            .entries()
            .filter(|entry| is_inline(entry.key) || (entry.key == "required" && entry.value.is_array()))
            .map(|entry| (entry.key.to_owned(), entry.value.to_value()))
            .collect();
        (!keywords.is_empty()).then_some(Value::Object(keywords))
    }
}

impl<'t> Read<'t> for SchemaText<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let before = problems.len();
        check(slot, problems);
        (problems.len() == before).then_some(Self(slot.node))
    }
}

impl<'t> Field<'t> for Inline<'t> {
    /// Takes no key by the name of the field, but all keywords there are.
    fn take(keys: &mut Keys<'t, '_>, _: &'static str) -> Self {
        keys.leave(KEYWORDS.iter().map(|keyword| keyword.name).filter(|name| is_inline(name)));
        for entry in keys.slot.node.entries().filter(|entry| is_inline(entry.key)) {
            if let Some(keyword) = find(entry.key) {
                check_keyword(
                    keyword.takes,
                    Slot { node: entry.value, key: Some(entry.key_span) },
                    keys.problems,
                );
            }
        }
        Self(keys.slot.node)
    }
}

/// What is said of keys that are no keywords, and of keywords with values that they do not take.
pub(super) fn check(slot: Slot<'_>, problems: &mut Diagnostics) {
    if slot.node.kind() == Kind::Bool {
        return;
    }
    if !slot.node.is_object() {
        problems.push(expected("a schema", slot));
    }
    for entry in slot.node.entries() {
        let slot = Slot { node: entry.value, key: Some(entry.key_span) };
        match find(entry.key) {
            Some(keyword) => check_keyword(keyword.takes, slot, problems),
            None => {
                let place = Place::new(slot.node.tree().source(), entry.key_span);
                problems.push(unknown(entry.key).at(place));
            }
        }
    }
}

/// Whether endpoints may use it in their schemas.
pub(crate) fn is_keyword(name: &str) -> bool {
    find(name).is_some()
}

/// What to write instead of a keyword of another dialect.
pub(super) fn elsewhere(key: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(name, _)| *name == key).map(|(_, help)| *help)
}

fn unknown(key: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::UnknownKey, format!("there is no keyword `{key}` in a schema here"));
    let help = elsewhere(key).map(str::to_owned);
    match help.or_else(|| did_you_mean(key, KEYWORDS.iter().map(|keyword| keyword.name))) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn check_keyword(takes: Takes, slot: Slot<'_>, problems: &mut Diagnostics) {
    let node = slot.node;
    let fits = match takes {
        Takes::Anything => true,
        Takes::Text => node.as_str().is_some(),
        Takes::Flag => node.as_bool().is_some(),
        Takes::Number => node.as_number().is_some(),
        Takes::Count => node.as_number().is_some_and(|number| number.parse::<u32>().is_ok()),
        Takes::List | Takes::Names | Takes::Schemas => node.is_array(),
        Takes::Types => {
            if node.is_array() {
                node.items().filter_map(|item| word(Slot::root(item), "Types", &TYPES, problems)).count();
            } else {
                word(slot, "Types", &TYPES, problems);
            }
            true
        }
        Takes::Schema => {
            check(slot, problems);
            true
        }
        Takes::SchemasByName | Takes::NamesByName => node.is_object(),
    };
    if !fits {
        problems.push(expected(takes.described(), slot));
    }
    check_parts(takes, node, problems);
}

fn check_parts(takes: Takes, node: Node<'_>, problems: &mut Diagnostics) {
    let entries = || node.entries().map(|entry| Slot { node: entry.value, key: Some(entry.key_span) });
    let items = || node.items().map(Slot::root);
    match takes {
        Takes::Names => items().filter(|item| item.node.as_str().is_none()).for_each(|item| {
            problems.push(expected("the name of a property", item));
        }),
        Takes::Schemas => items().for_each(|item| check(item, problems)),
        Takes::SchemasByName => entries().for_each(|entry| check(entry, problems)),
        Takes::NamesByName => entries().for_each(|entry| check_keyword(Takes::Names, entry, problems)),
        _ => {}
    }
}

fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}

fn is_inline(name: &str) -> bool {
    find(name).is_some() && !READ_BY_OWNER.contains(&name)
}

impl Takes {
    fn described(self) -> &'static str {
        match self {
            Self::Anything => "a value",
            Self::Text => "a text",
            Self::Flag => "true or false",
            Self::Number => "a number",
            Self::Count => "a whole number",
            Self::List => "a list",
            Self::Names => "a list of names",
            Self::Types => "a type",
            Self::Schema => "a schema",
            Self::Schemas => "a list of schemas",
            Self::SchemasByName => "schemas by name",
            Self::NamesByName => "lists of names by name",
        }
    }

    fn schema(self, generator: &mut SchemaGenerator) -> Value {
        let names = || json!({"type": "array", "items": {"type": "string"}});
        match self {
            Self::Anything => json!({}),
            Self::Text => json!({"type": "string"}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Number => json!({"type": "number"}),
            Self::Count => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            Self::List => json!({"type": "array"}),
            Self::Names => names(),
            Self::Types => {
                json!({"anyOf": [{"enum": TYPES}, {"type": "array", "items": {"enum": TYPES}}]})
            }
            Self::Schema => generator.subschema_for::<SchemaText<'_>>().to_value(),
            Self::Schemas => json!({"type": "array", "items": generator.subschema_for::<SchemaText<'_>>()}),
            Self::SchemasByName => {
                json!({"type": "object", "additionalProperties": generator.subschema_for::<SchemaText<'_>>()})
            }
            Self::NamesByName => json!({"type": "object", "additionalProperties": names()}),
        }
    }
}

/// The `properties` of a schema for schemas.
fn properties(generator: &mut SchemaGenerator, which: impl Fn(&str) -> bool) -> Map<String, Value> {
    let described = KEYWORDS.iter().filter(|keyword| which(keyword.name)).map(|keyword| {
        let mut schema = keyword.takes.schema(generator);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), keyword.about.into());
        }
        (keyword.name.to_owned(), schema)
    });
    described.collect()
}

impl JsonSchema for SchemaText<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Schema".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let properties = properties(generator, |_| true);
        json_schema!({
            "description": "A JSON Schema (2020-12): what a value must be.",
            "type": ["object", "boolean"],
            "properties": properties,
            "additionalProperties": false
        })
    }
}

impl JsonSchema for Inline<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Inline".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "properties": properties(generator, is_inline)})
    }
}
