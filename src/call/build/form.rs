//! `application/x-www-form-urlencoded` bodies.

use serde_json::Value;

use super::body::Source;
use super::style::{Escape, Pairs, text};
use super::{Reason, Refusal};
use crate::catalog::encode;
use crate::catalog::plan::MediaPlan;
use crate::openapi::operation::Encoding;

/// Writes a form. Every field in the style that the document says; without one, arrays repeat the field and objects are
/// JSON (OpenAPI 3.1, section 4.8.15.1.1).
pub(super) fn write(media: &MediaPlan, source: &Source<'_>) -> Result<Vec<u8>, Refusal> {
    if let Source::Whole(Value::String(text), _) = source {
        return Ok(text.clone().into_bytes());
    }
    let mut out = String::new();
    let mut pairs = Pairs::new(&mut out, "", "&");
    for (name, value) in source.fields()? {
        let plan = media.fields.iter().find(|field| *field.name == *name);
        let encoding = plan.and_then(|field| field.encoding.as_ref());
        field(name, value, encoding, &mut pairs)
            .map_err(|reason| Refusal::Argument(source.argument(name), reason))?;
    }
    Ok(out.into_bytes())
}

/// Appends one field.
pub(super) fn field(
    name: &str,
    value: &Value,
    encoding: Option<&Encoding>,
    pairs: &mut Pairs<'_>,
) -> Result<(), Reason> {
    let name = encode::value(name);
    pairs.escape(Escape::Query);
    match (encoding, value) {
        (Some(Encoding::Style { style, explode, allow_reserved, .. }), value) => {
            if *allow_reserved {
                pairs.escape(Escape::ReservedQuery);
            }
            pairs.write(&name, value, *style, *explode)
        }
        (Some(Encoding::Content { media_type }), value) => {
            pairs.pair(&name, &super::body::content(value, media_type))
        }
        (None, Value::Array(items)) => {
            items.iter().filter_map(text).try_for_each(|item| pairs.pair(&name, &item))
        }
        (None, value) => text(value).map_or(Ok(()), |text| pairs.pair(&name, &text)),
    }
}
