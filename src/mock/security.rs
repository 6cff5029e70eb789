//! Whether a request brings the credential that its operation asks for.
//!
//! The stand-in holds the gateway to what it has: an operation whose security the gateway has credentials for is
//! refused without them. It looks whether a credential is there, not whether it is the right one.

use http::header;

use super::received::{Pair, Received};
use super::refusal::{Fault, Reason};
use crate::config::gateway::{Credential, NamedCredential};
use crate::openapi::Operation;
use crate::openapi::operation::Location;

/// What the gateway may prove itself with.
#[derive(Clone, Debug, Default)]
pub(super) struct Security {
    credentials: Vec<Kept>,
}

/// Where a credential is seen in a request; the secret itself is not kept.
#[derive(Clone, Debug)]
struct Kept {
    name: String,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Authorization(&'static str),
    Key { location: Location, name: String },
}

impl Security {
    pub(super) fn new(credentials: &[NamedCredential]) -> Self {
        let kept = credentials.iter().filter_map(|named| {
            Some(Kept { name: named.name.clone(), place: Place::of(&named.credential)? })
        });
        Self { credentials: kept.collect() }
    }

    /// Marks the pairs that hold keys: they are nobody's parameters.
    pub(super) fn take(&self, operation: &Operation, query: &mut [Pair], cookies: &mut [Pair]) {
        if operation.security.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        for kept in &self.credentials {
            let Place::Key { location, name } = &kept.place else { continue };
            let pairs: &mut [Pair] = match location {
                Location::Query => query,
                Location::Cookie => cookies,
                _ => continue,
            };
            pairs.iter_mut().filter(|pair| pair.name == *name).for_each(|pair| pair.taken = true);
        }
    }

    /// What is missing, if the operation asks for something that the gateway has.
    pub(super) fn missing(&self, operation: &Operation, received: &Received) -> Option<Reason> {
        let alternatives = operation.security.as_deref().unwrap_or_default();
        if alternatives.iter().any(Vec::is_empty) {
            return None;
        }
        let payable: Vec<Vec<&Kept>> = alternatives
            .iter()
            .filter_map(|schemes| schemes.iter().map(|scheme| self.serving(&scheme.scheme)).collect())
            .collect();
        let paid = |kept: &&Kept| kept.place.is_seen_in(received);
        if payable.is_empty() || payable.iter().any(|all| all.iter().all(paid)) {
            return None;
        }
        let wanted: Vec<String> = payable.iter().flatten().map(|kept| kept.place.describe()).collect();
        let detail = format!("of the operation's security is missing: {}", wanted.join(" or "));
        Some(Reason::of(Fault::Credential, "credential", detail))
    }

    /// The credential for a scheme: the one of that name, else the only one. Of several, the kind decides, which is not
    /// looked at here.
    fn serving(&self, scheme: &str) -> Option<&Kept> {
        let only = self.credentials.first().filter(|_| self.credentials.len() == 1);
        self.credentials.iter().find(|kept| kept.name == scheme).or(only)
    }
}

impl Place {
    /// Where a credential is seen; `None` of one that is no part of the request.
    fn of(credential: &Credential) -> Option<Self> {
        Some(match credential {
            Credential::Bearer(_) | Credential::OAuth2(_) => Self::Authorization("bearer"),
            Credential::Basic { .. } => Self::Authorization("basic"),
            Credential::SigV4(_) => Self::Authorization("aws4-hmac-sha256"),
            Credential::ApiKey { location, name, .. } => {
                Self::Key { location: *location, name: name.clone() }
            }
            Credential::PassThrough(_) | Credential::Hmac(_) => {
                Self::Key { location: Location::Header, name: credential.headers().next()?.to_owned() }
            }
            Credential::Mtls(_) => return None,
        })
    }

    fn is_seen_in(&self, received: &Received) -> bool {
        match self {
            Self::Authorization(scheme) => {
                let value = received.header(header::AUTHORIZATION.as_str()).unwrap_or_default();
                let (given, rest) = value.split_once(' ').unwrap_or_default();
                given.eq_ignore_ascii_case(scheme) && !rest.trim().is_empty()
            }
            Self::Key { location: Location::Query, name } => has(&received.pairs(), name),
            Self::Key { location: Location::Cookie, name } => has(&received.cookies(), name),
            Self::Key { name, .. } => received.header(name).is_some_and(|value| !value.is_empty()),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Authorization(scheme) => format!("Authorization: {scheme} …"),
            Self::Key { location, name } => format!("{} '{name}'", location.as_str()),
        }
    }
}

fn has(pairs: &[Pair], name: &str) -> bool {
    pairs.iter().any(|pair| pair.name == *name && !pair.value.is_empty())
}
