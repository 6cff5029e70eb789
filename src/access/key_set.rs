//! The public keys of an issuer (RFC 7517).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::config::server::access::ALGORITHMS;

/// The keys that a signature can be checked with.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<PublicKey>);

#[derive(Debug)]
struct PublicKey {
    id: Option<String>,
    /// The algorithms for which it may be used: those of its type, or the one that it names.
    algorithms: Vec<Algorithm>,
    key: Arc<DecodingKey>,
}

/// Which key a token asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'w> {
    /// Its `kid`.
    pub(super) id: Option<&'w str>,
    /// Its `alg`.
    pub(super) algorithm: Algorithm,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
}

impl KeySet {
    /// Reads a set. Keys that are of no use here, or broken, cost only themselves; `None` when it is no set.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let jwks: Jwks = serde_json::from_slice(text).ok()?;
        let keys = jwks.keys.into_iter().filter_map(|key| PublicKey::of(serde_json::from_value(key).ok()?));
        Some(Self(keys.collect()))
    }

    /// The key that a token asks for. One that names no key means the only one of its kind, if it is.
    pub(super) fn find(&self, wanted: Wanted<'_>) -> Option<&Arc<DecodingKey>> {
        let mut keys = self.0.iter().filter(|key| key.algorithms.contains(&wanted.algorithm));
        match wanted.id {
            Some(id) => keys.find(|key| key.id.as_deref() == Some(id)).map(|key| &key.key),
            None => keys.next().filter(|_| keys.next().is_none()).map(|key| &key.key),
        }
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl PublicKey {
    fn of(jwk: Jwk) -> Option<Self> {
        if jwk.r#use.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        if jwk.key_ops.as_ref().is_some_and(|operations| operations.iter().all(|name| name != "verify")) {
            return None;
        }
        let (key, mut algorithms) = jwk.key()?;
        if let Some(name) = &jwk.alg {
            algorithms.retain(|algorithm| is_named(*algorithm, name));
        }
        Some(Self { id: jwk.kid, algorithms, key: Arc::new(key) })
    }
}

impl Jwk {
    /// The key, and all algorithms for keys of its type and curve (RFC 8725, section 3.1). A shared secret (`oct`) is no
    /// public key.
    fn key(&self) -> Option<(DecodingKey, Vec<Algorithm>)> {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (modulus, exponent) = (number(self.n.as_deref()?)?, number(self.e.as_deref()?)?);
                let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
                Some((key, vec![RS256, RS384, RS512, PS256, PS384, PS512]))
            }
            ("EC", Some("P-256")) => Some((self.point()?, vec![ES256])),
            ("EC", Some("P-384")) => Some((self.point()?, vec![ES384])),
            ("OKP", Some("Ed25519")) => {
                Some((DecodingKey::from_ed_components(self.x.as_deref()?).ok()?, vec![EdDSA]))
            }
            _ => None,
        }
    }

    fn point(&self) -> Option<DecodingKey> {
        DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?).ok()
    }
}

/// A big-endian number without the zeros that some servers put before it.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn is_named(algorithm: Algorithm, name: &str) -> bool {
    let name = if name == "Ed25519" { "EdDSA" } else { name };
    ALGORITHMS.iter().any(|(known, of)| *known == name && *of == algorithm)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted(id: Option<&str>, algorithm: Algorithm) -> Wanted<'_> {
        Wanted { id, algorithm }
    }

    fn set(keys: &Value) -> KeySet {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_key_is_used_for_algorithms_of_its_type_alone() {
        let keys = set(&json!([
            {"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB"},
            {"kty": "EC", "kid": "e", "crv": "P-256", "x": "AQAB", "y": "AQAB", "alg": "ES256", "use": "sig"},
            {"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": "AQAB"},
        ]));
        for (id, algorithm, there) in [
            ("r", Algorithm::RS256, true),
            ("r", Algorithm::PS512, true),
            ("r", Algorithm::ES256, false),
            ("e", Algorithm::ES256, true),
            ("e", Algorithm::ES384, false),
            ("e", Algorithm::RS256, false),
            ("o", Algorithm::EdDSA, true),
            ("o", Algorithm::HS256, false),
            ("r", Algorithm::HS256, false),
            ("x", Algorithm::RS256, false),
        ] {
            assert_eq!(keys.find(wanted(Some(id), algorithm)).is_some(), there, "{id} {algorithm:?}");
        }
    }

    #[test]
    fn keys_for_other_purposes_shared_secrets_and_broken_ones_are_left_out() {
        let keys = set(&json!([
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "enc"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "key_ops": ["encrypt"]},
            {"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA"}, {"kty": "EC", "crv": "secp256k1", "x": "AQAB", "y": "AQAB"},
            {"kty": 1}, "RSA", null, {"kty": "RSA", "n": "not base64!", "e": "AQAB"},
        ]));
        assert_eq!(keys.len(), 0);
        assert!(
            KeySet::parse(b"[]").is_none()
                && KeySet::parse(b"{}").is_none()
                && KeySet::parse(b"<html>").is_none()
        );
    }

    #[test]
    fn a_token_without_a_key_id_means_the_only_key() {
        let one = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
        assert!(set(&json!([one])).find(wanted(None, Algorithm::RS256)).is_some());
        assert!(set(&json!([one, one])).find(wanted(None, Algorithm::RS256)).is_none());
        assert!(set(&json!([one])).find(wanted(Some("k"), Algorithm::RS256)).is_none());
    }
}
