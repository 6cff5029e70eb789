//! A document: its files, its version, and what is read of it.

use std::sync::Arc;

use super::files::Files;
use super::node::{Node, Tree};
use super::operation::{Operation, Response, SecurityScheme};
use super::read;
use super::version::Version;
use crate::diagnostic::Diagnostics;
use crate::source::Source;
use crate::source::remote::References;

/// An OpenAPI document of any version, parsed and not yet typed.
#[derive(Debug)]
pub struct Document {
    files: Files,
    version: Version,
}

impl Document {
    /// Reads a text as a document. `None` when it is none: the reason is then an error in `diagnostics`.
    #[must_use]
    pub fn read(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Self> {
        Self::of(super::parse(source, diagnostics)?, diagnostics)
    }

    /// Takes a text that was parsed as a document. `None` when it is none, as [`Document::read`]. Files of this machine
    /// that it refers to are read; nothing is fetched.
    #[must_use]
    pub fn of(tree: Tree, diagnostics: &mut Diagnostics) -> Option<Self> {
        let version = Version::of(tree.root(), diagnostics)?;
        Some(Self { files: Files::load(tree), version })
    }

    /// The same, with what it may have fetched: see [`References`].
    pub async fn with_references(
        tree: Tree,
        references: References<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let version = Version::of(tree.root(), diagnostics)?;
        Some(Self { files: Files::load_all(tree, references).await, version })
    }

    /// What the document calls itself.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.root().get("info")?.get("title")?.scalar()
    }

    /// All operations that can be served, in the order of the document. What is wrong with one costs no other
    /// anything; it is told in `diagnostics`.
    #[must_use]
    pub fn operations(&self, diagnostics: &mut Diagnostics) -> Vec<Operation> {
        read::operations(&self.files, self.version, diagnostics)
    }

    /// What the document says that `operation`, one of its own, answers. Problems are not told: they cost no call
    /// anything.
    #[must_use]
    pub fn responses(&self, operation: &Operation) -> Vec<Response> {
        read::responses(&self.files, self.version, operation)
    }

    /// The security schemes that the document declares. One that cannot be understood is of kind
    /// [`SchemeKind::Other`](super::operation::SchemeKind::Other).
    #[must_use]
    pub fn security_schemes(&self) -> Vec<SecurityScheme> {
        read::security_schemes(&self.files, self.version)
    }

    fn root(&self) -> Node<'_> {
        self.files.root()
    }
}
