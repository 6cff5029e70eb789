//! What is answered to a request that the document allows.

use std::sync::OnceLock;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use quick_xml::events::{BytesText, Event};
use serde_json::Value;

use super::body::{essence, is_in_range, is_json};
use super::{instance, sample};
use crate::openapi::{XML_KEY, operation};

/// What a document promises as answers of one operation. Each is made once, when it is first asked for.
#[derive(Debug)]
pub(super) struct Promises {
    promised: Vec<operation::Response>,
    made: Vec<OnceLock<Response<Bytes>>>,
}

impl Promises {
    pub(super) fn new(promised: Vec<operation::Response>) -> Self {
        let made = promised.iter().map(|_| OnceLock::new()).collect();
        Self { promised, made }
    }

    /// The answer: the first good status that the document knows, in the media type that the request likes best.
    ///
    /// An operation that only ever redirects is answered with its redirect, to `redirect`, where that may be followed;
    /// one without any good status, or without any answer at all, with 204.
    pub(super) fn answer(&self, accept: Option<&str>, redirect: Option<&str>) -> Response<Bytes> {
        let status = good_status(&self.promised).filter(|status| *status < 300 || redirect.is_some());
        let of_status =
            self.promised.iter().zip(&self.made).filter(|(answer, _)| Some(answer.status) == status);
        // Of equally liked ones the last is taken: reversed, the document's first.
        let all: Vec<_> = of_status.collect();
        let chosen = all.iter().rev().max_by(|(a, _), (b, _)| liked(a, accept).total_cmp(&liked(b, accept)));
        chosen.map_or_else(
            || plain(StatusCode::NO_CONTENT),
            |(promised, made)| made.get_or_init(|| response(promised, redirect.unwrap_or_default())).clone(),
        )
    }
}

fn response(promised: &operation::Response, redirect: &str) -> Response<Bytes> {
    let status = StatusCode::from_u16(promised.status).unwrap_or(StatusCode::OK);
    let mut response = plain(status);
    *response.headers_mut() = headers(promised);
    if status.is_redirection() {
        // In the place of the document's example, which leads away from here.
        response.headers_mut().remove(header::LOCATION);
        response.headers_mut().extend(HeaderValue::from_str(redirect).map(|to| (header::LOCATION, to)));
        return response;
    }
    if let (Some(media_type), false) = (&promised.media_type, status == StatusCode::NO_CONTENT) {
        let media_type = concrete(media_type);
        *response.body_mut() = body(promised, &media_type);
        let value = HeaderValue::from_str(&media_type);
        response.headers_mut().extend(value.map(|media_type| (header::CONTENT_TYPE, media_type)));
    }
    response
}

/// An answer without a body.
pub(super) fn plain(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// A JSON document as an answer.
pub(super) fn json(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = plain(status);
    *response.body_mut() = body;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn good_status(answers: &[operation::Response]) -> Option<u16> {
    let first =
        |hundred: u16| answers.iter().map(|answer| answer.status).find(|status| status / 100 == hundred);
    first(2).or_else(|| first(3).filter(|status| [301, 302, 303, 307, 308].contains(status)))
}

/// How much a request likes a media type (RFC 9110, section 12.5.1); the more exact range decides.
fn liked(answer: &operation::Response, accept: Option<&str>) -> f64 {
    let (Some(accept), Some(media_type)) = (accept, &answer.media_type) else { return 1.0 };
    let own = essence(media_type);
    let ranges = accept.split(',').filter(|range| is_in_range(&own, &essence(range)));
    let exactness = |range: &&str| range.matches('*').count();
    let Some(range) = ranges.min_by_key(exactness) else { return 0.0 };
    super::body::parameter(range, "q").and_then(|quality| quality.parse().ok()).unwrap_or(1.0)
}

/// Headers with an example, without those that say how the message is carried.
fn headers(answer: &operation::Response) -> HeaderMap {
    const OURS: &[&str] =
        &["connection", "content-encoding", "content-length", "content-type", "transfer-encoding"];
    let mut headers = HeaderMap::new();
    for (name, value) in &answer.headers {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        if !OURS.contains(&name.as_str()) {
            headers.extend(HeaderValue::from_str(value).map(|value| (name, value)));
        }
    }
    headers
}

/// A media type for a range: `*/*` is JSON, `image/*` is PNG.
fn concrete(media_type: &str) -> String {
    match essence(media_type).as_str() {
        "*/*" | "application/*" => "application/json".to_owned(),
        "text/*" => "text/plain".to_owned(),
        "image/*" => "image/png".to_owned(),
        "audio/*" => "audio/wav".to_owned(),
        name if !name.contains('/') || name.contains('*') => "application/octet-stream".to_owned(),
        _ => media_type.to_owned(),
    }
}

fn body(answer: &operation::Response, media_type: &str) -> Bytes {
    let name = essence(media_type);
    if let Some(file) = sample::of(&name) {
        return file;
    }
    let value = value(answer, is_json(media_type));
    let text = match name.as_str() {
        _ if is_json(media_type) => value.to_string(),
        "text/event-stream" => events(&value),
        "application/x-ndjson" | "application/jsonl" | "application/json-seq" => lines(&value),
        "application/x-www-form-urlencoded" => form(&value),
        "text/csv" => csv(&value),
        "text/html" => html(&value),
        _ if name.ends_with("/xml") || name.ends_with("+xml") => xml(&value, answer.schema.as_ref()),
        _ => as_text(&value),
    };
    Bytes::from(text)
}

/// The document's own example, or an instance of the schema.
fn value(answer: &operation::Response, json: bool) -> Value {
    match &answer.example {
        Some(Value::String(text)) if json => unquoted(answer, text),
        Some(example) => example.clone(),
        None => {
            let schema = answer.schema.as_ref().unwrap_or(&Value::Bool(true));
            instance(schema, &answer.definitions).unwrap_or_default()
        }
    }
}

/// JSON that an author wrote into a text, where the schema is of no text.
fn unquoted(answer: &operation::Response, text: &str) -> Value {
    let quoted = Value::from(text);
    let schema = answer.schema.as_ref().unwrap_or(&Value::Bool(true));
    let shape = super::schema::Shape::of(schema, &answer.definitions);
    if shape.primitive && answer.schema.is_some() {
        return quoted;
    }
    serde_json::from_str(text).unwrap_or(quoted)
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn events(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains("data:") => format!("{}\n\n", text.trim_end()),
        Value::Array(items) => items.iter().map(|item| format!("data: {item}\n\n")).collect(),
        _ => format!("data: {value}\n\n"),
    }
}

fn lines(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(|item| format!("{item}\n")).collect(),
        Value::String(text) => format!("{}\n", text.trim_end()),
        _ => format!("{value}\n"),
    }
}

fn form(value: &Value) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in value.as_object().into_iter().flatten() {
        form.append_pair(name, &as_text(value));
    }
    form.finish()
}

