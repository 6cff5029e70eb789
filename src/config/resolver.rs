//! Turns texts with references into texts, and collects what goes wrong meanwhile.

use std::path::Path;

use secrecy::SecretString;

use super::env::Environment;
use super::gateway::Text;
use super::reference::{Unresolved, pieces};
use super::text::Template;
use super::written::Written;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// What written forms are resolved with.
pub(super) struct Resolver<'r> {
    /// What references are resolved from.
    pub(super) environment: &'r dyn Environment,
    /// The folder of the gateway file.
    pub(super) folder: &'r Path,
    /// All that went wrong so far.
    pub(super) problems: Diagnostics,
}

/// A template with its references resolved.
pub(super) struct Resolved {
    /// Secret when there was a reference in it.
    pub(super) text: Text,
    /// A reference came out empty because its own `:-` says so: whatever the text is for is not wanted.
    pub(super) declined: bool,
}

impl Resolver<'_> {
    /// Notes a problem.
    pub(super) fn problem(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }

    /// Resolves the references of a text; `None` when one of them cannot be, which has been reported.
    ///
    /// An empty value is no value: the variable counts as not set, as with `:-` in a shell.
    pub(super) fn resolve(&mut self, written: &Written<'_, Template<'_>>) -> Option<Resolved> {
        let pieces = match pieces(written.value.0) {
            Ok(pieces) => pieces,
            Err(error) => {
                let diagnostic = Diagnostic::new(Code::InvalidValue, error.to_string())
                    .at(written.slot.place_of(error.written()))
                    .help("write ${NAME}, ${NAME:-default} or ${file:PATH}; $$ stands for a dollar sign");
                self.problem(diagnostic);
                return None;
            }
        };
        let mut text = String::new();
        let (mut secret, mut declined, mut complete) = (false, false, true);
        for piece in pieces {
            secret |= !piece.is_literal();
            match piece.value(self.environment, self.folder) {
                Ok(value) => {
                    declined |= value.is_empty();
                    text.push_str(&value);
                }
                Err(unresolved) => {
                    complete = false;
                    self.problem(diagnostic(&unresolved).at(written.slot.place_of(piece.written())));
                }
            }
        }
        let text = if secret { Text::Secret(SecretString::from(text)) } else { Text::Plain(text) };
        complete.then_some(Resolved { text, declined })
    }
}

fn diagnostic(unresolved: &Unresolved) -> Diagnostic {
    let help = match unresolved {
        Unresolved::NotSet(name) | Unresolved::Empty(name) => {
            format!("set it, or write ${{{name}:-}} when it may be missing")
        }
        Unresolved::File { .. } => "the path is relative to the folder of the gateway file".to_owned(),
    };
    Diagnostic::new(Code::UnresolvedReference, unresolved.to_string()).help(help)
}
