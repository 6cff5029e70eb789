//! Which version of the specification a document is written in.

use super::node::{EntryRef, Kind, Node};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Place;

/// The versions that differ in how they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0.
    V30,
    /// OpenAPI 3.1.
    V31,
    /// OpenAPI 3.2, and whatever 3.x comes after it.
    V32,
}

impl Version {
    /// The version that `root` says, or the one whose shape it has; `None` when it is no OpenAPI document.
    pub(super) fn of(root: Node<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        if !root.is_object() {
            diagnostics.push(not_a_document(root));
            return None;
        }
        let said = ["openapi", "swagger", "swaggerVersion"].into_iter().find_map(|key| root.entry(key));
        let version = match said {
            Some(said) => Self::said(root, said, diagnostics),
            None => Self::by_shape(root, diagnostics),
        }?;
        if root.get("info").is_none() {
            let message = "the document has no `info`, which says its title and version";
            let place =
                said.map_or_else(|| start_of(root), |said| Place::new(root.tree().source(), said.key_span));
            diagnostics.push(Diagnostic::new(Code::MissingInfo, message).at(place));
        }
        Some(version)
    }

    /// The version that is written at `said`; `None` when it is one that is not read.
    fn said(root: Node<'_>, said: EntryRef<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let text = said.value.scalar().unwrap_or_default().trim();
        if text.starts_with("1.") {
            let message = format!("Swagger {text} is not read; convert the document to OpenAPI 3");
            diagnostics.push(Diagnostic::new(Code::UnsupportedVersion, message).at(said.value.place()));
            return None;
        }
        let known = Self::parse(text);
        if known.is_none() || said.value.kind() != Kind::String {
            let place = Place::new(root.tree().source(), said.key_span);
            let message = match (known, text) {
                (Some(_), _) => format!("the version {text} is written as a number, not as a text"),
                (None, "") => "the version is not a text".to_owned(),
                (None, _) => format!("version {text:?} is not known; the document is read by its shape"),
            };
            diagnostics.push(Diagnostic::new(Code::DocumentVersion, message).at(place));
        }
        Some(known.unwrap_or_else(|| Self::shape(root)))
    }

    /// Whether it is one of OpenAPI 3.
    pub(super) fn is_3(self) -> bool {
        self >= Self::V30
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.');
        match (numbers.next()?, numbers.next()) {
            ("2", Some("0") | None) => Some(Self::V2),
            ("3", Some("0") | None) => Some(Self::V30),
            ("3", Some("1")) => Some(Self::V31),
            ("3", Some("2")) => Some(Self::V32),
            _ => None,
        }
    }

    fn by_shape(root: Node<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        if !["paths", "webhooks"].into_iter().any(|key| root.get(key).is_some_and(Node::is_object)) {
            diagnostics.push(not_a_document(root));
            return None;
        }
        let message = "neither `openapi` nor `swagger` says a version; the document is read by its shape";
        diagnostics.push(Diagnostic::new(Code::DocumentVersion, message).at(start_of(root)));
        Some(Self::shape(root))
    }

    fn shape(root: Node<'_>) -> Self {
        const OF_2: [&str; 6] =
            ["swagger", "definitions", "host", "basePath", "securityDefinitions", "consumes"];
        if OF_2.into_iter().any(|key| root.get(key).is_some()) { Self::V2 } else { Self::V31 }
    }
}

fn not_a_document(root: Node<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::SourceUnknown,
        "this is no OpenAPI document: it has no `openapi`, `swagger` or `paths`",
    )
    .at(start_of(root))
}

/// The first byte of a node: the whole of a document is too much to underline.
fn start_of(node: Node<'_>) -> Place {
    let span = node.span();
    Place::new(node.tree().source(), crate::source::Span { start: span.start, end: span.start })
}
