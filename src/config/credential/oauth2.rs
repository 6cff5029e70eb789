//! Tokens that a token endpoint gives.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value};
use url::Url;

use super::pass_through;
use super::secret::{self, SecretFile};
use crate::config::duration::Timeout;
use crate::config::gateway::{
    Assertion, AssertionKey, ClientAuthentication, Credential, Grant, OAuth2, Secret,
};
use crate::config::resolver::Resolver;
use crate::config::text::{Literal, Sent, Template};
use crate::config::written::{
    Entry, List, Map as Mapping, Optional, Required, Slot, Written, words, written,
};
use crate::diagnostic::{Code, Diagnostic};

written! {
    /// A bearer token that a token endpoint gives (OAuth 2.0). It is asked for once, however many calls wait for it; anew
    /// before it expires, and once more when the API answers 401.
    #[schemars(inline)]
    pub(in crate::config) struct OAuth2File<'t> {
        /// The token endpoint. It may be at a private address; `http` only on this machine.
        #[schemars(extend("examples" = ["https://login.example.com/oauth2/token"]))]
        token_url: Required<'t, Template<'t>>,
        /// What the token is given for.
        #[schemars(extend("default" = "client_credentials"))]
        grant: Optional<'t, GrantWord>,
        /// The client's name.
        #[schemars(extend("examples" = ["${CLIENT_ID}"]))]
        client_id: Optional<'t, Template<'t>>,
        /// The client's secret.
        #[schemars(extend("examples" = ["${CLIENT_SECRET}"]))]
        client_secret: Optional<'t, SecretFile<'t>>,
        /// How the client proves itself to the token endpoint. Default: `basic` with a `client_secret`, `private_key_jwt`
        /// with a `client_assertion`, else `none`.
        client_authentication: Optional<'t, ClientWord>,
        /// What the client signs to prove itself (RFC 7523).
        client_assertion: Optional<'t, AssertionFile<'t>>,
        /// Scopes that are asked for.
        #[schemars(extend("examples" = [["orders:read"]]))]
        scopes: Optional<'t, List<'t, Literal<'t>>>,
        /// The refresh token, for `grant: refresh_token`. One that the token endpoint gives instead is used from then on,
        /// until toolgate ends.
        refresh_token: Optional<'t, SecretFile<'t>>,
        /// The statement that is signed, for `grant: jwt_bearer` (RFC 7523).
        assertion: Optional<'t, AssertionFile<'t>>,
        /// The caller's own token, for `grant: token_exchange` (RFC 8693): each caller has a token of its own.
        subject_token: Optional<'t, SubjectTokenFile<'t>>,
        /// More parameters of the token request.
        #[schemars(extend("examples" = [{"audience": "https://api.example.com"}]))]
        parameters: Optional<'t, Mapping<'t, SecretFile<'t>>>,
    }

    /// A statement that is signed anew for each token.
    #[schemars(inline)]
    pub(in crate::config) struct AssertionFile<'t> {
        /// The private key, in PEM; for `HS…` the secret.
        #[schemars(extend("examples" = ["${file:./key.pem}"]))]
        key: Required<'t, SecretFile<'t>>,
        /// The algorithm.
        #[schemars(extend("default" = "RS256"))]
        algorithm: Optional<'t, AlgorithmWord>,
        /// Name of the key: `kid`.
        key_id: Optional<'t, Template<'t>>,
        /// Who says it: `iss`. Default: `client_id`.
        issuer: Optional<'t, Template<'t>>,
        /// Of whom: `sub`. Default: the issuer.
        subject: Optional<'t, Template<'t>>,
        /// For whom: `aud`. Default: `token_url`.
        audience: Optional<'t, Template<'t>>,
        /// More claims.
        #[schemars(extend("type" = "object", "examples" = [{"scope": "https://www.example.com/auth/read"}]))]
        claims: Optional<'t, Sent<'t>>,
        /// How long it is good for.
        #[schemars(extend("default" = "5m"))]
        lifetime: Optional<'t, Timeout>,
    }

    /// The caller's own token.
    #[schemars(inline)]
    pub(in crate::config) struct SubjectTokenFile<'t> {
        /// The header of the caller's request that holds it, with or without `Bearer` before it.
        #[schemars(extend("examples" = ["Authorization"]))]
        header: Required<'t, Literal<'t>>,
        /// What it is.
        #[schemars(extend("default" = "urn:ietf:params:oauth:token-type:access_token"))]
        r#type: Optional<'t, Literal<'t>>,
    }
}

