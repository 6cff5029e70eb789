//! `multipart/form-data` bodies (RFC 7578).

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::body::Source;
use super::file::File;
use super::style::text;
use super::{Reason, Refusal};
use crate::catalog::plan::{FieldContent, FieldPlan, MediaPlan};

/// Writes the parts: a file as its bytes, an array as a part for each item, an object as JSON, anything else as text.
pub(super) fn write(media: &MediaPlan, source: &Source<'_>, boundary: &str) -> Result<Vec<u8>, Refusal> {
    let mut writer = Writer { out: Vec::with_capacity(256), boundary };
    for (name, value) in source.fields()? {
        let field = media.fields.iter().find(|field| *field.name == *name);
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::Null => continue,
            value => std::slice::from_ref(value),
        };
        for item in items {
            writer
                .part(name, item, field)
                .map_err(|reason| Refusal::Argument(source.argument(name), reason))?;
        }
    }
    Ok(writer.finish())
}

struct Writer<'b> {
    out: Vec<u8>,
    boundary: &'b str,
}

impl Writer<'_> {
    fn part(&mut self, name: &str, value: &Value, field: Option<&FieldPlan>) -> Result<(), Reason> {
        let declared = field.and_then(|field| field.content_type.as_deref());
        match value {
            Value::String(text) if is_file(text, field) => {
                let file = File::parse(text).ok_or(Reason::NotAFile)?;
                let content_type = file_type(declared, file.media_type.as_deref());
                self.head(name, Some(file.name.as_deref().unwrap_or(name)), Some(content_type), field);
                self.out.extend_from_slice(&file.bytes);
            }
            value => {
                let is_json = value.is_object() || value.is_array();
                let content_type = declared.and_then(concrete).or(is_json.then_some("application/json"));
                self.head(name, None, content_type, field);
                self.out.extend_from_slice(text(value).unwrap_or_default().as_bytes());
            }
        }
        self.out.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn head(
        &mut self,
        name: &str,
        file: Option<&str>,
        content_type: Option<&str>,
        field: Option<&FieldPlan>,
    ) {
        let mut head =
            format!("--{}\r\nContent-Disposition: form-data; name=\"{}\"", self.boundary, quoted(name));
        if let Some(file) = file {
            head.push_str(&format!("; filename=\"{}\"", quoted(file)));
        }
        head.push_str("\r\n");
        if let Some(content_type) = content_type.filter(|value| HeaderValue::from_str(value).is_ok()) {
            head.push_str(&format!("Content-Type: {content_type}\r\n"));
        }
        for (name, value) in field.map(|field| field.headers.as_slice()).unwrap_or_default() {
            if HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok() {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        head.push_str("\r\n");
        self.out.extend_from_slice(head.as_bytes());
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        self.out
    }
}

/// Whether a text is a file. A field that the document does not name is one when it comes as a data URI.
fn is_file(text: &str, field: Option<&FieldPlan>) -> bool {
    match field {
        Some(field) => field.content == FieldContent::File,
        None => File::is_data_uri(text),
    }
}

/// The media type of a file: what the caller said, if the document allows it; else what the document says.
fn file_type<'a>(declared: Option<&'a str>, said: Option<&'a str>) -> &'a str {
    let allowed = |said: &&str| {
        declared
            .is_none_or(|declared| declared.split(',').any(|range| is_within(essence(said), essence(range))))
    };
    said.filter(allowed).or_else(|| declared.and_then(concrete)).unwrap_or("application/octet-stream")
}

/// The first media type of a list that is not a range.
fn concrete(list: &str) -> Option<&str> {
    list.split(',').map(str::trim).find(|media| !media.contains('*') && media.contains('/'))
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

fn is_within(media_type: &str, range: &str) -> bool {
    match range.strip_suffix('*') {
        Some("*/" | "*" | "") => true,
        Some(kind) => media_type.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)),
        None => media_type.eq_ignore_ascii_case(range),
    }
}

/// A name within quotation marks, as browsers write it: what would end it is percent-encoded.
fn quoted(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '"' => quoted.push_str("%22"),
            '\r' => quoted.push_str("%0D"),
            '\n' => quoted.push_str("%0A"),
            character if character.is_control() => {}
            character => quoted.push(character),
        }
    }
    quoted
}
