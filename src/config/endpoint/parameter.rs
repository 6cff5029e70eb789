//! The parameters of an endpoint.

use http::Method;
use serde_json::{Value, json};

use super::super::gateway::ParameterChange;
use super::super::header;
use super::super::operations::{hidden_without_default, mcp_header, owned};
use super::super::resolver::Resolver;
use super::super::suggest::did_you_mean;
use super::super::written::Entry;
use super::{EndpointFile, ParameterFile, ParameterLocation, StyleWord, media_type, schema};
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::operation::{Encoding, Location, Parameter, Style};
use crate::openapi::template::PathTemplate;
use crate::source::{Place, Span};

/// What the parameters of an endpoint come to.
pub(super) struct Parameters {
    /// Those that go into path, query, headers and cookies.
    pub(super) sent: Vec<Parameter>,
    /// Those that are properties of the body.
    pub(super) properties: Vec<Property>,
    /// What an OpenAPI parameter cannot say: another argument name, a default that is sent, hiding.
    pub(super) changes: Vec<(String, ParameterChange)>,
}

/// A property of the body.
pub(super) struct Property {
    pub(super) name: String,
    pub(super) schema: Value,
    pub(super) required: bool,
    pub(super) place: Place,
}

/// Headers that have a key of their own in a gateway file.
const SAID_ELSEWHERE: [(&str, &str); 3] = [
    ("authorization", "say it as `credential`, so that it is kept secret"),
    ("cookie", "declare the cookie as a parameter with `in: cookie`"),
    ("accept", "say `response: {content_type: …}`"),
];

impl Parameters {
    /// The parameters of a file. What is faulty is reported and left out.
    pub(super) fn resolve(
        file: &EndpointFile<'_>,
        method: &Method,
        path: &PathTemplate,
        endpoint: Span,
        resolver: &mut Resolver<'_>,
    ) -> Self {
        let mut parameters = Self { sent: Vec::new(), properties: Vec::new(), changes: Vec::new() };
        for entry in file.parameters.iter().flat_map(|parameters| &parameters.value.0) {
            let location = location(entry, method, path);
            check(entry, location, path, resolver);
            parameters.push(entry, location, resolver);
            parameters.changes.extend(change(entry, resolver));
        }
        for variable in path.variables() {
            if !parameters.sent.iter().any(|known| known.location == Location::Path && known.name == variable)
            {
                parameters.sent.push(Parameter::undeclared(variable, endpoint));
            }
        }
        parameters
    }

    fn push(
        &mut self,
        entry: &Entry<'_, ParameterFile<'_>>,
        location: ParameterLocation,
        resolver: &mut Resolver<'_>,
    ) {
        let file = &entry.value;
        let schema = value_schema(entry, resolver);
        let flag = file.required.and_then(|required| required.value.flag());
        let required = flag.unwrap_or(location == ParameterLocation::Path);
        let name = entry.key.to_owned();
        let Some(location) = location.on_the_wire() else {
            let schema = described(schema, owned(file.description.as_ref()));
            self.properties.push(Property { name, schema, required, place: entry.key_place.clone() });
            return;
        };
        self.sent.push(Parameter {
            name,
            location,
            required,
            deprecated: schema.get("deprecated").and_then(Value::as_bool).unwrap_or_default(),
            description: owned(file.description.as_ref()),
            schema: schema.into(),
            encoding: encoding(entry, location, resolver),
            span: entry.key_place.span,
        });
    }
}

/// Where a parameter goes: where it says, else where one would look for it.
fn location(entry: &Entry<'_, ParameterFile<'_>>, method: &Method, path: &PathTemplate) -> ParameterLocation {
    match entry.value.r#in {
        Some(location) => location.value,
        None if path.variables().any(|variable| variable == entry.key) => ParameterLocation::Path,
        None if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "DELETE") => ParameterLocation::Query,
        None => ParameterLocation::Body,
    }
}

fn value_schema(entry: &Entry<'_, ParameterFile<'_>>, resolver: &mut Resolver<'_>) -> Value {
    let file = &entry.value;
    let schema = schema::resolve(&file.schema, file.keywords, entry.slot, resolver);
    let mut schema = schema.unwrap_or_else(|| json!({"type": "string"}));
    if let Some(default) = &file.default {
        schema::check_default(&schema, default, resolver);
        if let Some(keywords) = schema.as_object_mut() {
            keywords.entry("default").or_insert_with(|| default.value.to_value());
        }
    }
    schema
}

fn described(mut schema: Value, description: Option<String>) -> Value {
    if let (Some(keywords), Some(description)) = (schema.as_object_mut(), description) {
        keywords.insert("description".to_owned(), description.into());
    }
    schema
}

fn change(
    entry: &Entry<'_, ParameterFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<(String, ParameterChange)> {
    let file = &entry.value;
    let change = ParameterChange {
        name: file.name.map(|name| name.value.0.to_owned()),
        default: file.default.map(|default| default.value.to_value()),
        hide: file.hide.is_some_and(|hide| hide.value),
        mcp_header: file.mcp_header.as_ref().and_then(|written| mcp_header(written, resolver)),
        place: Some(entry.key_place.clone()),
        ..ParameterChange::default()
    };
    let says_something =
        change.name.is_some() || change.default.is_some() || change.hide || change.mcp_header.is_some();
    says_something.then(|| (entry.key.to_owned(), change))
}

