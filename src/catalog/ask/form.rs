//! Fields of forms: what of an argument's schema a form can ask for.
//!
//! Clients make forms of a small part of JSON Schema: texts, numbers, yes or no, one choice, several choices
//! (`PrimitiveSchemaDefinition` of the protocol, with titles as SEP-1330 and defaults as SEP-1034 have them). What
//! else a schema says is left to the validation of the arguments, which the answer goes through like any other.

use serde_json::{Map, Value, json};

use super::Known;
use crate::catalog::schema::resolve;
use crate::catalog::text::one_line;
use crate::config::gateway::FormField;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::{Json, Object};

/// A field of a form: one argument.
#[derive(Clone, Debug)]
pub struct FieldPlan {
    /// The argument.
    pub argument: Box<str>,
    /// What a client is shown.
    pub schema: Value,
    /// The person must fill it in.
    pub required: bool,
    /// Values that are no texts, by the texts that stand for them in the form: forms offer texts alone.
    pub values: Vec<(Box<str>, Value)>,
}

/// Why a form cannot ask for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoField {
    #[error("it takes an object")]
    Object,
    #[error("it takes a list of anything")]
    List,
    #[error("it takes a file")]
    File,
    #[error("it takes values of several types")]
    Several,
}

/// A description of a field, in characters.
const DESCRIPTION: usize = 300;

/// The field for an argument.
pub(super) fn field(
    known: &Known<'_>,
    field: &FormField,
    definitions: &Definitions,
) -> Result<FieldPlan, NoField> {
    let (mut schema, values) = if field.is_whole() {
        derived(&field.schema().into(), definitions)?;
        (field.schema.clone(), Vec::new())
    } else {
        let (mut derived, values) = derived(known.schema, definitions)?;
        derived.extend(field.schema.clone());
        (derived, values)
    };
    let about = known.description.or_else(|| resolve(known.schema, definitions).get("description")?.as_str());
    if let (Some(about), false) = (about, schema.contains_key("description")) {
        schema.insert("description".to_owned(), one_line(about, DESCRIPTION).into());
    }
    let plan = FieldPlan {
        argument: known.name.into(),
        schema: Value::Object(schema),
        required: known.required,
        values,
    };
    let default = known.default.filter(|_| !field.schema.contains_key("default"));
    Ok(match default {
        Some(default) => FieldPlan { schema: plan.suggesting(Some(default)), ..plan },
        None => plan,
    })
}

/// Whether an argument takes a list.
pub(super) fn is_list(schema: &Json, definitions: &Definitions) -> bool {
    resolve(schema, definitions).get("type").is_some_and(|kind| kind == "array")
}

impl FieldPlan {
    /// The schema with this value as its default, when a form can show it.
    #[must_use]
    pub fn suggesting(&self, value: Option<&Value>) -> Value {
        let mut schema = self.schema.clone();
        let shown = value.and_then(|value| match self.values.iter().find(|(_, real)| real == value) {
            Some((text, _)) => Some(Value::from(&**text)),
            None => Some(value.clone()).filter(|value| fits(value, &schema)),
        });
        if let (Some(shown), Value::Object(keywords)) = (shown, &mut schema) {
            keywords.insert("default".to_owned(), shown);
        }
        schema
    }

    /// The argument that an answer gives.
    #[must_use]
    pub fn value(&self, answer: Value) -> Value {
        match self.values.iter().find(|(text, _)| answer == **text) {
            Some((_, value)) => value.clone(),
            None => answer,
        }
    }
}

/// Whether a form can show a value as the default of a field.
fn fits(value: &Value, schema: &Value) -> bool {
    let kind = match value {
        Value::String(_) => "string",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Array(items) if items.iter().all(Value::is_string) => "array",
        Value::Array(_) | Value::Null | Value::Object(_) => return false,
    };
    schema.get("type").is_some_and(|named| named == kind || (named == "number" && kind == "integer"))
}

type Derived = (Map<String, Value>, Vec<(Box<str>, Value)>);

/// What a form can say of a schema, and the values that are no texts.
fn derived(schema: &Json, definitions: &Definitions) -> Result<Derived, NoField> {
    let schema = only_branch(resolve(schema, definitions), definitions);
    let empty = Object::default();
    let keywords = schema.as_object().unwrap_or(&empty);
    let mut shown = Map::new();
    copy(keywords, &["title"], &mut shown);
    if let Some(values) = choices(keywords) {
        return Ok(offered(&values, keywords, shown));
    }
    if let Some(titled) = titled(keywords, definitions) {
        shown.insert("type".to_owned(), "string".into());
        shown.insert("oneOf".to_owned(), titled);
        copy(keywords, &["default"], &mut shown);
        return Ok((shown, Vec::new()));
    }
    let kind = kind(keywords)?;
    shown.insert("type".to_owned(), kind.into());
    match kind {
        "string" => text(keywords, &mut shown)?,
        "integer" | "number" => number(keywords, kind, &mut shown),
        "array" => list(keywords, definitions, &mut shown)?,
        "boolean" => copy(keywords, &["default"], &mut shown),
        _ => return Err(NoField::Object),
    }
    Ok((shown, Vec::new()))
}

