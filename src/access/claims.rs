//! What an issuer says of a token: whether it is for us, for now, and for whom it stands (RFC 7519, section 4.1; RFC
//! 9068, section 4; RFC 7662, section 2.2).

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::principal::Caller;
use super::refusal::Refusal;
use crate::config::server::access::Tokens;

/// What is said of a token.
#[derive(Debug)]
pub(super) struct Claims {
    /// All of it.
    pub(super) claims: Map<String, Value>,
    /// It is said to be an access token. Where nobody says, what is typical of other tokens is looked for.
    pub(super) is_access_token: bool,
}

/// What must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// In a token: it must say who made it, and when it ends.
    Token,
    /// In an answer of the issuer, who decides when it ends.
    Answer,
}

/// The marks of tokens that are made for something else, by claims and their values: of Keycloak and of Cognito.
const OTHER_KINDS: [(&str, &[&str]); 2] =
    [("typ", &["ID", "Refresh", "Offline", "Logout", "DPoP"]), ("token_use", &["id", "refresh"])];

impl Claims {
    /// Whether the token is for us, and for now.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`]
    pub(super) fn check(&self, expected: &Tokens, source: Source, now: SystemTime) -> Result<(), Refusal> {
        let refused = |reason| Err(Refusal::InvalidToken(reason));
        match self.claims.get("iss") {
            Some(issuer) if *issuer == expected.issuer => {}
            None if source == Source::Answer => {}
            _ => return refused("the token is of another issuer"),
        }
        if !self.is_for(&expected.audiences) {
            return refused("the token is for another audience");
        }
        let is_past = |time: f64, leeway: f64| time + leeway <= seconds(now);
        let leeway = expected.leeway.as_secs_f64();
        match self.time("exp")? {
            Some(expires) if is_past(expires, leeway) => return refused("the token has expired"),
            None if source == Source::Token => return refused("the token does not say when it expires"),
            _ => {}
        }
        if self.time("nbf")?.is_some_and(|begins| !is_past(begins, -leeway)) {
            return refused("the token is not good yet");
        }
        if self.is_other_kind() {
            return refused("the token is no access token");
        }
        if self.claims.contains_key("cnf") {
            // RFC 7800: whoever took it from its holder must not be able to use it, and nobody here can tell.
            return refused("the token is bound to a key of its holder, which is not supported");
        }
        Ok(())
    }

    /// Whom it stands for.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`] when it does not say.
    pub(super) fn into_caller(self, issuer: &str, scopes: Vec<String>) -> Result<Caller, Refusal> {
        let text = |name: &str| self.claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(subject) = text("sub") {
            return Ok(Caller::of_token(issuer, subject, scopes, self.claims.clone()));
        }
        match text("client_id").or_else(|| text("azp")) {
            Some(client) => Ok(Caller::of_client(issuer, client, scopes, self.claims.clone())),
            None => Err(Refusal::InvalidToken("the token does not say for whom it stands")),
        }
    }

    /// What was granted. Some servers write a list, or call it `scp`.
    pub(super) fn scopes(&self) -> Vec<String> {
        let granted = self.claims.get("scope").or_else(|| self.claims.get("scp"));
        let words = |text: &Value| -> Vec<String> {
            text.as_str().unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect()
        };
        match granted {
            Some(Value::Array(scopes)) => scopes.iter().flat_map(words).collect(),
            Some(scopes) => words(scopes),
            None => Vec::new(),
        }
    }

    /// How long it is still good; `None` when nobody says.
    pub(super) fn left(&self, now: SystemTime) -> Option<Duration> {
        let expires = self.time("exp").ok()??;
        Some(Duration::try_from_secs_f64((expires - seconds(now)).max(0.0)).unwrap_or(Duration::MAX))
    }

    /// One of several audiences is enough (RFC 9068, section 4).
    fn is_for(&self, audiences: &[String]) -> bool {
        let ours = |audience: &Value| {
            audience.as_str().is_some_and(|theirs| audiences.iter().any(|ours| is_same(ours, theirs)))
        };
        match self.claims.get("aud") {
            Some(Value::Array(theirs)) => theirs.iter().any(ours),
            Some(theirs) => ours(theirs),
            None => false,
        }
    }

    /// A `NumericDate`, in seconds.
    fn time(&self, name: &str) -> Result<Option<f64>, Refusal> {
        match self.claims.get(name) {
            None => Ok(None),
            Some(time) => match time.as_f64() {
                Some(seconds) if seconds.is_finite() => Ok(Some(seconds)),
                _ => Err(Refusal::InvalidToken("the token has a time that is no number")),
            },
        }
    }

    /// An ID token says something to a client about a login. One whose audience is the client is refused for that; where
    /// a client's name is also our audience, only this tells it from an access token.
    fn is_other_kind(&self) -> bool {
        if self.is_access_token {
            return false;
        }
        let has = |name: &str| self.claims.contains_key(name);
        let marked = |(name, values): &(&str, &[&str])| {
            self.claims.get(*name).and_then(Value::as_str).is_some_and(|value| values.contains(&value))
        };
        OTHER_KINDS.iter().any(marked)
            || has("at_hash")
            || has("c_hash")
            || has("events")
            || has("nonce") && !has("scope") && !has("scp")
    }
}

/// A URL with nothing but a host has a slash at its end for some libraries, and none for others.
fn is_same(ours: &str, theirs: &str) -> bool {
    ours.strip_suffix('/').unwrap_or(ours) == theirs.strip_suffix('/').unwrap_or(theirs)
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

#[cfg(test)]
mod tests;
