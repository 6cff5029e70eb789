//! Tokens of a token endpoint: asked for once for all who wait, kept until shortly before they expire.
//!
//! Where a token is made of the caller's own (token exchange), each caller has one of its own, found again by a
//! [`Partition`] of the caller's token and never by that token itself.

mod assertion;
mod cell;
mod endpoint;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};

use super::error::CredentialError;
use super::values::Values;
use super::{CallerHeaders, Partition};
use crate::config::gateway::{Grant, OAuth2};
use crate::net::Clients;
use cell::{Cell, Token};
use endpoint::{Endpoint, Request};

/// How many callers' tokens are kept.
const CALLERS: u64 = 10_000;
/// How long a caller's token is kept after it was last used.
const IDLE: Duration = Duration::from_secs(3600);

/// The tokens of one credential.
#[derive(Debug)]
pub(super) struct Tokens {
    source: Arc<TokenSource>,
    own: Arc<Cell>,
    of_callers: Cache<Partition, Arc<Cell>>,
}

/// Asks for tokens.
#[derive(Debug)]
struct TokenSource {
    name: String,
    oauth2: OAuth2,
    values: Arc<Values>,
    endpoint: Endpoint,
    /// The refresh token that came with the last token, when one did (RFC 6749, section 6).
    rotated: Mutex<Option<SecretString>>,
}

/// A token as a call uses it.
pub(super) struct Given {
    /// The token.
    pub(super) token: SecretString,
    /// Which one of its cell it is: see [`Tokens::reject`].
    pub(super) generation: u64,
}

impl Tokens {
    pub(super) fn new(name: &str, oauth2: &OAuth2, values: Arc<Values>, clients: &Clients) -> Self {
        let source = TokenSource {
            name: name.to_owned(),
            endpoint: Endpoint::new(&oauth2.token_url, clients),
            oauth2: oauth2.clone(),
            values,
            rotated: Mutex::default(),
        };
        let of_callers = Cache::builder().max_capacity(CALLERS).time_to_idle(IDLE).build();
        Self { source: Arc::new(source), own: Arc::default(), of_callers }
    }

    /// A token for this caller.
    ///
    /// # Errors
    /// [`CredentialError`] when the token endpoint gives none.
    pub(super) async fn token(&self, caller: &CallerHeaders) -> Result<Given, CredentialError> {
        let subject = self.source.subject(caller)?;
        let cell = self.cell(subject.as_ref());
        let source = Arc::clone(&self.source);
        let token = cell.token(move || async move { source.ask(subject).await }.boxed()).await?;
        Ok(Given { token: token.text.clone(), generation: token.generation })
    }

    /// The API refused this token. Whether another try may go better.
    pub(super) fn reject(&self, caller: &CallerHeaders, generation: u64) -> bool {
        match self.source.subject(caller) {
            Ok(subject) => self.cell(subject.as_ref()).reject(generation),
            Err(_) => false,
        }
    }

    fn cell(&self, subject: Option<&SecretString>) -> Arc<Cell> {
        match subject {
            Some(subject) => {
                let partition = Partition::of([subject.expose_secret().as_bytes()]);
                self.of_callers.get_with(partition, Arc::default)
            }
            None => Arc::clone(&self.own),
        }
    }
}

impl TokenSource {
    /// The caller's own token, where one is exchanged.
    fn subject(&self, caller: &CallerHeaders) -> Result<Option<SecretString>, CredentialError> {
        let Grant::TokenExchange { header, .. } = &self.oauth2.grant else { return Ok(None) };
        let value = caller.value(header).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = match value.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => {
                value.get(7..).unwrap_or_default().trim()
            }
            _ => value.trim(),
        };
        if token.is_empty() {
            return Err(super::no_caller_header(&self.name, header));
        }
        Ok(Some(token.into()))
    }

    /// Asks the token endpoint.
    async fn ask(&self, subject: Option<SecretString>) -> Result<Token, CredentialError> {
        let request = Request { oauth2: &self.oauth2, subject: subject.as_ref(), rotated: self.rotated() };
        let rotated = request.rotated.is_some();
        let answer = self.endpoint.ask(&request, &self.values).await;
        match answer {
            Ok(answer) => {
                // A caller's token is blanked where the caller's answers come in; see `Redactor`.
                if subject.is_none() {
                    self.values.redactor().learn(answer.token.text.expose_secret());
                }
                if let (Some(refresh), Grant::RefreshToken(_)) = (answer.refresh_token, &self.oauth2.grant) {
                    self.values.redactor().learn(refresh.expose_secret());
                    self.set_rotated(Some(refresh));
                }
                Ok(answer.token)
            }
            Err(reason) => {
                // The one that the operator wrote may be newer than the one that was given.
                if rotated && !matches!(reason, super::error::CredentialFault::TokenUnreachable { .. }) {
                    self.set_rotated(None);
                }
                Err(CredentialError { name: self.name.clone(), reason })
            }
        }
    }

    fn rotated(&self) -> Option<SecretString> {
        self.rotated.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_rotated(&self, token: Option<SecretString>) {
        *self.rotated.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}
