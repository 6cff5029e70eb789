//! `${NAME}`, `${NAME:-default}` and `${file:PATH}` within a text.
//!
//! A reference is resolved in the scalar that it stands in, after the file has been parsed: what comes from the
//! environment can be nothing but text, and a diagnostic can underline the reference. `$$` is a dollar sign.

use std::path::Path;

use super::env::Environment;

/// A piece of a text with references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text that means what it says.
    Literal(&'t str),
    /// An environment variable.
    Variable {
        /// The reference as it was written, `${…}`.
        written: &'t str,
        /// Its name.
        name: &'t str,
        /// What stands in for it when it is not set, or empty.
        default: Option<&'t str>,
    },
    /// The content of a file.
    File {
        /// The reference as it was written, `${…}`.
        written: &'t str,
        /// Relative to the folder of the gateway file.
        path: &'t str,
    },
}

/// Why a reference comes to nothing. Never holds what it refers to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unresolved {
    /// An environment variable that is not set.
    #[error("the environment variable `{0}` is not set")]
    NotSet(String),
    /// An environment variable that is set to nothing.
    #[error("the environment variable `{0}` is empty")]
    Empty(String),
    /// A file that cannot be read.
    #[error("the file `{path}` cannot be used: {reason}")]
    File {
        /// As it was written.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What is wrong with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReferenceError<'t> {
    /// `${` without `}`
    #[error("`${{` without `}}`")]
    Unclosed(&'t str),
    /// What stands in the braces is neither a name nor `file:PATH`.
    #[error("no reference is written like this")]
    Malformed(&'t str),
}

impl<'t> ReferenceError<'t> {
    /// The part of the text that is wrong.
    pub(super) fn written(self) -> &'t str {
        match self {
            Self::Unclosed(written) | Self::Malformed(written) => written,
        }
    }
}

/// The pieces of a text.
///
/// # Errors
/// [`ReferenceError`] at the first reference that is none.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, ReferenceError<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        push_literal(&mut pieces, before);
        rest = if let Some(after) = from.strip_prefix("$$") {
            pieces.push(Piece::Literal("$"));
            after
        } else if let Some(inside) = from.strip_prefix("${") {
            let end = inside.find('}').ok_or(ReferenceError::Unclosed(from))?;
            let (written, after) = from.split_at(end + "${}".len());
            pieces.push(reference(written).ok_or(ReferenceError::Malformed(written))?);
            after
        } else {
            let (dollar, after) = from.split_at(1);
            pieces.push(Piece::Literal(dollar));
            after
        };
    }
    push_literal(&mut pieces, rest);
    Ok(pieces)
}

impl<'t> Piece<'t> {
    /// What it stands for. An empty variable counts as one that is not set, as with `:-` in a shell; the line break at
    /// the end of a file is left out.
    ///
    /// # Errors
    /// [`Unresolved`] when it stands for nothing.
    pub(super) fn value(self, environment: &dyn Environment, folder: &Path) -> Result<String, Unresolved> {
        match self {
            Self::Literal(text) => Ok(text.to_owned()),
            Self::Variable { name, default, .. } => variable(environment, name, default),
            Self::File { path, .. } => file(environment, folder, path),
        }
    }

    /// As it was written.
    pub(super) fn written(self) -> &'t str {
        match self {
            Self::Literal(written) | Self::Variable { written, .. } | Self::File { written, .. } => written,
        }
    }

    /// Whether it means what it says.
    pub(super) fn is_literal(self) -> bool {
        matches!(self, Self::Literal(_))
    }
}

fn variable(environment: &dyn Environment, name: &str, default: Option<&str>) -> Result<String, Unresolved> {
    match (environment.variable(name), default) {
        (Some(value), _) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (Some(_), None) => Err(Unresolved::Empty(name.to_owned())),
        (None, None) => Err(Unresolved::NotSet(name.to_owned())),
    }
}

fn file(environment: &dyn Environment, folder: &Path, path: &str) -> Result<String, Unresolved> {
    let unresolved = |reason: String| Unresolved::File { path: path.to_owned(), reason };
    let text = environment.file(&folder.join(path)).map_err(|error| unresolved(error.to_string()))?;
    let text = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() { Err(unresolved("it is empty".to_owned())) } else { Ok(text.to_owned()) }
}

fn push_literal<'t>(pieces: &mut Vec<Piece<'t>>, text: &'t str) {
    if !text.is_empty() {
        pieces.push(Piece::Literal(text));
    }
}

fn reference(written: &str) -> Option<Piece<'_>> {
    let inside = written.strip_prefix("${")?.strip_suffix('}')?;
    if let Some(path) = inside.strip_prefix("file:") {
        return (!path.trim().is_empty()).then_some(Piece::File { written, path: path.trim() });
    }
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    is_name.then_some(Piece::Variable { written, name, default })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stand_between_literals() {
        let expected = [
            Piece::Literal("a"),
            Piece::Variable { written: "${B_1}", name: "B_1", default: None },
            Piece::Literal("$"),
            Piece::Literal("{c}"),
            Piece::Variable { written: "${D:-}", name: "D", default: Some("") },
            Piece::Variable { written: "${E:-x:-y}", name: "E", default: Some("x:-y") },
            Piece::File { written: "${file:./f g}", path: "./f g" },
            Piece::Literal("$"),
            Piece::Literal("5"),
        ];
        assert_eq!(pieces("a${B_1}$${c}${D:-}${E:-x:-y}${file:./f g}$5").unwrap(), expected);
    }

    #[test]
    fn what_is_no_reference_is_refused_where_it_stands() {
        assert_eq!(pieces("a ${B"), Err(ReferenceError::Unclosed("${B")));
        for written in ["${}", "${my-var}", "${1A}", "${ A }", "${file:}", "${A:=b}"] {
            assert_eq!(pieces(&format!("x{written}y")), Err(ReferenceError::Malformed(written)));
        }
    }
}
