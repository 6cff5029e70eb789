//! The request body of an endpoint.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::operations::owned;
use super::super::resolver::Resolver;
use super::super::written::Written;
use super::parameter::Property;
use super::{BodyFile, media_type, schema};
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::operation::{MediaType, RequestBody};

/// The body that a `body` and the parameters with `in: body` make together; `None` when there is none of them.
pub(super) fn resolve(
    body: Option<&Written<'_, BodyFile<'_>>>,
    properties: Vec<Property>,
    resolver: &mut Resolver<'_>,
) -> Option<RequestBody> {
    let Some(body) = body else {
        let required = properties.iter().any(|property| property.required);
        return (!properties.is_empty()).then(|| {
            let schema = with_properties(json!({"type": "object"}), properties, resolver);
            request_body(media_type::JSON.to_owned(), schema, None, required)
        });
    };
    let file = &body.value;
    let name = match &file.content_type {
        Some(written) => media_type::resolve(written, resolver),
        None => media_type::JSON.to_owned(),
    };
    let mut schema = schema::resolve(&file.schema, file.keywords, body.slot, resolver);
    if !properties.is_empty() {
        schema =
            Some(with_properties(schema.unwrap_or_else(|| json!({"type": "object"})), properties, resolver));
    }
    let described = schema.is_some() || body.slot.node.get("schema").is_some();
    if !described && (media_type::is_json(&name) || media_type::is_form(&name)) {
        let message = "nothing says what the body holds";
        let diagnostic = Diagnostic::new(Code::MissingKey, message).at(body.slot.key_place());
        resolver.problem(diagnostic.help("declare its `properties`, its `type` or a `schema`"));
    }
    let schema = schema.map_or_else(|| json!({"type": "string"}), with_type);
    let required = file.required.and_then(|required| required.value.flag()).unwrap_or(true);
    Some(request_body(name, schema, owned(file.description.as_ref()), required))
}

fn request_body(name: String, schema: Value, description: Option<String>, required: bool) -> RequestBody {
    let media = MediaType { name, schema: Arc::new(schema), encoding: Vec::new() };
    RequestBody { required, description, media: vec![media] }
}

/// Who writes `properties` means an object.
fn with_type(mut schema: Value) -> Value {
    if let Some(keywords) = schema.as_object_mut()
        && keywords.contains_key("properties")
    {
        keywords.entry("type").or_insert_with(|| "object".into());
    }
    schema
}

fn with_properties(schema: Value, properties: Vec<Property>, resolver: &mut Resolver<'_>) -> Value {
    let Value::Object(mut keywords) = with_type(schema) else { return Value::Bool(true) };
    let is_object = keywords.get("type").is_none_or(|kind| kind == "object");
    let mut all = match keywords.remove("properties") {
        Some(Value::Object(declared)) => declared,
        _ => Map::new(),
    };
    let mut required = match keywords.remove("required") {
        Some(Value::Array(names)) => names,
        _ => Vec::new(),
    };
    for property in properties {
        let message = if !is_object {
            format!("`{}` is a property of the body, which is no object", property.name)
        } else if all.contains_key(&property.name) {
            format!("`{}` is declared in `body` too", property.name)
        } else {
            if property.required {
                required.push(property.name.as_str().into());
            }
            all.insert(property.name, property.schema);
            continue;
        };
        resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(property.place));
    }
    keywords.insert("type".to_owned(), "object".into());
    keywords.insert("properties".to_owned(), all.into());
    if !required.is_empty() {
        keywords.insert("required".to_owned(), required.into());
    }
    Value::Object(keywords)
}
