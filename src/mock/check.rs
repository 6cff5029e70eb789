//! Whether a request is one that the document allows.
//!
//! Everything that is wrong is told, not only the first thing: path, query, header and cookie parameters, what was
//! sent without being declared, the credential, the body.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::body;
use super::decode::{Decoder, Loose, Misshapen, Readings, typed};
use super::received::{Pair, Received, decoded, decoded_form};
use super::refusal::{Reason, Refusal};
use super::route::Captures;
use super::schema::{self, Shape};
use super::security::Security;
use crate::openapi::Operation;
use crate::openapi::operation::{Encoding, Location, Parameter};

/// So many faults of one value are told.
const FAULTS: usize = 3;
/// A fault is told in so many characters.
const FAULT_LENGTH: usize = 240;

/// What a request said, by the names of the document: `{"path": {…}, "query": {…}, "body": …}`.
pub(super) type Said = Map<String, Value>;

/// An operation with its compiled schemas, each made when it is first needed.
#[derive(Debug)]
pub(super) struct Checked {
    pub operation: Operation,
    parameters: Vec<OnceLock<Option<Validator>>>,
    bodies: Vec<OnceLock<Option<Validator>>>,
}

impl Checked {
    pub(super) fn new(operation: Operation) -> Self {
        let parameters = operation.parameters.iter().map(|_| OnceLock::new()).collect();
        let media = operation.body.as_ref().map(|body| body.media.len()).unwrap_or_default();
        let bodies = (0..media).map(|_| OnceLock::new()).collect();
        Self { operation, parameters, bodies }
    }

    /// What the request says, or everything that is wrong with it.
    ///
    /// # Errors
    /// [`Refusal`] when the document does not allow the request.
    pub(super) fn check(
        &self,
        received: &Received,
        captures: &Captures,
        security: &Security,
    ) -> Result<Said, Refusal> {
        let mut inspection = Inspection { checked: self, said: Said::new(), reasons: Vec::new() };
        inspection.parameters(received, captures, security);
        inspection.reasons.extend(security.missing(&self.operation, received));
        match body::read(&self.operation, received) {
            Ok(Some(body)) => inspection.body(body),
            Ok(None) => {}
            Err(reason) => inspection.reasons.push(reason),
        }
        if inspection.reasons.is_empty() {
            Ok(inspection.said)
        } else {
            Err(Refusal { reasons: inspection.reasons })
        }
    }

    fn validator(&self, index: usize) -> Option<&Validator> {
        let schema = &self.operation.parameters.get(index)?.schema;
        let cell = self.parameters.get(index)?;
        cell.get_or_init(|| schema::validator(&schema.to_value(), &self.operation.definitions)).as_ref()
    }

    fn body_validator(&self, index: usize) -> Option<&Validator> {
        let schema = &self.operation.body.as_ref()?.media.get(index)?.schema;
        let cell = self.bodies.get(index)?;
        cell.get_or_init(|| schema::validator(&schema.to_value(), &self.operation.definitions)).as_ref()
    }
}

struct Inspection<'c> {
    checked: &'c Checked,
    said: Said,
    reasons: Vec<Reason>,
}

