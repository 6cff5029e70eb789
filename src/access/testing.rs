//! An issuer of our own, for unit tests.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::clock;
use crate::config::server::access::{ALGORITHMS, Access, KeyPlace, Resource, TokenCheck, Tokens};

pub(crate) const ISSUER: &str = "https://login.example.com";
pub(crate) const AUDIENCE: &str = "https://mcp.example.com/mcp";

/// Tokens of [`ISSUER`] for [`AUDIENCE`] with the scope `mcp`, whose keys are at `jwks_url`.
pub(crate) fn expected_of(jwks_url: &str) -> Tokens {
    let keys = KeyPlace::Url(jwks_url.parse().unwrap());
    let algorithms = ALGORITHMS.map(|(_, algorithm)| algorithm).to_vec();
    Tokens {
        issuer: ISSUER.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
        check: TokenCheck::Signature { keys, algorithms },
        required_scopes: vec!["mcp".to_owned()],
        leeway: Duration::from_secs(30),
    }
}

pub(crate) fn expected() -> Tokens {
    expected_of("http://127.0.0.1:1/jwks")
}

pub(crate) fn access_of(tokens: Tokens) -> Access {
    let resource = Resource { text: AUDIENCE.to_owned(), url: AUDIENCE.parse().unwrap() };
    let implied_scopes = BTreeMap::from([("admin".to_owned(), vec!["mcp".to_owned(), "write".to_owned()])]);
    Access { resource: Some(resource), keys: Vec::new(), tokens: Some(tokens), implied_scopes }
}

pub(crate) fn access() -> Access {
    access_of(expected())
}

/// Signs tokens.
pub(crate) struct Signer {
    id: &'static str,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl Signer {
    pub(crate) fn rsa(id: &'static str) -> Self {
        Self { id, key: Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()) }
    }

    pub(crate) fn ec(id: &'static str) -> Self {
        Self { id, key: Key::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()) }
    }

    /// Its public half.
    pub(crate) fn jwk(&self) -> Value {
        match &self.key {
            Key::Rsa(pair) => {
                let (modulus, exponent) = (pair.public_key().modulus(), pair.public_key().exponent());
                let (n, e) =
                    (modulus.big_endian_without_leading_zero(), exponent.big_endian_without_leading_zero());
                json!({"kty": "RSA", "kid": self.id, "use": "sig", "n": encoded(n), "e": encoded(e)})
            }
            Key::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "x": encoded(x), "y": encoded(y)})
            }
        }
    }

    /// A token with its own header, in which `header` changes what it says.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let algorithm = if matches!(self.key, Key::Rsa(_)) { "RS256" } else { "ES256" };
        let mut head = json!({"alg": algorithm, "kid": self.id, "typ": "at+jwt"});
        for (name, value) in header.as_object().unwrap() {
            head[name] = value.clone();
        }
        let message = format!("{}.{}", encoded(head.to_string()), encoded(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.key {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
                signature
            }
            Key::Ec(pair) => pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{message}.{}", encoded(signature))
    }

    /// A good token.
    pub(crate) fn token(&self) -> String {
        self.sign(&json!({}), &claims())
    }
}

/// What a good token says.
pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "exp": now() + 300, "scope": "mcp"})
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    clock::wall().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// A set of public keys.
pub(crate) fn jwks(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
