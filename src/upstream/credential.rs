//! Credentials put on requests: at the last moment, on each attempt anew, never on anything that is kept.
//!
//! ```text
//! CredentialSet ──Identity::new──► Identity ──Keeper::acquire──► Proof ──apply──► request
//!   of a tool      caller's headers   of a call     may wait              pure
//! ```
//!
//! A credential is whole or the call fails: nothing is sent half proven.

mod caller;
mod error;
mod partition;
mod proof;
mod set;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use crate::config::gateway::{Credential, NamedCredential};
use crate::openapi::operation::Location;
pub use caller::CallerHeaders;
pub use error::CredentialError;
pub use partition::Partition;
pub(crate) use proof::{Outgoing, Proof, Unsendable};
pub use set::{CredentialSet, Identity};

/// Keeps one credential of an upstream: knows what it is, and gets what it puts on requests.
#[derive(Debug)]
pub struct Keeper {
    named: NamedCredential,
}

impl Keeper {
    /// A credential that nothing has been asked of yet.
    #[must_use]
    pub fn new(named: NamedCredential) -> Self {
        Self { named }
    }

    /// Its name in the gateway file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.named.name
    }

    /// What it is.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.named.credential
    }

    /// Headers of a caller's request that it reads.
    pub(super) fn caller_headers(&self) -> &[HeaderName] {
        &[]
    }

    /// Whether the caller sent what it needs.
    #[expect(clippy::unused_self, reason = "no kind reads a caller's headers yet")]
    fn check_caller(&self, _: &CallerHeaders) -> Result<(), CredentialError> {
        Ok(())
    }

    /// What it puts on a request of this caller.
    ///
    /// # Errors
    /// Any [`CredentialError`]: nothing is sent then.
    #[expect(clippy::unused_async, reason = "kinds whose token comes from elsewhere wait for it")]
    pub(super) async fn acquire(&self, _: &CallerHeaders) -> Result<Proof, CredentialError> {
        proof(&self.named.credential).map_err(|unsendable| self.unsendable(unsendable))
    }

    pub(super) fn unsendable(&self, Unsendable(reason): Unsendable) -> CredentialError {
        CredentialError::Unsendable { name: self.named.name.clone(), reason }
    }
}

/// What a credential puts on requests.
pub(crate) fn proof(credential: &Credential) -> Result<Proof, Unsendable> {
    match credential {
        Credential::Bearer(token) => Proof::header(AUTHORIZATION, &["Bearer ", token.expose_secret()]),
        Credential::Basic { username, password } => {
            let pair = STANDARD.encode(basic_pair(username.expose(), password));
            Proof::header(AUTHORIZATION, &["Basic ", &pair])
        }
        Credential::ApiKey { location, name, value } => match location {
            Location::Query | Location::QueryString => {
                Ok(Proof::Query { name: name.clone(), value: value.clone() })
            }
            Location::Cookie => Ok(Proof::Cookie { name: name.clone(), value: value.clone() }),
            Location::Header | Location::Path => {
                let name = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| Unsendable("its name is no header name"))?;
                Proof::header(name, &[value.expose_secret()])
            }
        },
    }
}

/// Everything about a credential that must never be shown.
pub(super) fn secrets(credential: &Credential) -> Vec<String> {
    match credential {
        Credential::Bearer(secret) | Credential::ApiKey { value: secret, .. } => {
            vec![secret.expose_secret().to_owned()]
        }
        Credential::Basic { username, password } => {
            let mut secrets =
                vec![password.expose_secret().to_owned(), basic_pair(username.expose(), password)];
            secrets.extend(username.is_secret().then(|| username.expose().to_owned()));
            secrets
        }
    }
}

/// What Basic encodes: `user:password`.
fn basic_pair(username: &str, password: &SecretString) -> String {
    format!("{username}:{}", password.expose_secret())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use url::Url;

    use super::*;
    use crate::config::gateway::Text;

    fn key(location: Location, name: &str, value: &str) -> Credential {
        Credential::ApiKey { location, name: name.to_owned(), value: value.into() }
    }

    fn applied(
        credential: &Credential,
        url: &str,
        headers: &[(&'static str, &'static str)],
    ) -> (String, HeaderMap) {
        let mut url = Url::parse(url).unwrap();
        let mut headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let mut outgoing = Outgoing { url: &mut url, headers: &mut headers };
        proof(credential).unwrap().apply(&mut outgoing).unwrap();
        (url.into(), headers)
    }

    #[test]
    fn headers_are_sensitive_and_replace_what_the_caller_sent() {
        let (_, headers) = applied(
            &Credential::Bearer("abc".into()),
            "https://example.com/",
            &[("authorization", "Bearer x")],
        );
        assert_eq!(headers["authorization"], "Bearer abc");
        assert!(headers["authorization"].is_sensitive());
        assert_eq!(headers.get_all("authorization").iter().count(), 1);

        let (_, headers) =
            applied(&key(Location::Header, "X-Api-Key", "k"), "https://example.com/", &[("x-api-key", "x")]);
        assert_eq!(headers["x-api-key"], "k");
    }

    #[test]
    fn basic_is_encoded_as_rfc_7617_says() {
        let username = Text::Plain("Aladdin".to_owned());
        let credential = Credential::Basic { username, password: "open sesame".into() };
        let (_, headers) = applied(&credential, "https://example.com/", &[]);
        assert_eq!(headers["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a_key_in_the_query_replaces_its_namesakes_in_any_spelling() {
        let credential = key(Location::Query, "api key", "a&b=c d");
        let (url, _) = applied(&credential, "https://example.com/?q=1&api+key=x&api%20key=y&z", &[]);
        assert_eq!(url, "https://example.com/?q=1&z&api%20key=a%26b%3Dc%20d");
        let (url, _) = applied(&credential, "https://example.com/a", &[]);
        assert_eq!(url, "https://example.com/a?api%20key=a%26b%3Dc%20d");
    }

    #[test]
    fn a_key_in_a_cookie_joins_the_other_cookies() {
        let (_, headers) = applied(
            &key(Location::Cookie, "sid", "s"),
            "https://example.com/",
            &[("cookie", "a=1; sid=x; b=2")],
        );
        assert_eq!(headers["cookie"], "a=1; b=2; sid=s");
    }

    #[test]
    fn what_a_header_cannot_hold_is_not_sent() {
        assert!(proof(&Credential::Bearer("a\r\nX: y".into())).is_err());
    }
}
