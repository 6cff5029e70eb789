//! What is wrong with a file, where, and what to do about it.
//!
//! Every stage of a load collects [`Diagnostic`]s and goes on; nothing stops at the first problem. A diagnostic has
//! a stable [`Code`], one short sentence, a place in a source and at most one line of help. [`render`] prints them
//! for people (the source underlined) and for programs (JSON).

pub mod catalogue;
pub mod code;
pub mod render;

use crate::source::Place;
pub use code::Code;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something that was asked for is not served.
    Error,
    /// Served, but probably not as the author meant it.
    Warning,
    /// Good to know; `check` still exits 0.
    Note,
}

/// One problem of a load.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Which kind of problem; stable across versions.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One short sentence, without a full stop. Never holds a secret.
    pub message: String,
    /// Where it is, when it has a place.
    pub place: Option<Place>,
    /// What to do, in one line.
    pub help: Option<String>,
    /// The text at the place may be a secret: render the position without the source line.
    pub sensitive: bool,
}

impl Diagnostic {
    /// A diagnostic with the severity that its code has by default.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            place: None,
            help: None,
            sensitive: false,
        }
    }

    /// The same at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place.written());
        self
    }

    /// The same with a line of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with another severity than its code's default.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The same, with the source line kept from view.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// The problems of one load, in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another load.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, is_wanted: impl FnMut(&Diagnostic) -> bool) {
        self.0.retain(is_wanted);
    }

    /// Sorts by source name, place and code, and drops exact repetitions: the order in which they are shown.
    pub fn sort(&mut self) {
        self.0.sort_by(|a, b| key(a).cmp(&key(b)));
        self.0.dedup_by(|a, b| key(a) == key(b));
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

fn key(diagnostic: &Diagnostic) -> (Option<(&str, crate::source::Span)>, &'static str, &str) {
    let place = diagnostic.place.as_ref().map(|place| (place.source.name(), place.span));
    (place, diagnostic.code.as_str(), &diagnostic.message)
}