fn csv(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains([',', '\n', ';', '\t']) => text.clone(),
        _ => "id,name\n1,first\n2,second\n".to_owned(),
    }
}

fn html(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('<') => text.clone(),
        _ => "<!doctype html>\n<title>text</title>\n<p>text</p>\n".to_owned(),
    }
}

/// XML by OpenAPI's plain rules: the root by its schema's `xml.name`, items repeated under the name of their list.
fn xml(value: &Value, schema: Option<&Value>) -> String {
    if let Value::String(text) = value
        && text.trim_start().starts_with('<')
    {
        return text.clone();
    }
    let rules = schema.and_then(|schema| schema.get(XML_KEY));
    let root = rules.and_then(|rules| rules.get("name")).and_then(Value::as_str).unwrap_or("root");
    let mut writer = quick_xml::Writer::new(Vec::new());
    let written = match value {
        Value::Array(items) => {
            let items = Value::Object(std::iter::once(("item".to_owned(), items.clone().into())).collect());
            element(&mut writer, root, &items)
        }
        _ => element(&mut writer, root, value),
    };
    match written {
        Ok(()) => String::from_utf8(writer.into_inner()).unwrap_or_default(),
        Err(_) => "<root/>".to_owned(),
    }
}

fn element(writer: &mut quick_xml::Writer<Vec<u8>>, name: &str, value: &Value) -> std::io::Result<()> {
    if let Value::Array(items) = value {
        return items.iter().try_for_each(|item| element(writer, name, item));
    }
    let element_writer = writer.create_element(xml_name(name));
    match value {
        Value::Object(fields) => element_writer
            .write_inner_content(|writer| {
                fields.iter().try_for_each(|(name, value)| element(writer, name, value))
            })
            .map(drop),
        Value::Null => element_writer.write_empty().map(drop),
        _ => element_writer
            .write_inner_content(|writer| writer.write_event(Event::Text(BytesText::new(&as_text(value)))))
            .map(drop),
    }
}

/// A name that XML allows.
fn xml_name(name: &str) -> String {
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let name: String = name.chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect();
    match name.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => name,
        _ => format!("_{name}"),
    }
}

/// What an endpoint without an example answers: what was understood of the request.
pub(super) fn echo(said: super::check::Said) -> Response<Bytes> {
    let body = Value::Object(said).to_string();
    json(StatusCode::OK, "application/json", Bytes::from(body))
}

/// What an endpoint's own example is answered as.
pub(super) fn example(example: &Value) -> Response<Bytes> {
    match example {
        Value::String(text) => json(StatusCode::OK, "text/plain; charset=utf-8", Bytes::from(text.clone())),
        _ => json(StatusCode::OK, "application/json", Bytes::from(example.to_string())),
    }
}
