//! The files of a document: the one that was named, and those below its folder that it refers to.
//!
//! All of them are read before anything else is: what comes after only looks, and nothing it does can reach the
//! disk or the network.

mod anchor;
mod load;
mod location;
mod pointer;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::node::{Node, Tree};
use crate::diagnostic::Diagnostics;
use crate::source::remote::References;
use anchor::Anchors;
use location::Location;

/// All files of a document.
#[derive(Debug)]
pub(super) struct Files {
    /// The document itself.
    root: File,
    /// Files that it refers to, directly or through one another.
    others: Vec<File>,
    /// What became of each file that something refers to.
    by_location: FxHashMap<Location, Result<Position, Broken>>,
}

/// A file among those of a document: the document itself, or one of the others.
type Position = Option<usize>;

#[derive(Debug)]
struct File {
    tree: Tree,
    /// What is relative in it is relative to this; `None` when nobody knows.
    location: Option<Location>,
    /// What was found while it was parsed; told when something of it is used.
    diagnostics: Diagnostics,
    /// What in it has a name; looked for when it is first asked for.
    anchors: OnceLock<Anchors>,
}

/// Why the text of a `$ref` leads to no node.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Broken {
    /// Nothing is there.
    #[error("leads nowhere")]
    Nowhere,
    /// A chain of `$ref`s that ends where it began.
    #[error("leads back to itself")]
    Circle,
    /// To where only permission leads.
    #[error("leads to a URL, which is not fetched")]
    Url,
    /// What was fetched before it took all the time there was.
    #[error("leads to a URL, and those before it took too long")]
    Late,
    /// Not below the folder of the document.
    #[error("leads out of the document's folder")]
    Outside,
    /// A file that is neither JSON nor YAML, or no text; these diagnostics say why.
    #[error("leads to a file that cannot be read")]
    Unreadable(Diagnostics),
    /// More than is read for one document.
    #[error("leads to more files than toolgate reads for one document")]
    TooMany,
}

impl Files {
    /// A document and the files of this machine that it refers to, directly or through one another.
    pub(super) fn load(root: Tree) -> Self {
        load::load(root)
    }

    /// The same, and those at URLs that may be fetched.
    pub(super) async fn load_all(root: Tree, references: References<'_>) -> Self {
        load::load_all(root, references).await
    }

    /// The outermost node of the document itself.
    pub(super) fn root(&self) -> Node<'_> {
        self.root.tree.root()
    }

    /// The node that the text of a `$ref` in the file of `from` leads to.
    pub(super) fn resolve<'d>(&'d self, from: Node<'d>, reference: &str) -> Result<Node<'d>, Broken> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let found = if file.is_empty() {
            let found = pointer::follow(from.tree().root(), fragment);
            // Parts of a document that was taken apart often refer to the whole as if they were still in it.
            found.or_else(|| pointer::follow(self.root(), fragment)).ok_or(Broken::Nowhere)
        } else {
            self.file(from, file).and_then(|root| {
                let anchor = || self.holder(root)?.anchored(0, fragment);
                pointer::follow(root, fragment).or_else(anchor).ok_or(Broken::Nowhere)
            })
        };
        found.or_else(|broken| self.named(from, file, fragment).ok_or(broken))
    }

    /// The node that a reference leads to by the names in its own file.
    fn named<'d>(&'d self, from: Node<'d>, file: &str, fragment: &str) -> Option<Node<'d>> {
        let holder = self.holder(from)?;
        let (root, resource) = holder.anchors().resource(from.id(), file)?;
        let root = holder.tree.node(root);
        pointer::follow(root, fragment).or_else(|| holder.anchored(resource, fragment))
    }

    /// Whether something in the file of `from` has the name `file`, so that none of that name need be read.
    fn is_named(&self, from: Node<'_>, file: &str) -> bool {
        self.holder(from).is_some_and(|holder| holder.anchors().resource(from.id(), file).is_some())
    }

    fn holder(&self, node: Node<'_>) -> Option<&File> {
        std::iter::once(&self.root).chain(&self.others).find(|file| file.holds(node))
    }

    /// What was found while the file of `node` was parsed; nothing for the document itself, whose reader knows.
    pub(super) fn diagnostics_of(&self, node: Node<'_>) -> Option<&Diagnostics> {
        self.others.iter().find(|file| file.holds(node)).map(|file| &file.diagnostics)
    }

    fn file<'d>(&'d self, from: Node<'d>, file: &str) -> Result<Node<'d>, Broken> {
        let from = self.holder(from).and_then(|from| from.location.as_ref()).ok_or(Broken::Url)?;
        let location = from.join(file)?;
        match (self.by_location.get(&location), location) {
            (Some(Ok(position)), _) => self.at(*position).map(|file| file.tree.root()).ok_or(Broken::Nowhere),
            (Some(Err(broken)), _) => Err(broken.clone()),
            (None, Location::Url(_)) => Err(Broken::Url),
            (None, Location::Path(_)) => Err(Broken::Nowhere),
        }
    }

    fn at(&self, position: Position) -> Option<&File> {
        position.map_or(Some(&self.root), |index| self.others.get(index))
    }
}

impl File {
    fn new(tree: Tree, location: Option<Location>, diagnostics: Diagnostics) -> Self {
        Self { tree, location, diagnostics, anchors: OnceLock::new() }
    }

    fn anchors(&self) -> &Anchors {
        self.anchors.get_or_init(|| Anchors::of(&self.tree))
    }

    /// The node with an anchor.
    fn anchored(&self, resource: usize, name: &str) -> Option<Node<'_>> {
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        self.anchors().anchor(resource, &name).map(|node| self.tree.node(node))
    }

    fn holds(&self, node: Node<'_>) -> bool {
        std::ptr::eq(&raw const self.tree, node.tree())
    }
}
