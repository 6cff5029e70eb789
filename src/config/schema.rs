//! The JSON Schema of the gateway file, for editors.
//!
//! It is made of the declarations in [`super::file`], doc comments included, in draft 7, which is what editors of YAML
//! know best. It says a little less than the reader, never more: what depends on several keys, and what is inside
//! of references, only the reader can tell.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::Value;

use super::file::GatewayFile;

/// The schema as a JSON value.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft07().with_transform(WithoutNull);
    settings.into_generator().into_root_schema_for::<GatewayFile<'static>>().to_value()
}

/// A key may be left out but not be written without a value: takes `null` out of optional ones.
#[derive(Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(object) = schema.as_object_mut() {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [kind] = &**types {
                    let kind = kind.clone();
                    object.insert("type".to_owned(), kind);
                }
            }
            let null = serde_json::json!({"type": "null"});
            if let Some(Value::Array(alternatives)) = object.get_mut("anyOf")
                && alternatives.contains(&null)
            {
                alternatives.retain(|alternative| *alternative != null);
                if let [Value::Object(only)] = &**alternatives {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
        }
        transform_subschemas(self, schema);
    }
}