impl Inspection<'_> {
    fn parameters(&mut self, received: &Received, captures: &Captures, security: &Security) {
        let operation = &self.checked.operation;
        let mut query = received.pairs();
        let mut cookies = received.cookies();
        take_fixed(&mut query, operation);
        security.take(operation, &mut query, &mut cookies);
        for (index, parameter) in objects_last(operation) {
            let found = match parameter.location {
                Location::Path => from_path(operation, parameter, captures),
                Location::Query => from_pairs(operation, parameter, &mut query),
                Location::Cookie => from_pairs(operation, parameter, &mut cookies),
                Location::Header => from_header(operation, parameter, received),
                Location::QueryString => from_query_string(operation, parameter, received, &mut query),
            };
            self.settle(index, parameter, found);
        }
        self.undeclared("query", &query);
        self.undeclared("cookie", &cookies);
    }

    fn settle(&mut self, index: usize, parameter: &Parameter, found: Result<Option<Readings>, Misshapen>) {
        let location = parameter.location.as_str();
        let reason = |detail: String| Reason::new(location, &parameter.name, detail);
        match found {
            Err(misshapen) => self.reasons.push(reason(misshapen.to_string())),
            Ok(None) if parameter.required => self.reasons.push(reason("is required and missing".to_owned())),
            Ok(None) => {}
            Ok(Some(readings)) if may_be_empty(parameter) && is_empty(&readings) => {}
            Ok(Some(readings)) => match valid(self.checked.validator(index), readings) {
                Ok(value) => self.say(location, &parameter.name, value),
                Err(faults) => self.reasons.extend(faults.into_iter().map(|(_, fault)| reason(fault))),
            },
        }
    }

    fn undeclared(&mut self, location: &'static str, pairs: &[Pair]) {
        let mut told: Vec<&str> = Vec::new();
        for pair in pairs.iter().filter(|pair| !pair.taken) {
            if !told.contains(&pair.name.as_str()) {
                told.push(&pair.name);
                let detail = format!("is not declared{}", self.declared(location));
                self.reasons.push(Reason::new(location, &pair.name, detail));
            }
        }
    }

    /// What is declared there instead.
    fn declared(&self, location: &str) -> String {
        let parameters = self.checked.operation.parameters.iter();
        let there = parameters.filter(|parameter| parameter.location.as_str() == location);
        let names: Vec<&str> = there.map(|parameter| parameter.name.as_str()).collect();
        if names.is_empty() { String::new() } else { format!(", unlike {}", names.join(", ")) }
    }

    fn body(&mut self, body: body::Body) {
        match valid(self.checked.body_validator(body.media), body.readings) {
            Ok(value) => {
                self.said.insert("body".to_owned(), value);
            }
            Err(faults) => self.reasons.extend(faults.into_iter().map(|(path, fault)| Reason {
                name: (!path.is_empty()).then_some(path),
                ..Reason::new("body", "", fault)
            })),
        }
    }

    fn say(&mut self, location: &str, name: &str, value: Value) {
        let group = self.said.entry(location).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(group) = group {
            group.insert(name.to_owned(), value);
        }
    }
}

/// Parameters that take pairs of any name come after those that say theirs.
fn objects_last(operation: &Operation) -> impl Iterator<Item = (usize, &Parameter)> {
    let parameters = operation.parameters.iter().enumerate();
    let (last, first): (Vec<_>, Vec<_>) = parameters
        .partition(|(_, parameter)| Shape::of(&parameter.schema.to_value(), &operation.definitions).object);
    first.into_iter().chain(last)
}

fn from_path(
    operation: &Operation,
    parameter: &Parameter,
    captures: &Captures,
) -> Result<Option<Readings>, Misshapen> {
    let Some((_, raw)) = captures.iter().find(|(name, _)| *name == parameter.name) else { return Ok(None) };
    match &parameter.encoding {
        Encoding::Content { media_type } => {
            content(operation, parameter, media_type, &decoded(raw)).map(Some)
        }
        Encoding::Style { .. } => {
            let schema = parameter.schema.to_value();
            Decoder::new(parameter, &schema, &operation.definitions).path(raw).map(Some)
        }
    }
}

fn from_header(
    operation: &Operation,
    parameter: &Parameter,
    received: &Received,
) -> Result<Option<Readings>, Misshapen> {
    let Some(raw) = received.header(&parameter.name) else { return Ok(None) };
    match &parameter.encoding {
        Encoding::Content { media_type } => content(operation, parameter, media_type, &raw).map(Some),
        Encoding::Style { .. } => {
            let schema = parameter.schema.to_value();
            Decoder::new(parameter, &schema, &operation.definitions).header(&raw).map(Some)
        }
    }
}

