//! The query: what the plan fixes, then the parameters in their order.

use serde_json::{Map, Value};

use super::style::{Escape, Pairs};
use super::{Reason, Refusal, body, value};
use crate::catalog::plan::{ParameterPlan, RequestPlan};
use crate::openapi::operation::{Encoding, Location};

/// Appends the query with its `?`, if there is any.
pub(super) fn write(
    request: &RequestPlan,
    arguments: &Map<String, Value>,
    out: &mut String,
) -> Result<(), Refusal> {
    let mut pairs = Pairs::new(out, "?", "&");
    if !request.query.is_empty() {
        pairs.encoded(&request.query);
    }
    for parameter in &request.parameters {
        if !matches!(parameter.location, Location::Query | Location::QueryString) {
            continue;
        }
        let Some(value) = value(parameter, arguments) else { continue };
        let before = pairs.len();
        let written = match parameter.location {
            Location::QueryString => whole(parameter, value, &mut pairs),
            _ => one(parameter, value, &mut pairs),
        };
        written.map_err(|reason| reason.of(parameter))?;
        // An empty list is no list at all for most styles; what is required must not vanish like that.
        if parameter.required && pairs.len() == before {
            return Err(Reason::Empty.of(parameter));
        }
    }
    Ok(())
}

fn one(parameter: &ParameterPlan, value: &Value, pairs: &mut Pairs<'_>) -> Result<(), Reason> {
    match &parameter.encoding {
        Encoding::Style { style, explode, allow_reserved, allow_empty } => {
            pairs.escape(if *allow_reserved { Escape::ReservedQuery } else { Escape::Query });
            let is_empty = match value {
                Value::Array(items) => items.is_empty(),
                Value::Object(object) => object.is_empty(),
                value => value.is_null(),
            };
            if is_empty && *allow_empty {
                return pairs.pair(&parameter.encoded_name, "");
            }
            pairs.write(&parameter.encoded_name, value, *style, *explode)
        }
        Encoding::Content { media_type } => {
            pairs.escape(Escape::Query);
            pairs.pair(&parameter.encoded_name, &body::content(value, media_type))
        }
    }
}

/// A parameter that is the whole query (OpenAPI 3.2, `in: querystring`): an object as a form, anything else as text.
fn whole(parameter: &ParameterPlan, value: &Value, pairs: &mut Pairs<'_>) -> Result<(), Reason> {
    let media_type = match &parameter.encoding {
        Encoding::Content { media_type } => media_type.as_str(),
        Encoding::Style { .. } => "application/x-www-form-urlencoded",
    };
    pairs.escape(Escape::Query);
    match value {
        Value::Object(object) if !media_type.contains("json") => {
            object.iter().try_for_each(|(name, value)| super::form::field(name, value, None, pairs))
        }
        Value::String(text) if !media_type.contains("json") => {
            let mut encoded = String::new();
            Escape::ReservedQuery.push(text, &mut encoded)?;
            pairs.encoded(&encoded.replace("%26", "&"));
            Ok(())
        }
        value => {
            let mut encoded = String::new();
            Escape::Query.push(&value.to_string(), &mut encoded)?;
            pairs.encoded(&encoded);
            Ok(())
        }
    }
}
