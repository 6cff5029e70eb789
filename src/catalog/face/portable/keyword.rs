//! Single keywords of a schema, read and written.

use serde_json::{Map, Value, json};

use crate::catalog::text::is_all_visible;
use crate::openapi::shared::{Json, Object};

/// Patterns longer than this are not shown.
const PATTERN: usize = 120;

pub(super) fn text(keywords: &Object, most: usize, shown: &mut Map<String, Value>) {
    shown.insert("type".into(), "string".into());
    let choices = values_of(keywords).unwrap_or_default();
    // An empty text among the choices is refused by one provider; it may still be sent.
    let mut texts: Vec<Value> = choices
        .iter()
        .filter(|value| value.as_str().is_some_and(|text| !text.is_empty()))
        .map(Json::to_value)
        .collect();
    texts.dedup();
    if !texts.is_empty() && texts.len() <= most && texts.iter().all(is_all_visible) {
        shown.insert("enum".into(), texts.into());
        return;
    }
    let format = keywords.get("format").and_then(Json::as_str);
    let own = keywords.get("pattern").filter(|pattern| is_plain_pattern(pattern)).map(Json::to_value);
    if let Some(pattern) = own.or_else(|| format.and_then(pattern_of).map(Value::from)) {
        shown.insert("pattern".into(), pattern);
    }
    if format == Some("date-time") {
        shown.insert("format".into(), "date-time".into());
    }
    copy_counts(&["minLength", "maxLength"], keywords, shown);
}

/// A pattern for a format, which one provider takes no other than `date-time` of.
fn pattern_of(format: &str) -> Option<&'static str> {
    Some(match format {
        "uuid" => "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        "date" => r"^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
        "email" => r"^[^@\s]+@[^@\s]+\.[^@\s.]+$",
        "uri" | "url" => r"^[a-zA-Z][a-zA-Z0-9+.-]*:\S*$",
        _ => return None,
    })
}

pub(super) fn number(kind: &str, keywords: &Object, shown: &mut Map<String, Value>) {
    /// What a program that reads numbers as doubles still tells apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    shown.insert("type".into(), kind.into());
    let is_small = |value: &&Json| value.as_f64().is_some_and(|number| number.abs() < EXACT);
    for (bound, exclusive, step) in [("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)]
    {
        let inclusive = keywords.get(bound).filter(is_small).map(Json::to_value);
        let exclusive = keywords.get(exclusive).filter(is_small).map(|value| match value.as_i64() {
            Some(value) if kind == "integer" => Value::from(value + step),
            _ => value.to_value(),
        });
        if let Some(value) = inclusive.or(exclusive) {
            shown.insert(bound.into(), value);
        }
    }
    if let Some((least, most)) = values_of(keywords).and_then(range) {
        shown.insert("minimum".into(), least.into());
        shown.insert("maximum".into(), most.into());
    }
}

/// The least and the greatest of some integers. A list of numbers is taken by one provider as a list of texts only; the
/// range is, and the description names the numbers.
fn range(values: &[Json]) -> Option<(i64, i64)> {
    let integers: Option<Vec<i64>> =
        values.iter().filter(|value| !value.is_null()).map(Json::as_i64).collect();
    let integers = integers?;
    Some((*integers.iter().min()?, *integers.iter().max()?))
}

/// Counts that say something: 0 as the least does not.
pub(super) fn copy_counts(names: &[&str], keywords: &Object, shown: &mut Map<String, Value>) {
    for name in names {
        if let Some(count) =
            keywords.get(name).and_then(Json::as_u64).filter(|count| (1..1 << 31).contains(count))
        {
            shown.insert((*name).into(), count.into());
        }
    }
}

/// A pattern that every engine reads alike.
pub(super) fn is_plain_pattern(pattern: &Json) -> bool {
    pattern.as_str().is_some_and(|pattern| {
        pattern.len() <= PATTERN
            && pattern.is_ascii()
            && regex_syntax::ast::parse::Parser::new().parse(pattern).is_ok()
    })
}

/// The types that a schema says, without `null`.
pub(super) fn types(keywords: &Object) -> Vec<&str> {
    let names = match keywords.get("type") {
        Some(Json::String(name)) => vec![name.as_str()],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| *name != "null").collect()
}

/// Whether a schema says in so many words that it takes `null`.
pub(in crate::catalog::face) fn names_null(keywords: &Object) -> bool {
    let lists = |keyword: &str| keywords.get(keyword).and_then(Json::as_array).into_iter().flatten();
    lists("type").any(|name| name == "null") || lists("anyOf").chain(lists("oneOf")).any(is_null)
}

/// The type that the keywords of a schema are about.
pub(super) fn implied(keywords: &Object) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().any(|name| keywords.contains_key(name));
    if has(&["properties", "additionalProperties", "required", "patternProperties"]) {
        return Some("object");
    }
    if has(&["items", "prefixItems", "minItems", "maxItems"]) {
        return Some("array");
    }
    let of_const = keywords.get("const").map(std::slice::from_ref);
    let choices = keywords.get("enum").and_then(Json::as_array).or(of_const).unwrap_or_default();
    let all = |is: fn(&Json) -> bool| {
        !choices.is_empty() && choices.iter().all(|value| is(value) || value.is_null())
    };
    if all(Json::is_string) || has(&["pattern", "minLength", "maxLength"]) {
        return Some("string");
    }
    if all(Json::is_boolean) {
        return Some("boolean");
    }
    (all(Json::is_number)
        || has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]))
    .then_some("number")
}

