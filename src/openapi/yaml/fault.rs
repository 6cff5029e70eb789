//! What can be wrong with YAML, and how it is said.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::node::MAX_DEPTH;
use crate::source::{Place, Source, Span};

/// Why a text is no YAML that can be read, and where.
#[derive(Debug)]
pub(super) struct Fault {
    problem: Problem,
    pub(super) span: Span,
}

/// Why a text is no YAML that can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// The parser's own words: they say what was being read and what was found.
    #[error("{0}")]
    Grammar(ErrorKind),
    #[error("there is nothing in this text")]
    Empty,
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("an alias of what it is a part of: it would expand for ever")]
    Cycle,
    #[error("its aliases expand it to {nodes} nodes")]
    Expansion { nodes: u64 },
    #[error("its merge keys copy more than {most} entries")]
    Merged { most: usize },
}

impl Fault {
    pub(super) fn new(problem: Problem, span: Span) -> Self {
        Self { problem, span }
    }

    pub(super) fn of(source: &Source, error: &ScanError) -> Self {
        let mut start = error.marker().byte_offset().unwrap_or_default().min(source.text().len());
        if *error.kind() == ErrorKind::TabInPlainScalar {
            // The marker is where the scalar begins, maybe many lines before.
            start += source.text().get(start..).and_then(|rest| rest.find('\t')).unwrap_or_default();
        }
        let character = source.text().get(start..).and_then(|rest| rest.chars().next());
        let span = Span::new(start, start + character.filter(|c| *c != '\n').map_or(0, char::len_utf8));
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => Self::new(Problem::TooDeep, span),
            kind => Self::new(Problem::Grammar(kind.clone()), span),
        }
    }

    /// Whether it is what [`super::repair`] can help with.
    pub(super) fn is_indentation_of_quoted(&self) -> bool {
        use ErrorKind::{InvalidQuotedScalarIndent, TabInIndentation};
        matches!(self.problem, Problem::Grammar(InvalidQuotedScalarIndent | TabInIndentation))
    }

    pub(super) fn diagnostic(&self, source: &Arc<Source>) -> Diagnostic {
        let code = match self.problem {
            Problem::Grammar(_) | Problem::Empty => Code::Syntax,
            Problem::TooDeep | Problem::Cycle | Problem::Expansion { .. } | Problem::Merged { .. } => {
                Code::TooDeep
            }
        };
        let diagnostic = Diagnostic::new(code, self.problem.to_string()).at(Place::new(source, self.span));
        match self.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn help(&self) -> Option<&'static str> {
        let Problem::Grammar(kind) = &self.problem else { return None };
        match kind {
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => Some("indent with spaces: YAML takes no tabs there"),
            ErrorKind::InvalidQuotedScalarIndent | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
                Some("check that the quoted text before this is closed where it should be")
            }
            ErrorKind::UnexpectedCharacter { .. } => {
                Some("a text cannot begin with this character: put it in quotes")
            }
            ErrorKind::MappingValueNotAllowed => {
                Some("put a text that holds `: ` in quotes, or check the indentation")
            }
            ErrorKind::UnknownAnchor => {
                Some("a text that begins with `*` is an alias: put it in quotes if it is none")
            }
            ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
                Some("check the indentation here and on the lines before")
            }
            _ => None,
        }
    }
}
