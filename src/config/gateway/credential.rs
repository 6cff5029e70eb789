//! What a credential means, whatever kind it is. No secret in it can be printed.

use secrecy::SecretString;

use super::Text;
use crate::openapi::operation::Location;

/// A credential and the name by which it is spoken of.
#[derive(Clone, Debug)]
pub struct NamedCredential {
    /// Its name; `default` for the single `credential:` of a file.
    pub name: String,
    /// What it is.
    pub credential: Credential,
}

/// How a request proves who sends it. The secrets in it cannot be printed.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(SecretString),
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// User name, without a colon.
        username: Text,
        /// Password.
        password: SecretString,
    },
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// `Header`, `Query` or `Cookie`.
        location: Location,
        /// Name of the header, parameter or cookie.
        name: String,
        /// The key.
        value: SecretString,
    },
}

impl Credential {
    /// Whether it is sent as the parameter of this place and name: nobody else may then set that one.
    #[must_use]
    pub fn writes(&self, location: Location, name: &str) -> bool {
        let in_header = |header: &str| location == Location::Header && name.eq_ignore_ascii_case(header);
        match self {
            Self::Bearer(_) | Self::Basic { .. } => in_header("authorization"),
            Self::ApiKey { location: Location::Header, name: key, .. } => in_header(key),
            Self::ApiKey { location: place, name: key, .. } => *place == location && key == name,
        }
    }

    /// Whether it is sent in `Authorization` in this scheme of HTTP (RFC 9110, section 11.1), in lower case.
    #[must_use]
    pub fn speaks(&self, scheme: &str) -> bool {
        match self {
            Self::Bearer(_) => scheme == "bearer",
            Self::Basic { .. } => scheme == "basic",
            // The author writes the scheme before the key.
            Self::ApiKey { .. } => self.writes(Location::Header, "authorization"),
        }
    }

    /// Whether it belongs to the connection, and not to a request.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        false
    }

    /// What people call it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bearer(_) => "bearer",
            Self::Basic { .. } => "basic",
            Self::ApiKey { .. } => "api_key",
        }
    }
}
