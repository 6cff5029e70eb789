//! The body: which media type, from which arguments, written how.

use serde_json::{Map, Value};

use super::file::File;
use super::{Reason, Refusal, form, given, multipart, xml};
use crate::catalog::CallPlan;
use crate::catalog::plan::{BodyFormat, BodyPlan, BodyShape, MediaPlan, PropertyPlan};

/// A body, written.
pub(super) struct Body {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// What a body is written from: properties in the order of the document, or one value.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Properties(Vec<(&'a PropertyPlan, &'a Value)>),
    Whole(&'a Value, &'a str),
}

/// Writes the body. `None` when the operation has none, or an optional one for which nothing was given.
pub(super) fn write(
    plan: &CallPlan,
    arguments: &Map<String, Value>,
    boundary: &dyn Fn() -> String,
) -> Result<Option<Body>, Refusal> {
    let Some(body) = &plan.request.body else { return Ok(None) };
    let source = match &body.shape {
        BodyShape::Properties(properties) => {
            let given = |property: &'_ PropertyPlan| given(property.argument.as_deref(), arguments);
            let values = properties
                .iter()
                .filter_map(|property| Some((property, given(property).or(property.default.as_ref())?)));
            Source::Properties(values.collect())
        }
        BodyShape::Whole { argument, default } => {
            match given(argument.as_deref(), arguments).or(default.as_ref()) {
                Some(value) => Source::Whole(value, argument.as_deref().unwrap_or("body")),
                None if body.required => {
                    return Err(Refusal::Argument(
                        argument.as_deref().unwrap_or("body").into(),
                        Reason::Missing,
                    ));
                }
                None => return Ok(None),
            }
        }
    };
    let is_empty = matches!(&source, Source::Properties(properties) if properties.is_empty());
    if is_empty && !body.required {
        return Ok(None);
    }
    let media = media(body, &source, arguments)?;
    written(plan, media, &source, boundary).map(Some)
}

/// The media type that the caller chose, else the first that can hold what was given and lacks nothing, else the first
/// that can hold it, else the first.
fn media<'a>(
    body: &'a BodyPlan,
    source: &Source<'_>,
    arguments: &Map<String, Value>,
) -> Result<&'a MediaPlan, Refusal> {
    let first = body.media.first().ok_or(Refusal::Url)?;
    if let Some(argument) = &body.media_argument
        && let Some(chosen) = arguments.get(&**argument)
    {
        let is_chosen = |media: &&MediaPlan| chosen.as_str() == Some(&media.name);
        return body
            .media
            .iter()
            .find(is_chosen)
            .ok_or_else(|| Refusal::Argument(argument.clone(), Reason::UnknownMediaType));
    }
    if body.media.len() == 1 {
        return Ok(first);
    }
    let holds = |media: &&MediaPlan| match source {
        Source::Properties(given) => {
            given.iter().all(|(property, _)| media.properties.contains(&property.name))
        }
        Source::Whole(Value::String(_), _) => matches!(media.format, BodyFormat::Text | BodyFormat::Binary),
        Source::Whole(..) => !matches!(media.format, BodyFormat::Text | BodyFormat::Binary),
    };
    let is_whole = |media: &&MediaPlan| match source {
        Source::Properties(given) => {
            media.required.iter().all(|name| given.iter().any(|(property, _)| property.name == *name))
        }
        Source::Whole(..) => true,
    };
    let whole = body.media.iter().filter(holds).find(is_whole);
    Ok(whole.or_else(|| body.media.iter().find(holds)).unwrap_or(first))
}

