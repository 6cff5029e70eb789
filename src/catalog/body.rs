//! A request body, laid out as arguments.
//!
//! A body that is a plain object gives each of its properties as an argument; any other is one argument that holds it
//! whole. Either way nothing that the document allows is out of reach, except values that only a combinator of
//! constraints forbids or allows: those are left to the API.

mod media;
mod rule;
mod shape;

use serde_json::{Value, json};

use super::plan::{BodyFormat, FieldContent, MediaPlan};
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::RequestBody;
use crate::openapi::shared::{Json, Object};
pub(super) use rule::one_of_required;
use shape::Shape;

/// A body as arguments, before they have names.
#[derive(Debug)]
pub(super) struct BodyLayout {
    /// Its media types, best first; never empty.
    pub media: Vec<MediaPlan>,
    /// What it is made of.
    pub content: Content,
    /// Which of its properties go together: schemas of an object that has them among others.
    pub rules: Vec<Value>,
}

/// What a body is made of.
#[derive(Debug)]
pub(super) enum Content {
    /// The properties of an object.
    Properties(Vec<Property>),
    /// One value.
    Whole(Whole),
}

/// One property of a body.
#[derive(Debug)]
pub(super) struct Property {
    /// Name in the body.
    pub name: String,
    /// What it takes.
    pub schema: Json,
    /// A body without it is not valid.
    pub required: bool,
    /// The argument is base64 or a data URI.
    pub file: bool,
}

/// A body in one argument.
#[derive(Debug)]
pub(super) struct Whole {
    /// What it takes.
    pub schema: Json,
    /// The argument is base64 or a data URI.
    pub file: bool,
}

/// Lays a body out. `None` when it has no media type at all.
pub(super) fn layout(body: &RequestBody, definitions: &Definitions) -> Option<BodyLayout> {
    let mut media = media::plans(body, definitions);
    if media.is_empty() {
        return None;
    }
    let shapes: Option<Vec<Shape<'_>>> = media
        .iter()
        .map(|plan| (!is_one_value(plan.format)).then(|| Shape::of(&plan.schema, definitions)).flatten())
        .collect();
    let Some(shapes) = shapes else {
        let content = Content::Whole(whole(&media));
        return Some(BodyLayout { media, content, rules: Vec::new() });
    };
    let content = Content::Properties(properties(&media, &shapes));
    let rules = rules(&shapes, definitions);
    if media.len() > 1 {
        let names: Vec<Vec<Box<str>>> =
            shapes.iter().map(|shape| shape.names().map(Into::into).collect()).collect();
        let required: Vec<Vec<Box<str>>> = shapes
            .iter()
            .map(|shape| shape.names().filter(|name| shape.requires(name)).map(Into::into).collect())
            .collect();
        for ((plan, names), required) in media.iter_mut().zip(names).zip(required) {
            plan.properties = names;
            plan.required = required;
        }
    }
    Some(BodyLayout { media, content, rules })
}

/// The rules on which all media types agree.
fn rules(shapes: &[Shape<'_>], definitions: &Definitions) -> Vec<Value> {
    let mut all = shapes.iter().map(|shape| shape.rules(definitions));
    let first = all.next().unwrap_or_default();
    let mut rules = if all.all(|rules| rules == first) { first } else { Vec::new() };
    rules.extend(needed_by_one(shapes));
    rules
}

/// What must be given so that the body is whole in one media type at least: JSON may require a URL where a form
/// requires a file.
fn needed_by_one(shapes: &[Shape<'_>]) -> Option<Value> {
    let needed = |shape: &Shape<'_>| -> Vec<String> {
        let own = |name: &&str| shape.requires(name) && !shapes.iter().all(|other| other.requires(name));
        shape.names().filter(own).map(str::to_owned).collect()
    };
    let mut all: Vec<Vec<String>> = shapes.iter().map(needed).collect();
    all.dedup();
    let differ = all.len() > 1 && !all.iter().any(Vec::is_empty);
    let required = |names: &Vec<String>| json!({ "required": names });
    differ.then(|| json!({"anyOf": all.iter().map(required).collect::<Vec<_>>()}))
}

/// Bodies of these formats have no properties, whatever their schema says.
fn is_one_value(format: BodyFormat) -> bool {
    matches!(format, BodyFormat::Text | BodyFormat::Binary | BodyFormat::JsonLines | BodyFormat::JsonSequence)
}

/// The properties of all media types together; required is what each of them requires.
fn properties(media: &[MediaPlan], shapes: &[Shape<'_>]) -> Vec<Property> {
    let mut names: Vec<&str> = Vec::new();
    for shape in shapes {
        names.extend(shape.names().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    }
    let property = |name: &&str| {
        let mut schemas: Vec<Json> = Vec::new();
        let mut file = false;
        for (plan, shape) in media.iter().zip(shapes) {
            let Some(schema) = shape.schema(name) else { continue };
            let field = plan.fields.iter().find(|field| *field.name == **name);
            let is_file = field.is_some_and(|field| field.content == FieldContent::File);
            file |= is_file;
            let schema = if is_file { file_schema(&schema) } else { schema.into_owned() };
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        Property {
            name: (*name).to_owned(),
            schema: any_of(schemas),
            required: shapes.iter().all(|shape| shape.requires(name)),
            file,
        }
    };
    names.iter().map(property).collect()
}

fn whole(media: &[MediaPlan]) -> Whole {
    let mut schemas: Vec<Json> = Vec::new();
    let mut file = false;
    for plan in media {
        let schema = match plan.format {
            BodyFormat::Binary => {
                file = true;
                file_schema(&plan.schema)
            }
            BodyFormat::Text => text_schema(&plan.schema),
            BodyFormat::Form | BodyFormat::Multipart => fields_schema(&plan.schema),
            _ => plan.schema.clone(),
        };
        if !schemas.contains(&schema) {
            schemas.push(schema);
        }
    }
    Whole { schema: any_of(schemas), file }
}

fn any_of(mut schemas: Vec<Json>) -> Json {
    if schemas.len() == 1 { schemas.remove(0) } else { json!({"anyOf": schemas}).into() }
}

/// Base64 of either alphabet, or a data URI, which an empty file must be.
const FILE: &str = r"^([A-Za-z0-9+/_-]{4})*[A-Za-z0-9+/_-]{2,4}=*$|^data:[^,]*,.*$";

/// A file is given as text; what the document says about length or pattern is about its bytes.
fn file_schema(schema: &Json) -> Json {
    let is_list = schema.get("type").is_some_and(|kind| kind == "array") || schema.get("items").is_some();
    let text = json!({"type": "string", "contentEncoding": "base64", "pattern": FILE});
    let mut file = if is_list { json!({"type": "array", "items": text}) } else { text };
    if let (Some(description), Value::Object(file)) = (schema.get("description"), &mut file) {
        file.insert("description".into(), description.to_value());
    }
    file.into()
}

/// A form is made of fields. A document that does not say which takes any.
fn fields_schema(schema: &Json) -> Json {
    let says_nothing = schema.as_object().is_none_or(Object::is_empty);
    if says_nothing {
        let description = "An object of the form's fields.";
        return json!({"type": "object", "description": description}).into();
    }
    schema.clone()
}

/// A text body takes text, unless the schema says that it is made of something else.
fn text_schema(schema: &Json) -> Json {
    let says_nothing = schema.as_object().is_none_or(Object::is_empty);
    if says_nothing { json!({"type": "string"}).into() } else { schema.clone() }
}

#[cfg(test)]
mod tests;
