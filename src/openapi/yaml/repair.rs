//! Quoted texts whose later lines are indented less than YAML asks.
//!
//! YAML wants every line of a quoted text to be indented more than the key before it. The parsers that most authors
//! use do not ask for it, and so some documents have whole certificates at the first column. The grammar behind
//! [`super`] does ask. When it stops at such a line, the line breaks of that text are replaced by as many blanks, so
//! that no position changes, and the document is read again; the text itself is then taken from the source.

use granit_parser::{Event, Parser};
use rustc_hash::FxHashMap;

use crate::source::{Source, Span};

/// The most bytes that are read again, all times together: of real documents, a quarter of a second.
const MAX_REREAD: usize = 16 << 20;

/// What had to be changed so that a document can be read.
#[derive(Default)]
pub(super) struct Repairs {
    /// The text with the changes; `None` without any.
    text: Option<String>,
    /// What the changed texts mean, by where they begin.
    meanings: FxHashMap<u32, String>,
    reread: usize,
}

impl Repairs {
    /// The text to read: as long as the source's, and the same but for some line breaks.
    pub(super) fn text<'t>(&'t self, source: &'t Source) -> &'t str {
        self.text.as_deref().unwrap_or(source.text())
    }

    /// Changes the quoted text in which the parser stopped, which begins somewhere after `read`. False when there is
    /// no such text, or when it does not look like one that ends where it was meant to.
    pub(super) fn add(&mut self, source: &Source, read: u32, stopped: u32) -> bool {
        let (read, stopped) = (read as usize, stopped as usize);
        self.reread += stopped;
        if self.reread > MAX_REREAD {
            return false;
        }
        let text = self.text.take().unwrap_or_else(|| source.text().to_owned());
        let found = text.get(read..stopped).and_then(opening_quote).map(|at| read + at);
        let range = found.and_then(|start| Some((start, start + quoted_length(text.get(start..)?)?)));
        let is_whole = |end| stopped < end && ends_a_line(text.get(end..).unwrap_or_default());
        let Some((start, end)) = range.filter(|(_, end)| is_whole(*end)) else { return false };
        let span = Span::new(start, end);
        let Some(meaning) = meaning(source.slice(span)) else { return false };
        self.meanings.insert(span.start, meaning);
        let mut bytes = text.into_bytes();
        for byte in bytes.get_mut(start..end).unwrap_or_default() {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        self.text = String::from_utf8(bytes).ok();
        true
    }

    /// What the scalar that begins there means, if it was changed.
    pub(super) fn meaning(&self, start: u32) -> Option<&str> {
        self.meanings.get(&start).map(String::as_str)
    }
}

/// What a quoted text means. Alone in a document it is in no mapping, and its lines may begin where they like.
fn meaning(quoted: &str) -> Option<String> {
    let events = Parser::new_from_str(quoted).map_while(Result::ok);
    events.map(|(event, _)| event).find_map(|event| match event {
        Event::Scalar(text, ..) => Some(text.into_owned()),
        _ => None,
    })
}

/// Where the first quoted text begins; `gap` has nothing else in it than indicators, properties and comments.
fn opening_quote(gap: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = gap.get(at..)?;
        let until = |end: fn(char) -> bool| rest.find(end).unwrap_or(rest.len());
        at += match rest.chars().next()? {
            '"' | '\'' => return Some(at),
            '#' => until(|c| c == '\n'),
            '&' | '!' => until(char::is_whitespace),
            c if c.is_whitespace() || "-:?,[]{}".contains(c) => c.len_utf8(),
            _ => return None,
        };
    }
}

/// Whether nothing but a comment comes before the line ends. Where more comes, a quote is missing further up.
fn ends_a_line(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    let rest = line.trim_start();
    rest.is_empty() || rest.starts_with('#') && rest.len() < line.len()
}

/// Length of the quoted text at the beginning, quotes included.
fn quoted_length(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    let (_, quote) = characters.next()?;
    while let Some((at, character)) = characters.next() {
        let is_doubled = || text.get(at + 1..).is_some_and(|rest| rest.starts_with('\''));
        match character {
            '\\' if quote == '"' => drop(characters.next()),
            '\'' if quote == '\'' && is_doubled() => drop(characters.next()),
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
