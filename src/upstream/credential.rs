//! Credentials put on requests: at the last moment, on each attempt anew, never on anything that is kept.
//!
//! ```text
//! CredentialSet ──Identity::new──► Identity ──Keeper::acquire──► Proof ──apply──► request
//!   of a tool      caller's headers   of a call     may wait              pure
//! ```
//!
//! A credential is whole or the call fails: nothing is sent half proven.

mod caller;
pub(crate) mod error;
mod hmac;
mod mtls;
mod oauth2;
mod partition;
mod proof;
mod proven;
mod set;
#[cfg(feature = "sigv4")]
mod sigv4;
mod values;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::config::gateway::{Credential, NamedCredential, Secret, Text};
use crate::net::{Clients, Policy};
use crate::openapi::operation::Location;
use crate::telemetry::Redactor;
pub use caller::CallerHeaders;
pub use error::{CredentialError, CredentialFault};
use hmac::Signer;
use mtls::Connections;
use oauth2::Tokens;
pub use partition::Partition;
pub(crate) use proof::{Outgoing, Proof, Unsendable};
pub(crate) use proven::Proven;
pub use set::{CredentialSet, Identity};
use values::Values;

/// Keeps one credential of an upstream: knows what it is, and gets what it puts on requests.
#[derive(Debug)]
pub struct Keeper {
    named: NamedCredential,
    /// The headers of a credential that stays as it is: nothing has to be waited for, or written again for each request.
    fixed: Option<Vec<(HeaderName, HeaderValue)>>,
    values: Arc<Values>,
    /// Of a credential whose token comes from a token endpoint.
    tokens: Option<Tokens>,
    /// Of a client certificate.
    connections: Connections,
}

/// What a credential puts on one request, and where it came from.
pub(crate) struct Acquired {
    /// What it puts there.
    pub(crate) proof: Proof,
    /// Which token of its token endpoint it is.
    generation: u64,
}

impl Keeper {
    /// A credential that nothing has been asked of yet. What it learns of secrets it tells `redactor`.
    #[must_use]
    pub fn new(named: NamedCredential, redactor: Arc<Redactor>, clients: &Clients) -> Self {
        let values = Arc::new(Values::new(redactor));
        let tokens = match &named.credential {
            Credential::OAuth2(oauth2) => {
                Some(Tokens::new(&named.name, oauth2, Arc::clone(&values), clients))
            }
            _ => None,
        };
        let fixed = fixed(&named.credential);
        Self { named, fixed, values, tokens, connections: Connections::default() }
    }