/// The values that a schema lists.
pub(super) fn values_of(keywords: &Object) -> Option<&[Json]> {
    let values = keywords.get("enum").and_then(Json::as_array);
    values.or(keywords.get("const").map(std::slice::from_ref))
}

pub(super) fn is_null(schema: &Json) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
        || schema.get("const").is_some_and(Json::is_null)
        || schema.get("enum").and_then(Json::as_array).is_some_and(|values| matches!(values, [Json::Null]))
}

pub(super) fn is_true(schema: &Json, keyword: &str) -> bool {
    schema.get(keyword) == Some(&Json::Bool(true))
}

/// Whether a schema holds this reference.
pub(super) fn mentions(shown: &Map<String, Value>, reference: &str) -> bool {
    fn within(value: &Value, reference: &str) -> bool {
        match value {
            Value::Object(keywords) => mentions(keywords, reference),
            Value::Array(values) => values.iter().any(|value| within(value, reference)),
            _ => false,
        }
    }
    shown.get("$ref").is_some_and(|target| target == reference)
        || shown.values().any(|value| within(value, reference))
}

pub(in crate::catalog::face) fn is_portable_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// The name of a definition as it stands in a reference without any escapes.
pub(super) fn definition_key(name: &str) -> String {
    if is_portable_name(name) {
        return name.to_owned();
    }
    let mut key: String = name
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    key.truncate(40);
    // What two names have in common once they are legal is told apart by their length and sum.
    let sum = name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("{key}_{sum:x}")
}

/// A schema with its description after all else.
pub(super) fn described(mut shown: Map<String, Value>, text: Option<String>) -> Map<String, Value> {
    let Some(text) = text else { return shown };
    if shown.contains_key("$ref") {
        // One provider takes nothing beside a reference.
        shown = Map::from_iter([("anyOf".to_owned(), json!([shown]))]);
    }
    shown.insert("description".into(), text.into());
    shown
}

pub(super) fn mark(text: Option<String>, deprecated: bool) -> Option<String> {
    match text {
        Some(text) if deprecated => Some(format!("Deprecated. {text}")),
        None if deprecated => Some("Deprecated.".to_owned()),
        text => text,
    }
}

pub(super) fn any_of(mut schemas: Vec<Map<String, Value>>) -> Map<String, Value> {
    match schemas.len() {
        0 => anything(),
        1 => schemas.remove(0),
        _ => Map::from_iter([("anyOf".to_owned(), Value::from_iter(schemas))]),
    }
}

/// Each schema once.
pub(super) fn distinct(schemas: impl Iterator<Item = Map<String, Value>>) -> Vec<Map<String, Value>> {
    let mut distinct = Vec::new();
    for schema in schemas {
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    distinct
}

pub(super) fn open_object() -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), "object".into()), ("additionalProperties".to_owned(), true.into())])
}

/// Anything but arrays, which cannot be shown without an end.
pub(super) fn scalar_or_object() -> Map<String, Value> {
    let types = ["string", "number", "boolean", "object"].map(|kind| json!({"type": kind}));
    Map::from_iter([("anyOf".to_owned(), Value::from_iter(types))])
}

pub(super) fn anything() -> Map<String, Value> {
    let mut all = scalar_or_object();
    if let Some(Value::Array(types)) = all.get_mut("anyOf") {
        types.push(json!({"type": "array", "items": scalar_or_object()}));
    }
    all
}
