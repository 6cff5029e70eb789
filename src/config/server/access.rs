//! Who may call over HTTP, and how they show who they are: `access` of the server file.

mod date;
mod file;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ::secrecy::{ExposeSecret, SecretString};
use jsonwebtoken::Algorithm;
use url::Url;

pub(super) use file::{AccessFile, resolve};

/// How callers show who they are. One of `keys` and `tokens` is there at least.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// What clients know the endpoint by; always there with `tokens`.
    pub resource: Option<Resource>,
    /// API keys.
    pub keys: Vec<ApiKey>,
    /// Access tokens of an authorization server.
    pub tokens: Option<Tokens>,
    /// Scopes that come with another one.
    pub implied_scopes: BTreeMap<String, Vec<String>>,
}

/// The URL of the endpoint as clients write it (RFC 9728, section 1.2): https, or http on this machine; no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// As it is written: identifiers are compared as texts.
    pub text: String,
    /// The same.
    pub url: Url,
}

/// An API key, of which the file knows the hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// What rules and the log call it.
    pub name: String,
    /// SHA-256 of the key. A key has 256 random bits, so nobody can guess what this is the hash of.
    pub sha256: [u8; 32],
    /// What is granted to whoever has it.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires: Option<SystemTime>,
}

/// Access tokens of one authorization server (RFC 6750).
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// Who gives them (RFC 8414, section 2), as it is written.
    pub issuer: String,
    /// For whom they must be given, one of these at least (RFC 8707).
    pub audiences: Vec<String>,
    /// How a token is found to be good.
    pub check: TokenCheck,
    /// Scopes that every caller needs.
    pub required_scopes: Vec<String>,
    /// By how much clocks may differ.
    pub leeway: Duration,
}

/// How a token is found to be good.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenCheck {
    /// It is signed (RFC 9068).
    Signature {
        /// Where the keys are.
        keys: KeyPlace,
        /// Algorithms that are taken, asymmetric ones alone.
        algorithms: Vec<Algorithm>,
    },
    /// Its authorization server is asked (RFC 7662).
    Introspection(Box<Introspection>),
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// Its metadata says so (RFC 8414, OpenID Connect Discovery); the URL of the issuer.
    Discovered(Url),
    /// The operator says so.
    Url(Url),
}

/// Where to ask about tokens, and as whom.
#[derive(Clone, Debug)]
pub struct Introspection {
    /// The introspection endpoint.
    pub url: Url,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: SecretString,
    /// Whether both go into the body instead of the header.
    pub in_body: bool,
    /// How long an answer is used.
    pub ttl: Duration,
}

impl PartialEq for Introspection {
    fn eq(&self, other: &Self) -> bool {
        let parts = |one: &Self| (one.url.clone(), one.client_id.clone(), one.in_body, one.ttl);
        parts(self) == parts(other)
            && self.client_secret.expose_secret() == other.client_secret.expose_secret()
    }
}

/// What may be configured, and what is taken when nothing is: a public key cannot be mistaken for a shared secret
/// when no algorithm with shared secrets is known (RFC 8725, section 2.1).
pub const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// https, or http on this machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

#[cfg(test)]
mod tests;
