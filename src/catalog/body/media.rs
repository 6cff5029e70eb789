//! The media types of a body: which of them are worth a choice, and how each is written.

use serde_json::{Value, json};

use super::shape::Shape;
use crate::catalog::plan::{BodyFormat, FieldContent, FieldPlan, MediaPlan};
use crate::catalog::schema::{is_file, may_be, resolve};
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{MediaType, RequestBody};
use crate::openapi::shared::{Json, Object};

/// The media types in which a body can be sent, best first. Of those that are written alike and hold the same, only
/// the first is there.
pub(super) fn plans(body: &RequestBody, definitions: &Definitions) -> Vec<MediaPlan> {
    let mut plans: Vec<MediaPlan> = Vec::new();
    for media in &body.media {
        let plan = plan(media, definitions);
        let is_alike = |other: &MediaPlan| other.format == plan.format && other.schema == plan.schema;
        let is_one_file = |other: &MediaPlan| is_alike(other) && plan.format != BodyFormat::Binary;
        if !plans.iter().any(|other| is_one_file(other) || other.name == plan.name) {
            plans.push(plan);
        }
    }
    plans
}

fn plan(media: &MediaType, definitions: &Definitions) -> MediaPlan {
    let essence = essence(&media.name);
    let format = format(&essence, resolve(&media.schema, definitions));
    let schema = match format {
        BodyFormat::Multipart => of_fields(&media.schema, definitions),
        _ => media.schema.clone(),
    };
    let name = match (format, essence.contains('*')) {
        (BodyFormat::Json, true) => "application/json".into(),
        (BodyFormat::Text, true) => "text/plain".into(),
        _ if !essence.contains('/') => "application/json".into(),
        _ if http::HeaderValue::from_str(media.name.trim()).is_err() => essence.as_str().into(),
        (BodyFormat::Multipart, _) => without_boundary(media.name.trim()).into(),
        _ => media.name.trim().into(),
    };
    let fields = match format {
        BodyFormat::Form | BodyFormat::Multipart => fields(media, &schema, format, definitions),
        _ => Vec::new(),
    };
    MediaPlan { name, format, properties: Vec::new(), required: Vec::new(), fields, schema }
}

/// The schema of a multipart body, which is an object of parts. Where the document has a text or a list, its author
/// means the file that is sent; without a name of its own, the part has the one that everybody uses.
fn of_fields(schema: &Json, definitions: &Definitions) -> Json {
    let Json::Object(keywords) = resolve(schema, definitions) else { return schema.clone() };
    let is_one_value = keywords.contains_key("type") && !may_be(keywords, "object");
    if !is_one_value {
        return schema.clone();
    }
    let mut part = keywords.to_map();
    let text = match part.get_mut("items") {
        Some(Value::Object(items)) => items,
        _ => &mut part,
    };
    if may_be(&Object::from(&*text), "string") {
        text.insert("format".to_owned(), "binary".into());
    }
    json!({"type": "object", "properties": {"file": part}, "required": ["file"]}).into()
}

/// A media type without its `boundary`: each request has its own.
fn without_boundary(name: &str) -> String {
    let is_boundary = |parameter: &str| parameter.trim_start().to_ascii_lowercase().starts_with("boundary=");
    name.split(';').filter(|parameter| !is_boundary(parameter)).collect::<Vec<_>>().join(";")
}