/// Reports what a parameter cannot be where it is.
fn check(
    entry: &Entry<'_, ParameterFile<'_>>,
    location: ParameterLocation,
    path: &PathTemplate,
    resolver: &mut Resolver<'_>,
) {
    let file = &entry.value;
    let required = file.required.and_then(|required| required.value.flag());
    if let Err(diagnostic) = check_name(entry, location, path) {
        resolver.problem(diagnostic.at(entry.key_place.clone()));
    }
    if let (ParameterLocation::Path, Some(false), Some(written)) = (location, required, file.required) {
        resolver.problem(written.slot.invalid("a variable of the path cannot be left out"));
    }
    let hidden = file.hide.is_some_and(|hide| hide.value);
    if hidden && file.default.is_none() && required.unwrap_or(location == ParameterLocation::Path) {
        resolver.problem(hidden_without_default(entry));
    }
    if location == ParameterLocation::Body {
        for (key, slot) in [
            ("style", file.style.map(|style| style.slot)),
            ("explode", file.explode.map(|flag| flag.slot)),
            ("allow_reserved", file.allow_reserved.map(|flag| flag.slot)),
            ("allow_empty", file.allow_empty.map(|flag| flag.slot)),
            ("content", file.content.map(|content| content.slot)),
        ] {
            if let Some(slot) = slot {
                let message = format!("`{key}` has no meaning for a property of the body");
                resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(slot.key_place()));
            }
        }
    }
}

/// Whether the name can be sent where the parameter goes.
fn check_name(
    entry: &Entry<'_, ParameterFile<'_>>,
    location: ParameterLocation,
    path: &PathTemplate,
) -> Result<(), Diagnostic> {
    let name = entry.key;
    let (message, help) = match location {
        ParameterLocation::Path if !path.variables().any(|variable| variable == name) => {
            (format!("the path has no variable `{{{name}}}`"), did_you_mean(name, path.variables()))
        }
        ParameterLocation::Query if path.query().iter().any(|(fixed, _)| fixed == name) => {
            (format!("`{name}` is in the query of `request` already, with a fixed value"), None)
        }
        ParameterLocation::Header => match check_header(name) {
            Ok(()) => return Ok(()),
            Err(help) => (format!("`{name}` cannot be a parameter in a header"), Some(help)),
        },
        ParameterLocation::Cookie if http::HeaderName::from_bytes(name.as_bytes()).is_err() => {
            (format!("`{name}` cannot be the name of a cookie"), None)
        }
        _ => return Ok(()),
    };
    let diagnostic = Diagnostic::new(Code::InvalidValue, message);
    Err(match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}

fn check_header(name: &str) -> Result<(), String> {
    let name = header::name(name).map_err(|error| error.to_string())?;
    match SAID_ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name.as_str()) {
        Some((_, help)) => Err((*help).to_owned()),
        None => Ok(()),
    }
}

fn encoding(
    entry: &Entry<'_, ParameterFile<'_>>,
    location: Location,
    resolver: &mut Resolver<'_>,
) -> Encoding {
    let file = &entry.value;
    if location == Location::QueryString && file.content.is_none() {
        let message = "a `querystring` is written as a media type";
        let missing = Diagnostic::new(Code::MissingKey, message).at(entry.key_place.clone());
        resolver.problem(missing.help("say `content: application/x-www-form-urlencoded`, or another one"));
    }
    if let Some(content) = &file.content {
        for slot in
            [file.style.map(|style| style.slot), file.explode.map(|flag| flag.slot)].into_iter().flatten()
        {
            resolver.problem(slot.invalid("`content` says how the value is written, so that no style can"));
        }
        return Encoding::Content { media_type: media_type::resolve(content, resolver) };
    }
    let style = match &file.style {
        Some(written) => {
            let style = Style::from(written.value);
            if !allows(location, style) {
                let message = format!("this style cannot be used in {}", location.as_str());
                resolver.problem(written.slot.invalid(message));
            }
            style
        }
        None => location.default_style(),
    };
    Encoding::Style {
        style,
        explode: file.explode.map_or(style == Style::Form, |explode| explode.value),
        allow_reserved: file.allow_reserved.is_some_and(|flag| flag.value),
        allow_empty: file.allow_empty.is_some_and(|flag| flag.value),
    }
}

/// The table of OpenAPI 3.1, section 4.8.12.2.3.
fn allows(location: Location, style: Style) -> bool {
    match location {
        Location::Path => matches!(style, Style::Simple | Style::Label | Style::Matrix),
        Location::Query | Location::QueryString => {
            !matches!(style, Style::Simple | Style::Label | Style::Matrix)
        }
        Location::Header => style == Style::Simple,
        Location::Cookie => style == Style::Form,
    }
}

impl ParameterLocation {
    /// `None` for a property of the body.
    fn on_the_wire(self) -> Option<Location> {
        match self {
            Self::Path => Some(Location::Path),
            Self::Query => Some(Location::Query),
            Self::Header => Some(Location::Header),
            Self::Cookie => Some(Location::Cookie),
            Self::QueryString => Some(Location::QueryString),
            Self::Body => None,
        }
    }
}

impl From<StyleWord> for Style {
    fn from(word: StyleWord) -> Self {
        match word {
            StyleWord::Simple => Self::Simple,
            StyleWord::Label => Self::Label,
            StyleWord::Matrix => Self::Matrix,
            StyleWord::Form => Self::Form,
            StyleWord::SpaceDelimited => Self::SpaceDelimited,
            StyleWord::PipeDelimited => Self::PipeDelimited,
            StyleWord::TabDelimited => Self::TabDelimited,
            StyleWord::DeepObject => Self::DeepObject,
        }
    }
}
