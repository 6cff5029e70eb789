//! The request body of an endpoint.

use serde_json::{Map, Value, json};

use super::super::operations::owned;
use super::super::resolver::Resolver;
use super::super::written::{Map as WrittenMap, Written};
use super::parameter::Property;
use super::{BodyFile, EncodingFile, MediaFile, media_type, schema};
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::operation::{Encoding, MediaType, PropertyEncoding, RequestBody, Style};

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
    if let Some(content) = &file.content {
        return several(body, content, &properties, resolver);
    }
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
    let mut body = request_body(name, schema, owned(file.description.as_ref()), required);
    if let (Some(written), Some(media)) = (&file.encoding, body.media.first_mut()) {
        media.encoding = encodings(&media.name, written, resolver);
    }
    Some(body)
}

/// A body that can be sent as one of several media types.
fn several(
    body: &Written<'_, BodyFile<'_>>,
    content: &Written<'_, WrittenMap<'_, MediaFile<'_>>>,
    properties: &[Property],
    resolver: &mut Resolver<'_>,
) -> Option<RequestBody> {
    let file = &body.value;
    let says_more = file.content_type.is_some()
        || file.encoding.is_some()
        || file.schema.is_some()
        || file.keywords.to_value().is_some()
        || !properties.is_empty();
    if says_more || content.value.0.is_empty() {
        let message = "`content` says media types and what each holds, and nothing else does beside it";
        resolver.problem(content.slot.invalid(message));
        return None;
    }
    let media = content.value.0.iter().filter_map(|entry| {
        let schema = entry.value.schema.0.as_ref()?;
        let name = media_type::named(entry.key, &entry.key_place, resolver);
        let encoding = entry.value.encoding.as_ref();
        let encoding = encoding.map(|written| encodings(&name, written, resolver)).unwrap_or_default();
        let schema = with_type(schema::usable(schema, resolver)).into();
        Some(MediaType { name, schema, encoding })
    });
    let media: Vec<MediaType> = media.collect();
    let required = file.required.and_then(|required| required.value.flag()).unwrap_or(true);
    let description = owned(file.description.as_ref());
    (!media.is_empty()).then_some(RequestBody { required, description, media })
}

/// How the properties of a form are written.
fn encodings(
    media_type: &str,
    written: &Written<'_, WrittenMap<'_, EncodingFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<(String, PropertyEncoding)> {
    if !media_type::is_form(media_type) && !media_type.starts_with("multipart/") {
        resolver.problem(written.slot.invalid("`encoding` is about forms: url-encoded or multipart"));
    }
    let mut encodings = Vec::new();
    for entry in &written.value.0 {
        let file = &entry.value;
        let says_style = file.style.is_some() || file.explode.is_some() || file.allow_reserved.is_some();
        let style = file.style.as_ref().map_or(Style::Form, |style| style.value.into());
        let encoding = says_style.then(|| Encoding::Style {
            style,
            explode: file.explode.map_or(style == Style::Form, |explode| explode.value),
            allow_reserved: file.allow_reserved.is_some_and(|flag| flag.value),
            allow_empty: false,
        });
        let headers = file.headers.iter().flat_map(|headers| &headers.value.0);
        let headers = headers.map(|header| (header.key.to_owned(), header.value.0.to_owned()));
        encodings.push((
            entry.key.to_owned(),
            PropertyEncoding {
                content_type: file
                    .content_type
                    .as_ref()
                    .map(|written| media_type::resolve(written, resolver)),
                encoding,
                headers: headers.collect(),
            },
        ));
    }
    encodings
}

fn request_body(name: String, schema: Value, description: Option<String>, required: bool) -> RequestBody {
    let media = MediaType { name, schema: schema.into(), encoding: Vec::new() };
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
