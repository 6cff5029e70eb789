//! Text that came from somewhere, and places in it.
//!
//! Everything a person wrote (gateway file, OpenAPI document) is read into a [`Source`] once and kept with its
//! name, so that any later stage can say `file:line:column`. Offsets are bytes into [`Source::text`]; lines and
//! columns count from 1, columns in characters, as editors do.
//!
//! A source comes from a [`file`], from a file of a [`folder`], or from a URL ([`remote`]). What cannot be read is a
//! [`SourceError`]. Whoever wants to read again when something has changed reads through a [`Reader`], which takes note of
//! what it looks at, and waits for a [`Watch`].

mod encoding;
pub mod error;
pub mod file;
pub mod folder;
mod library;
mod reader;
pub mod remote;
mod seen;
mod watch;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use error::SourceError;
pub use library::{Library, Refreshed};
pub use reader::Reader;
pub use seen::Seen;
pub use watch::Watch;

/// The most bytes of an OpenAPI document.
pub const MAX_DOCUMENT: usize = 64 << 20;
/// The most bytes of a gateway file.
pub const MAX_GATEWAY_FILE: usize = 1 << 20;

/// A text and the name by which a person knows it (a path as it was given, or a URL without its secrets).
pub struct Source {
    name: String,
    text: Arc<String>,
    lines: OnceLock<Lines>,
    /// Other sources whose places are written as spans after the end of this one: see [`Source::with_annexes`].
    annexes: Vec<Annex>,
    is_forgotten: bool,
}

/// A source whose spans begin at an offset that the text of another one does not reach.
struct Annex {
    start: u32,
    source: Arc<Source>,
}

/// Where the lines of a text are.
struct Lines {
    starts: Vec<u32>,
    /// Bytes are characters: a column is found without counting, also on a line of 13 MB.
    is_ascii: bool,
}

/// A range of bytes in one [`Source`]. Always on character borders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

/// A line and a column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A span together with the text that it is in.
#[derive(Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The range in it.
    pub span: Span,
}

impl Source {
    /// Keeps `text` under `name`. A byte order mark at the beginning is dropped.
    ///
    /// Texts are at most 4 GiB; the readers cap them far below.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Arc::new(Self {
            name: name.into(),
            text: Arc::new(text),
            lines: OnceLock::new(),
            annexes: Vec::new(),
            is_forgotten: false,
        })
    }

    /// The same text, in which spans can also be about `others`: for what was put together from several files and is
    /// read as one. Also gives how far the spans of each other source are shifted. [`Place::written`] undoes it.
    #[must_use]
    pub fn with_annexes(&self, others: &[Arc<Self>]) -> (Arc<Self>, Vec<u32>) {
        // One byte apart, so that the end of one text is not the beginning of the next.
        let mut start = self.text.len() + 1;
        let mut annexes = Vec::with_capacity(others.len());
        for other in others {
            annexes.push(Annex { start: to_u32(start), source: Arc::clone(other) });
            start += other.text.len() + 1;
        }
        let starts = annexes.iter().map(|annex| annex.start).collect();
        let text = Arc::clone(&self.text);
        let is_forgotten = self.is_forgotten;
        let name = self.name.clone();
        (Arc::new(Self { name, text, lines: OnceLock::new(), annexes, is_forgotten }), starts)
    }

    /// What stands for this source where nobody will ask for its text any more: its name.
    #[must_use]
    pub fn forgotten(&self) -> Arc<Self> {
        Arc::new(Self {
            name: self.name.clone(),
            text: Arc::default(),
            lines: OnceLock::new(),
            annexes: Vec::new(),
            is_forgotten: true,
        })
    }

    /// Whether only the name is left of it: places in it lead nowhere.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.is_forgotten
    }

    /// The name to show: a path or a URL.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text, without byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of the text that `span` covers; empty when it is out of range.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset. An offset past the end is the end.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let Lines { starts, is_ascii } = self.lines.get_or_init(|| Lines::of(&self.text));
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or_default() as usize;
        let end = (offset as usize).min(self.text.len());
        let before = self.text.get(start..end).unwrap_or_default();
        let column = if *is_ascii { before.len() } else { before.chars().count() };
        LineColumn { line: to_u32(line), column: to_u32(column + 1) }
    }
}

impl std::fmt::Debug for Source {
    /// The name alone: the text may hold what must not be printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

impl Span {
    /// A span of the bytes `start..end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: to_u32(start), end: to_u32(end) }
    }

    /// The span as a range of indices.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Place {
    /// Where the place begins, in the text where it was written.
    #[must_use]
    pub fn start(&self) -> LineColumn {
        let written = self.clone().written();
        written.source.line_column(written.span.start)
    }

    /// The same place in the text where it was written: another one, when its source was put together from several.
    #[must_use]
    pub fn written(self) -> Self {
        let after = self.source.annexes.partition_point(|annex| annex.start <= self.span.start);
        match after.checked_sub(1).and_then(|index| self.source.annexes.get(index)) {
            Some(annex) => {
                let (start, end) = (self.span.start - annex.start, self.span.end.saturating_sub(annex.start));
                Self { source: Arc::clone(&annex.source), span: Span { start, end } }
            }
            None => self,
        }
    }

    /// The place `span` of `source`.
    #[must_use]
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Place {
    /// `name:line:column`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { source, span } = self.clone().written();
        let start = source.line_column(span.start);
        write!(f, "{}:{}:{}", source.name, start.line, start.column)
    }
}

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(breaks.map(|at| to_u32(at + 1))).collect();
        Self { starts, is_ascii: text.is_ascii() }
    }
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("a.yaml", "\u{feff}ä: 1\nb: 2");
        assert_eq!(source.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(source.line_column(2), LineColumn { line: 1, column: 2 });
        assert_eq!(source.line_column(6), LineColumn { line: 2, column: 1 });
        assert_eq!(source.line_column(900), LineColumn { line: 2, column: 5 });
    }

    #[test]
    fn a_place_of_an_annex_is_in_the_text_where_it_was_written() {
        let (first, second) = (Source::new("b.yaml", "c: 3\nd: 4"), Source::new("c.yaml", "e: 5"));
        let (source, shifts) = Source::new("a.yaml", "a: 1\nb: 2").with_annexes(&[first, second]);
        let place = |start: u32| Place { source: Arc::clone(&source), span: Span { start, end: start + 1 } };
        assert_eq!(place(5).to_string(), "a.yaml:2:1");
        assert_eq!(place(9).to_string(), "a.yaml:2:5");
        assert_eq!(place(shifts[0] + 5).to_string(), "b.yaml:2:1");
        assert_eq!(place(shifts[1]).to_string(), "c.yaml:1:1");
        let written = place(shifts[1] + 3).written();
        assert_eq!(written.source.slice(written.span), "5");
    }
}
