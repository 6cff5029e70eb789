//! Text that came from somewhere, and places in it.
//!
//! Everything a person wrote (gateway file, OpenAPI document) is read into a [`Source`] once and kept with its
//! name, so that any later stage can say `file:line:column`. Offsets are bytes into [`Source::text`]; lines and
//! columns count from 1, columns in characters, as editors do.
//!
//! A source comes from a [`file`], from a file of a [`folder`], or from a URL ([`remote`]). What cannot be read is a
//! [`SourceError`].

mod encoding;
pub mod error;
pub mod file;
pub mod folder;
pub mod remote;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use error::SourceError;

/// The most bytes of an OpenAPI document.
pub const MAX_DOCUMENT: usize = 64 << 20;
/// The most bytes of a gateway file.
pub const MAX_GATEWAY_FILE: usize = 1 << 20;

/// A text and the name by which a person knows it (a path as it was given, or a URL without its secrets).
pub struct Source {
    name: String,
    text: String,
    lines: OnceLock<Lines>,
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
        Arc::new(Self { name: name.into(), text, lines: OnceLock::new() })
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
    /// Where the place begins.
    #[must_use]
    pub fn start(&self) -> LineColumn {
        self.source.line_column(self.span.start)
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
        let start = self.start();
        write!(f, "{}:{}:{}", self.source.name, start.line, start.column)
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
}
