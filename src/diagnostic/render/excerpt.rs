//! The part of a source line that is shown with a diagnostic.

use std::ops::Range;

use super::shown;
use crate::source::Place;

/// How much of a line is shown before the place, in characters.
const BEFORE: usize = 60;
/// How much of a line is shown from the place on, in characters.
const AFTER: usize = 60;
/// Stands for what was cut.
const CUT: char = '…';

/// One line, or what surrounds the place in it, ready to print.
pub(super) struct Excerpt {
    /// Without control characters and line breaks.
    pub(super) text: String,
    /// What to underline, in bytes of `text`: the place as far as it is on its first line.
    pub(super) span: Range<usize>,
    /// The line is there from its beginning.
    pub(super) whole: bool,
}

impl Excerpt {
    /// Looks at no more than [`BEFORE`] and [`AFTER`] characters around the place, however long the line is.
    pub(super) fn of(place: &Place) -> Self {
        let text = place.source.text();
        let Range { start, end } = place.span.range();
        let (before, from) = text.split_at_checked(start).unwrap_or((text, ""));
        let mut excerpt = String::new();
        let start_of_line = tail(before, BEFORE);
        let whole = start_of_line.len() == before.len() || start_of_line.starts_with('\n');
        if !whole {
            excerpt.push(CUT);
        }
        excerpt.extend(start_of_line.trim_start_matches('\n').chars().map(shown));
        let first = excerpt.len();
        let rest_of_line = head(from, AFTER);
        let (underlined, after) =
            rest_of_line.split_at_checked(end.saturating_sub(start)).unwrap_or((rest_of_line, ""));
        excerpt.extend(underlined.trim_end().chars().map(shown));
        let last = excerpt.len();
        excerpt.extend(underlined.chars().skip(underlined.trim_end().chars().count()).map(shown));
        excerpt.extend(after.trim_end_matches('\r').chars().map(shown));
        if from.get(rest_of_line.len()..).is_some_and(|more| !more.is_empty() && !more.starts_with('\n')) {
            excerpt.push(CUT);
        }
        Self { text: excerpt, span: first..last, whole }
    }
}

/// At most the last `count` characters of `text`, from its last line break on (which is part of it).
fn tail(text: &str, count: usize) -> &str {
    let start = text
        .char_indices()
        .rev()
        .scan(false, |ended, (at, character)| (!std::mem::replace(ended, character == '\n')).then_some(at))
        .take(count)
        .last();
    text.get(start.unwrap_or(text.len())..).unwrap_or_default()
}

/// At most the first `count` characters of `text`, up to its first line break.
fn head(text: &str, count: usize) -> &str {
    let end = text
        .char_indices()
        .take(count)
        .take_while(|(_, character)| *character != '\n')
        .last()
        .map_or(0, |(at, character)| at + character.len_utf8());
    text.get(..end).unwrap_or_default()
}
