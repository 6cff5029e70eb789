//! Tokens that a token endpoint gives (RFC 6749), and what they are asked for with.

use std::time::Duration;

use http::HeaderName;
use serde_json::{Map, Value};
use url::Url;

use super::Secret;

/// Where tokens come from, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// The token endpoint, in the operator's own words: it may be a private address.
    pub token_url: Url,
    /// What is asked for.
    pub grant: Grant,
    /// How we prove to the token endpoint who asks.
    pub client: ClientAuthentication,
    /// Scopes asked for (RFC 6749, section 3.3).
    pub scopes: Vec<String>,
    /// More parameters of the token request: `audience`, `resource` …
    pub parameters: Vec<(String, Secret)>,
}

/// What a token is given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// That we are who we are (RFC 6749, section 4.4).
    ClientCredentials,
    /// A refresh token (RFC 6749, section 6).
    RefreshToken(Secret),
    /// A signed statement (RFC 7523, section 2.1).
    JwtBearer(Box<Assertion>),
    /// A token of the caller (RFC 8693).
    TokenExchange {
        /// The header of the caller's request that holds it, with or without `Bearer` before it.
        header: HeaderName,
        /// What it is: `urn:ietf:params:oauth:token-type:access_token`.
        token_type: String,
    },
}

/// How the client proves itself to the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// Not at all; a public client says its name.
    None {
        /// `client_id`
        client_id: Option<String>,
    },
    /// In `Authorization` (RFC 6749, section 2.3.1).
    Basic {
        /// `client_id`
        client_id: String,
        /// `client_secret`
        secret: Secret,
    },
    /// In the body of the token request.
    Body {
        /// `client_id`
        client_id: String,
        /// `client_secret`
        secret: Secret,
    },
    /// With a signed statement (RFC 7523, section 2.2).
    PrivateKeyJwt {
        /// `client_id`
        client_id: String,
        /// The statement.
        assertion: Box<Assertion>,
    },
}

/// A statement that is signed anew for each token request (RFC 7523, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// What it is signed with.
    pub key: AssertionKey,
    /// `kid` of its header.
    pub key_id: Option<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`; the token endpoint when nothing else is said.
    pub audience: Option<String>,
    /// More claims.
    pub claims: Map<String, Value>,
    /// How long it is good for: `exp` − `iat`.
    pub lifetime: Duration,
}

/// A key and the algorithm that it is used with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionKey {
    /// A private key in PEM, or a secret for `HS…`.
    pub key: Secret,
    /// JWS algorithm (RFC 7518, section 3.1).
    pub algorithm: jsonwebtoken::Algorithm,
}

impl OAuth2 {
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        let mut secrets: Vec<&Secret> = self.parameters.iter().map(|(_, value)| value).collect();
        match &self.grant {
            Grant::RefreshToken(token) => secrets.push(token),
            Grant::JwtBearer(assertion) => secrets.push(&assertion.key.key),
            Grant::ClientCredentials | Grant::TokenExchange { .. } => {}
        }
        match &self.client {
            ClientAuthentication::None { .. } => {}
            ClientAuthentication::Basic { secret, .. } | ClientAuthentication::Body { secret, .. } => {
                secrets.push(secret);
            }
            ClientAuthentication::PrivateKeyJwt { assertion, .. } => secrets.push(&assertion.key.key),
        }
        secrets
    }
}

impl Grant {
    /// `grant_type` of the token request.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken(_) => "refresh_token",
            Self::JwtBearer(_) => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::TokenExchange { .. } => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }
}
