//! The files of a document: the one that was named, and those below its folder that it refers to.

use super::node::{Node, Tree};

/// All files of a document, read before anything else is: what comes after only looks.
#[derive(Debug)]
pub(super) struct Files {
    root: Tree,
}

/// Why the text of a `$ref` leads to no node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// Nothing is there.
    #[error("leads nowhere")]
    Nowhere,
    /// A chain of `$ref`s that ends where it began.
    #[error("leads back to itself")]
    Circle,
    /// Another host.
    #[error("leads to a URL, which is not fetched")]
    Url,
    /// Not below the folder of the document.
    #[error("leads out of the document's folder")]
    Outside,
}

impl Files {
    /// A document and the files that it refers to.
    pub(super) fn new(root: Tree) -> Self {
        Self { root }
    }

    /// The outermost node of the document itself.
    pub(super) fn root(&self) -> Node<'_> {
        self.root.root()
    }

    /// The node that the text of a `$ref` in the file of `from` leads to.
    pub(super) fn resolve<'d>(&'d self, from: Node<'d>, reference: &str) -> Result<Node<'d>, Broken> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let root = if file.is_empty() { from.tree().root() } else { self.file(from, file)? };
        pointer(root, fragment).ok_or(Broken::Nowhere)
    }

    fn file(&self, _from: Node<'_>, file: &str) -> Result<Node<'_>, Broken> {
        if file.contains("://") || file.starts_with("//") {
            Err(Broken::Url)
        } else if file.starts_with('/') {
            Err(Broken::Outside)
        } else {
            Err(Broken::Nowhere)
        }
    }
}

/// Follows a JSON pointer in a URL fragment (RFC 6901, section 6).
fn pointer<'d>(root: Node<'d>, fragment: &str) -> Option<Node<'d>> {
    let decoded = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
    let mut node = root;
    let rest = decoded.strip_prefix('/').unwrap_or(&decoded);
    if rest.is_empty() {
        return Some(node);
    }
    for token in rest.split('/') {
        node = step(node, token)?;
    }
    Some(node)
}

fn step<'d>(node: Node<'d>, token: &str) -> Option<Node<'d>> {
    if node.is_array() {
        return node.item(token.parse().ok()?);
    }
    if token.contains('~') {
        return node.get(&token.replace("~1", "/").replace("~0", "~"));
    }
    node.get(token)
}
