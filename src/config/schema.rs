//! The JSON Schemas of the files, for editors.
//!
//! They are made of the declarations in [`super::file`] and [`super::server`], doc comments included, in draft 7, which is what editors of YAML
//! know best. They refuse nothing that the reader takes; what depends on several keys, and what comes in by references,
//! only the reader can tell.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::file::GatewayFile;

/// The schema of the gateway file.
#[must_use]
pub fn schema() -> Value {
    of::<GatewayFile<'static>>()
}

/// The schema of a file that is declared so.
pub(super) fn of<File: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft07();
    // Before the others: what they do about `$ref` depends on what stands beside it.
    settings.transforms.insert(0, Box::new(WithoutNull));
    let generator = settings.with_transform(unwrap_paragraphs).into_generator();
    let schema = generator.into_root_schema_for::<File>().to_value();
    with_head_first(schema)
}

/// A key may be left out but not be written without a value: takes `null` out of optional ones.
#[derive(Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(keywords) = schema.as_object_mut() {
            remove_null_type(keywords);
            remove_null_alternative(keywords);
        }
        transform_subschemas(self, schema);
    }
}

fn remove_null_type(keywords: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = keywords.get_mut("type") else { return };
    types.retain(|kind| kind != "null");
    if let [only] = &**types {
        let only = only.clone();
        keywords.insert("type".to_owned(), only);
    }
}

fn remove_null_alternative(keywords: &mut Map<String, Value>) {
    let null = json!({"type": "null"});
    let Some(Value::Array(alternatives)) = keywords.get_mut("anyOf") else { return };
    alternatives.retain(|alternative| *alternative != null);
    if let [Value::Object(only)] = &**alternatives {
        let only = only.clone();
        keywords.remove("anyOf");
        for (keyword, value) in only {
            keywords.entry(keyword).or_insert(value);
        }
    }
}

/// Doc comments break their lines for the source; an editor breaks them for itself.
fn unwrap_paragraphs(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        let paragraphs: Vec<String> = description.split("\n\n").map(|text| text.replace('\n', " ")).collect();
        *description = paragraphs.join("\n\n");
    }
    transform_subschemas(&mut unwrap_paragraphs, schema);
}

/// What a person looks for first comes first.
fn with_head_first(schema: Value) -> Value {
    let Value::Object(mut keywords) = schema else { return schema };
    let head = ["$schema", "title", "description"];
    let mut ordered: Map<String, Value> = head
        .iter()
        .filter_map(|key| keywords.shift_remove(*key).map(|value| ((*key).to_owned(), value)))
        .collect();
    ordered.extend(keywords);
    Value::Object(ordered)
}
