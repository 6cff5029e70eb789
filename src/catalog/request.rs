//! How arguments become a request: everything that can be decided, encoded or looked up before a call.

use std::sync::Arc;

use http::header::{ACCEPT, HeaderName};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use rustc_hash::FxHashMap;
use url::Url;

use super::argument::{Input, InputKind};
use super::body::{BodyLayout, Content};
use super::encode;
use super::plan::{BodyFormat, BodyPlan, BodyShape, ParameterPlan, PiecePlan, PropertyPlan, RequestPlan};
use crate::config::Gateway;
use crate::openapi::Operation;
use crate::openapi::operation::{Location, Parameter};
use crate::openapi::shared::Json;
use crate::openapi::template::Piece;

/// Why no request can be planned.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RequestError {
    /// A fixed segment of the path would be resolved away.
    #[error("the path has a segment `.` or `..`")]
    DotSegment,
    /// A variable of the path has no parameter.
    #[error("the path variable `{0}` is no parameter")]
    UnknownVariable(String),
}

/// What requests of a gateway have in common. In a large document thousands have the same parameters, and hundreds the
/// same body.
#[derive(Debug, Default)]
pub(super) struct Common {
    /// By their `Accept`.
    headers: FxHashMap<String, Arc<HeaderMap>>,
    /// By their name.
    parameters: FxHashMap<Box<str>, Vec<Arc<ParameterPlan>>>,
    /// By where the schema is and how many inputs there are.
    bodies: FxHashMap<(usize, usize), Vec<Arc<BodyPlan>>>,
}

/// So many different ones are looked through; further ones are not shared.
const DIFFERENT: usize = 16;

/// One of `known` that is the same, which is added if there is none.
fn shared<T: PartialEq>(known: &mut Vec<Arc<T>>, plan: T) -> Arc<T> {
    if let Some(known) = known.iter().find(|known| ***known == plan) {
        return Arc::clone(known);
    }
    let plan = Arc::new(plan);
    if known.len() < DIFFERENT {
        known.push(Arc::clone(&plan));
    }
    plan
}

/// Plans the requests of an operation.
pub(super) fn plan(
    operation: &Operation,
    parameters: &[Parameter],
    inputs: &[Input],
    body: Option<BodyLayout>,
    base: Url,
    gateway: &Gateway,
    common: &mut Common,
) -> Result<RequestPlan, RequestError> {
    let parameters = parameters_plan(operation, parameters, inputs, common);
    let new_headers = |accept: &String| Arc::new(headers(accept, gateway));
    let segments = segments(operation, &parameters)?;
    let query = fixed_query(&base, operation, &parameters);
    let mut base = base;
    base.set_query(None);
    base.set_fragment(None);
    let prefix = base.as_str().trim_end_matches('/').into();
    Ok(RequestPlan {
        method: operation.method.clone(),
        base,
        prefix,
        segments,
        query,
        parameters,
        headers: Arc::clone(
            common.headers.entry(accept(&operation.produces)).or_insert_with_key(new_headers),
        ),
        body: body.map(|layout| body_plan(operation, layout, inputs, common)),
    })
}

fn parameters_plan(
    operation: &Operation,
    parameters: &[Parameter],
    inputs: &[Input],
    common: &mut Common,
) -> Box<[Arc<ParameterPlan>]> {
    let plan = |input: &Input| {
        let InputKind::Parameter(location, index) = input.kind else { return None };
        let parameter = parameters.get(index)?;
        let fixed = operation
            .path
            .query()
            .iter()
            .find(|(name, _)| location == Location::Query && *name == input.wire);
        let plan = ParameterPlan {
            argument: input.argument.as_deref().map(Into::into),
            name: input.wire.as_str().into(),
            encoded_name: encode::value(&input.wire).into(),
            header: HeaderName::from_bytes(input.wire.as_bytes())
                .ok()
                .filter(|_| location == Location::Header),
            location,
            encoding: parameter.encoding.clone(),
            default: input.default.clone().or_else(|| fixed.map(|(_, value)| value.as_str().into())),
            required: input.required,
        };
        Some(shared(common.parameters.entry(plan.name.clone()).or_default(), plan))
    };
    inputs.iter().filter_map(plan).collect()
}

