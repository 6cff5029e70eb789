//! Commands of a shell as far as people paste them: words, quotes, line continuations, separators.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, Source, Span};

/// A word of a command, quotes undone, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// The commands of a text: separated by line breaks, `;`, `&&`, `||`, `|` and `&`.
///
/// # Errors
/// A quote that is not closed.
pub(super) fn commands(source: &Arc<Source>) -> Result<Vec<Vec<Word>>, Diagnostic> {
    let mut reader = Reader { text: source.text(), at: 0 };
    let mut commands = vec![Vec::new()];
    while let Some(token) = reader.token().map_err(|at| unclosed(source, at))? {
        match (token, commands.last_mut()) {
            (Some(word), Some(command)) => command.push(word),
            _ => commands.push(Vec::new()),
        }
    }
    commands.retain(|command| !command.is_empty());
    Ok(commands)
}

fn unclosed(source: &Arc<Source>, at: usize) -> Diagnostic {
    let place = Place::new(source, Span::new(at, at + 1));
    Diagnostic::new(Code::Syntax, "a quote begins here and does not end").at(place).sensitive()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        self.at += if found { prefix.len() } else { 0 };
        found
    }

    /// A line break that is none: `\` in shells of Unix, `^` in that of Windows, `` ` `` in PowerShell.
    fn skip_continuation(&mut self) -> bool {
        ["\\\r\n", "\\\n", "^\r\n", "^\n", "`\r\n", "`\n"].iter().any(|text| self.skip(text))
    }

    /// A word, or (`None` within) the end of a command. The position of a quote that is not closed is an error.
    fn token(&mut self) -> Result<Option<Option<Word>>, usize> {
        while self.skip_continuation() || self.rest().starts_with([' ', '\t', '\r']) && self.next().is_some()
        {
        }
        let start = self.at;
        match self.rest().chars().next() {
            None => return Ok(None),
            Some('\n' | ';' | '&' | '|') => {
                self.next();
                return Ok(Some(None));
            }
            Some('#') => {
                while self.rest().chars().next().is_some_and(|next| next != '\n') {
                    self.next();
                }
                return Ok(Some(None));
            }
            _ => {}
        }
        let mut text = String::new();
        while !self.rest().is_empty() && !self.rest().starts_with([' ', '\t', '\r', '\n', ';', '&', '|']) {
            if !self.skip_continuation() {
                self.piece(&mut text)?;
            }
        }
        Ok(Some(Some(Word { text, at: start..self.at })))
    }

    fn piece(&mut self, text: &mut String) -> Result<(), usize> {
        let start = self.at;
        if self.skip("$'") {
            return self.c_quoted(text).ok_or(start);
        }
        match self.next() {
            Some('\'') => {
                let end = self.rest().find('\'').ok_or(start)?;
                text.push_str(self.rest().get(..end).unwrap_or_default());
                self.at += end + 1;
            }
            Some('"') => self.double_quoted(text).ok_or(start)?,
            Some('\\') => text.extend(self.next()),
            Some(other) => text.push(other),
            None => {}
        }
        Ok(())
    }

    fn double_quoted(&mut self, text: &mut String) -> Option<()> {
        loop {
            if self.skip("\\\n") || self.skip("\\\r\n") {
                continue;
            }
            match self.next()? {
                '"' => return Some(()),
                '\\' => match self.next()? {
                    escaped @ ('"' | '\\' | '$' | '`') => text.push(escaped),
                    other => text.extend(['\\', other]),
                },
                other => text.push(other),
            }
        }
    }

    /// `$'…'`, as browsers copy what holds quotes.
    fn c_quoted(&mut self, text: &mut String) -> Option<()> {
        loop {
            match self.next()? {
                '\'' => return Some(()),
                '\\' => match self.next()? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'u' => text.extend(self.hexadecimal(4)),
                    'U' => text.extend(self.hexadecimal(8)),
                    'x' => text.extend(self.hexadecimal(2)),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
    }

    fn hexadecimal(&mut self, most: usize) -> Option<char> {
        let digits = self.rest().bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
        let value = u32::from_str_radix(self.rest().get(..digits)?, 16).ok()?;
        self.at += digits;
        char::from_u32(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let commands = commands(&Source::new("stdin", text)).unwrap();
        commands.into_iter().map(|command| command.into_iter().map(|word| word.text).collect()).collect()
    }

    #[test]
    fn quotes_and_continuations_are_undone() {
        assert_eq!(
            read(
                "curl 'a b' \"c\\\"d $X \\n\" e\\ f \\\n  -H'g: h' $'i\\'j\\u0021\\n' # end\ncurl k; l && m\n"
            ),
            vec![
                vec!["curl", "a b", "c\"d $X \\n", "e f", "-Hg: h", "i'j!\n"],
                vec!["curl", "k"],
                vec!["l"],
                vec!["m"],
            ]
        );
        assert_eq!(read("curl ^\r\n  a ^\n b"), [["curl", "a", "b"]]);
        assert_eq!(read(" \n"), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_quote_that_is_not_closed_is_an_error_with_its_place_and_without_its_text() {
        let error = commands(&Source::new("stdin", "curl a \\\n -H 'Authorization: s3cret")).unwrap_err();
        assert_eq!(error.place.as_ref().unwrap().to_string(), "stdin:2:5");
        assert!(error.sensitive);
    }
}
