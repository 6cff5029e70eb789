//! Request bodies, from the wire back to values.

use http::header;
use serde_json::{Map, Value};

use super::decode::{Decoder, Loose, Readings, typed};
use super::multipart::{self, Part};
use super::received::{self, Received};
use super::refusal::{Fault, Reason};
use super::schema::{self, Shape};
use crate::openapi::Operation;
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{Location, MediaType, PropertyEncoding, RequestBody, Style};

/// A body that was read.
#[derive(Debug)]
pub(super) struct Body {
    /// Which of the operation's media types it has.
    pub media: usize,
    /// What it may mean; empty where it is not looked into.
    pub readings: Readings,
}

/// Reads the body of a request; `None` where there is none and none has to be.
///
/// # Errors
/// [`Reason`] when it is missing, not allowed, or not of its media type.
pub(super) fn read(operation: &Operation, received: &Received) -> Result<Option<Body>, Reason> {
    let Some(declared) = &operation.body else {
        return match received.body.is_empty() {
            true => Ok(None),
            false => Err(Reason::of(Fault::Invalid, "body", "is sent, and the operation takes none")),
        };
    };
    let given = received.header(header::CONTENT_TYPE.as_str());
    if received.body.is_empty() && given.is_none() {
        return match declared.required {
            true => Err(Reason::of(Fault::Invalid, "body", "is required and missing")),
            false => Ok(None),
        };
    }
    let given = given.ok_or_else(|| Reason::of(Fault::MediaType, "body", "has no Content-Type"))?;
    let (index, media) = chosen(declared, &given).ok_or_else(|| refused(declared, &given))?;
    let readings = readings(media, &given, received, &operation.definitions)?;
    Ok(Some(Body { media: index, readings }))
}

/// Whether a media type is JSON (RFC 6839, section 3.1).
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// `type/subtype`, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a media type: `boundary`, `charset`.
pub(super) fn parameter(media_type: &str, wanted: &str) -> Option<String> {
    let parameters = media_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let found = parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

/// The declared media type that the given one is of; exact ones before ranges (`image/*`).
fn chosen<'o>(declared: &'o RequestBody, given: &str) -> Option<(usize, &'o MediaType)> {
    let given = essence(given);
    let all = || declared.media.iter().enumerate();
    all()
        .find(|(_, media)| essence(&media.name) == given)
        .or_else(|| all().find(|(_, media)| is_in_range(&given, &essence(&media.name))))
}

/// Whether a media type is within a range: `*/*`, `image/*`, and a name without a slash, which says nothing.
pub(super) fn is_in_range(media_type: &str, range: &str) -> bool {
    match range.split_once('/') {
        None | Some(("*", _)) => true,
        Some((kind, "*")) => media_type.split('/').next() == Some(kind),
        Some(_) => media_type == range,
    }
}

fn refused(declared: &RequestBody, given: &str) -> Reason {
    let names: Vec<&str> = declared.media.iter().map(|media| media.name.as_str()).collect();
    let detail = format!("is sent as {}, and the operation takes {}", essence(given), names.join(" or "));
    Reason::of(Fault::MediaType, "body", detail)
}

fn readings(
    media: &MediaType,
    given: &str,
    received: &Received,
    definitions: &Definitions,
) -> Result<Readings, Reason> {
    let essence = essence(given);
    let broken = |detail: String| Reason::of(Fault::Invalid, "body", detail);
    let text =
        || std::str::from_utf8(&received.body).map_err(|error| broken(format!("is not UTF-8: {error}")));
    match essence.as_str() {
        "application/x-www-form-urlencoded" => {
            Ok(vec![form(&media.schema.to_value(), &media.encoding, text()?, definitions)?])
        }
        "application/x-ndjson" | "application/jsonl" | "application/json-seq" | "application/json-lines" => {
            lines(text()?).map_err(broken)
        }
        name if name.starts_with("multipart/") => {
            let boundary =
                parameter(given, "boundary").ok_or_else(|| broken("has no boundary".to_owned()))?;
            let parts =
                multipart::parts(&received.body, &boundary).map_err(|error| broken(error.to_string()))?;
            parted(media, &parts, definitions).map(|value| vec![value])
        }
        _ if is_json(given) => {
            let value =
                serde_json::from_str(text()?).map_err(|error| broken(format!("is not JSON: {error}")))?;
            Ok(vec![value])
        }
        name if name.ends_with("/xml") || name.ends_with("+xml") => {
            let text = text()?;
            // A schema of a text means that the document is the caller's business.
            let opaque = schema::is_text(&media.schema.to_value(), definitions);
            if opaque { Ok(vec![Value::from(text)]) } else { well_formed(text).map_err(broken) }
        }
        name if name.starts_with("text/") => {
            Ok(vec![typed(Loose::Text(text()?.to_owned()), &media.schema.to_value(), definitions)])
        }
        _ => Ok(Vec::new()),
    }
}

/// One JSON value a line; the schema is that of the list, or that of each item.
fn lines(text: &str) -> Result<Readings, String> {
    let lines = text.split(['\n', '\u{1e}']).map(str::trim).filter(|line| !line.is_empty());
    let values: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
    let values = values.map_err(|error| format!("has a line that is not JSON: {error}"))?;
    let first = values.first().cloned();
    Ok(std::iter::once(Value::Array(values)).chain(first).collect())
}

