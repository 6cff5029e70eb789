//! The `request` of an endpoint: `GET /repos/{owner}/{repo}/releases?per_page=50`.

use http::Method;

use super::super::pattern::METHODS;
use super::super::resolver::Resolver;
use super::super::suggest::did_you_mean;
use super::super::text::Literal;
use super::super::written::Written;
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::template::{PathTemplate, TemplateError};

/// Method and path, or `None` after a report.
pub(super) fn resolve(
    written: &Written<'_, Literal<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<(Method, PathTemplate)> {
    match parse(written.value.0) {
        Ok(request) => Some(request),
        Err(error) => {
            resolver.problem(error.diagnostic(written));
            None
        }
    }
}

/// Why a text is no request, and the part of it that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RequestError<'t> {
    part: &'t str,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("a request is a method and a path: `GET /path`")]
    NoPath,
    #[error("there is no such method")]
    Method,
    #[error("the path is written without scheme and host, which `base_url` says")]
    Absolute,
    #[error("a path has no space in it; write `%20`")]
    Space,
    #[error("a fragment is never sent")]
    Fragment,
    #[error("a variable belongs into the path: declare it as a parameter with `in: query` instead")]
    VariableInQuery,
    #[error(transparent)]
    Template(TemplateError),
}

fn parse(text: &str) -> Result<(Method, PathTemplate), RequestError<'_>> {
    let fault = |part, fault| Err(RequestError { part, fault });
    let text = text.trim();
    let Some((method, path)) = text.split_once(' ') else { return fault(text, Fault::NoPath) };
    let path = path.trim_start();
    if !METHODS.contains(&method) {
        return fault(method, Fault::Method);
    }
    if path.contains("://") && !path.starts_with('/') {
        return fault(path, Fault::Absolute);
    }
    if path.contains(char::is_whitespace) {
        return fault(path, Fault::Space);
    }
    if path.contains('#') {
        return fault(path, Fault::Fragment);
    }
    let (Ok(method), template) = (method.parse::<Method>(), PathTemplate::parse(path)) else {
        return fault(method, Fault::Method);
    };
    match template {
        Ok(template)
            if template.query().iter().any(|(name, value)| name.contains('{') || value.contains('{')) =>
        {
            fault(path, Fault::VariableInQuery)
        }
        Ok(template) => Ok((method, template)),
        Err(error) => fault(path, Fault::Template(error)),
    }
}

impl RequestError<'_> {
    fn diagnostic(self, written: &Written<'_, Literal<'_>>) -> Diagnostic {
        let message = match self.fault {
            Fault::Method => format!("there is no method `{}`", self.part),
            other => other.to_string(),
        };
        let diagnostic = Diagnostic::new(Code::InvalidValue, message).at(written.slot.place_of(self.part));
        match self.fault {
            Fault::Method => {
                let help = did_you_mean(self.part, METHODS.into_iter());
                diagnostic.help(help.unwrap_or_else(|| format!("methods are {}", METHODS.join(", "))))
            }
            _ => diagnostic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_method_and_a_path_template() {
        let (method, path) = parse("GET  /a/{b}?c=d").unwrap();
        assert_eq!((method, path.text()), (Method::GET, "/a/{b}?c=d"));
        assert_eq!(path.query(), [("c".to_owned(), "d".to_owned())]);
        assert_eq!(parse("QUERY /").unwrap().0.as_str(), "QUERY");
    }

    #[test]
    fn what_is_no_request_is_refused_where_it_is_wrong() {
        for (text, part, fault) in [
            ("/a", "/a", Fault::NoPath),
            ("", "", Fault::NoPath),
            ("get /a", "get", Fault::Method),
            ("TRACE /a", "TRACE", Fault::Method),
            ("GET https://example.com/a", "https://example.com/a", Fault::Absolute),
            ("GET /a b", "/a b", Fault::Space),
            ("GET /a#b", "/a#b", Fault::Fragment),
            ("GET /a?q={q}", "/a?q={q}", Fault::VariableInQuery),
            ("GET a", "a", Fault::Template(TemplateError::NoSlash)),
            ("GET /{a", "/{a", Fault::Template(TemplateError::Unbalanced)),
        ] {
            assert_eq!(parse(text), Err(RequestError { part, fault }), "{text}");
        }
    }
}