    /// Its name in the gateway file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.named.name
    }

    /// Whether it keeps the same credential as another one.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.named == other.named
    }

    /// What it is.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.named.credential
    }

    /// Headers of a caller's request that it reads.
    fn caller_headers(&self) -> &[HeaderName] {
        self.named.credential.caller_headers()
    }

    /// Whether the caller sent what it needs, and may.
    fn check_caller(&self, caller: &CallerHeaders) -> Result<(), CredentialError> {
        let is_passed_on = matches!(self.named.credential, Credential::PassThrough(_));
        let is_ours = |name: &HeaderName| {
            if is_passed_on { caller.is_ours(name) } else { caller.is_our_key(name) }
        };
        if let Some(header) = self.caller_headers().iter().find(|name| is_ours(name)) {
            let reason = CredentialFault::OursAlone { header: header.clone() };
            return Err(CredentialError { name: self.named.name.clone(), reason });
        }
        match self.caller_headers().iter().find(|name| caller.value(name).is_none()) {
            Some(header) => Err(no_caller_header(self.name(), header)),
            None => Ok(()),
        }
    }

    /// What it puts on a request of this caller to an address of this policy. It may wait for a token endpoint or a
    /// command.
    ///
    /// # Errors
    /// Any [`CredentialError`]: nothing is sent then.
    pub(crate) async fn acquire(
        &self,
        caller: &CallerHeaders,
        policy: Policy,
    ) -> Result<Acquired, CredentialError> {
        match &self.fixed {
            Some(headers) => Ok(Acquired { proof: Proof::Headers(headers.clone()), generation: 0 }),
            // Boxed: what may wait for a command or a token endpoint is large, and is moved.
            None => Box::pin(self.acquire_now(caller, policy)).await,
        }
    }

    async fn acquire_now(&self, caller: &CallerHeaders, policy: Policy) -> Result<Acquired, CredentialError> {
        if let Some(tokens) = &self.tokens {
            let given = tokens.token(caller).await?;
            let proof = Proof::header(AUTHORIZATION, &["Bearer ", given.token.expose_secret()]);
            let proof = proof.map_err(|unsendable| self.unsendable(unsendable))?;
            return Ok(Acquired { proof, generation: given.generation });
        }
        let proof = self.proof(caller, policy).await;
        let proof = proof.map_err(|reason| CredentialError { name: self.named.name.clone(), reason })?;
        Ok(Acquired { proof, generation: 0 })
    }

    /// The API answered 401 to what was acquired. Whether another try may go better.
    pub(crate) fn reject(&self, caller: &CallerHeaders, acquired: &Acquired) -> bool {
        match &self.tokens {
            Some(tokens) => tokens.reject(caller, acquired.generation),
            None => self.values.forget_commands(),
        }
    }

    async fn proof(&self, caller: &CallerHeaders, policy: Policy) -> Result<Proof, CredentialFault> {
        let proof = match &self.named.credential {
            Credential::Bearer(token) => bearer(&self.expose(token).await?),
            Credential::Basic { username, password } => {
                let password = self.expose(password).await?;
                self.values.redactor().learn(&basic_pair(username, &password));
                basic(username, &password)
            }
            Credential::ApiKey { location, name, value } => {
                api_key(*location, name, self.expose(value).await?)
            }
            Credential::PassThrough(names) => Ok(passed(names, caller)),
            Credential::Hmac(hmac) => Signer::new(hmac, self.expose(&hmac.key).await?.expose_secret())
                .map(|signer| Proof::Hmac(Box::new(signer))),
            Credential::Mtls(mtls) => {
                return self.connections.client(mtls, policy, &self.values).await.map(Proof::Connection);
            }
            Credential::SigV4(keys) => return self.aws(keys).await,
            Credential::OAuth2(_) => Err(Unsendable("it has no token endpoint")),
        };
        proof.map_err(|Unsendable(reason)| CredentialFault::Unsendable(reason))
    }

    #[cfg(feature = "sigv4")]
    async fn aws(&self, keys: &crate::config::gateway::SigV4) -> Result<Proof, CredentialFault> {
        let session_token = match &keys.session_token {
            Some(token) => Some(self.expose(token).await?),
            None => None,
        };
        Ok(Proof::SigV4(sigv4::Keys {
            access_key_id: self.expose(&keys.access_key_id).await?,
            secret_access_key: self.expose(&keys.secret_access_key).await?,
            session_token,
            region: keys.region.clone(),
            service: keys.service.clone(),
        }))
    }

    #[cfg(not(feature = "sigv4"))]
    #[expect(clippy::unused_async, reason = "it waits when it is built with the feature `sigv4`")]
    async fn aws(&self, _: &crate::config::gateway::SigV4) -> Result<Proof, CredentialFault> {
        Err(CredentialFault::Unsendable("this toolgate was built without `sigv4`"))
    }

    async fn expose(&self, secret: &Secret) -> Result<SecretString, CredentialFault> {
        self.values.expose(secret).await
    }

    pub(crate) fn unsendable(&self, Unsendable(reason): Unsendable) -> CredentialError {
        CredentialError { name: self.named.name.clone(), reason: CredentialFault::Unsendable(reason) }
    }
}

/// What a credential would put on a request, every secret of it `***`; nothing for what is no part of a request.
pub(crate) fn shown(credential: &Credential) -> Option<Proof> {
    let blank = || SecretString::from(BLANK);
    let headers = |values: &[(&str, &'static str)]| {
        let pairs = values.iter().filter_map(|(name, value)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_static(value)))
        });
        Proof::Headers(pairs.collect())
    };
    match credential {
        Credential::Bearer(_) | Credential::OAuth2(_) => Some(headers(&[("authorization", "Bearer ***")])),
        Credential::Basic { .. } => Some(headers(&[("authorization", "Basic ***")])),
        Credential::ApiKey { location, name, .. } => api_key(*location, name, blank()).ok(),
        Credential::SigV4(keys) => {
            let mut values = vec![("authorization", "AWS4-HMAC-SHA256 ***"), ("x-amz-date", BLANK)];
            values.extend(keys.session_token.is_some().then_some(("x-amz-security-token", BLANK)));
            Some(headers(&values))
        }
        Credential::PassThrough(_) | Credential::Hmac(_) => {
            Some(headers(&credential.headers().map(|name| (name, BLANK)).collect::<Vec<_>>()))
        }
        Credential::Mtls(_) => None,
    }
}

