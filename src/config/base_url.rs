//! Where an API lives, and where its document and the overlays of it are.

use std::path::PathBuf;

use url::Url;

use super::file::GatewayFile;
use super::gateway::{DocumentLocation, Overlay};
use super::resolver::Resolver;
use super::text::Template;
use super::written::Written;
use crate::diagnostic::Diagnostic;

/// Why a text is no URL that toolgate would use. Never holds the text: it may have come from the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    /// No URL at all.
    #[error("this is no URL: write it like https://api.example.com/v1")]
    Malformed,
    /// `{region}`
    #[error("there are no variables in a URL here: write their values, or `${{NAME}}`")]
    Variable,
    /// Something else than `http` or `https`.
    #[error("only http and https URLs can be called")]
    Scheme,
    /// `user:password@`
    #[error("a URL must not hold a user name or password: say `credential: {{basic: …}}`")]
    UserInfo,
    /// `?…`
    #[error(
        "a base URL has no query: say it in the request of an endpoint, or as an `api_key` with `in: query`"
    )]
    Query,
    /// `#…`
    #[error("a fragment is never sent: leave it out")]
    Fragment,
}

/// A base URL: http or https, no user info, no query, no fragment, no slash at the end of its path.
///
/// # Errors
/// [`UrlError`] when it is none.
pub(crate) fn parse(text: &str) -> Result<Url, UrlError> {
    let mut url = http_url(text)?;
    if url.query().is_some() {
        return Err(UrlError::Query);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// The `base_url` of a file.
pub(super) fn resolve(written: &Written<'_, Template<'_>>, resolver: &mut Resolver<'_>) -> Option<Url> {
    let resolved = resolver.resolve(written)?;
    checked(resolved.text.expose(), written, resolver)
}

/// A base URL of this text, which was written there.
pub(super) fn checked(
    text: &str,
    written: &Written<'_, Template<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<Url> {
    or_problem(parse(text), written, resolver)
}

/// The `overlays` of a file.
pub(super) fn overlays(file: &GatewayFile<'_>, resolver: &mut Resolver<'_>) -> Vec<Overlay> {
    let written = file.overlays.iter().flat_map(|overlays| &overlays.value.0);
    let overlay = |written| {
        let written: &Written<'_, Template<'_>> = written;
        let location = document(written, resolver)?;
        Some(Overlay { location, place: written.slot.place() })
    };
    written.filter_map(overlay).collect()
}

/// The `openapi` of a file: a URL, or a path relative to the folder of the file.
pub(super) fn document(
    written: &Written<'_, Template<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<DocumentLocation> {
    let resolved = resolver.resolve(written)?;
    let text = resolved.text.expose();
    if text.is_empty() {
        resolver.problem(written.slot.invalid("expected a path or a URL, found an empty text"));
        return None;
    }
    if text.contains("://") {
        return or_problem(http_url(text), written, resolver).map(DocumentLocation::Url);
    }
    Some(DocumentLocation::File(resolver.folder.join(PathBuf::from(text))))
}

fn http_url(text: &str) -> Result<Url, UrlError> {
    if text.contains(['{', '}']) {
        return Err(UrlError::Variable);
    }
    let url = Url::parse(text).map_err(|_| UrlError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(UrlError::Fragment);
    }
    Ok(url)
}

fn or_problem(
    parsed: Result<Url, UrlError>,
    written: &Written<'_, Template<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<Url> {
    parsed.map_err(|error| resolver.problem(problem(error, written))).ok()
}

fn problem(error: UrlError, written: &Written<'_, Template<'_>>) -> Diagnostic {
    let text = error.to_string();
    let (message, help) = text.split_once(": ").unwrap_or((&text, ""));
    let diagnostic = written.slot.invalid(message);
    if help.is_empty() { diagnostic } else { diagnostic.help(help) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_kept_without_the_slash_at_its_end() {
        for (text, expected) in [
            ("https://api.example.com", "https://api.example.com/"),
            ("https://api.example.com/v1/", "https://api.example.com/v1"),
            ("http://127.0.0.1:8080/a/b//", "http://127.0.0.1:8080/a/b"),
            ("https://bücher.example.com", "https://xn--bcher-kva.example.com/"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn what_cannot_be_a_base_url_is_refused_with_its_reason() {
        for (text, error) in [
            ("api.example.com", UrlError::Malformed),
            ("https://{region}.example.com", UrlError::Variable),
            ("ftp://example.com", UrlError::Scheme),
            ("https://user@example.com", UrlError::UserInfo),
            ("https://:secret@example.com", UrlError::UserInfo),
            ("https://example.com/?key=1", UrlError::Query),
            ("https://example.com/#top", UrlError::Fragment),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
