//! Statements that are signed for a token endpoint (RFC 7523, section 3).

use std::time::UNIX_EPOCH;

use jsonwebtoken::Header;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use crate::clock;
use crate::config::gateway::Assertion;
use crate::upstream::credential::error::CredentialFault;
use crate::upstream::credential::values::Values;

/// The statement, signed now.
///
/// # Errors
/// [`CredentialFault`] when its key cannot be had, or is none.
pub(super) async fn signed(
    assertion: &Assertion,
    token_url: &Url,
    values: &Values,
) -> Result<SecretString, CredentialFault> {
    let fault = |reason: String| CredentialFault::Signature { reason };
    let algorithm = assertion.key.algorithm;
    let key = values.expose(&assertion.key.key).await?;
    let key = crate::config::encoding_key(key.expose_secret().as_bytes(), algorithm)
        .ok_or_else(|| fault(format!("it is no key for {algorithm:?}")))?;
    let header = Header { kid: assertion.key_id.clone(), ..Header::new(algorithm) };
    let token = jsonwebtoken::encode(&header, &claims(assertion, token_url), &key);
    token.map(SecretString::from).map_err(|error| fault(error.to_string()))
}

/// The author's own claims win over those that are made up here.
fn claims(assertion: &Assertion, token_url: &Url) -> Map<String, Value> {
    let now = clock::wall().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let audience = assertion.audience.clone().unwrap_or_else(|| token_url.to_string());
    let mut claims = Map::new();
    let named = [("iss", &assertion.issuer), ("sub", &assertion.subject), ("aud", &Some(audience))];
    for (name, value) in named {
        claims.extend(value.as_deref().map(|value| (name.to_owned(), Value::from(value))));
    }
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + assertion.lifetime.as_secs()).into());
    claims.insert("jti".to_owned(), format!("{:032x}", rand::random::<u128>()).into());
    claims.extend(assertion.claims.clone());
    claims
}
