//! `Mcp-Param-*`: arguments that a tool wants repeated in headers, by `x-mcp-header` in its input schema.
//!
//! Few tools do, so what they want is read from their public face when they are called, and nothing is kept.

use http::{HeaderMap, HeaderName};
use serde_json::Value;
use serde_json::value::RawValue;

use super::error::{HeaderFault, ProtocolError};
use super::headers::{decoded, single};
use crate::catalog::Tool;

const ANNOTATION: &str = "x-mcp-header";

/// Compares the headers that `tool` asks for with the arguments of a call.
///
/// # Errors
///
/// The first header that is missing, malformed, repeated or different.
pub(crate) fn check(
    tool: &Tool,
    arguments: Option<&RawValue>,
    headers: &HeaderMap,
) -> Result<(), ProtocolError> {
    if memchr::memmem::find(tool.face.as_bytes(), ANNOTATION.as_bytes()).is_none() {
        return Ok(());
    }
    let face: Value = serde_json::from_str(&tool.face).unwrap_or_default();
    let arguments = arguments.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or(Value::Null);
    match face.get("inputSchema") {
        Some(schema) => check_properties(schema, &arguments, headers),
        None => Ok(()),
    }
}

/// Only a chain of `properties` leads to an annotation that counts.
fn check_properties(schema: &Value, value: &Value, headers: &HeaderMap) -> Result<(), ProtocolError> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Ok(()) };
    for (name, property) in properties {
        let value = value.get(name).unwrap_or(&Value::Null);
        if let Some(header) = header_name(property) {
            compare(&header, value, headers)?;
        }
        check_properties(property, value, headers)?;
    }
    Ok(())
}

/// `None` also for an annotation that is no header name: clients must not show such a tool.
fn header_name(property: &Value) -> Option<HeaderName> {
    let name = property.get(ANNOTATION)?.as_str()?;
    format!("mcp-param-{name}").parse().ok().filter(|_| !name.is_empty())
}

fn compare(name: &HeaderName, value: &Value, headers: &HeaderMap) -> Result<(), ProtocolError> {
    let header = decoded(name, single(headers, name)?)?;
    let fault = match (header.as_deref(), value) {
        (None, Value::Null) => return Ok(()),
        (None, Value::Array(_) | Value::Object(_)) => return Ok(()),
        (Some(header), value) if is_written(header, value) => return Ok(()),
        (None, _) => HeaderFault::Missing,
        (Some(_), Value::Null) => HeaderFault::Unexpected,
        (Some(_), _) => HeaderFault::Mismatch,
    };
    Err(ProtocolError::header(name.as_str(), fault))
}

/// Whether `header` is how `value` is written. Numbers are compared as numbers: `42.0` is 42.
fn is_written(header: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => header == text,
        Value::Bool(flag) => header == if *flag { "true" } else { "false" },
        Value::Number(number) => {
            let same = |header: f64| Some(header) == number.as_f64();
            header == number.to_string() || header.parse().is_ok_and(same)
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests;
