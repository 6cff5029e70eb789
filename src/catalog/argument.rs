//! The arguments of a tool: one flat list of everything that an operation takes, each with a name that clients accept.
//!
//! Names are those of the wire where they are legal. When two places use one name, the path has it, then the query,
//! headers, cookies, and the body last; the others get their place before it (`body_id`). All can be set, and the
//! names on the wire do not change.

mod header;
mod name;

use serde_json::{Value, json};

use super::body::{BodyLayout, Content, one_of_required};
use super::schema::{resolve, takes_null};
use crate::config::gateway::{Change, ParameterChange};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{Encoding, Location, Parameter};
use crate::openapi::shared::Json;

/// One thing that an operation takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    /// Name of the argument; `None` when it is hidden.
    pub argument: Option<String>,
    /// Name on the wire.
    pub wire: String,
    /// What it is.
    pub kind: InputKind,
    /// What it takes.
    pub schema: Json,
    /// Must be given.
    pub required: bool,
    /// `null` is a value of its own.
    pub nullable: bool,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// About it, instead of what its schema says.
    pub description: Option<String>,
    /// Sent when the caller gives no value.
    pub default: Option<Value>,
    /// Base64 or a data URI.
    pub file: bool,
    /// What goes together with it, as a sentence.
    pub note: Option<String>,
    /// It is set by the page that is asked for, and no caller sees it: see [`super::paginate`].
    pub of_the_page: bool,
    /// It is asked for when the caller leaves it out: see [`super::ask`].
    pub asked: bool,
    /// Clients repeat it in the header `Mcp-Param-` and this (`x-mcp-header`, MCP 2026-07-28).
    pub header: Option<Box<str>>,
}

/// What an input is. In the order in which a name is given to one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum InputKind {
    /// `parameters[index]` of the operation.
    Parameter(Location, usize),
    /// A property of the body.
    Property(usize),
    /// The whole body.
    Body,
    /// Which media type the body has.
    MediaType,
    /// A filter over the answer. It is not sent.
    Select,
    /// Which page of the answer is wanted: nothing of the request itself.
    Cursor,
}

/// Why an operation cannot be served with its change.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InputError {
    /// A hidden input is needed for every request.
    #[error("`{0}` is hidden and required, and has no default")]
    HiddenWithoutDefault(String),
}

/// Everything that an operation takes, named and changed. `parameters` are those of the operation that are served.
pub(super) fn inputs(
    operation: &Operation,
    parameters: &[Parameter],
    body: Option<&BodyLayout>,
    change: Option<&Change>,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Input>, InputError> {
    let definitions = &operation.definitions;
    let mut inputs: Vec<Input> = parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| of_parameter(index, parameter, definitions))
        .collect();
    let body_is_required = operation.body.as_ref().is_some_and(|body| body.required);
    if let Some(body) = body {
        inputs.extend(of_body(body, body_is_required, operation));
    }
    for input in &mut inputs {
        input.nullable = takes_null(&input.schema, &operation.definitions);
    }
    name::assign(&mut inputs, &[]);
    if let Some(body) = body {
        note_choices(body, &mut inputs);
    }
    let mut renamed = hint(&mut inputs, operation);
    if let Some(change) = change {
        let chosen = apply(change, &mut inputs, operation, diagnostics)?;
        renamed.retain(|(index, _)| !chosen.iter().any(|(other, _)| other == index));
        renamed.extend(chosen);
    }
    if !renamed.is_empty() || inputs.iter().any(|input| input.argument.is_none()) {
        name::assign(&mut inputs, &renamed);
    }
    Ok(inputs)
}

/// The argument in which the model gives a filter over the answer, by a name that none of the others has.
pub(super) fn select(inputs: &[Input]) -> Input {
    let is_free = |name: &String| inputs.iter().all(|input| input.argument.as_deref() != Some(name));
    let names = std::iter::once("_select".to_owned()).chain((2..).map(|number| format!("_select_{number}")));
    let about = "A filter in jq that picks what you need of the answer, like `.items[] | {id, name}`. Without it \
                 you get all of it.";
    Input {
        argument: names.take(inputs.len() + 1).find(is_free),
        wire: "_select".to_owned(),
        kind: InputKind::Select,
        schema: json!({"type": "string"}).into(),
        required: false,
        nullable: false,
        deprecated: false,
        description: Some(about.to_owned()),
        default: None,
        file: false,
        note: None,
        of_the_page: false,
        asked: false,
        header: None,
    }
}