/// The media type without parameters, in lower case.
fn essence(name: &str) -> String {
    name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn format(essence: &str, schema: &Json) -> BodyFormat {
    let (kind, subtype) = essence.split_once('/').unwrap_or_default();
    match (kind, subtype) {
        ("application", "x-www-form-urlencoded") => BodyFormat::Form,
        ("multipart", _) => BodyFormat::Multipart,
        ("application", "x-ndjson" | "ndjson" | "jsonl" | "x-jsonlines" | "json-lines" | "jsonlines") => {
            BodyFormat::JsonLines
        }
        (_, subtype) if subtype == "json-seq" || subtype.ends_with("+json-seq") => BodyFormat::JsonSequence,
        (_, "jsonl") => BodyFormat::JsonLines,
        (_, "json") => BodyFormat::Json,
        (_, subtype) if subtype.ends_with("+json") => BodyFormat::Json,
        (_, "xml") => BodyFormat::Xml,
        (_, subtype) if subtype.ends_with("+xml") && kind != "image" => BodyFormat::Xml,
        ("text", _) => BodyFormat::Text,
        ("application", "*") | ("*", "*") | ("", _) => of_anything(schema),
        ("application", subtype) if is_textual(subtype) => BodyFormat::Text,
        _ => BodyFormat::Binary,
    }
}

/// How a body is written whose media type says nothing: by what its schema says.
fn of_anything(schema: &Json) -> BodyFormat {
    let Json::Object(keywords) = schema else { return BodyFormat::Json };
    let is_text = keywords.contains_key("type") && may_be(keywords, "string");
    match keywords.get("format").and_then(Json::as_str) {
        Some("binary" | "file") if is_text => BodyFormat::Binary,
        _ if is_text => BodyFormat::Text,
        _ => BodyFormat::Json,
    }
}

fn is_textual(subtype: &str) -> bool {
    matches!(
        subtype,
        "yaml"
            | "x-yaml"
            | "graphql"
            | "javascript"
            | "ecmascript"
            | "sql"
            | "toml"
            | "jwt"
            | "jose"
            | "x-sh"
            | "n-triples"
            | "n-quads"
            | "sparql-query"
            | "sparql-update"
            | "x-pem-file"
            | "x-turtle"
            | "trig"
            | "x-javascript"
            | "sdp"
    ) || subtype.ends_with("+yaml")
}

fn fields(media: &MediaType, schema: &Json, format: BodyFormat, definitions: &Definitions) -> Vec<FieldPlan> {
    let shape = Shape::loose(schema, definitions);
    let declared: Vec<&str> = shape.names().collect();
    let encoded =
        media.encoding.iter().map(|(name, _)| name.as_str()).filter(|name| !declared.contains(name));
    let field = |name: &str| {
        let encoding =
            media.encoding.iter().find(|(property, _)| property == name).map(|(_, encoding)| encoding);
        let content_type = encoding.and_then(|encoding| encoding.content_type.as_deref());
        let schema = shape.schema(name).unwrap_or_default();
        let is_file = format == BodyFormat::Multipart && is_file_field(&schema, content_type, definitions);
        FieldPlan {
            name: name.into(),
            encoding: encoding.and_then(|encoding| encoding.encoding.clone()),
            content: if is_file { FieldContent::File } else { FieldContent::Value },
            content_type: content_type.map(Into::into),
            headers: encoding.map(|encoding| encoding.headers.clone()).unwrap_or_default(),
        }
    };
    declared.iter().copied().chain(encoded).map(field).collect()
}

/// Whether a part, or each item of an array that becomes several parts, is a file.
fn is_file_field(schema: &Json, content_type: Option<&str>, definitions: &Definitions) -> bool {
    let resolved = resolve(schema, definitions);
    let item = resolved.get("items").unwrap_or(resolved);
    if is_file(item, definitions) {
        return true;
    }
    // "For properties without a type the default is application/octet-stream" is how 3.1 spells a file: an encoding
    // whose media type is not text, on a property that is a text or says nothing.
    let is_text = resolve(item, definitions).as_object().is_none_or(|keywords| {
        may_be(keywords, "string")
            && !["properties", "$ref", "anyOf", "oneOf", "allOf"]
                .iter()
                .any(|name| keywords.contains_key(name))
    });
    let is_base64 = resolve(item, definitions).get("contentEncoding").is_some();
    is_text
        && !is_base64
        && content_type
            .is_some_and(|media| matches!(format(&essence(media), &Json::Null), BodyFormat::Binary))
}