fn written(
    plan: &CallPlan,
    media: &MediaPlan,
    source: &Source<'_>,
    boundary: &dyn Fn() -> String,
) -> Result<Body, Refusal> {
    let mut content_type = media.name.to_string();
    let bytes = match media.format {
        BodyFormat::Json => json(source),
        BodyFormat::JsonLines => json_lines(source, &[]),
        BodyFormat::JsonSequence => json_lines(source, &[RECORD_SEPARATOR]),
        BodyFormat::Form => form::write(media, source)?,
        BodyFormat::Multipart => {
            let boundary = boundary();
            content_type = format!("{content_type}; boundary={boundary}");
            multipart::write(media, source, &boundary)?
        }
        BodyFormat::Xml => xml::write(&media.schema, &plan.arguments.definitions, source)?,
        BodyFormat::Text => match source {
            Source::Whole(Value::String(text), _) => text.clone().into_bytes(),
            source => json(source),
        },
        BodyFormat::Binary => {
            let file = binary(source)?;
            if content_type.contains('*') {
                content_type = file.media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            }
            file.bytes
        }
    };
    Ok(Body { content_type, bytes })
}

fn binary(source: &Source<'_>) -> Result<File, Refusal> {
    match source {
        Source::Whole(Value::String(text), argument) => {
            File::parse(text).ok_or_else(|| Refusal::Argument((*argument).into(), Reason::NotAFile))
        }
        source => Ok(File { bytes: json(source), media_type: None, name: None }),
    }
}

/// A JSON object of the given properties, in the order of the document; or the value itself.
fn json(source: &Source<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    match source {
        Source::Whole(value, _) => append_json(value, &mut bytes),
        Source::Properties(properties) => {
            bytes.push(b'{');
            for (index, (property, value)) in properties.iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                bytes.extend_from_slice(property.key.as_bytes());
                append_json(value, &mut bytes);
            }
            bytes.push(b'}');
        }
    }
    bytes
}

/// What stands before each value of a JSON text sequence (RFC 7464, section 2.1).
const RECORD_SEPARATOR: u8 = 0x1e;

/// A line for each item of a list, or one for what is no list.
fn json_lines(source: &Source<'_>, before: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Source::Whole(Value::Array(values), _) = source else {
        bytes.extend_from_slice(before);
        bytes.extend(json(source));
        bytes.push(b'\n');
        return bytes;
    };
    for value in values {
        bytes.extend_from_slice(before);
        append_json(value, &mut bytes);
        bytes.push(b'\n');
    }
    bytes
}

fn append_json(value: &Value, bytes: &mut Vec<u8>) {
    // Writing a value to memory cannot fail.
    let _ = serde_json::to_writer(bytes, value);
}

/// A value serialised as a media type (`content` of a parameter): JSON, unless the media type is another one and the
/// value a text.
pub(super) fn content(value: &Value, media_type: &str) -> String {
    match value {
        Value::String(text) if !media_type.contains("json") => text.clone(),
        value => value.to_string(),
    }
}

impl Source<'_> {
    /// The properties by name; of a whole value, those of the object that it is.
    pub(super) fn properties(&self) -> Vec<(&str, &Value)> {
        match self {
            Self::Properties(properties) => {
                properties.iter().map(|(property, value)| (&*property.name, *value)).collect()
            }
            Self::Whole(Value::Object(object), _) => {
                object.iter().map(|(name, value)| (name.as_str(), value)).collect()
            }
            Self::Whole(..) => Vec::new(),
        }
    }

    /// The same for a body that is made of fields, which nothing else can be written as.
    pub(super) fn fields(&self) -> Result<Vec<(&str, &Value)>, Refusal> {
        match self {
            Self::Whole(value, argument) if !value.is_object() => {
                Err(Refusal::Argument((*argument).into(), Reason::NoFields))
            }
            _ => Ok(self.properties()),
        }
    }

    /// What a caller calls a property: the name of its argument, or a place within the one that is the whole body.
    pub(super) fn argument(&self, name: &str) -> Box<str> {
        match self {
            Self::Properties(properties) => {
                let property = properties.iter().find(|(property, _)| *property.name == *name);
                property.and_then(|(property, _)| property.argument.as_deref()).unwrap_or(name).into()
            }
            Self::Whole(_, argument) => format!("{argument}.{name}").into(),
        }
    }
}
