//! Which of a gateway's credentials go with an operation.
//!
//! What the gateway file says of the operation comes first. Else the operation's `security` decides: of its
//! alternatives the first for whose every scheme there is a credential. A credential belongs to a scheme of its own
//! name; failing that, to the only scheme that it fits by kind and place.
//!
//! The credential called `default` (the single `credential:` of a file) is the operator's own word on all operations: it
//! also goes with those whose document says nothing, or asks for another kind, which is then told. Nobody's word is
//! stronger than `security: []`: there, nothing is sent.
//!
//! An operation that asks for a credential which the gateway does not have is served, and what there is of the others is
//! sent: documents ask for keys that an API does without more often than an API answers without a key that it needs,
//! and what it answers then (401) says so. It is told at load.
//!
//! A client certificate is not chosen: a connection has it or not. The only `mtls` credential of a gateway goes with
//! every request, whatever `security` says of the others.

use indexmap::IndexMap;

use crate::config::Gateway;
use crate::config::gateway::{Change, Credential};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::openapi::Operation;
use crate::openapi::operation::{Location, SchemeKind, SecurityRequirement, SecurityScheme};

/// Chooses credentials for the operations of one gateway, and remembers what was not there.
pub(super) struct Credentials<'a> {
    gateway: &'a Gateway,
    schemes: &'a [SecurityScheme],
    /// The credential that goes with everything.
    default: Option<usize>,
    /// The only client certificate.
    certificate: Option<usize>,
    /// What is asked for and not there, by the name of the scheme.
    missing: IndexMap<&'a str, Asking<'a>>,
    /// What is asked for and answered with the default, which is of another kind.
    other_kind: IndexMap<&'a str, Asking<'a>>,
    /// Operations that say nothing, in a gateway that has several credentials and no default.
    unsaid: Option<Asking<'a>>,
}

/// Operations that ask for the same.
struct Asking<'a> {
    first: &'a Operation,
    count: usize,
}

/// What a scheme finds in a gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// This credential.
    Credential(usize),
    /// A header that the gateway sets on every request.
    Header,
}

impl<'a> Credentials<'a> {
    pub(super) fn new(gateway: &'a Gateway, schemes: &'a [SecurityScheme]) -> Self {
        Self {
            gateway,
            schemes,
            default: default(gateway, schemes),
            certificate: certificate(gateway),
            missing: IndexMap::new(),
            other_kind: IndexMap::new(),
            unsaid: None,
        }
    }

