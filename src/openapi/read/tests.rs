//! What comes out of documents, construct by construct. Every snippet is a document that people write.

mod bodies;
mod files;
mod hints;
mod parameters;
mod paths;
mod responses;
mod security;
mod swagger2;

use serde_json::Value;

use crate::diagnostic::{Diagnostics, Severity};
use crate::openapi::Document;
use crate::openapi::operation::{Encoding, Operation, Parameter, Style};
use crate::source::Source;

/// The operations of a document, and what was told about it: `code line`, notes in brackets.
fn operations_of(text: &str) -> (Vec<Operation>, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&Source::new("openapi.yaml", text), &mut diagnostics);
    let operations = document.map(|document| document.operations(&mut diagnostics)).unwrap_or_default();
    (operations, told(&diagnostics))
}

fn told(diagnostics: &Diagnostics) -> Vec<String> {
    let told = diagnostics.iter().map(|diagnostic| {
        let line = diagnostic.place.as_ref().unwrap().start().line;
        match diagnostic.severity {
            Severity::Note => format!("[{} {line}]", diagnostic.code.as_str()),
            _ => format!("{} {line}", diagnostic.code.as_str()),
        }
    });
    told.collect()
}

/// A document of a version; `rest` begins with `paths:` or whatever comes before it.
fn document(version: &str, rest: &str) -> String {
    let key = if version == "2.0" { "swagger" } else { "openapi" };
    format!("{key}: '{version}'\ninfo: {{title: Example, version: '1'}}\n{rest}")
}

/// The only operation of a 3.1 document about which nothing is told.
fn only(rest: &str) -> Operation {
    only_of("3.1.0", rest)
}

fn only_of(version: &str, rest: &str) -> Operation {
    let (mut operations, told) = operations_of(&document(version, rest));
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(operations.len(), 1);
    operations.remove(0)
}

fn signatures(operations: &[Operation]) -> Vec<String> {
    operations.iter().map(Operation::signature).collect()
}

fn parameter<'a>(operation: &'a Operation, name: &str) -> &'a Parameter {
    operation.parameters.iter().find(|parameter| parameter.name == name).unwrap()
}

/// `name in required` of each parameter.
fn listed(operation: &Operation) -> Vec<String> {
    let list = operation.parameters.iter().map(|parameter| {
        let required = if parameter.required { " required" } else { "" };
        format!("{} {}{required}", parameter.location.as_str(), parameter.name)
    });
    list.collect()
}

fn media(operation: &Operation) -> Vec<&str> {
    operation.body.iter().flat_map(|body| &body.media).map(|media| &*media.name).collect()
}

/// The schema of the best media type of the body.
fn body(operation: &Operation) -> Value {
    operation.body.as_ref().unwrap().media[0].schema.to_value()
}

fn style(style: Style, explode: bool) -> Encoding {
    Encoding::Style { style, explode, allow_reserved: false, allow_empty: false }
}