/// Applies what the document itself says on how arguments look. Returns the names that it chose, by index.
///
/// What every request needs cannot be hidden without a default: the document is not obeyed then, where a gateway file
/// would be refused.
fn hint(inputs: &mut [Input], operation: &Operation) -> Vec<(usize, String)> {
    let mut renamed = Vec::new();
    for hints in &operation.hints.parameters {
        for (index, input) in inputs.iter_mut().enumerate().filter(|(_, input)| input.wire == hints.name) {
            renamed.extend(hints.argument.clone().map(|name| (index, name)));
            input.description = hints.description.clone().or(input.description.take());
            let default = input.schema.get("default").map(Json::to_value);
            if hints.hidden && (default.is_some() || !input.required) {
                input.argument = None;
                input.required = false;
                input.default = default;
            }
        }
    }
    renamed
}

fn of_parameter(index: usize, parameter: &Parameter, definitions: &Definitions) -> Input {
    Input {
        argument: Some(String::new()),
        wire: parameter.name.clone(),
        kind: InputKind::Parameter(parameter.location, index),
        schema: parameter_schema(parameter, definitions),
        required: parameter.required || parameter.location == Location::Path,
        nullable: false,
        deprecated: parameter.deprecated,
        description: parameter.description.clone(),
        default: None,
        file: false,
        note: None,
        of_the_page: false,
        asked: false,
        header: None,
    }
}

/// What a parameter takes. A style writes nothing for an empty list or object (RFC 6570, section 2.3), so where
/// something must be sent, it must not be empty.
fn parameter_schema(parameter: &Parameter, definitions: &Definitions) -> Json {
    let vanishes = parameter.required
        && matches!(parameter.location, Location::Query | Location::Cookie | Location::Path)
        && matches!(parameter.encoding, Encoding::Style { allow_empty: false, .. });
    let resolved = resolve(&parameter.schema, definitions);
    let is = |kind: &str| resolved.get("type").is_some_and(|named| named == kind);
    let least = match (is("array"), is("object")) {
        (true, _) => "minItems",
        (_, true) => "minProperties",
        _ => return parameter.schema.clone(),
    };
    let Json::Object(keywords) = resolved else { return parameter.schema.clone() };
    if !vanishes || keywords.get(least).and_then(Json::as_u64).is_some_and(|least| least > 0) {
        return parameter.schema.clone();
    }
    let mut keywords = keywords.to_map();
    keywords.insert(least.to_owned(), 1.into());
    Value::Object(keywords).into()
}

fn of_body(body: &BodyLayout, required: bool, operation: &Operation) -> Vec<Input> {
    let input = |wire: &str, kind, schema: &Json| Input {
        argument: Some(String::new()),
        wire: wire.to_owned(),
        kind,
        schema: schema.clone(),
        required: false,
        nullable: false,
        deprecated: false,
        description: None,
        default: None,
        file: false,
        note: None,
        of_the_page: false,
        asked: false,
        header: None,
    };
    let mut inputs = match &body.content {
        Content::Properties(properties) => {
            let property = |(index, property): (usize, &super::body::Property)| Input {
                required: required && property.required,
                file: property.file,
                ..input(&property.name, InputKind::Property(index), &property.schema)
            };
            properties.iter().enumerate().map(property).collect()
        }
        Content::Whole(whole) => {
            let description = operation.body.as_ref().and_then(|body| body.description.clone());
            vec![Input {
                required,
                file: whole.file,
                description,
                ..input("body", InputKind::Body, &whole.schema)
            }]
        }
    };
    if body.media.len() > 1 {
        let names: Vec<&str> = body.media.iter().map(|media| &*media.name).collect();
        let schema = json!({"type": "string", "enum": names, "default": names.first()}).into();
        let description = Some("Media type of the body.".to_owned());
        inputs.push(Input { description, ..input("content_type", InputKind::MediaType, &schema) });
    }
    inputs
}

