//! Filter expressions of JSONPath (RFC 9535, section 2.3.5).

use std::cmp::Ordering;

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, Literal, SingularQuery, SingularQuerySegment, Test,
    TestFunction,
};
use regex::Regex;

use super::path::nodes;
use crate::openapi::node::{Kind, Node};

/// What a side of a comparison is.
enum Operand<'q, 't> {
    /// A query that selects nothing, or a function without a result.
    Nothing,
    Literal(&'q Literal),
    Node(Node<'t>),
    Count(usize),
}

/// Whether a filter holds for `current`, a child of the node that is filtered.
pub(super) fn holds<'t>(filter: &Filter, current: Node<'t>, root: Node<'t>) -> bool {
    match filter {
        Filter::Or(all) => all.iter().any(|filter| holds(filter, current, root)),
        Filter::And(all) => all.iter().all(|filter| holds(filter, current, root)),
        Filter::Atom(FilterAtom::Filter { expr, not }) => holds(expr, current, root) != *not,
        Filter::Atom(FilterAtom::Test { expr, not }) => tests(expr, current, root) != *not,
        Filter::Atom(FilterAtom::Comparison(comparison)) => compares(comparison, current, root),
    }
}

/// Whether something is there, or a function says so.
fn tests<'t>(test: &Test, current: Node<'t>, root: Node<'t>) -> bool {
    match test {
        Test::Function(function) => match &**function {
            TestFunction::Match(text, pattern) => matches(text, pattern, true, current, root),
            TestFunction::Search(text, pattern) => matches(text, pattern, false, current, root),
            _ => false,
        },
        query => !selected(query, current, root).is_empty(),
    }
}

fn selected<'t>(test: &Test, current: Node<'t>, root: Node<'t>) -> Vec<Node<'t>> {
    match test {
        Test::RelQuery(segments) => nodes(segments, current, root),
        Test::AbsQuery(query) => nodes(&query.segments, root, root),
        Test::Function(_) => Vec::new(),
    }
}

/// Section 2.3.5.2.2.
fn compares<'t>(comparison: &Comparison, current: Node<'t>, root: Node<'t>) -> bool {
    let (left, right) = comparison.vals();
    let (left, right) = (operand(left, current, root), operand(right, current, root));
    let order = || order(&left, &right);
    match comparison {
        Comparison::Eq(..) => equal(&left, &right),
        Comparison::Ne(..) => !equal(&left, &right),
        Comparison::Lt(..) => order() == Some(Ordering::Less),
        Comparison::Gt(..) => order() == Some(Ordering::Greater),
        Comparison::Lte(..) => order() == Some(Ordering::Less) || equal(&left, &right),
        Comparison::Gte(..) => order() == Some(Ordering::Greater) || equal(&left, &right),
    }
}

fn operand<'q, 't>(side: &'q Comparable, current: Node<'t>, root: Node<'t>) -> Operand<'q, 't> {
    match side {
        Comparable::Literal(literal) => Operand::Literal(literal),
        Comparable::Function(function) => result(function, current, root),
        Comparable::SingularQuery(query) => {
            let (from, segments) = match query {
                SingularQuery::Current(segments) => (current, segments),
                SingularQuery::Root(segments) => (root, segments),
            };
            segments.iter().try_fold(from, step).map_or(Operand::Nothing, Operand::Node)
        }
    }
}

fn step<'t>(node: Node<'t>, segment: &SingularQuerySegment) -> Option<Node<'t>> {
    match segment {
        SingularQuerySegment::Name(name) => node.get(name),
        SingularQuerySegment::Index(index) => {
            let index = if *index < 0 { *index + i64::try_from(node.len()).ok()? } else { *index };
            node.item(usize::try_from(index).ok()?)
        }
    }
}

/// The functions that give a value (section 2.4).
fn result<'q, 't>(function: &'q TestFunction, current: Node<'t>, root: Node<'t>) -> Operand<'q, 't> {
    match function {
        TestFunction::Length(of) => match argument(of, current, root) {
            Operand::Node(node) if node.is_array() || node.is_object() => Operand::Count(node.len()),
            text => text.as_str().map_or(Operand::Nothing, |text| Operand::Count(text.chars().count())),
        },
        TestFunction::Count(FnArg::Test(query)) => Operand::Count(selected(query, current, root).len()),
        TestFunction::Value(of) => argument(of, current, root),
        _ => Operand::Nothing,
    }
}

