//! Lets callers in, or says why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::HeaderMap;

use super::challenge::{Challenges, Refused};
use super::keys;
use super::metadata::Metadata;
use super::presented::{self, Presented, presented};
use super::principal::{Caller, Principal};
use super::refusal::Refusal;
use super::tokens::Tokens;
use crate::config::server::access::{Access, ApiKey};
use crate::net::Clients;

/// Asks every caller who he is. One for a process: what it asks for can be changed while it does.
#[derive(Debug)]
pub struct Gatekeeper {
    rules: ArcSwap<Rules>,
    clients: Clients,
}

/// What is asked for, and what is known of the issuer.
#[derive(Debug)]
struct Rules {
    keys: Vec<ApiKey>,
    tokens: Option<Arc<Tokens>>,
    implied_scopes: BTreeMap<String, Vec<String>>,
    challenges: Challenges,
    metadata: Option<Metadata>,
}

impl Gatekeeper {
    /// One for this configuration. Nothing is fetched before the first token comes.
    #[must_use]
    pub fn new(access: Access, clients: &Clients) -> Self {
        let rules = Rules::new(access, None, clients);
        Self { rules: ArcSwap::from_pointee(rules), clients: clients.clone() }
    }

    /// Keeps to another configuration from the next request on. The keys of an issuer about whom nothing changed stay
    /// known.
    pub fn replace(&self, access: Access) {
        let rules = Rules::new(access, Some(&self.rules.load()), &self.clients);
        self.rules.store(Arc::new(rules));
    }

    /// Who sends a request with these headers.
    ///
    /// # Errors
    /// [`Refused`] for whoever has not shown who he is, or may not be here at all.
    pub async fn admit(&self, headers: &HeaderMap) -> Result<Principal, Refused> {
        let rules = self.rules.load_full();
        let caller = rules.caller(headers).await;
        caller.map(|caller| Principal::Caller(Arc::new(caller))).map_err(|refusal| {
            tracing::debug!(%refusal, "let a caller not in");
            rules.challenges.refused(refusal)
        })
    }

    /// The refusal of a caller who lacks scopes for what he asks for: all that are needed, so that he has to log in once
    /// more and not twice.
    #[must_use]
    pub fn insufficient_scope<'s>(&self, needed: impl IntoIterator<Item = &'s str>) -> Refused {
        let rules = self.rules.load();
        let mut required = rules.challenges.scopes.clone();
        for scope in needed {
            if !required.iter().any(|known| known == scope) {
                required.push(scope.to_owned());
            }
        }
        rules.challenges.refused(Refusal::InsufficientScope { required })
    }

    /// The document at this path, for whoever asks: where to log in.
    #[must_use]
    pub fn metadata(&self, path: &str) -> Option<Bytes> {
        self.rules.load().metadata.as_ref()?.at(path).cloned()
    }
}

impl Rules {
    fn new(access: Access, before: Option<&Self>, clients: &Clients) -> Self {
        let metadata = Metadata::of(&access);
        let scopes = access.tokens.as_ref().map(|tokens| tokens.required_scopes.clone());
        let metadata_url = metadata.as_ref().map(|metadata| metadata.url.clone());
        let known = before.and_then(|before| before.tokens.as_ref());
        let tokens = access.tokens.map(|tokens| match known {
            Some(known) if known.expected == tokens => Arc::clone(known),
            _ => Arc::new(Tokens::new(tokens, clients)),
        });
        Self {
            keys: access.keys,
            tokens,
            implied_scopes: access.implied_scopes,
            challenges: Challenges { metadata_url, scopes: scopes.unwrap_or_default() },
            metadata,
        }
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        match presented(headers, !self.keys.is_empty())? {
            Presented::Nothing => Err(Refusal::NothingShown),
            Presented::ApiKey(shown) => match keys::find(&self.keys, shown)? {
                Some(key) => Ok(self.of_key(key).shown_in(presented::API_KEY.clone())),
                None => Err(Refusal::InvalidToken("the key is not known")),
            },
            Presented::Bearer(shown) => match (keys::find(&self.keys, shown)?, &self.tokens) {
                (Some(key), _) => Ok(self.of_key(key)),
                (None, Some(tokens)) => self.of_token(tokens, shown).await,
                (None, None) => Err(Refusal::InvalidToken("the key is not known")),
            },
        }
    }

    fn of_key(&self, key: &ApiKey) -> Caller {
        Caller::of_key(&key.name, self.with_implied(key.scopes.clone()))
    }

    async fn of_token(&self, tokens: &Tokens, token: &str) -> Result<Caller, Refusal> {
        let claims = tokens.claims(token).await?;
        let scopes = self.with_implied(claims.scopes());
        let caller = claims.into_caller(&tokens.expected.issuer, scopes)?;
        let required = &tokens.expected.required_scopes;
        if !required.iter().all(|scope| caller.has_scope(scope)) {
            return Err(Refusal::InsufficientScope { required: required.clone() });
        }
        Ok(caller)
    }

    /// The scopes, and those that come with them.
    fn with_implied(&self, mut scopes: Vec<String>) -> Vec<String> {
        let mut at = 0;
        while let Some(scope) = scopes.get(at) {
            let implied = self.implied_scopes.get(scope).into_iter().flatten();
            let new: Vec<String> = implied.filter(|scope| !scopes.contains(scope)).cloned().collect();
            scopes.extend(new);
            at += 1;
        }
        scopes
    }
}

#[cfg(test)]
mod tests;
