//! Asks the authorization server what it says of a token (RFC 7662).
//!
//! Its answers are kept for seconds, under a hash of the token. How many are kept and how many are asked for at once
//! is bounded, because whoever makes up tokens decides how many there are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use moka::sync::Cache;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::claims::Claims;
use super::fetch::{self, FetchError};
use super::refusal::Refusal;
use crate::clock;
use crate::config::server::access::Introspection;
use crate::net::{Clients, Policy};

/// How long an answer may take, waiting for a place included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many are asked for at once.
const AT_ONCE: usize = 64;
/// How many answers are kept.
const KEPT: u64 = 10_000;

/// Asks about tokens.
#[derive(Debug)]
pub(super) struct Introspector {
    configured: Introspection,
    clients: Clients,
    places: Semaphore,
    answers: Cache<[u8; 32], Answer>,
}

/// What was said of a token, and how long that holds.
#[derive(Clone)]
struct Answer {
    /// `None` of a token that is not good.
    claims: Option<Arc<Map<String, Value>>>,
    until: Instant,
}

impl Introspector {
    /// One that nothing has been asked of yet.
    pub(super) fn new(configured: Introspection, clients: &Clients) -> Self {
        let answers = Cache::builder().max_capacity(KEPT).time_to_live(configured.ttl).build();
        Self { configured, clients: clients.clone(), places: Semaphore::new(AT_ONCE), answers }
    }

    /// What the authorization server says of a token; not yet whether that is enough for us.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`] when it is not active; [`Refusal::Unavailable`] when the server does not say.
    pub(super) async fn claims(&self, token: &str) -> Result<Claims, Refusal> {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let answer = match self.kept(&key) {
            Some(answer) => answer,
            None => match tokio::time::timeout(TIMEOUT, self.ask(token, key)).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return Err(unavailable(&error)),
                Err(_) => return Err(unavailable(&FetchError::Timeout)),
            },
        };
        match answer.claims {
            Some(claims) => Ok(Claims { claims: (*claims).clone(), is_access_token: false }),
            None => Err(Refusal::InvalidToken("the token is not active")),
        }
    }

    fn kept(&self, key: &[u8; 32]) -> Option<Answer> {
        self.answers.get(key).filter(|answer| clock::now() < answer.until)
    }

    async fn ask(&self, token: &str, key: [u8; 32]) -> Result<Answer, FetchError> {
        // It is never closed.
        let _place = self.places.acquire().await;
        // Others with the same token may have asked while this one waited.
        if let Some(answer) = self.kept(&key) {
            return Ok(answer);
        }
        let body = fetch::answer(&self.clients, Policy::Any, self.request(token)?).await?;
        let said: Map<String, Value> =
            serde_json::from_slice(&body).map_err(|_| FetchError::Form("introspection response"))?;
        let answer = match said.get("active").and_then(Value::as_bool) {
            Some(active) => self.answer(active.then_some(said)),
            None => return Err(FetchError::Form("introspection response")),
        };
        self.answers.insert(key, answer.clone());
        Ok(answer)
    }

    /// The request (RFC 7662, section 2.1). Redirects are followed by nobody: the token and our secret are in it.
    fn request(&self, token: &str) -> Result<reqwest::Request, FetchError> {
        let Introspection { url, client_id, client_secret, in_body, .. } = &self.configured;
        let mut request = reqwest::Request::new(Method::POST, url.clone());
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token).append_pair("token_type_hint", "access_token");
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if *in_body {
            form.append_pair("client_id", client_id)
                .append_pair("client_secret", client_secret.expose_secret());
        } else {
            headers.insert(AUTHORIZATION, basic(client_id, client_secret.expose_secret())?);
        }
        *request.body_mut() = Some(form.finish().into());
        Ok(request)
    }

    fn answer(&self, claims: Option<Map<String, Value>>) -> Answer {
        let left = |claims: &Map<String, Value>| {
            Claims { claims: claims.clone(), is_access_token: false }.left(clock::wall())
        };
        let ttl =
            claims.as_ref().and_then(left).map_or(self.configured.ttl, |left| left.min(self.configured.ttl));
        let now = clock::now();
        Answer { claims: claims.map(Arc::new), until: now.checked_add(ttl).unwrap_or(now) }
    }
}

/// Name and secret are form-encoded first (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &str) -> Result<HeaderValue, FetchError> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret)));
    let value = HeaderValue::from_str(&format!("Basic {pair}"));
    let mut value = value.map_err(|_| FetchError::Form("name of a client"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unavailable(error: &FetchError) -> Refusal {
    tracing::warn!(%error, "the authorization server says nothing about a token");
    Refusal::Unavailable
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("active", &self.claims.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
