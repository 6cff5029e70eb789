//! Header parameters. Which headers a caller may set is decided in the plan; here it is what they may hold.

use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::style::{self, Escape};
use super::{Reason, Refusal, body, value};
use crate::catalog::plan::{ParameterPlan, RequestPlan};
use crate::openapi::operation::Encoding;

/// Sets the header parameters that have a value.
pub(super) fn insert(
    request: &RequestPlan,
    arguments: &Map<String, Value>,
    headers: &mut HeaderMap,
) -> Result<(), Refusal> {
    for parameter in &request.parameters {
        let Some(name) = &parameter.header else { continue };
        let Some(value) = value(parameter, arguments).filter(|value| !value.is_null()) else { continue };
        let value = header(parameter, value).map_err(|reason| reason.of(parameter))?;
        headers.insert(name, value);
    }
    Ok(())
}

fn header(parameter: &ParameterPlan, value: &Value) -> Result<HeaderValue, Reason> {
    let mut text = String::new();
    match &parameter.encoding {
        Encoding::Style { style, explode, .. } => {
            // An empty header is a header, unlike an empty path.
            match style::write(&parameter.name, value, *style, *explode, Escape::None, &mut text) {
                Ok(()) | Err(Reason::Empty) => {}
                Err(reason) => return Err(reason),
            }
        }
        Encoding::Content { media_type } => text = ascii(&body::content(value, media_type), media_type),
    }
    visible(&text)
}

/// JSON can say every character in ASCII; other media types cannot.
fn ascii(text: &str, media_type: &str) -> String {
    if text.is_ascii() || !media_type.contains("json") {
        return text.to_owned();
    }
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            ascii.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    ascii
}

/// A header value of visible characters and spaces (RFC 9110, section 5.5, without `obs-text`).
pub(super) fn visible(text: &str) -> Result<HeaderValue, Reason> {
    if text.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) {
        return Err(Reason::NotVisible);
    }
    HeaderValue::from_str(text).map_err(|_| Reason::NotVisible)
}