/// What stands for a secret that is shown.
const BLANK: &str = "***";

fn no_caller_header(name: &str, header: &HeaderName) -> CredentialError {
    let reason = CredentialFault::NoCallerHeader { header: header.clone() };
    CredentialError { name: name.to_owned(), reason }
}

fn bearer(token: &SecretString) -> Result<Proof, Unsendable> {
    Proof::header(AUTHORIZATION, &["Bearer ", token.expose_secret()])
}

fn basic(username: &Text, password: &SecretString) -> Result<Proof, Unsendable> {
    Proof::header(AUTHORIZATION, &["Basic ", &STANDARD.encode(basic_pair(username, password))])
}

/// The headers of a credential whose value is known once and for all. One that cannot be sent is told when it is asked
/// for.
fn fixed(credential: &Credential) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let proof = match credential {
        Credential::Bearer(token) => bearer(token.fixed()?),
        Credential::Basic { username, password } => basic(username, password.fixed()?),
        Credential::ApiKey { location, name, value } => api_key(*location, name, value.fixed()?.clone()),
        _ => return None,
    };
    match proof {
        Ok(Proof::Headers(headers)) => Some(headers),
        _ => None,
    }
}

fn api_key(location: Location, name: &str, value: SecretString) -> Result<Proof, Unsendable> {
    match location {
        Location::Query | Location::QueryString => Ok(Proof::Query { name: name.to_owned(), value }),
        Location::Cookie => Ok(Proof::Cookie { name: name.to_owned(), value }),
        Location::Header | Location::Path => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Unsendable("its name is no header name"))?;
            Proof::header(name, &[value.expose_secret()])
        }
    }
}

/// The caller's own headers.
fn passed(names: &[HeaderName], caller: &CallerHeaders) -> Proof {
    let names = names.iter().filter(|name| !caller.is_ours(name));
    let values = names.filter_map(|name| Some((name.clone(), caller.value(name)?.clone())));
    Proof::Headers(values.collect())
}

/// Everything about a credential that must never be shown, as far as it is known before it is used.
pub(super) fn secrets(credential: &Credential) -> Vec<String> {
    let fixed = credential.secrets().into_iter().filter_map(Secret::fixed);
    let mut secrets: Vec<String> = fixed.map(|secret| secret.expose_secret().to_owned()).collect();
    if let Credential::Basic { username, password } = credential {
        secrets.extend(password.fixed().map(|password| basic_pair(username, password)));
        secrets.extend(username.is_secret().then(|| username.expose().to_owned()));
    }
    secrets
}

/// What Basic encodes: `user:password`.
fn basic_pair(username: &Text, password: &SecretString) -> String {
    format!("{}:{}", username.expose(), password.expose_secret())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::FutureExt as _;
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;

    fn keeper(credential: &Credential) -> Keeper {
        let named = NamedCredential { name: "a".to_owned(), credential: credential.clone() };
        Keeper::new(named, Arc::default(), &Clients::default())
    }

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
        let mut outgoing = Outgoing {
            method: &Method::GET,
            url: &mut url,
            headers: &mut headers,
            body: &Bytes::new(),
            now: crate::clock::wall(),
        };
        let proof = keeper(credential).proof(&CallerHeaders::default(), Policy::Any).now_or_never();
        proof.unwrap().unwrap().apply(&mut outgoing).unwrap();
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
        let bearer = keeper(&Credential::Bearer("a\r\nX: y".into()));
        assert!(bearer.proof(&CallerHeaders::default(), Policy::Any).now_or_never().unwrap().is_err());
    }
}
