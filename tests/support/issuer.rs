//! An authorization server of our own: it signs whatever tokens a test wants, and says what it is told to about its
//! keys.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::upstream::{Answer, Entry, Upstream};

/// Whom good tokens are for.
pub(crate) const RESOURCE: &str = "https://mcp.example.com/mcp";

/// The server.
pub(crate) struct Issuer {
    pub(crate) server: Upstream,
    pub(crate) signer: Signer,
    state: Arc<Mutex<State>>,
}

/// A key pair and its name.
pub(crate) struct Signer {
    id: String,
    pair: RsaKeyPair,
}

#[derive(Default)]
struct State {
    keys: Option<Keys>,
    public: Vec<Value>,
    active: BTreeMap<String, Value>,
}

/// What is answered to whoever wants the keys, instead of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    Huge,
    Failing,
    Redirecting,
    Hanging,
}

impl Issuer {
    /// One with one key.
    pub(crate) async fn start() -> Self {
        let signer = Signer::new("first");
        let state = Arc::new(Mutex::new(State { public: vec![signer.public()], ..State::default() }));
        let told = Arc::clone(&state);
        let server = Upstream::start(move |entry| told.lock().unwrap().answer(entry)).await;
        Self { server, signer, state }
    }

    /// `iss` of its tokens.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// From now on its keys are told so.
    pub(crate) fn tell_keys(&self, keys: Keys) {
        self.state.lock().unwrap().keys = Some(keys);
    }

    /// From now on it has this key alone.
    pub(crate) fn rotate(&mut self, signer: Signer) {
        let mut state = self.state.lock().unwrap();
        state.public = vec![signer.public()];
        self.signer = signer;
    }

    /// What it says of a token that it is asked about.
    pub(crate) fn introspects(&self, token: &str, claims: Value) {
        self.state.lock().unwrap().active.insert(token.to_owned(), claims);
    }

    /// How often its keys were read.
    pub(crate) fn keys_read(&self) -> usize {
        self.server.ledger().entries().iter().filter(|entry| entry.path() == "/keys").count()
    }

    /// What a good token says, changed so; `null` takes a claim away.
    pub(crate) fn claims(&self, change: &Value) -> Value {
        let mut claims = json!({"iss": self.url(), "aud": RESOURCE, "sub": "user-1", "client_id": "app", "iat": now(),
            "exp": now() + 300, "scope": "mcp"});
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    /// A token that says so.
    pub(crate) fn token(&self, change: &Value) -> String {
        self.signer.sign(&json!({}), &self.claims(change))
    }
}

impl Signer {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// The public key, as a JSON Web Key.
    pub(crate) fn public(&self) -> Value {
        let (modulus, exponent) = (self.pair.public_key().modulus(), self.pair.public_key().exponent());
        let number = |number: &[u8]| encoded(number);
        json!({"kty": "RSA", "kid": self.id, "use": "sig", "alg": "RS256",
            "n": number(modulus.big_endian_without_leading_zero()),
            "e": number(exponent.big_endian_without_leading_zero())})
    }

    /// The public key in DER.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// A token of this key, with more in its header.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let mut head = json!({"alg": "RS256", "kid": self.id, "typ": "at+jwt"});
        head.as_object_mut().unwrap().extend(header.as_object().unwrap().clone());
        let message = unsigned(&head, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", encoded(signature))
    }
}

impl State {
    fn answer(&self, entry: &Entry) -> Answer {
        let host = entry.header("host").unwrap_or_default();
        match entry.path() {
            "/.well-known/openid-configuration" => Answer::json(
                &json!({"issuer": format!("http://{host}"), "jwks_uri": format!("http://{host}/keys")}),
            ),
            "/keys" => match self.keys {
                None => Answer::json(&json!({"keys": self.public})),
                Some(Keys::Huge) => {
                    Answer::json(&json!({"keys": self.public, "padding": "x".repeat(10 << 20)}))
                }
                Some(Keys::Failing) => Answer::status(500, "text/plain", "no"),
                Some(Keys::Redirecting) => Answer::redirect(302, "/elsewhere"),
                Some(Keys::Hanging) => Answer::Hang,
            },
            "/elsewhere" => Answer::json(&json!({"keys": self.public})),
            "/introspect" => {
                let body = String::from_utf8_lossy(&entry.request.body).into_owned();
                let token = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "token");
                let known = token.and_then(|(_, token)| self.active.get(token.as_ref()));
                Answer::json(known.unwrap_or(&json!({"active": false})))
            }
            _ => Answer::status(404, "text/plain", "nothing here"),
        }
    }
}

/// Header and claims of a token, without its signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()))
}

/// Base64url.
pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    toolgate::clock::wall().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}
