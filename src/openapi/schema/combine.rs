//! What can be decided only when all keywords of a schema are known.

use serde_json::{Map, Value, json};

use super::super::node::{Kind, Node};
use super::convert::{Converter, Draft};
use super::types::Types;
use super::{Fault, XML, discriminator, enumeration, number};

/// Keywords that say something about a schema but forbid nothing.
const ANNOTATIONS: [&str; 5] = ["title", "description", "default", "deprecated", XML];

/// The finished schema.
pub(super) fn finish<'d>(converter: &mut Converter<'_, 'd>, mut draft: Draft<'d>) -> Value {
    required(converter, &mut draft);
    enum_of_items(converter, &mut draft);
    if number::drop_contradictions(&mut draft.schema) {
        converter.fault(Fault::Limits, draft.node);
    }
    discriminator::apply(converter, &mut draft);
    hoist(&mut draft.schema);
    if is_nullable(draft.node) {
        allow_null(&mut draft);
    }
    default(converter, &mut draft);
    Value::Object(draft.schema)
}

/// `required`, each name once, without what is there the other way only.
fn required<'d>(converter: &mut Converter<'_, 'd>, draft: &mut Draft<'d>) {
    let mut names: Vec<&str> = Vec::with_capacity(draft.required.len());
    for name in std::mem::take(&mut draft.required) {
        if !names.contains(&name) && !draft.hidden.contains(&name) && !is_hidden_below(converter, draft, name)
        {
            names.push(name);
        }
    }
    if !names.is_empty() {
        draft.schema.insert("required".to_owned(), json!(names));
    }
}

/// `enum` beside `type: array` that holds no list: what the author listed is what the items may be.
fn enum_of_items<'d>(converter: &mut Converter<'_, 'd>, draft: &mut Draft<'d>) {
    let Some(node) = draft.node.get("enum").filter(|_| draft.types == Types::ARRAY) else { return };
    if draft.schema.contains_key("enum") {
        return;
    }
    let items = draft.schema.entry("items").or_insert_with(|| json!({}));
    if *items == Value::Bool(true) {
        *items = json!({});
    }
    let types = draft.node.get("items").map_or_else(Types::default, Types::of);
    let values = enumeration::values(node, types);
    let fault = if values.is_some() { Fault::EnumOfItems } else { Fault::Enum };
    if let (Some(values), Some(items)) = (values, items.as_object_mut())
        && !items.contains_key("enum")
    {
        items.insert("enum".to_owned(), Value::Array(values));
    }
    converter.fault(fault, node);
}

/// Whether a branch of `allOf`, and not the schema itself, has the property and hides it.
fn is_hidden_below<'d>(converter: &mut Converter<'_, 'd>, draft: &Draft<'d>, name: &str) -> bool {
    let own = draft.schema.get("properties").is_some_and(|properties| properties.get(name).is_some());
    if own || draft.node.get("allOf").is_none() {
        return false;
    }
    let property = discriminator::property(converter, draft.node, name);
    property.is_some_and(|property| converter.is_hidden(property))
}

/// Lifts the only branch of a combinator into the schema, where that says the same: authors of 3.0 documents wrap
/// a `$ref` in `allOf` to write a description beside it.
fn hoist(schema: &mut Map<String, Value>) {
    for key in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = schema.get_mut(key) else { continue };
        if key == "allOf" {
            drop_bare(branches);
        }
        let others = schema.keys().filter(|other| *other != key && !is_annotation(other));
        let others: Vec<&str> = others.map(String::as_str).collect();
        let Some(Value::Array(branches)) = schema.get(key) else { continue };
        let Some(Value::Object(branch)) = branches.first().filter(|_| branches.len() == 1) else { continue };
        let fits = others.is_empty()
            || (branch.len() == 1 && branch.contains_key("$ref") && !others.contains(&"$ref"))
            || (others == ["type"] && branch.get("type") == schema.get("type"));
        if fits {
            let branch = branch.clone();
            schema.shift_remove(key);
            for (key, value) in branch {
                schema.entry(key).or_insert(value);
            }
        }
    }
}

/// Drops branches of `allOf` that accept anything, as long as another one remains.
fn drop_bare(branches: &mut Vec<Value>) {
    let is_bare = |branch: &Value| branch.as_object().is_some_and(Map::is_empty);
    if branches.len() > 1 && !branches.iter().all(is_bare) {
        branches.retain(|branch| !is_bare(branch));
    }
}

pub(super) fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key)
}

fn is_nullable(node: Node<'_>) -> bool {
    ["nullable", "x-nullable"].into_iter().any(|key| node.get(key).and_then(Node::scalar) == Some("true"))
}

/// OpenAPI 3.0's `nullable`, as its authors mean it: also beside a `$ref` and beside `enum`, where the letter of
/// the specification gives it no effect.
fn allow_null(draft: &mut Draft<'_>) {
    let schema = &mut draft.schema;
    let constrains = |key: &str| schema.contains_key(key);
    if ["$ref", "allOf", "const", "not", "if"].into_iter().any(constrains) {
        return wrap(schema);
    }
    let null = json!({"type": "null"});
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = schema.get_mut(key)
            && !branches.contains(&null)
        {
            branches.push(null.clone());
        }
    }
    if !draft.types.is_empty() {
        draft.types = draft.types | Types::NULL;
        if let Some(types) = draft.types.to_value() {
            schema.insert("type".to_owned(), types);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// `{description, anyOf: [what there was, null]}`
fn wrap(schema: &mut Map<String, Value>) {
    let (mut outer, inner): (Map<_, _>, Map<_, _>) =
        std::mem::take(schema).into_iter().partition(|(key, _)| is_annotation(key));
    outer.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
    *schema = outer;
}

/// A `default` that the schema itself would refuse misleads whoever reads it.
fn default<'d>(converter: &mut Converter<'_, 'd>, draft: &mut Draft<'d>) {
    let Some(value) = draft.schema.get_mut("default") else { return };
    let coerced = enumeration::coerced(std::mem::take(value), draft.types);
    let values = draft.schema.get("enum").and_then(Value::as_array);
    let fits = |value: &Value| values.is_none_or(|values| values.contains(value));
    if let Some(coerced) = coerced.filter(fits) {
        draft.schema.insert("default".to_owned(), coerced);
        return;
    }
    draft.schema.shift_remove("default");
    // `default: null` is how people write that there is none.
    if let Some(node) = draft.node.get("default").filter(|node| node.kind() != Kind::Null) {
        converter.fault(Fault::Default, node);
    }
}
