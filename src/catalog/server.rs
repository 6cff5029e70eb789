//! Where an operation is called: the operator's own `base_url`, else the first server of the document that can be used.

use rustc_hash::FxHashSet;
use url::Url;

use crate::config::Gateway;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::Server;
use crate::source::{Place, Span};

/// The servers of one gateway's operations.
pub(super) struct Servers<'a> {
    base_url: Option<&'a Url>,
    document_url: Option<&'a Url>,
    /// Servers that were reported: they come again with every operation.
    reported: FxHashSet<Span>,
}

/// Why a server cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum ServerError {
    #[error("it is relative, and the document has no URL")]
    Relative,
    #[error("the variable `{0}` has no default")]
    Variable(String),
    #[error("it is not a URL: {0}")]
    NotAUrl(#[from] url::ParseError),
    #[error("it is neither http nor https")]
    Scheme,
    #[error("it holds a user name or password")]
    Userinfo,
}

impl<'a> Servers<'a> {
    pub(super) fn new(gateway: &'a Gateway, document_url: Option<&'a Url>) -> Self {
        Self { base_url: gateway.base_url.as_ref(), document_url, reported: FxHashSet::default() }
    }

    /// The base URL of an operation. `None` when no server is known; servers that cannot be used are warned about, each
    /// once.
    pub(super) fn base(&mut self, operation: &Operation, diagnostics: &mut Diagnostics) -> Option<Url> {
        if let Some(url) = self.base_url {
            return Some(url.clone());
        }
        if operation.servers.is_empty() {
            // "The default value would be a Server Object with a url value of /" (OpenAPI 3.1, section 4.8.1).
            return self.document_url.and_then(|url| url.join("/").ok()).filter(|url| check(url).is_ok());
        }
        for server in &operation.servers {
            match self.resolve(server) {
                Ok(url) => return Some(url),
                Err(ServerError::Relative) => {}
                Err(error) if self.reported.insert(server.span) => {
                    let message = format!("the server `{}` cannot be used: {error}", server.url);
                    let place = Place::new(&operation.place.source, server.span);
                    diagnostics.push(Diagnostic::new(Code::InvalidServer, message).at(place));
                }
                Err(_) => {}
            }
        }
        None
    }

    fn resolve(&self, server: &Server) -> Result<Url, ServerError> {
        let text = substitute(server)?;
        let text = text.trim();
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(url::ParseError::RelativeUrlWithoutBase) => match self.document_url {
                Some(document) => document.join(text)?,
                // Without a scheme of its own it takes the one that is safe.
                None if text.starts_with("//") => Url::parse(&format!("https:{text}"))?,
                None => return Err(ServerError::Relative),
            },
            Err(error) => return Err(error.into()),
        };
        check(&url)?;
        Ok(url)
    }
}

fn check(url: &Url) -> Result<(), ServerError> {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(ServerError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ServerError::Userinfo);
    }
    Ok(())
}

/// The URL with each `{variable}` replaced by its default.
fn substitute(server: &Server) -> Result<String, ServerError> {
    let mut text = String::with_capacity(server.url.len());
    let mut rest = server.url.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let value = server.variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value);
        text.push_str(before);
        text.push_str(value.ok_or_else(|| ServerError::Variable(name.to_owned()))?);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::fixture;

    fn base(urls: &[&str], document: Option<&str>) -> (Option<String>, Vec<String>) {
        let gateway = Gateway::named("pets");
        let document = document.map(|url| url.parse().unwrap());
        let mut diagnostics = Diagnostics::default();
        let mut operation = fixture::operation("GET", "/pets");
        operation.servers = urls.iter().map(|url| fixture::server(url)).collect();
        for (index, server) in operation.servers.iter_mut().enumerate() {
            server.span = Span::new(index, index);
            server.variables = vec![("region".into(), "eu".into())];
        }
        let mut servers = Servers::new(&gateway, document.as_ref());
        let base = servers.base(&operation, &mut diagnostics).map(String::from);
        assert_eq!(servers.base(&operation, &mut Diagnostics::default()).map(String::from), base);
        (base, diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect())
    }

    #[test]
    fn the_first_server_that_can_be_used_is_the_base() {
        let (url, diagnostics) = base(
            &["ftp://example.com", "https://{zone}.example.com", "https://{region}.example.com/v1"],
            None,
        );
        assert_eq!(url.unwrap(), "https://eu.example.com/v1");
        assert_eq!(
            diagnostics,
            [
                "the server `ftp://example.com` cannot be used: it is neither http nor https",
                "the server `https://{zone}.example.com` cannot be used: the variable `zone` has no default",
            ]
        );
    }

    #[test]
    fn relative_servers_are_relative_to_the_document() {
        let document = Some("https://example.com/docs/openapi.json");
        assert_eq!(base(&["/v1"], document).0.unwrap(), "https://example.com/v1");
        assert_eq!(base(&["../v1"], document).0.unwrap(), "https://example.com/v1");
        assert_eq!(base(&[], document).0.unwrap(), "https://example.com/");
        assert_eq!(base(&["//api.example.com/v1"], None).0.unwrap(), "https://api.example.com/v1");
        assert_eq!(base(&["/v1"], None), (None, vec![]));
        assert_eq!(base(&[], None), (None, vec![]));
    }

    #[test]
    fn a_password_in_a_document_is_not_used() {
        let (url, diagnostics) = base(&["https://a:b@example.com/"], None);
        assert_eq!((url, diagnostics.len()), (None, 1));
    }
}
