//! A signed token in its compact form (RFC 7515, section 3.1; RFC 7519).
//!
//! What its header says about keys (`jku`, `jwk`, `x5u`, `x5c`) is not looked at: it is for whoever trusts the sender
//! already. Keys come from the issuer, or the token is not good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::config::server::access::ALGORITHMS;

/// A token that was taken apart. Nothing in it is true before its signature was found to be good.
#[derive(Debug)]
pub(super) struct Jwt<'t> {
    /// What it says that it is signed with; one of those that are taken.
    pub(super) algorithm: Algorithm,
    /// Which of the issuer's keys: `kid`.
    pub(super) key_id: Option<String>,
    /// It says of itself that it is an access token (RFC 9068, section 2.1), and no other kind of token.
    pub(super) is_access_token: bool,
    /// What it says.
    pub(super) claims: Map<String, Value>,
    message: &'t str,
    signature: &'t str,
}

impl<'t> Jwt<'t> {
    /// Takes a token apart whose algorithm is one of `algorithms`.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`]
    pub(super) fn parse(token: &'t str, algorithms: &[Algorithm]) -> Result<Self, Refusal> {
        const FORM: Refusal = Refusal::InvalidToken("the token is no signed JWT");
        let (message, signature) = token.rsplit_once('.').ok_or(FORM)?;
        let (header, claims) = message.split_once('.').ok_or(FORM)?;
        let header = object(header).ok_or(FORM)?;
        if header.contains_key("crit") {
            // RFC 7515, section 4.1.11: all that is critical must be understood, and none of it is.
            return Err(Refusal::InvalidToken("the token has a critical extension"));
        }
        Ok(Self {
            algorithm: algorithm(&header, algorithms)?,
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            is_access_token: is_access_token(&header)?,
            claims: object(claims).ok_or(FORM)?,
            message,
            signature,
        })
    }

    /// Whether it was signed with the other half of this key.
    pub(super) fn is_signed_by(&self, key: &DecodingKey) -> bool {
        let verified =
            jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, self.algorithm);
        matches!(verified, Ok(true))
    }
}

fn algorithm(header: &Map<String, Value>, taken: &[Algorithm]) -> Result<Algorithm, Refusal> {
    let name = match header.get("alg").and_then(Value::as_str) {
        // The name that RFC 9864 gives to what everybody means by the older one.
        Some("Ed25519") => "EdDSA",
        Some(name) => name,
        None => return Err(Refusal::InvalidToken("the token does not say how it is signed")),
    };
    let known = ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm);
    known
        .filter(|algorithm| taken.contains(algorithm))
        .ok_or(Refusal::InvalidToken("the token is signed with an algorithm that is not taken"))
}

/// A token of another kind (of a logout, of a proof, of a request) may have the right issuer and audience too (RFC 8725,
/// section 3.11).
fn is_access_token(header: &Map<String, Value>) -> Result<bool, Refusal> {
    let Some(kind) = header.get("typ") else { return Ok(false) };
    let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
    match kind.strip_prefix("application/").unwrap_or(&kind) {
        "at+jwt" => Ok(true),
        "jwt" => Ok(false),
        _ => Err(Refusal::InvalidToken("the token is no access token")),
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(header: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(header), part(&json!({"sub": "a"})))
    }

    fn refused(token: &str) -> String {
        Jwt::parse(token, &[Algorithm::RS256, Algorithm::EdDSA]).unwrap_err().to_string()
    }

    #[test]
    fn only_algorithms_that_are_taken_are_known() {
        for name in ["none", "None", "", "HS256", "RS512", "rs256", "ES256K"] {
            assert!(refused(&token(&json!({"alg": name}))).contains("algorithm"), "{name}");
        }
        assert!(refused(&token(&json!({"alg": 256}))).contains("does not say"));
        assert!(refused(&token(&json!({}))).contains("does not say"));
        let token = token(&json!({"alg": "Ed25519", "kid": "k", "jku": "https://evil.example.com"}));
        let jwt = Jwt::parse(&token, &[Algorithm::EdDSA]).unwrap();
        assert_eq!((jwt.algorithm, jwt.key_id.as_deref()), (Algorithm::EdDSA, Some("k")));
    }

    #[test]
    fn other_kinds_of_tokens_and_critical_extensions_are_refused() {
        for kind in ["logout+jwt", "dpop+jwt", "JOSE", "id_token+jwt"] {
            assert!(
                refused(&token(&json!({"alg": "RS256", "typ": kind}))).contains("no access token"),
                "{kind}"
            );
        }
        assert!(
            refused(&token(&json!({"alg": "RS256", "crit": ["b64"], "b64": false}))).contains("critical")
        );
        for (kind, is_access_token) in [("at+jwt", true), ("application/AT+JWT", true), ("JWT", false)] {
            let token = token(&json!({"alg": "RS256", "typ": kind}));
            assert_eq!(Jwt::parse(&token, &[Algorithm::RS256]).unwrap().is_access_token, is_access_token);
        }
    }

    #[test]
    fn whatever_is_no_signed_token_is_refused() {
        let good = token(&json!({"alg": "RS256"}));
        let (head, _) = good.split_once('.').unwrap();
        for token in [
            "",
            "a",
            "a.b",
            ".",
            "..",
            "a.b.c",
            "a.b.c.d.e",
            &format!("{head}."),
            &format!("{head}.W10.c2ln"),
            &format!("{head}=.e30.c2ln"),
        ] {
            assert!(refused(token).contains("no signed JWT"), "{token}");
        }
    }
}