/// A form, each property by its encoding.
///
/// # Errors
/// [`Reason`] when a property does not have its style.
pub(super) fn form(
    schema: &Value,
    encodings: &[(String, PropertyEncoding)],
    text: &str,
    definitions: &Definitions,
) -> Result<Value, Reason> {
    let mut pairs = received::pairs(text);
    let names = schema::property_names(schema, definitions);
    let others: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut object = Map::new();
    for name in &names {
        let property = schema::property(schema, definitions, name);
        let decoder = Decoder::plain(name, &property, definitions, Location::Query);
        let said = encodings.iter().find(|(encoded, _)| encoded == name);
        let said = said.and_then(|(_, said)| said.encoding.as_ref());
        let nested = if said.is_none() { nested(decoder, &mut pairs) } else { None };
        let found = match nested {
            Some(value) => Ok(Some(vec![value])),
            None => said.map_or(decoder, |said| decoder.with(said)).pairs(&mut pairs, &others),
        };
        let found = found.map_err(|misshapen| Reason::new("body", name, misshapen.to_string()))?;
        let value = found.and_then(|readings| holding(readings, &property, definitions));
        object.extend(value.map(|value| (name.clone(), value)));
    }
    let rest = pairs.into_iter().filter(|pair| !pair.taken);
    object.extend(rest.map(|pair| {
        let schema = schema::property(schema, definitions, &pair.name);
        let value = typed(Loose::Text(received::decoded_form(&pair.value)), &schema, definitions);
        (pair.name, value)
    }));
    Ok(Value::Object(object))
}

/// Lists and objects where no style is said: `name=` and JSON (OpenAPI 3.1.1, section 4.8.15.1), or
/// `name[key]=value`, which is what most servers take.
fn nested(decoder: Decoder<'_>, pairs: &mut [received::Pair]) -> Option<Value> {
    let shape = decoder.shape;
    if shape.primitive {
        return None;
    }
    if shape.object
        && let Some(pair) = pairs.iter_mut().find(|pair| !pair.taken && pair.name == decoder.name)
    {
        let parsed = serde_json::from_str(&received::decoded_form(&pair.value)).ok()?;
        pair.taken = true;
        return Some(parsed);
    }
    let prefix = format!("{}[", decoder.name);
    pairs.iter().find(|pair| pair.name.starts_with(&prefix))?;
    let deep = Decoder { style: Style::DeepObject, ..decoder };
    deep.pairs(pairs, &[]).ok().flatten()?.into_iter().next()
}

fn holding(readings: Readings, schema: &Value, definitions: &Definitions) -> Option<Value> {
    let holding = readings.iter().position(|reading| schema::holds(schema, definitions, reading));
    readings.into_iter().nth(holding.unwrap_or_default())
}

/// A multipart body: several parts of one name are a list. One whose schema is no object is its first part.
fn parted(media: &MediaType, parts: &[Part], definitions: &Definitions) -> Result<Value, Reason> {
    let broken = |detail: &str| Reason::of(Fault::Invalid, "body", detail);
    if schema::is_text(&media.schema.to_value(), definitions) {
        let part = parts.first().ok_or_else(|| broken("has no part"))?;
        return part_value(part, &media.schema.to_value(), definitions);
    }
    let mut object: Map<String, Value> = Map::new();
    for part in parts {
        let property = schema::property(&media.schema.to_value(), definitions, &part.name);
        let array = Shape::of(&property, definitions).array;
        let said = media.encoding.iter().find(|(name, _)| *name == part.name);
        let wanted = said.and_then(|(_, said)| said.content_type.as_deref());
        if let Some(wanted) = wanted.filter(|wanted| !part.is_one_of(wanted)) {
            let detail = format!("is a part of type {}, and {wanted} is asked for", part.media_type());
            return Err(Reason::new("body", &part.name, detail));
        }
        let schema = if array { schema::items(&property, definitions) } else { property };
        let value = part_value(part, &schema, definitions)?;
        match object.get_mut(&part.name) {
            Some(Value::Array(items)) if array => items.push(value),
            Some(_) => return Err(Reason::new("body", &part.name, "is given twice, and takes one value")),
            // A part of JSON may be the list as a whole.
            None if array && !value.is_array() => {
                drop(object.insert(part.name.clone(), Value::Array(vec![value])));
            }
            None => drop(object.insert(part.name.clone(), value)),
        }
    }
    Ok(Value::Object(object))
}

fn part_value(part: &Part, schema: &Value, definitions: &Definitions) -> Result<Value, Reason> {
    if is_json(part.media_type()) {
        let parsed = serde_json::from_slice(&part.content);
        return parsed.map_err(|error| Reason::new("body", &part.name, format!("is not JSON: {error}")));
    }
    let text = String::from_utf8_lossy(&part.content).into_owned();
    if part.file_name.is_some() || !part.media_type().starts_with("text/") {
        return Ok(Value::String(text));
    }
    Ok(typed(Loose::Text(text), schema, definitions))
}

/// XML is read for its form only.
fn well_formed(text: &str) -> Result<Readings, String> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        use quick_xml::events::Event;
        match reader.read_event().map_err(|error| format!("is not well-formed XML: {error}"))? {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Empty(_) => roots += usize::from(depth == 0),
            Event::Eof if depth == 0 && roots == 1 => return Ok(Vec::new()),
            Event::Eof => return Err("is not well-formed XML: it has no single root element".to_owned()),
            _ => {}
        }
    }
}
