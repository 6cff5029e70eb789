//! Access tokens: from a text to whom it stands for.

use std::sync::Arc;

use super::claims::{Claims, Source};
use super::introspection::Introspector;
use super::jwt::Jwt;
use super::key_set::Wanted;
use super::key_source::{KeySource, NoKey};
use super::refusal::Refusal;
use crate::clock;
use crate::config::server::access::{self, TokenCheck};
use crate::net::Clients;
use jsonwebtoken::Algorithm;

/// Tells good tokens of one issuer.
#[derive(Debug)]
pub(super) struct Tokens {
    /// What they must say.
    pub(super) expected: access::Tokens,
    check: Check,
}

#[derive(Debug)]
enum Check {
    Signature { keys: Arc<KeySource>, algorithms: Vec<Algorithm> },
    Introspection(Box<Introspector>),
}

impl Tokens {
    /// What is configured, with nothing fetched yet.
    pub(super) fn new(expected: access::Tokens, clients: &Clients) -> Self {
        let check = match expected.check.clone() {
            TokenCheck::Signature { keys, algorithms } => Check::Signature {
                keys: Arc::new(KeySource::new(&expected.issuer, keys, clients)),
                algorithms,
            },
            TokenCheck::Introspection(introspection) => {
                Check::Introspection(Box::new(Introspector::new(*introspection, clients)))
            }
        };
        Self { expected, check }
    }

    /// What is said of a token that is good for us, by somebody who may say it.
    ///
    /// # Errors
    /// [`Refusal`]
    pub(super) async fn claims(&self, token: &str) -> Result<Claims, Refusal> {
        match &self.check {
            Check::Signature { keys, algorithms } => self.signed(token, keys, algorithms).await,
            Check::Introspection(introspector) => {
                let claims = Box::pin(introspector.claims(token)).await?;
                claims.check(&self.expected, Source::Answer, clock::wall())?;
                Ok(claims)
            }
        }
    }

    /// What it says is looked at first, without being believed: a token that would not do anyway makes nobody fetch
    /// keys or check signatures.
    async fn signed(
        &self,
        token: &str,
        keys: &Arc<KeySource>,
        algorithms: &[Algorithm],
    ) -> Result<Claims, Refusal> {
        let mut jwt = Jwt::parse(token, algorithms)?;
        let claims = Claims { claims: std::mem::take(&mut jwt.claims), is_access_token: jwt.is_access_token };
        claims.check(&self.expected, Source::Token, clock::wall())?;
        let wanted = Wanted { id: jwt.key_id.as_deref(), algorithm: jwt.algorithm };
        let key = keys.key(wanted).await.map_err(|none| match none {
            NoKey::Unknown => Refusal::InvalidToken("the token is signed with an unknown key"),
            NoKey::Unavailable => Refusal::Unavailable,
        })?;
        if !jwt.is_signed_by(&key) {
            return Err(Refusal::InvalidToken("the signature of the token is wrong"));
        }
        Ok(claims)
    }
}
