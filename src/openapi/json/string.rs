//! Texts of JSON, with their escapes (RFC 8259, section 7).

use super::fault::{Fault, Problem};
use super::{MAX_HALF_SURROGATES, Reader, scan};
use crate::openapi::node::Text;
use crate::source::Span;

impl Reader<'_> {
    /// The text that begins here and the span of it with its quotes.
    pub(super) fn string(&mut self) -> Result<(Text, Span), Fault> {
        let opening = self.at;
        self.at += 1;
        let length = scan::plain_text(self.rest());
        let start = self.at;
        self.at += length;
        if self.take(b'"') {
            return Ok((Text::at(Span::new(start, start + length)), Span::new(opening, self.at)));
        }
        let text = self.unescaped(opening, start)?;
        let text = self.builder.own(&text);
        Ok((text, Span::new(opening, self.at)))
    }

    /// The rest of a text that is not plain, from its beginning at `start`; the reader is at the first character
    /// that is not plain.
    fn unescaped(&mut self, opening: usize, start: usize) -> Result<String, Fault> {
        let mut text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(byte) => {
                    let span = Span::new(self.at, self.at + 1);
                    return Err(Fault::new(Problem::ControlCharacter { byte }, span).opened(opening));
                }
                None => {
                    let span = Span::new(opening, opening + 1);
                    return Err(Fault::new(Problem::UnclosedText, span));
                }
            }
            let length = scan::plain_text(self.rest());
            text.push_str(self.text.get(self.at..self.at + length).unwrap_or_default());
            self.at += length;
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 2;
        let character = match self.text.as_bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => {
                let escaped = self.text.get(start + 1..).and_then(|rest| rest.chars().next());
                let end = start + 1 + escaped.map_or(0, char::len_utf8);
                return Err(Fault::new(Problem::UnknownEscape, Span::new(start, end)));
            }
        };
        Ok(character)
    }

    /// The character of `\uXXXX`, or of two of them that are a surrogate pair. Half a pair is no character: it is
    /// read as U+FFFD, with a warning, because the grammar allows it.
    fn unicode_escape(&mut self, start: usize) -> Result<char, Fault> {
        let unit = self.code_unit(start)?;
        if let 0xd800..=0xdbff = unit
            && self.rest().starts_with(b"\\u")
        {
            let before = self.at;
            self.at += 2;
            if let low @ 0xdc00..=0xdfff = self.code_unit(before)? {
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(unit).unwrap_or_else(|| {
            if self.half_surrogates.len() < MAX_HALF_SURROGATES {
                self.half_surrogates.push(Span::new(start, self.at));
            }
            char::REPLACEMENT_CHARACTER
        }))
    }

    /// The four hexadecimal digits here, of the escape that begins at `start`.
    fn code_unit(&mut self, start: usize) -> Result<u32, Fault> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(Fault::new(Problem::UnknownEscape, Span::new(start, self.at)));
        };
        self.at += 4;
        Ok(unit)
    }
}