    /// The credentials that go with an operation, as indexes into those of the gateway.
    pub(super) fn of(&mut self, operation: &'a Operation, change: Option<&Change>) -> Vec<usize> {
        if let Some(names) = change.and_then(|change| change.credentials.as_ref()) {
            return names.iter().filter_map(|name| self.named(name)).collect();
        }
        let mut chosen = match &operation.security {
            None => self.of_unsaid(operation),
            Some(alternatives) if alternatives.is_empty() => Vec::new(),
            Some(alternatives) => self.of_alternatives(operation, alternatives),
        };
        chosen.extend(self.certificate);
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    /// Tells what was asked for and not there: once for each scheme.
    pub(super) fn tell(self, diagnostics: &mut Diagnostics) {
        for (scheme, asking) in &self.missing {
            diagnostics.push(self.missing(scheme, asking));
        }
        // Of a scheme that the document does not declare, that has been told, and its kind is not known.
        for (scheme, asking) in self.other_kind.iter().filter(|(scheme, _)| self.scheme(scheme).is_some()) {
            diagnostics.push(self.other_kind(scheme, asking));
        }
        if let Some(asking) = &self.unsaid {
            diagnostics.push(self.unsaid(asking));
        }
    }

    /// The document says nothing of this operation.
    fn of_unsaid(&mut self, operation: &'a Operation) -> Vec<usize> {
        if self.default.is_none() && self.gateway.credentials.len() > usize::from(self.certificate.is_some())
        {
            Asking::count(&mut self.unsaid, operation);
        }
        self.default.into_iter().collect()
    }

    fn of_alternatives(
        &mut self,
        operation: &'a Operation,
        alternatives: &'a [SecurityRequirement],
    ) -> Vec<usize> {
        let found: Vec<Vec<Option<Found>>> = alternatives
            .iter()
            .map(|requirement| requirement.iter().map(|asked| self.find(&asked.scheme)).collect())
            .collect();
        let is_whole = |found: &&Vec<Option<Found>>| !found.is_empty() && found.iter().all(Option::is_some);
        if let Some(whole) = found.iter().find(is_whole) {
            return credentials(whole);
        }
        let optional = found.iter().any(Vec::is_empty);
        if let Some(default) = self.default {
            if let Some(asked) = alternatives.iter().flatten().next().filter(|_| !optional) {
                Asking::add(&mut self.other_kind, &asked.scheme, operation);
            }
            return vec![default];
        }
        if optional {
            return Vec::new();
        }
        // The alternative of which most is there, the first of equals.
        let there = |found: &[Option<Found>]| found.iter().flatten().count();
        let best = found.iter().zip(alternatives).rev().max_by_key(|(found, _)| there(found));
        let Some((found, requirement)) = best else { return Vec::new() };
        for (asked, _) in requirement.iter().zip(found).filter(|(_, found)| found.is_none()) {
            Asking::add(&mut self.missing, &asked.scheme, operation);
        }
        credentials(found)
    }

    /// What there is for a scheme.
    fn find(&self, scheme: &str) -> Option<Found> {
        if let Some(index) = self.named(scheme) {
            return Some(Found::Credential(index));
        }
        let kind = &self.scheme(scheme)?.kind;
        let fits = |credential: &Credential| fits(credential, kind);
        let credentials = self.gateway.credentials.iter().enumerate();
        let mut fitting = credentials.filter(|(_, named)| fits(&named.credential)).map(|(index, _)| index);
        let (first, second) = (fitting.next(), fitting.next());
        match (first, second) {
            (Some(index), None) => Some(Found::Credential(index)),
            // Several would do. Which one is meant only the file can say: by a name, or by a default.
            (Some(_), Some(_)) => {
                let default = self.gateway.credentials.get(self.default?)?;
                fits(&default.credential).then_some(self.default).flatten().map(Found::Credential)
            }
            (None, _) => self.in_headers(kind).then_some(Found::Header),
        }
    }

    /// Whether a header that the gateway sets on every request is what a scheme asks for.
    fn in_headers(&self, kind: &SchemeKind) -> bool {
        let asked = match kind {
            SchemeKind::ApiKey { location: Location::Header, name } => name,
            SchemeKind::Http { .. } | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => "authorization",
            _ => return false,
        };
        self.gateway.headers.iter().any(|(name, _)| name.as_str().eq_ignore_ascii_case(asked))
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.gateway.credentials.iter().position(|named| named.name == name)
    }

    fn scheme(&self, name: &str) -> Option<&'a SecurityScheme> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }

    fn missing(&self, scheme: &str, asking: &Asking<'_>) -> Diagnostic {
        let described = self.scheme(scheme).map(|scheme| described(&scheme.kind)).unwrap_or_default();
        let message = format!(
            "{} for the credential `{scheme}`{described}, and there is none: calls are sent without it",
            asking.who("ask")
        );
        // Nobody has said anything of credentials, or has said that one may be missing: good to know, and no fault.
        let unconcerned = self.gateway.credentials.is_empty()
            && (self.gateway.place.is_none() || !self.gateway.declined_credentials.is_empty());
        let severity = if unconcerned { Severity::Note } else { Severity::Warning };
        let help = if self.gateway.place.is_some() {
            format!("say `credentials: {{{scheme}: …}}`")
        } else {
            "say --bearer-env or --header".to_owned()
        };
        self.told(Code::MissingCredential, message, scheme, asking).severity(severity).help(help)
    }

    fn other_kind(&self, scheme: &str, asking: &Asking<'_>) -> Diagnostic {
        let described = self.scheme(scheme).map(|scheme| described(&scheme.kind)).unwrap_or_default();
        let sent = self.default.and_then(|index| self.gateway.credentials.get(index));
        let kind = sent.map(|named| named.credential.kind()).unwrap_or_default();
        let message = format!(
            "{} for the credential `{scheme}`{described}; what is sent is of another kind: {kind}",
            asking.who("ask")
        );
        self.told(Code::CredentialKind, message, scheme, asking)
    }

    fn unsaid(&self, asking: &Asking<'_>) -> Diagnostic {
        let message = format!(
            "{} nothing of credentials, and the gateway has several: calls are sent without one",
            asking.who("say")
        );
        let help = "name one of them: `credential: NAME` in the endpoint or in `operations: {change: …}`, or call one `default`";
        Diagnostic::new(Code::MissingCredential, message).at(asking.first.place.clone()).help(help)
    }

    /// At the scheme, which is there once, whatever asks for it.
    fn told(&self, code: Code, message: String, scheme: &str, asking: &Asking<'_>) -> Diagnostic {
        let place = self.scheme(scheme).map_or(&asking.first.place, |scheme| &scheme.place);
        Diagnostic::new(code, message).at(place.clone())
    }
}

impl<'a> Asking<'a> {
    fn add(all: &mut IndexMap<&'a str, Self>, scheme: &'a str, operation: &'a Operation) {
        all.entry(scheme).or_insert(Self { first: operation, count: 0 }).count += 1;
    }

