//! JSON (RFC 8259) to a positioned tree, strictly, and fast enough to be no part of the time a load takes.
//!
//! The reader walks over bytes once, with its own stack instead of recursion. Texts without escapes are ranges of
//! the source; nothing is pushed character by character. What JSON does not allow ends the reading with one error,
//! at the character that is wrong and in terms of what was expected there; only what is allowed but surely not meant
//! (a key that comes twice, half a surrogate pair) is a warning.

mod fault;
mod scan;
mod string;

use std::sync::Arc;

use super::node::{Builder, MAX_DEPTH, NodeId, Text, Tree};
use crate::diagnostic::Diagnostics;
use crate::source::{Source, Span};
use fault::{Expected, Fault, Found, Problem};

/// Whether a text begins as JSON objects and arrays do and YAML's flow style seldom does: with a bracket, and in a
/// brace a key in double quotes.
pub(super) fn looks_like_json(text: &str) -> bool {
    let blank = [' ', '\t', '\r', '\n'];
    let text = text.trim_start_matches(blank);
    match text.strip_prefix('{') {
        Some(rest) => rest.trim_start_matches(blank).starts_with(['"', '}']),
        None => text.starts_with('['),
    }
}

/// Reads `source` as JSON. `None` when it is none: there is then exactly one error more in `diagnostics`.
pub(super) fn parse(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let mut reader = Reader {
        text: source.text(),
        at: 0,
        builder: Builder::new(source),
        open: Vec::new(),
        items: Vec::new(),
        entries: Vec::new(),
        half_surrogates: Vec::new(),
    };
    let root = match reader.document() {
        Ok(root) => root,
        Err(fault) => {
            diagnostics.push(fault.diagnostic(source));
            return None;
        }
    };
    diagnostics
        .extend(reader.half_surrogates.iter().map(|span| fault::half_surrogate(source, *span)).collect());
    diagnostics.extend(super::duplicates::warnings(source, &reader.builder));
    Some(reader.builder.finish(root))
}

/// Of more escapes that are no characters only the first are told.
const MAX_HALF_SURROGATES: usize = 100;

struct Reader<'s> {
    text: &'s str,
    at: usize,
    builder: Builder,
    /// The arrays and objects around the place where the reader is, outermost first.
    open: Vec<Open>,
    /// What has been read of all open arrays; each knows where its own begin.
    items: Vec<NodeId>,
    /// What has been read of all open objects.
    entries: Vec<(Text, Span, NodeId)>,
    /// The first of them.
    half_surrogates: Vec<Span>,
}

/// An array or object whose end has not been reached.
#[derive(Clone, Copy)]
enum Open {
    Array { start: usize, first_item: usize },
    Object { start: usize, first_entry: usize, key: (Text, Span) },
}

/// What comes after a value.
enum After {
    /// Another value.
    Value,
    /// The end of what it was in, which is a value itself.
    Closed(NodeId),
}

