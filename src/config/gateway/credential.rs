//! What a credential means, whatever kind it is. No secret in it can be printed.

mod oauth2;
mod secret;
mod signature;

use http::HeaderName;

use super::Text;
use crate::openapi::operation::Location;
pub use oauth2::{Assertion, AssertionKey, ClientAuthentication, Grant, OAuth2};
pub use secret::{Command, Secret, SecretPiece};
pub use signature::{BodyHash, Digest, Encoding, Hmac, KeyEncoding, Part, Stamp, StampFormat};

/// A credential and the name by which it is spoken of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCredential {
    /// Its name; `default` for the single `credential:` of a file.
    pub name: String,
    /// What it is.
    pub credential: Credential,
}

/// How a request proves who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(Secret),
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// User name, without a colon.
        username: Text,
        /// Password.
        password: Secret,
    },
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// `Header`, `Query` or `Cookie`.
        location: Location,
        /// Name of the header, parameter or cookie.
        name: String,
        /// The key.
        value: Secret,
    },
    /// A bearer token that a token endpoint gives (RFC 6749).
    OAuth2(Box<OAuth2>),
    /// Headers of the caller's own request, as they came.
    PassThrough(Vec<HeaderName>),
    /// A certificate of the client, in the TLS handshake (RFC 8446, section 4.4.2).
    Mtls(Box<Mtls>),
    /// AWS Signature Version 4.
    SigV4(Box<SigV4>),
    /// A keyed hash over parts of the request.
    Hmac(Box<Hmac>),
}

/// A client certificate, PEM throughout (RFC 7468).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mtls {
    /// The certificate, and those between it and the one that the API trusts.
    pub certificate: Secret,
    /// Its private key.
    pub key: Secret,
    /// Who may have signed the API's own certificate, instead of those that the system trusts.
    pub ca: Option<Secret>,
}

/// Keys of AWS, and what they sign for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigV4 {
    /// Access key id.
    pub access_key_id: Secret,
    /// Secret access key.
    pub secret_access_key: Secret,
    /// Session token, of temporary keys.
    pub session_token: Option<Secret>,
    /// `eu-central-1`
    pub region: String,
    /// `execute-api`, `s3` …
    pub service: String,
}

impl Credential {
    /// Whether it is sent as the parameter of this place and name: nobody else may then set that one.
    #[must_use]
    pub fn writes(&self, location: Location, name: &str) -> bool {
        let is_it = |header: &str| name.eq_ignore_ascii_case(header);
        if let Self::ApiKey { location: place @ (Location::Query | Location::Cookie), name: key, .. } = self {
            return *place == location && key == name;
        }
        location == Location::Header && self.headers().any(is_it)
    }

    /// Names of the headers that it sets.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        const AWS: [&str; 4] =
            ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
        let fixed: &'static [&'static str] = match self {
            Self::Bearer(_) | Self::Basic { .. } | Self::OAuth2(_) => AWS.get(..1).unwrap_or_default(),
            Self::SigV4(_) => &AWS,
            _ => &[],
        };
        let key = match self {
            Self::ApiKey { location: Location::Header, name, .. } => Some(name.as_str()),
            _ => None,
        };
        let passed: &[HeaderName] = match self {
            Self::PassThrough(headers) => headers,
            _ => &[],
        };
        let signed = match self {
            Self::Hmac(hmac) => Some(hmac.headers()),
            _ => None,
        };
        let named = passed.iter().map(HeaderName::as_str).chain(signed.into_iter().flatten());
        fixed.iter().copied().chain(key).chain(named)
    }

    /// Whether it is sent in `Authorization` in this scheme of HTTP (RFC 9110, section 11.1), in lower case.
    #[must_use]
    pub fn speaks(&self, scheme: &str) -> bool {
        match self {
            Self::Bearer(_) | Self::OAuth2(_) => scheme == "bearer",
            Self::Basic { .. } => scheme == "basic",
            Self::Mtls(_) | Self::SigV4(_) => false,
            // The author, or the caller, writes the scheme before the value.
            Self::ApiKey { .. } | Self::PassThrough(_) | Self::Hmac(_) => {
                self.writes(Location::Header, "authorization")
            }
        }
    }

    /// Whether it belongs to the connection, and not to a request.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        matches!(self, Self::Mtls(_))
    }

    /// The headers of a caller's request that it is made of.
    #[must_use]
    pub fn caller_headers(&self) -> &[HeaderName] {
        match self {
            Self::PassThrough(headers) => headers,
            Self::OAuth2(oauth2) => match &oauth2.grant {
                Grant::TokenExchange { header, .. } => std::slice::from_ref(header),
                _ => &[],
            },
            _ => &[],
        }
    }

    /// What people call it: its key in the gateway file.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bearer(_) => "bearer",
            Self::Basic { .. } => "basic",
            Self::ApiKey { .. } => "api_key",
            Self::OAuth2(_) => "oauth2",
            Self::PassThrough(_) => "pass_through",
            Self::Mtls(_) => "mtls",
            Self::SigV4(_) => "sigv4",
            Self::Hmac(_) => "hmac",
        }
    }

    /// Every secret that it holds.
    #[must_use]
    pub fn secrets(&self) -> Vec<&Secret> {
        match self {
            Self::Bearer(secret)
            | Self::Basic { password: secret, .. }
            | Self::ApiKey { value: secret, .. } => vec![secret],
            Self::OAuth2(oauth2) => oauth2.secrets(),
            Self::PassThrough(_) => Vec::new(),
            // Certificates are public, and known to whoever sees the handshake.
            Self::Mtls(mtls) => vec![&mtls.key],
            Self::SigV4(keys) => [&keys.access_key_id, &keys.secret_access_key]
                .into_iter()
                .chain(&keys.session_token)
                .collect(),
            Self::Hmac(hmac) => vec![&hmac.key],
        }
    }
}
