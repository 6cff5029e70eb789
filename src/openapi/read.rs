//! Documents to operations, one at a time.
//!
//! A [`Reader`] goes through the path items and types what it finds. Each thing it reads has a file of its own in
//! `read/`; where versions of the specification differ, the difference is in that file, beside what they share.
//! Nothing here fails: what cannot be read is told and left out, and the operation is served without it unless it
//! could then not be sent right.

mod body;
mod form;
mod hints;
mod media_type;
mod operation;
mod outline;
mod parameter;
mod path;
mod response;
mod security;
mod server;
mod variable;

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::files::Files;
use super::node::{Kind, Node};
use super::operation::{Operation, Outline, SecurityScheme};
use super::reference::References;
use super::report::{NodeKey, Report};
use super::schema::{Direction, Schemas};
use super::version::Version;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use parameter::TypedParameter;
pub(super) use response::responses;

/// Reads one document.
struct Reader<'d> {
    version: Version,
    root: Node<'d>,
    references: References<'d>,
    schemas: Schemas<'d>,
    /// Parameters by the node where they are written: most are referred to by many operations.
    parameters: FxHashMap<NodeKey, Option<Rc<TypedParameter>>>,
    /// Outlines by the schema of their body.
    outlines: FxHashMap<NodeKey, Arc<Outline>>,
}

/// All operations of a document.
pub(super) fn operations(files: &Files, version: Version, diagnostics: &mut Diagnostics) -> Vec<Operation> {
    let mut reader = Reader::new(files, version, Direction::Request);
    let operations = reader.operations();
    // Of operations that were left out, the reason has been told.
    let told =
        [Code::UnservableOperation, Code::UnexpectedType].into_iter().any(|code| reader.report().has(code));
    if operations.is_empty() && !told {
        reader.tell_nothing_to_serve();
    }
    reader.tell_duplicate_ids(&operations);
    diagnostics.extend(reader.references.into_report().finish());
    operations
}

/// The security schemes of a document.
pub(super) fn security_schemes(files: &Files, version: Version) -> Vec<SecurityScheme> {
    Reader::new(files, version, Direction::Request).security_schemes()
}

impl<'d> Reader<'d> {
    fn new(files: &'d Files, version: Version, direction: Direction) -> Self {
        Self {
            version,
            root: files.root(),
            references: References::new(files),
            schemas: Schemas::new(version, direction),
            parameters: FxHashMap::default(),
            outlines: FxHashMap::default(),
        }
    }

    fn report(&mut self) -> &mut Report {
        self.references.report()
    }

    fn operations(&mut self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for key in ["paths", "x-ms-paths"] {
            let Some(paths) = self.root.get(key).and_then(|paths| self.references.follow(paths)) else {
                continue;
            };
            if !paths.is_object() && paths.kind() != Kind::Null {
                self.report().once(Code::UnexpectedType, paths, || format!("`{key}` is no object"));
            }
            for entry in paths.entries() {
                self.path(entry, &mut operations);
            }
        }
        operations
    }

    /// A document may well have no operation: of webhooks alone (3.1), or with an empty `paths`. Only where the
    /// version asks for `paths` is their absence a fault.
    fn tell_nothing_to_serve(&mut self) {
        let root = self.root;
        let entry = root.entry("paths");
        if entry.is_some_and(|entry| !matches!(entry.value.kind(), Kind::Object | Kind::Null)) {
            return;
        }
        let is_valid = entry.is_some_and(|entry| entry.value.is_empty() && entry.value.is_object())
            || (entry.is_none() && self.version >= Version::V31);
        let span = entry.map_or_else(|| crate::source::Span::new(0, 0), |entry| entry.key_span);
        let message =
            if entry.is_some() { "`paths` holds no operation" } else { "the document has no `paths`" };
        let severity = if is_valid { Severity::Note } else { Severity::Warning };
        let place = crate::source::Place::new(root.tree().source(), span);
        self.report().push(Diagnostic::new(Code::NoOperations, message).at(place).severity(severity));
    }

    fn tell_duplicate_ids(&mut self, operations: &[Operation]) {
        let mut first: FxHashMap<&str, &Operation> = FxHashMap::default();
        for operation in operations {
            let Some(id) = operation.id.as_deref() else { continue };
            if let Some(first) = first.get(id) {
                let message = format!("operationId {id:?} is also that of {}", first.signature());
                let diagnostic = Diagnostic::new(Code::DuplicateOperationId, message);
                self.report().push(diagnostic.at(operation.place.clone()));
            } else {
                first.insert(id, operation);
            }
        }
    }
}

/// Whether `key` of `node` says true, also where its author put it in quotes.
fn flag(node: Node<'_>, key: &str) -> bool {
    node.get(key).and_then(Node::scalar) == Some("true")
}

#[cfg(test)]
mod tests;