/// Says of the first of several properties that one of them is needed: no schema that all providers take says so.
fn note_choices(body: &BodyLayout, inputs: &mut [Input]) {
    /// A longer list would cost more than it helps.
    const MOST: usize = 6;
    for names in body.rules.iter().filter_map(one_of_required).filter(|names| names.len() <= MOST) {
        let note = format!("One of `{}` is required.", names.join("`, `"));
        let is_it = |input: &&mut Input| {
            matches!(input.kind, InputKind::Property(_)) && names.first() == Some(&input.wire.as_str())
        };
        if let Some(input) = inputs.iter_mut().find(is_it) {
            input.note = Some(note);
        }
    }
}

/// Applies the changes to the inputs that they name, by argument or by name on the wire. Returns the names that were
/// chosen, by index.
fn apply(
    change: &Change,
    inputs: &mut [Input],
    operation: &Operation,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<(usize, String)>, InputError> {
    let mut renamed = Vec::new();
    for (key, change) in &change.parameters {
        let exact = inputs.iter().position(|input| input.argument.as_deref() == Some(key));
        let matching: Vec<usize> =
            match exact.filter(|index| inputs.get(*index).is_some_and(|input| input.wire != *key)) {
                Some(index) => vec![index],
                None => (0..inputs.len())
                    .filter(|index| inputs.get(*index).is_some_and(|input| input.wire == *key))
                    .collect(),
            };
        if matching.is_empty() {
            diagnostics.push(no_such_input(key, change, inputs, operation));
        }
        for index in matching {
            if let Some(name) = &change.name {
                renamed.push((index, name.clone()));
            }
            if let Some(input) = inputs.get_mut(index) {
                apply_one(change, input, &operation.definitions, diagnostics);
            }
        }
    }
    header::assign(change, inputs, operation, diagnostics);
    match inputs.iter().find(|input| input.argument.is_none() && input.required) {
        Some(input) => Err(InputError::HiddenWithoutDefault(input.wire.clone())),
        None => Ok(renamed),
    }
}

fn apply_one(
    change: &ParameterChange,
    input: &mut Input,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) {
    if let Some(description) = &change.description {
        input.description = Some(description.clone());
    }
    if let Some(required) = change.required {
        let is_path = matches!(input.kind, InputKind::Parameter(Location::Path, _));
        input.required = required || is_path;
    }
    if let Some(default) = &change.default {
        if fits(default, &input.schema, definitions) {
            input.default = Some(default.clone());
            input.required = false;
        } else {
            let message = format!("the default of `{}` is not a value that it takes", input.wire);
            diagnostics.push(placed(Diagnostic::new(Code::InvalidValue, message), change));
        }
    }
    if change.hide {
        input.argument = None;
    }
}

fn fits(value: &Value, schema: &Json, definitions: &Definitions) -> bool {
    let schema = json!({"allOf": [schema], "$defs": definitions.to_map()});
    super::validator::compile(schema).is_none_or(|validator| validator.is_valid(value))
}

fn no_such_input(key: &str, change: &ParameterChange, inputs: &[Input], operation: &Operation) -> Diagnostic {
    let message = format!("`{}` has no parameter `{key}`", operation.signature());
    let diagnostic = placed(Diagnostic::new(Code::NoMatch, message), change);
    match super::suggest(key, inputs.iter().map(|input| input.wire.as_str())) {
        Some(similar) => diagnostic.help(format!("did you mean `{similar}`?")),
        None => diagnostic,
    }
}

fn placed(diagnostic: Diagnostic, change: &ParameterChange) -> Diagnostic {
    match &change.place {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    }
}

impl Input {
    /// Name of the argument that a caller can give; `None` when there is none.
    pub(super) fn shown(&self) -> Option<&str> {
        self.argument.as_deref().filter(|_| !self.of_the_page)
    }

    /// Whether a call without it is refused.
    pub(super) fn must_be_given(&self) -> bool {
        self.required && !self.asked
    }
}

impl InputKind {
    /// What is put before a name that another place has.
    fn place(self) -> &'static str {
        match self {
            Self::Parameter(location, _) => location.as_str(),
            Self::Property(_) => "body",
            Self::Body => "request",
            Self::MediaType => "body",
            Self::Select => "answer",
            Self::Cursor => "page",
        }
    }
}