words! {
    /// What a token is given for.
    pub(in crate::config) enum GrantWord {
        /// That the client is who it is.
        ClientCredentials = "client_credentials",
        /// A refresh token.
        RefreshToken = "refresh_token",
        /// A signed statement.
        JwtBearer = "jwt_bearer",
        /// A token of the caller.
        TokenExchange = "token_exchange",
    }

    /// How a client proves itself.
    pub(in crate::config) enum ClientWord {
        /// In the header `Authorization`.
        Basic = "basic",
        /// In the body of the request.
        Body = "body",
        /// With a signed statement.
        PrivateKeyJwt = "private_key_jwt",
        /// Not at all.
        None = "none",
    }

    /// An algorithm of signatures (RFC 7518).
    pub(in crate::config) enum AlgorithmWord {
        /// HMAC with SHA-256.
        Hs256 = "HS256",
        /// HMAC with SHA-384.
        Hs384 = "HS384",
        /// HMAC with SHA-512.
        Hs512 = "HS512",
        /// RSA with SHA-256.
        Rs256 = "RS256",
        /// RSA with SHA-384.
        Rs384 = "RS384",
        /// RSA with SHA-512.
        Rs512 = "RS512",
        /// RSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// ECDSA with P-256.
        Es256 = "ES256",
        /// ECDSA with P-384.
        Es384 = "ES384",
        /// Ed25519
        EdDsa = "EdDSA",
    }
}

pub(super) fn resolve(
    file: &OAuth2File<'_>,
    slot: Slot<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Credential> {
    let token_url = file.token_url.0.as_ref().and_then(|written| token_url(written, resolver));
    let (client_id, declined) = match &file.client_id {
        Some(written) => {
            let resolved = resolver.resolve(written)?;
            (Some(resolved.text.expose().to_owned()), resolved.declined)
        }
        None => (None, false),
    };
    if declined {
        return None;
    }
    let grant = grant(file, slot, client_id.as_deref(), resolver);
    let client = client(file, slot, client_id, resolver);
    let parameter = |entry: &Entry<'_, SecretFile<'_>>| parameter(entry, resolver);
    let parameters: Option<Vec<(String, Secret)>> =
        file.parameters.iter().flat_map(|parameters| &parameters.value.0).map(parameter).collect();
    let scopes = file.scopes.iter().flat_map(|scopes| &scopes.value.0);
    Some(Credential::OAuth2(Box::new(OAuth2 {
        token_url: token_url?,
        grant: grant?,
        client: client?,
        scopes: scopes.map(|scope| scope.value.0.to_owned()).collect(),
        parameters: parameters?,
    })))
}

fn token_url(written: &Written<'_, Template<'_>>, resolver: &mut Resolver<'_>) -> Option<Url> {
    let resolved = resolver.resolve(written)?;
    let url = Url::parse(resolved.text.expose()).ok().filter(|url| url.host_str().is_some());
    let problem = match &url {
        None => "this is no URL",
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            "a URL must not hold a user name or password: say `client_id` and `client_secret`"
        }
        Some(url) if url.scheme() == "https" || url.scheme() == "http" && is_this_machine(url) => {
            return Some(url.clone());
        }
        Some(_) => "a token endpoint is an https URL: secrets go to it (http only on this machine)",
    };
    resolver.problem(written.slot.invalid(problem));
    None
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn grant(
    file: &OAuth2File<'_>,
    slot: Slot<'_>,
    client_id: Option<&str>,
    resolver: &mut Resolver<'_>,
) -> Option<Grant> {
    let word = file.grant.map_or(GrantWord::ClientCredentials, |grant| grant.value);
    let places = [
        ("refresh_token", GrantWord::RefreshToken, file.refresh_token.as_ref().map(|written| written.slot)),
        ("assertion", GrantWord::JwtBearer, file.assertion.as_ref().map(|written| written.slot)),
        ("subject_token", GrantWord::TokenExchange, file.subject_token.as_ref().map(|written| written.slot)),
    ];
    for (key, of, place) in places {
        match place {
            Some(place) if of != word => {
                let message = format!("`{key}` belongs to another `grant`");
                resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(place.key_place()));
                return None;
            }
            None if of == word => return missing(key, slot, resolver),
            _ => {}
        }
    }
    match word {
        GrantWord::ClientCredentials => Some(Grant::ClientCredentials),
        GrantWord::RefreshToken => {
            Some(Grant::RefreshToken(secret::wanted(file.refresh_token.as_ref()?, resolver)?.secret))
        }
        GrantWord::JwtBearer => {
            let assertion = assertion(&file.assertion.as_ref()?.value, client_id, resolver)?;
            Some(Grant::JwtBearer(Box::new(assertion)))
        }
        GrantWord::TokenExchange => {
            const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
            let token = &file.subject_token.as_ref()?.value;
            let header = pass_through::header(token.header.0.as_ref()?, resolver)?;
            let token_type = token.r#type.map_or(ACCESS_TOKEN, |word| word.value.0);
            Some(Grant::TokenExchange { header, token_type: token_type.to_owned() })
        }
    }
}

