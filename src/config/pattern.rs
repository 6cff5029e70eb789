//! Patterns over the operations of a document: `tag:issues`, `GET /repos/{owner}/{repo}`, `issues/*`.

use http::Method;

use super::gateway::{OperationMatch, Pattern};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Place;

/// Methods that an operation can have, as they are written.
pub(super) const METHODS: [&str; 8] = ["GET", "HEAD", "OPTIONS", "QUERY", "POST", "PUT", "PATCH", "DELETE"];

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    /// Nothing, or nothing after `tag:`.
    #[error("write an operationId, `tag:NAME` or `METHOD /path`")]
    Empty,
    /// `/path`
    #[error("write the method before the path, or `*` for any")]
    NoMethod,
    /// `get /path`, `FETCH /path`
    #[error("the method is one of GET, HEAD, OPTIONS, QUERY, POST, PUT, PATCH, DELETE, or `*` for any")]
    Method,
    /// `GET path`
    #[error("the path begins with `/`")]
    Path,
}

/// Reads a pattern.
///
/// An operationId may hold spaces; a pattern is a route only when what follows its first word is a path, or when its
/// first word is a method.
///
/// # Errors
/// [`PatternError`] when it is none.
pub(crate) fn parse(text: &str) -> Result<OperationMatch, PatternError> {
    let text = text.trim();
    if let Some(tag) = text.strip_prefix("tag:") {
        let tag = tag.trim();
        return if tag.is_empty() {
            Err(PatternError::Empty)
        } else {
            Ok(OperationMatch::Tag(tag.to_owned()))
        };
    }
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    if text.starts_with('/') {
        return Err(PatternError::NoMethod);
    }
    let Some((word, path)) = text.split_once(' ') else { return Ok(OperationMatch::Id(text.to_owned())) };
    let (path, is_method) = (path.trim_start(), word == "*" || METHODS.contains(&word));
    match (is_method, path.starts_with(['/', '*'])) {
        (true, true) => {
            let method = word.parse::<Method>().ok().filter(|_| word != "*");
            Ok(OperationMatch::Route { method, path: path.to_owned() })
        }
        (true, false) => Err(PatternError::Path),
        (false, true) => Err(PatternError::Method),
        (false, false) => Ok(OperationMatch::Id(text.to_owned())),
    }
}

/// A pattern that was written at `place`.
pub(super) fn resolve(text: &str, place: Place) -> Result<Pattern, Diagnostic> {
    match parse(text) {
        Ok(matches) => Ok(Pattern { matches, text: text.to_owned(), place: Some(place) }),
        Err(error) => {
            let message = format!("`{text}` is no pattern over operations");
            Err(Diagnostic::new(Code::InvalidValue, message).at(place).help(error.to_string()))
        }
    }
}

impl Pattern {
    /// Whether it can only mean one operation.
    pub(crate) fn is_single(&self) -> bool {
        match &self.matches {
            OperationMatch::Tag(_) => false,
            OperationMatch::Id(text) => !text.contains('*'),
            OperationMatch::Route { method, path } => method.is_some() && !path.contains('*'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: Option<Method>, path: &str) -> Result<OperationMatch, PatternError> {
        Ok(OperationMatch::Route { method, path: path.to_owned() })
    }

    #[test]
    fn tags_routes_and_ids_are_told_apart() {
        assert_eq!(parse("tag: my issues "), Ok(OperationMatch::Tag("my issues".into())));
        assert_eq!(parse("GET /a/{b}"), route(Some(Method::GET), "/a/{b}"));
        assert_eq!(parse("QUERY  /a*"), route(Some("QUERY".parse().unwrap()), "/a*"));
        assert_eq!(parse("* /a/*"), route(None, "/a/*"));
        assert_eq!(parse("DELETE *"), route(Some(Method::DELETE), "*"));
        assert_eq!(parse("issues/*"), Ok(OperationMatch::Id("issues/*".into())));
        assert_eq!(parse("Get all the pets"), Ok(OperationMatch::Id("Get all the pets".into())));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_what_to_write() {
        assert_eq!(parse(" "), Err(PatternError::Empty));
        assert_eq!(parse("tag:"), Err(PatternError::Empty));
        assert_eq!(parse("/a"), Err(PatternError::NoMethod));
        assert_eq!(parse("get /a"), Err(PatternError::Method));
        assert_eq!(parse("GET a"), Err(PatternError::Path));
    }
}
