//! Following `$ref`s.
//!
//! A chain of references is walked once, whatever its length, and remembered for each of its links; a circle ends.
//! What is broken is told once for each target, with the first place that refers to it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::files::{Broken, Files};
use super::node::Node;
use super::report::{NodeKey, Report};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Follows references and tells about those that are broken.
pub(super) struct References<'d> {
    files: &'d Files,
    report: Report,
    chains: FxHashMap<(Chain, NodeKey), Link<'d>>,
    /// Texts of broken references by the file where they stand.
    told: FxHashSet<(NodeKey, &'d str)>,
    /// Files of which something was used.
    used: FxHashSet<NodeKey>,
}

/// How URLs are fetched.
const PERMIT: &str =
    "`references: {urls: [HOST]}` in a gateway file, or `--allow-remote-refs`, has it fetched";

/// Where following ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Chain {
    /// At the first node without a `$ref`: what stands beside one does not matter.
    Object,
    /// At the first node that has more to say than its `$ref`.
    Schema,
}

#[derive(Clone, Copy)]
enum Link<'d> {
    Walking,
    Broken,
    Ends(Node<'d>),
}

impl<'d> References<'d> {
    pub(super) fn new(files: &'d Files) -> Self {
        Self {
            files,
            report: Report::default(),
            chains: FxHashMap::default(),
            told: FxHashSet::default(),
            used: FxHashSet::default(),
        }
    }

    /// Where problems are told.
    pub(super) fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// Gives up the report.
    pub(super) fn into_report(self) -> Report {
        self.report
    }

    /// The node itself or, when it is a reference, the object that it leads to in the end; `None` (and told) when it
    /// leads nowhere.
    pub(super) fn follow(&mut self, node: Node<'d>) -> Option<Node<'d>> {
        match reference_of(node) {
            None => Some(node),
            Some(_) => self.walk(Chain::Object, node).unwrap_or_else(|broken| {
                self.tell(node, &broken);
                None
            }),
        }
    }

    /// The same, and why there is none when there is none: for those who tell it themselves.
    pub(super) fn try_follow(&mut self, node: Node<'d>) -> Result<Node<'d>, Broken> {
        match reference_of(node) {
            None => Ok(node),
            Some(_) => self.walk(Chain::Object, node)?.ok_or(Broken::Nowhere),
        }
    }

    /// The schema that a schema's `$ref` leads to, links of a chain that say nothing of their own left out.
    pub(super) fn schema(&mut self, node: Node<'d>) -> Option<Node<'d>> {
        self.walk(Chain::Schema, node).unwrap_or_else(|broken| {
            self.tell(node, &broken);
            None
        })
    }

    /// The outermost node of the document.
    pub(super) fn root(&self) -> Node<'d> {
        self.files.root()
    }

    /// The schema that `key` of a schema, which is another one than `$ref`, leads to as a `$ref` would.
    pub(super) fn schema_at(&mut self, schema: Node<'d>, key: &str) -> Option<Node<'d>> {
        let node = schema.get(key)?;
        let reference = node.as_str()?;
        match self.resolve(schema, reference) {
            Ok(target) if goes_on(Chain::Schema, target) => self.schema(target),
            Ok(target) => Some(target),
            Err(broken) => {
                self.tell_text(node, reference, &broken);
                None
            }
        }
    }

    /// The text at `key`, which may be a reference to a text of its own.
    pub(super) fn text(&mut self, node: Node<'d>, key: &str) -> Option<&'d str> {
        let value = node.get(key)?;
        if value.is_object() { self.follow(value)?.scalar() } else { value.scalar() }
    }

    fn tell(&mut self, node: Node<'d>, broken: &Broken) {
        if let Some(text) = node.get("$ref")
            && let Some(reference) = text.as_str()
        {
            self.tell_text(text, reference, broken);
        }
    }

    /// The node that a reference leads to. What is wrong with the text of its file is told when it is first used.
    fn resolve(&mut self, from: Node<'d>, reference: &'d str) -> Result<Node<'d>, Broken> {
        let found = self.files.resolve(from, reference);
        match &found {
            Ok(node) if !std::ptr::eq(node.tree(), from.tree()) => {
                if self.used.insert(NodeKey::of(node.tree().root()))
                    && let Some(diagnostics) = self.files.diagnostics_of(*node)
                {
                    self.report.extend(diagnostics);
                }
            }
            Err(Broken::Unreadable(diagnostics)) => {
                let file = reference.split('#').next().unwrap_or_default();
                if self.told.insert((NodeKey::of(from.tree().root()), file)) {
                    self.tell_unreadable(from, diagnostics);
                }
            }
            _ => {}
        }
        found
    }

    /// Tells why a file cannot be read: at its own place, or where it is referred to.
    fn tell_unreadable(&mut self, from: Node<'d>, diagnostics: &Diagnostics) {
        let here = from.get("$ref").unwrap_or(from).place();
        for diagnostic in diagnostics {
            let place = diagnostic.place.clone().unwrap_or_else(|| here.clone());
            self.report.push(diagnostic.clone().at(place));
        }
    }

    /// Tells that a reference is broken, once for each target. Of a file that cannot be read it has been told why.
    fn tell_text(&mut self, node: Node<'d>, reference: &'d str, broken: &Broken) {
        let is_told = matches!(broken, Broken::Unreadable(_));
        if !is_told && self.told.insert((NodeKey::of(node.tree().root()), reference)) {
            let message = format!("`$ref` {reference:?} {broken}");
            let diagnostic = Diagnostic::new(code(broken), message).at(node.place());
            self.report.push(match broken {
                Broken::Url => diagnostic.help(PERMIT),
                _ => diagnostic,
            });
        }
    }

    /// `Ok(None)` when the chain is known to be broken, and has been told.
    fn walk(&mut self, chain: Chain, node: Node<'d>) -> Result<Option<Node<'d>>, Broken> {
        let mut links = Vec::new();
        let mut current = node;
        let end = loop {
            let key = (chain, NodeKey::of(current));
            match self.chains.get(&key) {
                Some(Link::Walking) => break Err(Broken::Circle),
                Some(Link::Broken) => break Ok(None),
                Some(Link::Ends(end)) => break Ok(Some(*end)),
                None => {}
            }
            self.chains.insert(key, Link::Walking);
            links.push(key);
            let reference = reference_of(current).unwrap_or_default();
            match self.resolve(current, reference) {
                Err(broken) => break Err(broken),
                Ok(next) if !goes_on(chain, next) => break Ok(Some(next)),
                Ok(next) => current = next,
            }
        };
        let link = match end {
            Ok(Some(end)) => Link::Ends(end),
            _ => Link::Broken,
        };
        for key in links {
            self.chains.insert(key, link);
        }
        end
    }
}

/// The text of a node's `$ref`, when it has one.
pub(super) fn reference_of(node: Node<'_>) -> Option<&str> {
    node.get("$ref")?.as_str()
}

fn goes_on(chain: Chain, node: Node<'_>) -> bool {
    reference_of(node).is_some() && (chain == Chain::Object || node.len() == 1)
}

fn code(broken: &Broken) -> Code {
    match broken {
        Broken::Nowhere | Broken::Circle | Broken::Unreadable(_) | Broken::Late => Code::BrokenReference,
        Broken::Url | Broken::Outside | Broken::TooMany => Code::RefusedReference,
    }
}