fn from_pairs(
    operation: &Operation,
    parameter: &Parameter,
    pairs: &mut [Pair],
) -> Result<Option<Readings>, Misshapen> {
    if let Encoding::Content { media_type } = &parameter.encoding {
        let Some(pair) = pairs.iter_mut().find(|pair| pair.name == parameter.name) else { return Ok(None) };
        pair.taken = true;
        let text = decoded_form(&pair.value);
        return content(operation, parameter, media_type, &text).map(Some);
    }
    let same_place = operation.parameters.iter().filter(|other| other.location == parameter.location);
    let others: Vec<&str> =
        same_place.map(|other| other.name.as_str()).filter(|name| *name != parameter.name).collect();
    Decoder::new(parameter, &parameter.schema.to_value(), &operation.definitions).pairs(pairs, &others)
}

/// OpenAPI 3.2's `in: querystring`: the query as a whole is the value.
fn from_query_string(
    operation: &Operation,
    parameter: &Parameter,
    received: &Received,
    pairs: &mut [Pair],
) -> Result<Option<Readings>, Misshapen> {
    if received.query.is_empty() {
        return Ok(None);
    }
    match &parameter.encoding {
        Encoding::Content { media_type } if !media_type.ends_with("x-www-form-urlencoded") => {
            pairs.iter_mut().for_each(|pair| pair.taken = true);
            content(operation, parameter, media_type, &decoded(&received.query)).map(Some)
        }
        _ => {
            pairs.iter_mut().for_each(|pair| pair.taken = true);
            let form = body::form(&parameter.schema.to_value(), &[], &received.query, &operation.definitions);
            form.map(|form| Some(vec![form])).map_err(|reason| Misshapen::Form(reason.to_string()))
        }
    }
}

/// A parameter written as a media type.
fn content(
    operation: &Operation,
    parameter: &Parameter,
    media_type: &str,
    text: &str,
) -> Result<Readings, Misshapen> {
    if body::is_json(media_type) {
        let value = serde_json::from_str(text).map_err(|error| Misshapen::Json(error.to_string()))?;
        return Ok(vec![value]);
    }
    Ok(vec![typed(Loose::Text(text.to_owned()), &parameter.schema.to_value(), &operation.definitions)])
}

/// The fixed query of the path template is nobody's parameter, unless one of them has its name.
fn take_fixed(pairs: &mut [Pair], operation: &Operation) {
    let declared = |name: &str| {
        let mut parameters = operation.parameters.iter();
        parameters.any(|parameter| parameter.location == Location::Query && parameter.name == name)
    };
    for (name, value) in operation.path.query().iter().filter(|(name, _)| !declared(name)) {
        let fixed = pairs.iter_mut().find(|pair| pair.name == *name && decoded_form(&pair.value) == *value);
        if let Some(pair) = fixed {
            pair.taken = true;
        }
    }
}

fn may_be_empty(parameter: &Parameter) -> bool {
    matches!(parameter.encoding, Encoding::Style { allow_empty: true, .. })
}

fn is_empty(readings: &[Value]) -> bool {
    readings.first().is_some_and(|value| value.as_str().is_some_and(str::is_empty))
}

/// The first reading that holds, or what is wrong with the most likely one: where and what.
fn valid(validator: Option<&Validator>, readings: Readings) -> Result<Value, Vec<(String, String)>> {
    let mut readings = readings.into_iter();
    let Some(first) = readings.next() else { return Ok(Value::Null) };
    let Some(validator) = validator else { return Ok(first) };
    let faults: Vec<_> = validator
        .iter_errors(&first)
        .take(FAULTS)
        .map(|error| (error.instance_path().to_string(), shortened(&error.to_string())))
        .collect();
    if faults.is_empty() {
        return Ok(first);
    }
    readings.find(|reading| validator.is_valid(reading)).ok_or(faults)
}

fn shortened(fault: &str) -> String {
    if fault.chars().count() <= FAULT_LENGTH {
        return format!("is refused: {fault}");
    }
    let half = FAULT_LENGTH / 2;
    let start: String = fault.chars().take(half).collect();
    let end: String = fault.chars().skip(fault.chars().count() - half).collect();
    format!("is refused: {start} … {end}")
}
