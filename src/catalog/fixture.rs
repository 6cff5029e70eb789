//! Operations built by hand, for tests.

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::build::{BuildOptions, Served, build};
use super::{CallPlan, Catalog, Tool};
use crate::config::Gateway;
use crate::diagnostic::Diagnostics;
use crate::openapi::Operation;
use crate::openapi::definitions::Definitions;
use crate::openapi::operation::{Encoding, Location, MediaType, Parameter, RequestBody, Server, ToolHints};
use crate::openapi::template::PathTemplate;
use crate::source::{Place, Source, Span};
use crate::upstream::Upstream;

/// An operation without anything; its server is `https://api.example.com/v1`.
pub(crate) fn operation(method: &str, path: &str) -> Operation {
    let source = Source::new("api.json", "{}");
    Operation {
        place: Place::new(&source, Span::new(0, 2)),
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: PathTemplate::parse(path).unwrap(),
        id: None,
        summary: None,
        description: None,
        tags: Vec::new(),
        deprecated: false,
        servers: vec![server("https://api.example.com/v1")],
        parameters: Vec::new(),
        body: None,
        produces: Vec::new(),
        outline: Arc::default(),
        security: None,
        definitions: Definitions::new(),
        hints: ToolHints::default(),
    }
}

pub(crate) fn server(url: &str) -> Server {
    Server { url: url.to_owned(), variables: Vec::new(), span: Span::default() }
}

/// An optional parameter (required in a path) of the default style.
pub(crate) fn parameter(location: Location, name: &str, schema: Value) -> Parameter {
    let style = location.default_style();
    Parameter {
        name: name.to_owned(),
        location,
        required: location == Location::Path,
        deprecated: false,
        description: None,
        schema: schema.into(),
        encoding: Encoding::Style {
            style,
            explode: style == crate::openapi::operation::Style::Form,
            allow_reserved: false,
            allow_empty: false,
        },
        span: Span::default(),
    }
}

/// A required body of one media type.
pub(crate) fn body(media_type: &str, schema: Value) -> RequestBody {
    RequestBody { required: true, description: None, media: vec![media(media_type, schema)] }
}

pub(crate) fn media(name: &str, schema: Value) -> MediaType {
    MediaType { name: name.to_owned(), schema: schema.into(), encoding: Vec::new() }
}

/// A gateway that serves these operations of a document.
pub(crate) fn served(gateway: Gateway, operations: Vec<Operation>) -> Served {
    let credentials = gateway.credentials.clone();
    let upstream = Upstream::new(gateway.name.clone(), Vec::new(), credentials, &[], &Default::default());
    Served { gateway, upstream: Arc::new(upstream), document_url: None, operations, schemes: Vec::new() }
}

/// The catalog of one bare document, writes allowed, and its diagnostics.
pub(crate) fn catalog(operations: Vec<Operation>) -> (Catalog, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let options = BuildOptions { allow_writes: true, ..BuildOptions::default() };
    let catalog = build(&[served(Gateway::named("pets"), operations)], &options, &mut diagnostics);
    (catalog, diagnostics)
}

/// A plan of a tool of this name without arguments, in a gateway of this name.
pub(crate) fn plan(gateway: &str, tool: &str) -> Arc<CallPlan> {
    let operation = Operation { id: Some(tool.to_owned()), ..operation("GET", "/") };
    let served = served(Gateway::named(gateway), vec![operation]);
    let catalog = build(&[served], &BuildOptions::default(), &mut Diagnostics::default());
    Arc::clone(&catalog.tools().first().unwrap().plan)
}

/// The `inputSchema` that a tool shows.
pub(crate) fn input_schema(tool: &Tool) -> Value {
    serde_json::from_str::<Value>(&tool.face).unwrap()["inputSchema"].clone()
}
