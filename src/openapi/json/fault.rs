//! What can be wrong with JSON, and how it is said.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::openapi::node::MAX_DEPTH;
use crate::source::{Place, Source, Span};

/// Why a text is no JSON, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) problem: Problem,
    pub(super) span: Span,
    /// Where that was opened which is not closed.
    pub(super) opened: Option<Span>,
}

/// Why a text is no JSON.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("expected {expected}, found {found}")]
    Unexpected { expected: Expected, found: Found },
    #[error("expected nothing between this comma and `{close}`")]
    TrailingComma { close: char },
    #[error("a number is not written like this in JSON")]
    MalformedNumber,
    #[error("a text must not hold {}", control(*byte))]
    ControlCharacter { byte: u8 },
    #[error("there is no such escape in JSON")]
    UnknownEscape,
    #[error("the text that begins here does not end")]
    UnclosedText,
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

/// What could have followed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Value,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrBracket,
    CommaOrBrace,
    End,
}

/// What was there instead.
#[derive(Debug)]
pub(super) enum Found {
    End,
    Comment,
    Word(String),
    Character(char),
}

impl Fault {
    pub(super) fn new(problem: Problem, span: Span) -> Self {
        Self { problem, span, opened: None }
    }

    /// The same, in something that was opened at this byte.
    pub(super) fn opened(mut self, at: usize) -> Self {
        self.opened = Some(Span::new(at, at + 1));
        self
    }

    pub(super) fn diagnostic(&self, source: &Arc<Source>) -> Diagnostic {
        let code = if matches!(self.problem, Problem::TooDeep) { Code::TooDeep } else { Code::Syntax };
        let diagnostic = Diagnostic::new(code, self.problem.to_string()).at(Place::new(source, self.span));
        match self.help(source) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn help(&self, source: &Source) -> Option<String> {
        match &self.problem {
            Problem::TrailingComma { .. } => {
                Some("remove the comma: JSON has none after the last value".to_owned())
            }
            Problem::ControlCharacter { byte: b'\n' | b'\r' } => {
                let line = source.line_column(self.opened?.start).line;
                Some(format!("close the text that begins on line {line} with `\"`, or write `\\n`"))
            }
            Problem::ControlCharacter { byte } => Some(format!("write `\\u{byte:04x}`")),
            Problem::UnknownEscape => Some(r#"write `\\` for a backslash"#.to_owned()),
            Problem::Unexpected { found: Found::Comment, .. } => Some("JSON has no comments".to_owned()),
            Problem::Unexpected { found: Found::Character('\''), .. } => {
                Some("JSON has double quotes only".to_owned())
            }
            Problem::Unexpected { found: Found::End, .. } => {
                let opened = self.opened?;
                let line = source.line_column(opened.start).line;
                Some(format!("the `{}` on line {line} is not closed", source.slice(opened)))
            }
            _ => None,
        }
    }
}

impl Found {
    /// What is at the beginning of `rest`, and how long it is.
    pub(super) fn at(rest: &str) -> (Self, usize) {
        /// A longer word is said by its first character.
        const LONGEST: usize = 20;
        let Some(first) = rest.chars().next() else { return (Self::End, 0) };
        if rest.starts_with("//") || rest.starts_with("/*") {
            return (Self::Comment, 2);
        }
        let word = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        if (2..=LONGEST).contains(&word.len()) {
            return (Self::Word(word.to_owned()), word.len());
        }
        (Self::Character(first), first.len_utf8())
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "a value",
            Self::Key => "a key in double quotes",
            Self::KeyOrEnd => "a key in double quotes or `}`",
            Self::Colon => "`:` after the key",
            Self::CommaOrBracket => "`,` or `]`",
            Self::CommaOrBrace => "`,` or `}`",
            Self::End => "nothing after the document",
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end of the text"),
            Self::Comment => f.write_str("a comment"),
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Character(character) if character.is_control() || character.is_whitespace() => {
                write!(f, "U+{:04X}", u32::from(*character))
            }
            Self::Character(character) => write!(f, "`{character}`"),
        }
    }
}

/// The warning for an escape that is half a surrogate pair.
pub(super) fn half_surrogate(source: &Arc<Source>, span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "half a surrogate pair is no character; it was read as U+FFFD")
        .severity(Severity::Warning)
        .at(Place::new(source, span))
}

fn control(byte: u8) -> &'static str {
    match byte {
        b'\n' | b'\r' => "a line break",
        b'\t' => "a tab",
        _ => "a control character",
    }
}
