//! JSON pointers in URL fragments (RFC 6901, section 6).

use percent_encoding::percent_decode_str;

use crate::openapi::node::Node;

/// The node that a fragment points to: the root when it is empty.
pub(super) fn follow<'d>(root: Node<'d>, fragment: &str) -> Option<Node<'d>> {
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    // As it stands first, in case a key holds a `%` that nobody encoded.
    let raw = (decoded != fragment).then(|| walk(root, fragment)).flatten();
    raw.or_else(|| walk(root, &decoded))
}

fn walk<'d>(root: Node<'d>, pointer: &str) -> Option<Node<'d>> {
    let Some(tokens) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(root) };
    tokens.split('/').try_fold(root, step)
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