    fn count(asking: &mut Option<Self>, operation: &'a Operation) {
        asking.get_or_insert(Self { first: operation, count: 0 }).count += 1;
    }

    /// `GET /pets and 3 more operations ask`
    fn who(&self, verb: &str) -> String {
        let first = self.first.signature();
        match self.count - 1 {
            0 => format!("`{first}` {verb}s"),
            1 => format!("`{first}` and 1 more operation {verb}"),
            others => format!("`{first}` and {others} more operations {verb}"),
        }
    }
}

/// The credential that goes with everything: the one called `default`, or the only one there is, unless it has the
/// name of a scheme and so is for that one.
fn default(gateway: &Gateway, schemes: &[SecurityScheme]) -> Option<usize> {
    let credentials = || gateway.credentials.iter().enumerate();
    if let Some((index, _)) = credentials().find(|(_, named)| named.name == "default") {
        return Some(index);
    }
    let mut others = credentials().filter(|(_, named)| !named.credential.is_certificate());
    let (only, more) = (others.next(), others.next());
    let (index, named) = only.filter(|_| more.is_none())?;
    (!schemes.iter().any(|scheme| scheme.name == named.name)).then_some(index)
}

fn certificate(gateway: &Gateway) -> Option<usize> {
    let all = gateway.credentials.iter().enumerate();
    let mut certificates = all.filter(|(_, named)| named.credential.is_certificate());
    let (only, more) = (certificates.next(), certificates.next());
    only.filter(|_| more.is_none()).map(|(index, _)| index)
}

/// Whether a credential is what a scheme asks for, by its kind and where it goes.
fn fits(credential: &Credential, kind: &SchemeKind) -> bool {
    match kind {
        SchemeKind::ApiKey { location, name } => credential.writes(*location, name),
        SchemeKind::Http { scheme } => credential.speaks(scheme),
        SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => credential.speaks("bearer"),
        SchemeKind::MutualTls => credential.is_certificate(),
        SchemeKind::Other => false,
    }
}

fn credentials(found: &[Option<Found>]) -> Vec<usize> {
    let index = |found: &Found| match found {
        Found::Credential(index) => Some(*index),
        Found::Header => None,
    };
    found.iter().flatten().filter_map(index).collect()
}

/// ` (an API key in the header X-Api-Key)`
fn described(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey { location: Location::Header, name } => format!(" (a key in the header `{name}`)"),
        SchemeKind::ApiKey { location: Location::Cookie, name } => format!(" (a key in the cookie `{name}`)"),
        SchemeKind::ApiKey { name, .. } => format!(" (a key in the query as `{name}`)"),
        SchemeKind::Http { scheme } => format!(" (HTTP {scheme})"),
        SchemeKind::OAuth2 => " (OAuth 2.0)".to_owned(),
        SchemeKind::OpenIdConnect => " (OpenID Connect)".to_owned(),
        SchemeKind::MutualTls => " (a client certificate)".to_owned(),
        SchemeKind::Other => String::new(),
    }
}

#[cfg(test)]
mod tests;