fn client(
    file: &OAuth2File<'_>,
    slot: Slot<'_>,
    client_id: Option<String>,
    resolver: &mut Resolver<'_>,
) -> Option<ClientAuthentication> {
    let word = file.client_authentication.map(|word| word.value);
    let word = word.unwrap_or(match (&file.client_secret, &file.client_assertion) {
        (Some(_), _) => ClientWord::Basic,
        (None, Some(_)) => ClientWord::PrivateKeyJwt,
        (None, None) => ClientWord::None,
    });
    if word == ClientWord::None {
        return Some(ClientAuthentication::None { client_id });
    }
    let Some(client_id) = client_id else { return missing("client_id", slot, resolver) };
    if word == ClientWord::PrivateKeyJwt {
        let Some(written) = &file.client_assertion else {
            return missing("client_assertion", slot, resolver);
        };
        let assertion = Box::new(assertion(&written.value, Some(&client_id), resolver)?);
        return Some(ClientAuthentication::PrivateKeyJwt { client_id, assertion });
    }
    let Some(written) = &file.client_secret else { return missing("client_secret", slot, resolver) };
    let secret = secret::wanted(written, resolver)?.secret;
    Some(match word {
        ClientWord::Body => ClientAuthentication::Body { client_id, secret },
        _ => ClientAuthentication::Basic { client_id, secret },
    })
}

fn missing<T>(key: &str, slot: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<T> {
    let missing = Diagnostic::new(Code::MissingKey, format!("`{key}` is missing"));
    resolver.problem(missing.at(slot.key_place()));
    None
}

fn parameter(entry: &Entry<'_, SecretFile<'_>>, resolver: &mut Resolver<'_>) -> Option<(String, Secret)> {
    const OURS: [&str; 9] = [
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "scope",
        "refresh_token",
        "assertion",
        "subject_token",
    ];
    if OURS.contains(&entry.key) {
        let message = format!("`{}` has a key of its own beside `parameters`", entry.key);
        resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone()));
        return None;
    }
    let resolved = secret::resolve(&entry.value, entry.slot, resolver)?;
    Some((entry.key.to_owned(), resolved.secret))
}

fn assertion(
    file: &AssertionFile<'_>,
    client_id: Option<&str>,
    resolver: &mut Resolver<'_>,
) -> Option<Assertion> {
    let written = file.key.0.as_ref()?;
    let key = secret::wanted(written, resolver)?;
    let algorithm = algorithm(file.algorithm.map(|word| word.value));
    if let Some(text) = &key.text
        && encoding_key(text.expose().as_bytes(), algorithm).is_none()
    {
        let message = format!("this is no key for {algorithm:?}");
        resolver.problem(
            written.slot.invalid(message).help("a private key in PEM, as PKCS#8 or in its own form"),
        );
        return None;
    }
    let mut text = |template: &Optional<'_, Template<'_>>| match template {
        Some(written) => resolver.resolve(written).map(|resolved| Some(resolved.text.expose().to_owned())),
        None => Some(None),
    };
    let issuer = text(&file.issuer)?.or_else(|| client_id.map(str::to_owned));
    let subject = text(&file.subject)?.or_else(|| issuer.clone());
    Some(Assertion {
        key_id: text(&file.key_id)?,
        audience: text(&file.audience)?,
        issuer,
        subject,
        key: AssertionKey { key: key.secret, algorithm },
        claims: match file.claims.as_ref().map(|claims| claims.value.to_value()) {
            Some(Value::Object(claims)) => claims,
            _ => Map::new(),
        },
        lifetime: file.lifetime.map_or(Duration::from_secs(300), |lifetime| lifetime.value.0),
    })
}

/// The key, when it is one for this algorithm.
pub(crate) fn encoding_key(key: &[u8], algorithm: Algorithm) -> Option<EncodingKey> {
    match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Some(EncodingKey::from_secret(key)),
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(key).ok(),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(key).ok(),
        _ => EncodingKey::from_rsa_pem(key).ok(),
    }
}

fn algorithm(word: Option<AlgorithmWord>) -> Algorithm {
    match word {
        Some(AlgorithmWord::Hs256) => Algorithm::HS256,
        Some(AlgorithmWord::Hs384) => Algorithm::HS384,
        Some(AlgorithmWord::Hs512) => Algorithm::HS512,
        Some(AlgorithmWord::Rs384) => Algorithm::RS384,
        Some(AlgorithmWord::Rs512) => Algorithm::RS512,
        Some(AlgorithmWord::Ps256) => Algorithm::PS256,
        Some(AlgorithmWord::Es256) => Algorithm::ES256,
        Some(AlgorithmWord::Es384) => Algorithm::ES384,
        Some(AlgorithmWord::EdDsa) => Algorithm::EdDSA,
        Some(AlgorithmWord::Rs256) | None => Algorithm::RS256,
    }
}
