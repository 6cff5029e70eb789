//! Which operation a request is for.

use std::cmp::Ordering;

use http::Method;

use super::received::{Received, decoded};
use crate::openapi::Operation;
use crate::openapi::template::Piece;

/// What the variables of a path stood for: name and text as it was sent.
pub(super) type Captures = Vec<(String, String)>;

/// What was found for a request.
#[derive(Debug)]
pub(super) enum Found {
    /// These operations, all equally near; more than one only where a document has several for the same requests,
    /// or where a path can be read in several ways.
    Operations(Vec<(usize, Captures)>),
    /// The path is known, with these methods only.
    OtherMethods(Vec<Method>),
    /// No operation has such a path.
    Nothing,
}

/// Finds the operations for a request: of several templates that fit, the one that says more. Literal segments say
/// more than variables, from left to right, and a fixed query says more than none.
pub(super) fn find<'o>(operations: impl Iterator<Item = &'o Operation>, received: &Received) -> Found {
    let mut best: Vec<(usize, Captures, Exactness)> = Vec::new();
    let mut methods = Vec::new();
    for (index, operation) in operations.enumerate() {
        let Some((readings, exactness)) = matched(operation, received) else { continue };
        if operation.method != received.method {
            if !methods.contains(&operation.method) {
                methods.push(operation.method.clone());
            }
            continue;
        }
        let order = best.first().map_or(Ordering::Greater, |(_, _, best)| exactness.cmp(best));
        if order == Ordering::Greater {
            best.clear();
        }
        if order != Ordering::Less {
            best.extend(readings.into_iter().map(|captures| (index, captures, exactness.clone())));
        }
    }
    if !best.is_empty() {
        return Found::Operations(best.into_iter().map(|(index, captures, _)| (index, captures)).collect());
    }
    if methods.is_empty() { Found::Nothing } else { Found::OtherMethods(methods) }
}

/// How much a template says: per segment (2 literal, 1 partly, 0 a variable), then the length of its fixed query.
type Exactness = (Vec<u8>, usize);

/// In so many ways at most is one path read (`/{name}{extension}`).
const READINGS: usize = 64;

fn matched(operation: &Operation, received: &Received) -> Option<(Vec<Captures>, Exactness)> {
    let template = &operation.path;
    let mut pieces = Vec::new();
    for segment in template.segments() {
        pieces.push(Part::Slash);
        pieces.extend(segment.iter().map(|piece| match piece {
            Piece::Literal(text) => Part::Literal(decoded(text)),
            Piece::Variable { name, reserved } => Part::Variable { name, slashes: *reserved },
        }));
    }
    let mut readings = Vec::new();
    read(&pieces, &received.path, &mut Captures::new(), &mut readings);
    if readings.is_empty() {
        return None;
    }
    let pairs = received.pairs();
    let has = |(name, value): &(String, String)| {
        pairs.iter().any(|pair| pair.name == *name && super::received::decoded_form(&pair.value) == *value)
    };
    if !template.query().iter().all(has) {
        return None;
    }
    let segments = template.segments().iter().map(|segment| {
        let literals = segment.iter().filter(|piece| matches!(piece, Piece::Literal(_))).count();
        if literals == segment.len() { 2 } else { u8::from(literals > 0) }
    });
    Some((readings, (segments.collect(), template.query().len())))
}

enum Part<'t> {
    Slash,
    Literal(String),
    Variable { name: &'t str, slashes: bool },
}

/// All ways in which `path` is an expansion of the parts; a variable takes at least one character, and rather more.
fn read(parts: &[Part<'_>], path: &str, captures: &mut Captures, readings: &mut Vec<Captures>) {
    if readings.len() >= READINGS {
        return;
    }
    match parts.split_first() {
        None if path.is_empty() => readings.push(captures.clone()),
        None => {}
        Some((Part::Slash, parts)) => {
            if let Some(rest) = path.strip_prefix('/') {
                read(parts, rest, captures, readings);
            }
        }
        Some((Part::Literal(text), parts)) => {
            if let Some(rest) = after_literal(path, text) {
                read(parts, rest, captures, readings);
            }
        }
        Some((Part::Variable { name, slashes }, parts)) => {
            let end = if *slashes { path.len() } else { path.find('/').unwrap_or(path.len()) };
            let ends = path.get(..end).unwrap_or_default().char_indices();
            for (start, letter) in ends.rev() {
                let (value, rest) = path.split_at(start + letter.len_utf8());
                captures.push(((*name).to_owned(), value.to_owned()));
                read(parts, rest, captures, readings);
                captures.pop();
            }
        }
    }
}

/// What follows `literal` in `path`, whichever of its characters are percent-encoded there.
fn after_literal<'p>(path: &'p str, literal: &str) -> Option<&'p str> {
    let mut rest = path;
    for wanted in literal.bytes() {
        let (byte, length) = match rest.as_bytes() {
            [b'%', high, low, ..] => (hex(*high)? << 4 | hex(*low)?, 3),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        if byte != wanted {
            return None;
        }
        rest = rest.get(length..)?;
    }
    Some(rest)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
