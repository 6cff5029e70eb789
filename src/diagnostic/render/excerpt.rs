//! The part of a source line that is shown with a diagnostic.

use std::ops::Range;

use super::shown;
use crate::source::Place;

/// How much of a line is shown before the place, in characters.
const BEFORE: usize = 60;
/// How much of a line is shown from the place on, in characters.
const AFTER: usize = 60;
/// Stands for what was cut.
const CUT: &str = "…";

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
        let (above, below) = text.split_at_checked(start).unwrap_or((text, ""));
        let (before, line) = (tail(above, BEFORE), head(below, AFTER));
        let underlined = line.get(..end.saturating_sub(start)).unwrap_or(line).trim_end();
        let after = line.get(underlined.len()..).unwrap_or_default();
        let from_its_beginning = before.len() == above.len() || before.starts_with('\n');
        let rest = below.get(line.len()..).unwrap_or_default();
        let to_its_end = rest.is_empty() || rest.starts_with('\n');

        let mut excerpt = Self { text: String::new(), span: 0..0, whole: from_its_beginning };
        excerpt.push(if from_its_beginning { "" } else { CUT });
        excerpt.push(before.trim_start_matches('\n'));
        excerpt.span.start = excerpt.text.len();
        excerpt.push(underlined);
        excerpt.span.end = excerpt.text.len();
        excerpt.push(after.trim_end_matches('\r'));
        excerpt.push(if to_its_end { "" } else { CUT });
        excerpt
    }

    fn push(&mut self, text: &str) {
        self.text.extend(text.chars().map(shown));
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