/// The one value of an argument; nothing when it is none or several.
fn argument<'q, 't>(argument: &'q FnArg, current: Node<'t>, root: Node<'t>) -> Operand<'q, 't> {
    match argument {
        FnArg::Literal(literal) => Operand::Literal(literal),
        FnArg::Test(test) => match &**test {
            Test::Function(function) => result(function, current, root),
            query => match selected(query, current, root).as_slice() {
                [only] => Operand::Node(*only),
                _ => Operand::Nothing,
            },
        },
        FnArg::Filter(_) => Operand::Nothing,
    }
}

/// `match` and `search` (sections 2.4.6 and 2.4.7). A text that is no expression matches nothing.
fn matches<'t>(text: &FnArg, pattern: &FnArg, whole: bool, current: Node<'t>, root: Node<'t>) -> bool {
    let (text, pattern) = (argument(text, current, root), argument(pattern, current, root));
    let (Some(text), Some(pattern)) = (text.as_str(), pattern.as_str()) else { return false };
    let pattern = dots(pattern);
    let pattern = if whole { format!(r"\A(?:{pattern})\z") } else { pattern };
    Regex::new(&pattern).is_ok_and(|expression| expression.is_match(text))
}

/// In an I-Regexp (RFC 9485, section 5.3), a dot is neither line feed nor carriage return.
fn dots(pattern: &str) -> String {
    let (mut written, mut escaped, mut in_class) = (String::with_capacity(pattern.len()), false, false);
    for character in pattern.chars() {
        match character {
            '.' if !escaped && !in_class => written.push_str(r"[^\n\r]"),
            other => written.push(other),
        }
        in_class = match character {
            '[' if !escaped => true,
            ']' if !escaped => false,
            _ => in_class,
        };
        escaped = character == '\\' && !escaped;
    }
    written
}

impl<'q, 't: 'q> Operand<'q, 't> {
    fn as_str(&self) -> Option<&'q str> {
        match self {
            Self::Literal(Literal::String(text)) => Some(text),
            Self::Node(node) => node.as_str(),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "JSONPath compares numbers as doubles (RFC 9535, section 2.1)"
        )]
        match self {
            Self::Literal(Literal::Int(number)) => Some(*number as f64),
            Self::Literal(Literal::Float(number)) => Some(*number),
            Self::Node(node) => node.as_number()?.parse().ok(),
            Self::Count(count) => Some(*count as f64),
            _ => None,
        }
    }

    fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Literal(Literal::Bool(value)) => Some(*value),
            Self::Node(node) => node.as_bool(),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Literal(Literal::Null))
            || matches!(self, Self::Node(node) if node.kind() == Kind::Null)
    }
}

fn equal(left: &Operand<'_, '_>, right: &Operand<'_, '_>) -> bool {
    match (left, right) {
        (Operand::Nothing, Operand::Nothing) => true,
        (Operand::Nothing, _) | (_, Operand::Nothing) => false,
        (Operand::Node(left), Operand::Node(right)) if left.is_array() || left.is_object() => {
            same(*left, *right)
        }
        _ => {
            let texts = left.as_str().zip(right.as_str()).map(|(left, right)| left == right);
            let numbers = || left.as_number().zip(right.as_number()).map(|(left, right)| left == right);
            let flags = || left.as_bool().zip(right.as_bool()).map(|(left, right)| left == right);
            texts.or_else(numbers).or_else(flags).unwrap_or(left.is_null() && right.is_null())
        }
    }
}

/// Whether two nodes are the same value, whatever the order of their keys.
fn same(left: Node<'_>, right: Node<'_>) -> bool {
    left.kind() == right.kind()
        && left.len() == right.len()
        && match left.kind() {
            Kind::Array => left.items().zip(right.items()).all(|(left, right)| same(left, right)),
            Kind::Object => {
                left.entries().all(|entry| right.get(entry.key).is_some_and(|other| same(entry.value, other)))
            }
            _ => equal(&Operand::Node(left), &Operand::Node(right)),
        }
}

/// Only numbers and texts are less or greater than one another.
fn order(left: &Operand<'_, '_>, right: &Operand<'_, '_>) -> Option<Ordering> {
    match (left.as_str(), right.as_str()) {
        (Some(left), Some(right)) => Some(left.cmp(right)),
        _ => left.as_number()?.partial_cmp(&right.as_number()?),
    }
}
