//! JSONPath (RFC 9535) over the positioned tree.
//!
//! The expression is parsed by a crate; it is evaluated here, because what that crate evaluates on is a tree of JSON
//! values, and what is asked for is not the values but where they are.

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, Test, TestFunction,
};
use jsonpath_rust::parser::{errors::JsonPathError, parse_json_path};

use super::filter;
use crate::openapi::node::Node;

/// A JSONPath expression.
#[derive(Debug)]
pub(super) struct Query(JpQuery);

/// Where a node is: for each step from the root, the position among the entries or items.
pub(super) type Trail = Vec<u32>;

/// More nodes than this are not selected: what is selected has to be written anew.
const MOST: usize = 1 << 19;

impl Query {
    /// The expression of a text; the reason when it is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let query = parse_json_path(text).map_err(|error| reason(&error))?;
        match unknown_function(&query.segments) {
            Some(name) => Err(format!("there is no function `{name}`")),
            None => Ok(Self(query)),
        }
    }

    /// Where the nodes are that it selects. `None` when they are too many.
    pub(super) fn select(&self, root: Node<'_>) -> Option<Vec<Trail>> {
        let mut found = Vec::new();
        let mut emit = |trail: &[u32], _: Node<'_>| {
            found.push(trail.to_vec());
            found.len() <= MOST
        };
        walk(root, &self.0.segments, root, &mut Vec::new(), &mut emit).then_some(found)
    }

    /// The nodes that it selects, as far as they are not too many.
    pub(super) fn nodes<'t>(&self, root: Node<'t>) -> Vec<Node<'t>> {
        nodes(&self.0.segments, root, root)
    }
}

/// The nodes that segments select, beginning at `from`, as far as they are not too many.
pub(super) fn nodes<'t>(segments: &[Segment], from: Node<'t>, root: Node<'t>) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    walk(from, segments, root, &mut Vec::new(), &mut |_, node| {
        found.push(node);
        found.len() <= MOST
    });
    found
}

/// Follows segments from a node. `emit` is told each node at their end, and may end the walk by false.
fn walk<'t>(
    node: Node<'t>,
    segments: &[Segment],
    root: Node<'t>,
    trail: &mut Trail,
    emit: &mut dyn FnMut(&[u32], Node<'t>) -> bool,
) -> bool {
    let Some((segment, rest)) = segments.split_first() else { return emit(trail, node) };
    let (selectors, descends) = selectors(segment);
    for selector in selectors {
        for position in select(selector, node, root) {
            let Some(child) = child(node, position) else { continue };
            trail.push(position);
            let goes_on = walk(child, rest, root, trail, emit);
            trail.pop();
            if !goes_on {
                return false;
            }
        }
    }
    !descends
        || children(node).all(|(position, child)| {
            trail.push(position);
            let goes_on = walk(child, segments, root, trail, emit);
            trail.pop();
            goes_on
        })
}

/// The selectors of a segment, and whether it looks for them at any depth.
fn selectors(segment: &Segment) -> (&[Selector], bool) {
    match segment {
        Segment::Descendant(inner) => (selectors(inner).0, true),
        Segment::Selector(selector) => (std::slice::from_ref(selector), false),
        Segment::Selectors(selectors) => (selectors, false),
    }
}

/// The positions of the children that a selector selects, in the order of RFC 9535, section 2.3.
fn select(selector: &Selector, node: Node<'_>, root: Node<'_>) -> Vec<u32> {
    match selector {
        Selector::Name(name) => {
            let is_it = |entry: crate::openapi::node::EntryRef<'_>| entry.key == name;
            // Most objects lack the name: the lookup says so at once.
            let position = node.get(name).and_then(|_| node.entries().position(is_it));
            position.and_then(|position| u32::try_from(position).ok()).into_iter().collect()
        }
        Selector::Wildcard => children(node).map(|(position, _)| position).collect(),
        Selector::Index(index) if node.is_array() => {
            let position = if *index < 0 { *index + length(node) } else { *index };
            u32::try_from(position).ok().filter(|_| position < length(node)).into_iter().collect()
        }
        Selector::Slice(start, end, step) if node.is_array() => {
            slice(*start, *end, step.unwrap_or(1), length(node))
        }
        Selector::Index(_) | Selector::Slice(..) => Vec::new(),
        Selector::Filter(filter) => children(node)
            .filter(|(_, child)| filter::holds(filter, *child, root))
            .map(|(position, _)| position)
            .collect(),
    }
}

/// RFC 9535, section 2.3.4.2.2.
fn slice(start: Option<i64>, end: Option<i64>, step: i64, length: i64) -> Vec<u32> {
    let normal = |index: i64| if index >= 0 { index } else { length.saturating_add(index) };
    let mut positions = Vec::new();
    if step > 0 {
        let upper = normal(end.unwrap_or(length)).clamp(0, length);
        let mut at = normal(start.unwrap_or(0)).clamp(0, length);
        while at < upper {
            positions.push(at);
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let mut at = start.map_or(length - 1, normal).clamp(-1, length - 1);
        let lower = end.map_or(-1, normal).clamp(-1, length - 1);
        while at > lower {
            positions.push(at);
            at = at.saturating_add(step);
        }
    }
    positions.into_iter().filter_map(|position| u32::try_from(position).ok()).collect()
}

fn length(node: Node<'_>) -> i64 {
    i64::try_from(node.len()).unwrap_or(i64::MAX)
}

fn children(node: Node<'_>) -> impl Iterator<Item = (u32, Node<'_>)> {
    (0..).zip(node.items().chain(node.entries().map(|entry| entry.value)))
}

fn child(node: Node<'_>, position: u32) -> Option<Node<'_>> {
    let position = position as usize;
    node.item(position).or_else(|| node.entries().nth(position).map(|entry| entry.value))
}

/// The name of a function that RFC 9535 does not know; the parser knows more.
fn unknown_function(segments: &[Segment]) -> Option<&str> {
    let filters =
        segments.iter().flat_map(|segment| selectors(segment).0).filter_map(|selector| match selector {
            Selector::Filter(filter) => Some(filter),
            _ => None,
        });
    filters.into_iter().find_map(unknown_in_filter)
}

fn unknown_in_filter(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Or(all) | Filter::And(all) => all.iter().find_map(unknown_in_filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => unknown_in_filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => unknown_in_test(expr),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            [left, right].into_iter().find_map(|side| match side {
                Comparable::Function(function) => unknown_in(function),
                _ => None,
            })
        }
    }
}

fn unknown_in_test(test: &Test) -> Option<&str> {
    match test {
        Test::RelQuery(segments) => unknown_function(segments),
        Test::AbsQuery(query) => unknown_function(&query.segments),
        Test::Function(function) => unknown_in(function),
    }
}

fn unknown_in(function: &TestFunction) -> Option<&str> {
    let in_argument = |argument: &'_ FnArg| matches!(argument, FnArg::Filter(_));
    match function {
        TestFunction::Custom(name, _) => Some(name),
        TestFunction::Length(argument) if in_argument(argument) => Some("length of a comparison"),
        _ => None,
    }
}

/// What the parser says, in one line.
fn reason(error: &JsonPathError) -> String {
    match error {
        JsonPathError::PestError(error) => {
            let at = match &error.line_col {
                pest::error::LineColLocation::Pos((_, column))
                | pest::error::LineColLocation::Span((_, column), _) => column,
            };
            format!("character {at} is not expected")
        }
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}
