//! Whether a filter gives one value or any number of them, by its form alone.
//!
//! `.[] | {id}` gives a list whether there are no, one or many items: if it were decided by the number of results, a
//! model would get an object where it got a list yesterday.

use jaq_core::load::parse::{BinaryOp, Def, Term};
use jaq_core::path::Part;

/// Filters that give any number of values.
const STREAMS: &[&str] = &[
    "range",
    "recurse",
    "repeat",
    "while",
    "until",
    "limit",
    "skip",
    "paths",
    "leaf_paths",
    "splits",
    "scan",
    "match",
    "capture",
    "combinations",
    "iterables",
    "arrays",
    "objects",
    "scalars",
    "numbers",
    "strings",
    "booleans",
    "nulls",
    "values",
];

/// Whether the filter gives any number of values.
pub(super) fn is_stream(term: &Term<&str>) -> bool {
    of(term, &mut Vec::new())
}

fn of<'s>(term: &Term<&'s str>, defined: &mut Vec<(&'s str, bool)>) -> bool {
    let mut any = |terms: &[&Term<&'s str>]| terms.iter().any(|term| of(term, defined));
    match term {
        Term::Recurse => true,
        Term::Neg(inner) | Term::Label(_, inner) => any(&[inner]),
        Term::TryCatch(inner, caught) => {
            any(&[inner]) || caught.as_deref().is_some_and(|caught| any(&[caught]))
        }
        Term::BinOp(_, BinaryOp::Comma, _) => true,
        Term::BinOp(left, _, right) => any(&[left, right]),
        Term::Obj(members) => members
            .iter()
            .any(|(key, value)| any(&[key]) || value.as_ref().is_some_and(|value| any(&[value]))),
        Term::Fold(kind, _, _, inner) => *kind == "foreach" || inner.iter().any(|term| any(&[term])),
        Term::IfThenElse(branches, otherwise) => {
            branches.iter().any(|(condition, then)| any(&[condition, then]))
                || otherwise.as_deref().is_some_and(|otherwise| any(&[otherwise]))
        }
        Term::Path(inner, path) => {
            let is_stream = |part: &Part<Term<&'s str>>| match part {
                Part::Range(None, None) => true,
                Part::Range(..) | Part::Index(_) => false,
            };
            path.0.iter().any(|(part, _)| is_stream(part)) || any(&[inner])
        }
        Term::Def(definitions, inner) => {
            for Def { name, body, .. } in definitions {
                let is_stream = of(body, defined);
                defined.push((name, is_stream));
            }
            of(inner, defined)
        }
        Term::Call(name, _) => {
            let own = defined.iter().rev().find(|(defined, _)| defined == name);
            own.map_or_else(|| STREAMS.contains(name), |(_, is_stream)| *is_stream)
        }
        Term::Id | Term::Num(_) | Term::Str(..) | Term::Arr(_) | Term::Break(_) | Term::Var(_) => false,
    }
}
