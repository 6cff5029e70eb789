//! Cookie parameters, in one `Cookie` header.

use http::HeaderMap;
use http::header::COOKIE;
use serde_json::{Map, Value};

use super::style::{Escape, Pairs};
use super::{Reason, Refusal, body, header, value};
use crate::catalog::plan::{ParameterPlan, RequestPlan};
use crate::openapi::operation::{Encoding, Location, Style};

/// Sets the cookie parameters that have a value, after the cookies that are configured.
pub(super) fn insert(
    request: &RequestPlan,
    arguments: &Map<String, Value>,
    headers: &mut HeaderMap,
) -> Result<(), Refusal> {
    let mut text = String::new();
    let mut last = None;
    let mut pairs = Pairs::new(&mut text, "", "; ");
    pairs.escape(Escape::Cookie);
    if let Some(configured) = headers.get(COOKIE).and_then(|value| value.to_str().ok()) {
        pairs.encoded(configured);
    }
    for parameter in request.parameters.iter().filter(|parameter| parameter.location == Location::Cookie) {
        let Some(value) = value(parameter, arguments) else { continue };
        let before = pairs.len();
        cookie(parameter, value, &mut pairs).map_err(|reason| reason.of(parameter))?;
        if parameter.required && pairs.len() == before {
            return Err(Reason::Empty.of(parameter));
        }
        last = Some(parameter);
    }
    if let Some(parameter) = last.filter(|_| !text.is_empty()) {
        let is_sensitive = headers.get(COOKIE).is_some_and(http::HeaderValue::is_sensitive);
        let mut value = header::visible(&text).map_err(|reason| reason.of(parameter))?;
        value.set_sensitive(is_sensitive);
        headers.insert(COOKIE, value);
    }
    Ok(())
}

fn cookie(parameter: &ParameterPlan, value: &Value, pairs: &mut Pairs<'_>) -> Result<(), Reason> {
    match &parameter.encoding {
        Encoding::Style { explode, .. } => {
            refuse_controls(value)?;
            pairs.write(&parameter.name, value, Style::Form, *explode)
        }
        Encoding::Content { media_type } => pairs.pair(&parameter.name, &body::content(value, media_type)),
    }
}

/// A control character would be encoded and so be harmless, but nobody means it.
fn refuse_controls(value: &Value) -> Result<(), Reason> {
    match value {
        Value::String(text) if text.chars().any(char::is_control) => Err(Reason::NotVisible),
        Value::Array(items) => items.iter().try_for_each(refuse_controls),
        Value::Object(object) => object.values().try_for_each(refuse_controls),
        _ => Ok(()),
    }
}
