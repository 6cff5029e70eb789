//! Names within a document: `$id`, `$anchor` and `$dynamicAnchor` of JSON Schema 2020-12, `$self` of OpenAPI 3.2.
//!
//! Few documents have them, so they are looked for only when a reference leads nowhere without them. A `$id` begins
//! a *resource*: what is in it refers to it, not to the document. Relative ones are read as if the document were
//! at [`BASE`].

use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

use super::super::node::{Node, NodeId, Tree};

/// Where a document is as long as nothing says so.
const BASE: &str = "https://document.example.com/";

/// The names in one file.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// URL, without fragment, and root of each resource; the first is the file.
    resources: Vec<(Url, NodeId)>,
    /// Anchors by the resource that they are in.
    anchors: FxHashMap<(usize, Box<str>), NodeId>,
    /// The resource of each node with a reference that is in another one than the file's.
    holders: FxHashMap<NodeId, usize>,
}

impl Anchors {
    /// All names in a file.
    pub(super) fn of(tree: &Tree) -> Self {
        let Ok(base) = Url::parse(BASE) else { return Self::default() };
        let root = tree.root();
        let own = root.get("$self").and_then(Node::as_str).and_then(|own| base.join(own).ok());
        let mut anchors = Self { resources: vec![(own.unwrap_or(base), root.id())], ..Self::default() };
        if !tree.has_any_key(&["$id", "$anchor", "$dynamicAnchor"]) {
            return anchors;
        }
        let mut visited = FxHashSet::default();
        let mut stack = vec![(root, 0)];
        while let Some((node, resource)) = stack.pop() {
            if visited.insert(node.id()) {
                let resource = anchors.add(node, resource);
                stack.extend(node.items().map(|item| (item, resource)));
                stack.extend(node.entries().map(|entry| (entry.value, resource)));
            }
        }
        anchors
    }

    /// Adds what a node names; gives the resource that it is in.
    fn add(&mut self, node: Node<'_>, around: usize) -> usize {
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        let mut resource = around;
        if let Some(id) = text("$id")
            && let Some(url) = self.resources.get(around).and_then(|(base, _)| base.join(id).ok())
        {
            resource = self.resources.len();
            self.resources.push((without_fragment(url), node.id()));
        }
        for anchor in ["$anchor", "$dynamicAnchor"].into_iter().filter_map(text) {
            self.anchors.entry((resource, anchor.into())).or_insert(node.id());
        }
        if resource != 0 && ["$ref", "$dynamicRef"].into_iter().any(|key| text(key).is_some()) {
            self.holders.insert(node.id(), resource);
        }
        resource
    }

    /// The root of the resource that `file`, the part of a reference before its `#`, means when it stands at `from`,
    /// and the number of that resource.
    pub(super) fn resource(&self, from: NodeId, file: &str) -> Option<(NodeId, usize)> {
        let around = self.holders.get(&from).copied().unwrap_or_default();
        let (base, _) = self.resources.get(around)?;
        let meant = without_fragment(base.join(file).ok()?);
        let at = self.resources.iter().position(|(url, _)| *url == meant)?;
        self.resources.get(at).map(|(_, node)| (*node, at))
    }

    /// The node with an anchor of a resource; of any other one when it has none of that name.
    pub(super) fn anchor(&self, resource: usize, name: &str) -> Option<NodeId> {
        let all = 0..self.resources.len();
        let order = std::iter::once(resource).chain(all);
        order.filter_map(|resource| self.anchors.get(&(resource, name.into()))).copied().next()
    }
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}