impl Reader<'_> {
    fn document(&mut self) -> Result<NodeId, Fault> {
        let root = self.value()?;
        self.skip_blanks();
        match self.peek() {
            None => Ok(root),
            Some(_) => Err(self.unexpected(Expected::End)),
        }
    }

    /// A value with all that is in it.
    fn value(&mut self) -> Result<NodeId, Fault> {
        loop {
            self.skip_blanks();
            let node = match self.peek() {
                Some(b'[') => self.open_array()?,
                Some(b'{') => self.open_object()?,
                _ => Some(self.scalar()?),
            };
            let Some(mut node) = node else { continue };
            loop {
                let Some(open) = self.open.last().copied() else { return Ok(node) };
                match self.after(open, node)? {
                    After::Value => break,
                    After::Closed(closed) => node = closed,
                }
            }
        }
    }

    /// The array itself when it is empty; else its first value comes next.
    fn open_array(&mut self) -> Result<Option<NodeId>, Fault> {
        let start = self.enter()?;
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Some(self.builder.array(&[], Span::new(start, self.at))));
        }
        self.open.push(Open::Array { start, first_item: self.items.len() });
        Ok(None)
    }

    /// The object itself when it is empty; else its first value comes next.
    fn open_object(&mut self) -> Result<Option<NodeId>, Fault> {
        let start = self.enter()?;
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Some(self.builder.object(&[], Span::new(start, self.at))));
        }
        let key = self.key(Expected::KeyOrEnd)?;
        self.open.push(Open::Object { start, first_entry: self.entries.len(), key });
        Ok(None)
    }

    /// Goes over a bracket that opens; gives where it is.
    fn enter(&mut self) -> Result<usize, Fault> {
        let start = self.at;
        self.at += 1;
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::new(Problem::TooDeep, Span::new(start, self.at)));
        }
        Ok(start)
    }

    /// Puts `node` into what is open around it and goes on to what follows.
    fn after(&mut self, open: Open, node: NodeId) -> Result<After, Fault> {
        self.skip_blanks();
        let comma = self.at;
        match open {
            Open::Array { start, first_item } => {
                self.items.push(node);
                if self.take(b',') {
                    return self.next_item(comma);
                }
                if !self.take(b']') {
                    return Err(self.unclosed(Expected::CommaOrBracket, start));
                }
                let items = self.items.get(first_item..).unwrap_or_default();
                let array = self.builder.array(items, Span::new(start, self.at));
                self.items.truncate(first_item);
                self.open.pop();
                Ok(After::Closed(array))
            }
            Open::Object { start, first_entry, key: (key, key_span) } => {
                self.entries.push((key, key_span, node));
                if self.take(b',') {
                    return self.next_entry(comma);
                }
                if !self.take(b'}') {
                    return Err(self.unclosed(Expected::CommaOrBrace, start));
                }
                let entries = self.entries.get(first_entry..).unwrap_or_default();
                let object = self.builder.object(entries, Span::new(start, self.at));
                self.entries.truncate(first_entry);
                self.open.pop();
                Ok(After::Closed(object))
            }
        }
    }

    fn next_item(&mut self, comma: usize) -> Result<After, Fault> {
        self.skip_blanks();
        if self.peek() == Some(b']') {
            return Err(Fault::new(Problem::TrailingComma { close: ']' }, Span::new(comma, comma + 1)));
        }
        Ok(After::Value)
    }

    fn next_entry(&mut self, comma: usize) -> Result<After, Fault> {
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            return Err(Fault::new(Problem::TrailingComma { close: '}' }, Span::new(comma, comma + 1)));
        }
        let next = self.key(Expected::Key)?;
        if let Some(Open::Object { key, .. }) = self.open.last_mut() {
            *key = next;
        }
        Ok(After::Value)
    }

    /// A key and the colon after it.
    fn key(&mut self, expected: Expected) -> Result<(Text, Span), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected(expected));
        }
        let key = self.string()?;
        self.skip_blanks();
        if self.take(b':') { Ok(key) } else { Err(self.unexpected(Expected::Colon)) }
    }

    fn scalar(&mut self) -> Result<NodeId, Fault> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let (text, span) = self.string()?;
                Ok(self.builder.string(text, span))
            }
            Some(b'-' | b'0'..=b'9') => {
                self.at += scan::number(self.rest()).ok_or_else(|| self.malformed_number())?;
                let span = Span::new(start, self.at);
                Ok(self.builder.number(Text::at(span), span))
            }
            _ if self.take_word("null") => Ok(self.builder.null(Span::new(start, self.at))),
            _ if self.take_word("true") => Ok(self.builder.bool(true, Span::new(start, self.at))),
            _ if self.take_word("false") => Ok(self.builder.bool(false, Span::new(start, self.at))),
            _ => Err(self.unexpected(Expected::Value)),
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word.as_bytes()) && scan::word(self.rest()) == word.len();
        if found {
            self.at += word.len();
        }
        found
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_blanks(&mut self) {
        self.at += scan::blanks(self.rest());
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn malformed_number(&self) -> Fault {
        Fault::new(Problem::MalformedNumber, Span::new(self.at, self.at + scan::word(self.rest()).max(1)))
    }

    fn unexpected(&self, expected: Expected) -> Fault {
        let (found, len) = Found::at(self.text.get(self.at..).unwrap_or_default());
        Fault::new(Problem::Unexpected { expected, found }, Span::new(self.at, self.at + len))
    }

    /// Like [`Reader::unexpected`]; at the end of the text it says what was left open.
    fn unclosed(&self, expected: Expected, opened: usize) -> Fault {
        Fault { opened: Some(Span::new(opened, opened + 1)), ..self.unexpected(expected) }
    }
}

#[cfg(test)]
mod tests;
