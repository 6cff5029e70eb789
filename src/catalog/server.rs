//! Where an operation is called: the operator's own `base_url` (or `server: {url: …}`), else one of the document's
//! servers: the one that `server: {index: …}` names, or the first that can be used.
//!
//! What the gateway file says of servers and cannot be done is an error, and the operations that it is about are not
//! served: called at another server, they would be somebody else's.

use rustc_hash::FxHashSet;
use url::Url;

use crate::config::Gateway;
use crate::config::gateway::ServerVariable as Chosen;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::Server;
use crate::source::{Place, Span};

/// The servers of one gateway's operations.
pub(super) struct Servers<'a> {
    gateway: &'a Gateway,
    document_url: Option<&'a Url>,
    /// What the file says of servers does not fit the document, which was reported: nothing is called.
    refused: bool,
    /// Servers that were reported: they come again with every operation.
    reported: FxHashSet<Span>,
}

/// Where an operation is called.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// There.
    Url(Url),
    /// Nobody says where.
    Unknown,
    /// Nowhere, and why was reported.
    Refused,
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
    /// `operations` are all of the document. What the gateway file says of servers is held against them.
    pub(super) fn new(
        gateway: &'a Gateway,
        document_url: Option<&'a Url>,
        operations: &[Operation],
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let problems: Vec<Diagnostic> = problems(gateway, operations);
        let refused = !problems.is_empty();
        diagnostics.extend(problems.into_iter().collect());
        Self { gateway, document_url, refused, reported: FxHashSet::default() }
    }

    /// The base URL of an operation. Servers that cannot be used are warned about, each once.
    pub(super) fn base(&mut self, operation: &Operation, diagnostics: &mut Diagnostics) -> Base {
        if let Some(url) = &self.gateway.base_url {
            return Base::Url(url.clone());
        }
        if self.refused {
            return Base::Refused;
        }
        if operation.servers.is_empty() {
            // "The default value would be a Server Object with a url value of /" (OpenAPI 3.1, section 4.8.1).
            let root = self.document_url.and_then(|url| url.join("/").ok());
            return root.filter(|url| check(url).is_ok()).map_or(Base::Unknown, Base::Url);
        }
        let chosen = self.gateway.server.index.as_ref().and_then(|index| operation.servers.get(index.value));
        let candidates = chosen.map_or(operation.servers.as_slice(), std::slice::from_ref);
        for server in candidates {
            match self.resolve(server) {
                Ok(url) => return Base::Url(url),
                Err(ServerError::Relative) => {}
                Err(error) if self.reported.insert(server.span) => {
                    diagnostics.push(self.unusable(server, operation, &error));
                }
                Err(_) => {}
            }
        }
        Base::Unknown
    }

    fn resolve(&self, server: &Server) -> Result<Url, ServerError> {
        let text = substitute(server, &self.gateway.server.variables)?;
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

    fn unusable(&self, server: &Server, operation: &Operation, error: &ServerError) -> Diagnostic {
        let message = format!("the server `{}` cannot be used: {error}", server.url);
        let place = Place::new(&operation.place.source, server.span);
        let diagnostic = Diagnostic::new(Code::InvalidServer, message).at(place);
        match error {
            ServerError::Variable(name) if self.gateway.place.is_some() => {
                diagnostic.help(format!("say `server: {{variables: {{{name}: …}}}}` in the gateway file"))
            }
            ServerError::Variable(name) => diagnostic.help(format!("say --server-variable {name}=…")),
            _ => diagnostic,
        }
    }
}

/// What the gateway file says of servers that the document does not have.
fn problems(gateway: &Gateway, operations: &[Operation]) -> Vec<Diagnostic> {
    if gateway.base_url.is_some() || operations.is_empty() {
        return Vec::new();
    }
    let mut problems: Vec<Diagnostic> =
        gateway.server.variables.iter().filter_map(|chosen| variable_problem(chosen, operations)).collect();
    let most = operations.iter().map(|operation| operation.servers.len()).max().unwrap_or_default();
    if let Some(index) = gateway.server.index.as_ref().filter(|index| index.value >= most) {
        let message = format!("the document has no server {}: it has {most}, counted from 0", index.value);
        problems.push(Diagnostic::new(Code::InvalidValue, message).at(index.place.clone()));
    }
    problems
}