fn segments(
    operation: &Operation,
    parameters: &[Arc<ParameterPlan>],
) -> Result<Vec<Vec<PiecePlan>>, RequestError> {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => Ok(PiecePlan::Literal(encode::literal(text).into())),
        Piece::Variable { name, reserved } => {
            let is_it = |plan: &Arc<ParameterPlan>| plan.location == Location::Path && *plan.name == **name;
            let parameter = parameters.iter().position(is_it);
            let parameter = parameter.ok_or_else(|| RequestError::UnknownVariable(name.clone()))?;
            Ok(PiecePlan::Variable { parameter, reserved: *reserved })
        }
    };
    let mut segments = Vec::with_capacity(operation.path.segments().len());
    for segment in operation.path.segments() {
        let mut pieces = segment.iter().map(piece).collect::<Result<Vec<_>, _>>()?;
        pieces.shrink_to_fit();
        if let [PiecePlan::Literal(text)] = pieces.as_slice()
            && matches!(&*percent_decode_str(text).decode_utf8_lossy(), "." | "..")
        {
            return Err(RequestError::DotSegment);
        }
        segments.push(pieces);
    }
    Ok(segments)
}

/// The query of the base URL and of the path template. What a parameter can set is its default instead.
fn fixed_query(base: &Url, operation: &Operation, parameters: &[Arc<ParameterPlan>]) -> String {
    let is_set = |name: &str| {
        parameters.iter().any(|parameter| parameter.location == Location::Query && *parameter.name == *name)
    };
    let mut query = base.query().unwrap_or_default().to_owned();
    for (name, value) in operation.path.query().iter().filter(|(name, _)| !is_set(name)) {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&encode::value(name));
        if !value.is_empty() {
            query.push('=');
            query.push_str(&encode::value(value));
        }
    }
    query
}

/// `Accept` and the configured headers; the latter win.
fn headers(accept: &str, gateway: &Gateway) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(accept) {
        headers.insert(ACCEPT, value);
    }
    for (name, text) in &gateway.headers {
        // The reader of the gateway file has refused what is no header value.
        if let Ok(mut value) = HeaderValue::from_str(text.expose()) {
            value.set_sensitive(text.is_secret());
            headers.insert(name.clone(), value);
        }
    }
    headers
}

/// JSON before anything else, since agents read it best; anything rather than 406.
fn accept(produces: &[String]) -> String {
    let is_json = |media: &&String| media.contains("json");
    let json: Vec<&str> = produces.iter().filter(is_json).map(String::as_str).collect();
    let others: Vec<&str> = produces.iter().filter(|media| !is_json(media)).map(String::as_str).collect();
    match (json.as_slice(), others.as_slice()) {
        ([], []) => "application/json, */*;q=0.5".to_owned(),
        ([], others) => others.join(", "),
        (json, _) => format!("{}, */*;q=0.5", json.join(", ")),
    }
}

fn body_plan(
    operation: &Operation,
    layout: BodyLayout,
    inputs: &[Input],
    common: &mut Common,
) -> Arc<BodyPlan> {
    let argument = |kind: InputKind| inputs.iter().find(|input| input.kind == kind);
    let shape = match layout.content {
        Content::Properties(properties) => {
            let plan = |(index, property): (usize, super::body::Property)| {
                let input = argument(InputKind::Property(index));
                PropertyPlan {
                    argument: input.and_then(|input| input.argument.as_deref()).map(Into::into),
                    key: format!("{}:", serde_json::Value::from(property.name.as_str())).into(),
                    default: input.and_then(|input| input.default.clone()),
                    name: property.name.into(),
                }
            };
            BodyShape::Properties(properties.into_iter().enumerate().map(plan).collect())
        }
        Content::Whole(_) => {
            let input = argument(InputKind::Body);
            BodyShape::Whole {
                argument: input.and_then(|input| input.argument.as_deref()).map(Into::into),
                default: input.and_then(|input| input.default.clone()),
            }
        }
    };
    let mut media = layout.media;
    let key = (media.first().map_or(0, |plan| plan.schema.address()), inputs.len());
    // Nobody else looks into it, and it is as large as all arguments together.
    media.iter_mut().filter(|plan| plan.format != BodyFormat::Xml).for_each(|plan| plan.schema = Json::Null);
    let plan = BodyPlan {
        required: operation.body.as_ref().is_some_and(|body| body.required),
        media,
        media_argument: argument(InputKind::MediaType)
            .and_then(|input| input.argument.as_deref())
            .map(Into::into),
        shape,
    };
    shared(common.bodies.entry(key).or_default(), plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_first() {
        let accept =
            |produces: &[&str]| accept(&produces.iter().map(|&media| media.to_owned()).collect::<Vec<_>>());
        assert_eq!(accept(&[]), "application/json, */*;q=0.5");
        assert_eq!(accept(&["text/csv", "application/json"]), "application/json, */*;q=0.5");
        assert_eq!(accept(&["application/vnd.api+json"]), "application/vnd.api+json, */*;q=0.5");
        assert_eq!(accept(&["image/png", "image/gif"]), "image/png, image/gif");
    }
}