/// The one branch of `anyOf`, `oneOf` or `allOf` that takes something else than null; else the schema itself.
fn only_branch<'a>(schema: &'a Json, definitions: &'a Definitions) -> &'a Json {
    let branches = ["anyOf", "oneOf", "allOf"].into_iter().find_map(|name| schema.get(name)?.as_array());
    let is_null =
        |branch: &&Json| resolve(branch, definitions).get("type").is_some_and(|kind| kind == "null");
    let mut others = branches.into_iter().flatten().filter(|branch| !is_null(branch));
    match (others.next(), others.next()) {
        (Some(only), None) => resolve(only, definitions),
        _ => schema,
    }
}

/// The type of the values, null aside. A schema that says none is asked for as a text.
fn kind(keywords: &Object) -> Result<&str, NoField> {
    match keywords.get("type") {
        Some(Json::String(kind)) => Ok(kind.as_str()),
        Some(Json::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Json::as_str).filter(|kind| *kind != "null");
            match (kinds.next(), kinds.next()) {
                (Some(only), None) => Ok(only),
                _ => Err(NoField::Several),
            }
        }
        _ if keywords.contains_key("properties") => Ok("object"),
        _ if keywords.contains_key("items") => Ok("array"),
        _ if keywords.contains_key("anyOf") || keywords.contains_key("oneOf") => Err(NoField::Several),
        _ => Ok("string"),
    }
}

/// The values to choose from, null aside.
fn choices(keywords: &Object) -> Option<Vec<&Json>> {
    let of_const = keywords.get("const").map(std::slice::from_ref);
    let values = keywords.get("enum").and_then(Json::as_array).or(of_const)?;
    let is_scalar =
        |value: &&Json| value.as_array().is_none() && value.as_object().is_none() && !value.is_null();
    let values: Vec<&Json> = values.iter().filter(is_scalar).collect();
    (!values.is_empty()).then_some(values)
}

/// A choice of texts; values that are no texts are offered as texts.
fn offered(values: &[&Json], keywords: &Object, mut shown: Map<String, Value>) -> Derived {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let others = values.iter().filter(|value| !value.is_string());
    let others = others.map(|value| (text(value).into(), value.to_value())).collect();
    shown.insert("type".to_owned(), "string".into());
    shown.insert("enum".to_owned(), values.iter().map(|value| text(value)).collect());
    if let Some(default) = keywords.get("default").filter(|default| values.contains(default)) {
        shown.insert("default".to_owned(), text(default).into());
    }
    (shown, others)
}

/// Choices with titles: `oneOf` or `anyOf` of texts by `const`.
fn titled(keywords: &Object, definitions: &Definitions) -> Option<Value> {
    let branches = ["oneOf", "anyOf"].into_iter().find_map(|name| keywords.get(name)?.as_array())?;
    let branch = |branch: &Json| {
        let branch = resolve(branch, definitions);
        let value = branch.get("const")?.as_str()?;
        let title = ["title", "description"].into_iter().find_map(|name| branch.get(name)?.as_str());
        Some(json!({"const": value, "title": title.unwrap_or(value)}))
    };
    branches.iter().map(branch).collect()
}

fn text(keywords: &Object, shown: &mut Map<String, Value>) -> Result<(), NoField> {
    const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];
    let format = keywords.get("format").and_then(Json::as_str);
    if matches!(format, Some("binary" | "file" | "byte")) || keywords.contains_key("contentEncoding") {
        return Err(NoField::File);
    }
    copy(keywords, &["minLength", "maxLength", "default"], shown);
    if let Some(format) = format.filter(|format| FORMATS.contains(format)) {
        shown.insert("format".to_owned(), format.into());
    }
    Ok(())
}

fn number(keywords: &Object, kind: &str, shown: &mut Map<String, Value>) {
    copy(keywords, &["minimum", "maximum", "default"], shown);
    for (exclusive, inclusive, step) in
        [("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)]
    {
        let bound = keywords.get(exclusive).and_then(Json::as_i64).filter(|_| kind == "integer");
        if let (Some(bound), false) = (bound, shown.contains_key(inclusive)) {
            shown.insert(inclusive.to_owned(), bound.saturating_add(step).into());
        }
    }
}

fn list(keywords: &Object, definitions: &Definitions, shown: &mut Map<String, Value>) -> Result<(), NoField> {
    let items = keywords.get("items").map(|items| resolve(items, definitions));
    let items = items.and_then(Json::as_object).ok_or(NoField::List)?;
    let offered = match (choices(items), titled(items, definitions)) {
        (Some(values), _) if values.iter().all(|value| value.is_string()) => {
            json!({"type": "string", "enum": values})
        }
        (None, Some(titled)) => json!({"anyOf": titled}),
        _ => return Err(NoField::List),
    };
    shown.insert("items".to_owned(), offered);
    copy(keywords, &["minItems", "maxItems", "default"], shown);
    Ok(())
}

fn copy(from: &Object, names: &[&str], to: &mut Map<String, Value>) {
    for name in names {
        if let Some(value) = from.get(name).filter(|value| !value.is_null()) {
            to.insert((*name).to_owned(), value.to_value());
        }
    }
}