fn variable_problem(chosen: &Chosen, operations: &[Operation]) -> Option<Diagnostic> {
    let declared =
        || operations.iter().flat_map(|operation| &operation.servers).flat_map(|server| &server.variables);
    let of_it: Vec<_> = declared().filter(|variable| variable.name == chosen.name).collect();
    let is_used = |server: &Server| server.url.contains(&format!("{{{}}}", chosen.name));
    let diagnostic = if of_it.is_empty()
        && !operations.iter().flat_map(|operation| &operation.servers).any(is_used)
    {
        let mut names: Vec<&str> = declared().map(|variable| variable.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let message = format!("no server of the document has a variable `{}`", chosen.name);
        let diagnostic = Diagnostic::new(Code::InvalidValue, message);
        if names.is_empty() { diagnostic } else { diagnostic.help(format!("it has {}", names.join(", "))) }
    } else if !of_it.is_empty() && of_it.iter().all(|variable| !variable.takes(&chosen.value)) {
        let values = of_it.first().map(|variable| variable.values.join(", ")).unwrap_or_default();
        let message = format!("the server variable `{}` cannot be `{}`", chosen.name, chosen.value);
        Diagnostic::new(Code::InvalidValue, message).help(format!("the document allows {values}"))
    } else {
        return None;
    };
    Some(match &chosen.place {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    })
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

/// The URL with each `{variable}` replaced by what the operator chose, else by its default.
fn substitute(server: &Server, chosen: &[Chosen]) -> Result<String, ServerError> {
    let mut text = String::with_capacity(server.url.len());
    let mut rest = server.url.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let chosen = chosen.iter().find(|chosen| chosen.name == name).map(|chosen| chosen.value.as_str());
        let declared = server.variables.iter().find(|variable| variable.name == name);
        let value = chosen.or_else(|| declared?.default.as_deref());
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
    use crate::config::gateway::ServerIndex;
    use crate::openapi::operation::ServerVariable;

    fn variable(name: &str, default: Option<&str>, values: &[&str]) -> ServerVariable {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        ServerVariable { name: name.to_owned(), default: default.map(str::to_owned), values }
    }

    fn text(base: Base) -> Option<String> {
        match base {
            Base::Url(url) => Some(url.into()),
            Base::Unknown => None,
            Base::Refused => Some("refused".to_owned()),
        }
    }

    fn base(urls: &[&str], document: Option<&str>) -> (Option<String>, Vec<String>) {
        let gateway = Gateway::named("pets");
        let document = document.map(|url| url.parse().unwrap());
        let mut diagnostics = Diagnostics::default();
        let mut operation = fixture::operation("GET", "/pets");
        operation.servers = urls.iter().map(|url| fixture::server(url)).collect();
        for (index, server) in operation.servers.iter_mut().enumerate() {
            server.span = Span::new(index, index);
            server.variables = vec![variable("region", Some("eu"), &[])];
        }
        let operations = [operation];
        let mut servers = Servers::new(&gateway, document.as_ref(), &operations, &mut diagnostics);
        let base = text(servers.base(&operations[0], &mut diagnostics));
        assert_eq!(text(servers.base(&operations[0], &mut Diagnostics::default())), base);
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

    /// The base under what a gateway file says, with two servers, the second with a variable.
    fn chosen(index: Option<usize>, variables: &[(&str, &str)]) -> (Option<String>, Vec<String>) {
        let mut gateway = Gateway::named("pets");
        let place = fixture::operation("GET", "/").place;
        gateway.server.index = index.map(|value| ServerIndex { value, place: place.clone() });
        let variables = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        gateway.server.variables =
            variables.map(|(name, value)| Chosen { name, value, place: Some(place.clone()) }).collect();
        let mut operation = fixture::operation("GET", "/pets");
        let region = Server {
            variables: vec![variable("region", None, &["eu", "us"])],
            ..fixture::server("https://{region}.example.com")
        };
        operation.servers = vec![fixture::server("https://api.example.com"), region];
        let (operations, mut diagnostics) = ([operation], Diagnostics::default());
        let mut servers = Servers::new(&gateway, None, &operations, &mut diagnostics);
        let base = text(servers.base(&operations[0], &mut diagnostics));
        (base, diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect())
    }

    #[test]
    fn a_server_is_chosen_by_its_number_and_its_variables() {
        assert_eq!(chosen(None, &[]).0.unwrap(), "https://api.example.com/");
        assert_eq!(chosen(Some(1), &[("region", "us")]), (Some("https://us.example.com/".into()), vec![]));
    }

    #[test]
    fn what_the_document_does_not_have_is_refused_and_nothing_is_called() {
        for (index, variables, message) in [
            (Some(2), &[][..], "the document has no server 2: it has 2, counted from 0"),
            (Some(1), &[("zone", "x")], "no server of the document has a variable `zone`"),
            (Some(1), &[("region", "cn")], "the server variable `region` cannot be `cn`"),
        ] {
            assert_eq!(chosen(index, variables), (Some("refused".into()), vec![message.to_owned()]));
        }
        let (base, messages) = chosen(Some(1), &[]);
        assert_eq!(base, None);
        let message =
            "the server `https://{region}.example.com` cannot be used: the variable `region` has no default";
        assert_eq!(messages, [message]);
    }
}
