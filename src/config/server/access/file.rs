//! `access` as it is written, and what is meant by it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ::secrecy::SecretString;
use jsonwebtoken::Algorithm;
use url::Url;

use super::{
    ALGORITHMS, Access, ApiKey, Introspection, KeyPlace, Resource, TokenCheck, Tokens, date, is_safe,
};
use crate::config::duration::{TimeSpan, Timeout};
use crate::config::resolver::Resolver;
use crate::config::text::{Literal, Template};
use crate::config::written::{Entry, List, Map, Optional, Required, Written, words, written};
use crate::diagnostic::{Code, Diagnostic};

written! {
    /// Who may call over HTTP. Without it nobody is asked who he is, and toolgate listens on loopback alone. Callers
    /// on stdio are never asked.
    #[schemars(rename = "Access")]
    pub(in crate::config) struct AccessFile<'t> {
        /// The URL by which clients know this server, as they write it: https, or http on this machine. `oauth` needs
        /// it.
        #[schemars(extend("examples" = ["https://mcp.example.com/mcp"]))]
        resource: Optional<'t, Template<'t>>,
        /// API keys, by names of your choice. A caller sends his as `Authorization: Bearer KEY` or as `X-Api-Key: KEY`.
        keys: Optional<'t, Map<'t, AccessKeyFile<'t>>>,
        /// Access tokens of an authorization server (OAuth 2.1).
        oauth: Optional<'t, AccessOAuthFile<'t>>,
        /// Scopes that come with another one: whoever has the first has the others too.
        #[schemars(extend("examples" = [{"orders:write": ["orders:read"]}]))]
        implied_scopes: Optional<'t, Map<'t, List<'t, Literal<'t>>>>,
    }

    /// An API key.
    #[schemars(rename = "AccessKey")]
    pub(in crate::config) struct AccessKeyFile<'t> {
        /// The SHA-256 of the key, in hexadecimal. `toolgate key` makes a key and writes this.
        #[schemars(extend("minLength" = 64, "maxLength" = 64))]
        sha256: Required<'t, Template<'t>>,
        /// What is granted to whoever has it.
        #[schemars(extend("examples" = [["orders:read"]]))]
        scopes: Optional<'t, List<'t, Literal<'t>>>,
        /// The day from which it is no longer taken, in UTC, or the moment.
        #[schemars(extend("examples" = ["2027-01-01", "2027-01-01T12:00:00Z"]))]
        expires: Optional<'t, Literal<'t>>,
    }

    /// Access tokens of an authorization server, which a caller sends as `Authorization: Bearer TOKEN`.
    #[schemars(rename = "AccessOAuth")]
    pub(in crate::config) struct AccessOAuthFile<'t> {
        /// The authorization server: what stands as `iss` in its tokens, letter by letter.
        #[schemars(extend("examples" = ["https://login.example.com"]))]
        issuer: Required<'t, Template<'t>>,
        /// For whom tokens must be given: `aud`. Default: `resource`.
        #[schemars(extend("examples" = ["https://mcp.example.com/mcp"]))]
        audience: Optional<'t, Template<'t>>,
        /// Where its keys are. Default: what its metadata says.
        #[schemars(extend("examples" = ["https://login.example.com/jwks.json"]))]
        jwks_url: Optional<'t, Template<'t>>,
        /// Algorithms of signatures that are taken. Default: all of them.
        algorithms: Optional<'t, List<'t, AccessAlgorithm>>,
        /// Scopes that a token must have, whatever it is used for.
        #[schemars(extend("examples" = [["mcp"]]))]
        required_scopes: Optional<'t, List<'t, Literal<'t>>>,
        /// By how much the clocks may differ, at most `5m`.
        #[schemars(extend("default" = "30s"))]
        leeway: Optional<'t, Timeout>,
        /// Ask the authorization server about each token (RFC 7662), instead of checking signatures.
        introspection: Optional<'t, IntrospectionFile<'t>>,
    }

    /// Where to ask about tokens, and as whom.
    #[schemars(inline)]
    pub(in crate::config) struct IntrospectionFile<'t> {
        /// The introspection endpoint.
        #[schemars(extend("examples" = ["https://login.example.com/introspect"]))]
        url: Required<'t, Template<'t>>,
        /// Our name there.
        #[schemars(extend("examples" = ["toolgate"]))]
        client_id: Required<'t, Template<'t>>,
        /// Our secret there.
        #[schemars(extend("examples" = ["${INTROSPECTION_SECRET}"]))]
        client_secret: Required<'t, Template<'t>>,
        /// Where both are sent.
        #[schemars(extend("default" = "basic"))]
        client_authentication: Optional<'t, IntrospectionClient>,
        /// How long an answer is used, at most; a token that is taken back works for so long. Never longer than the
        /// token is good.
        #[schemars(extend("default" = "30s"))]
        ttl: Optional<'t, TimeSpan>,
    }
}

words! {
    /// An algorithm of signatures with a public key (RFC 7518, RFC 8037).
    pub(in crate::config) enum AccessAlgorithm {
        /// RSA with SHA-256.
        Rs256 = "RS256",
        /// RSA with SHA-384.
        Rs384 = "RS384",
        /// RSA with SHA-512.
        Rs512 = "RS512",
        /// RSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// RSA-PSS with SHA-384.
        Ps384 = "PS384",
        /// RSA-PSS with SHA-512.
        Ps512 = "PS512",
        /// ECDSA with P-256.
        Es256 = "ES256",
        /// ECDSA with P-384.
        Es384 = "ES384",
        /// Ed25519.
        EdDsa = "EdDSA",
    }

    /// Where a client's name and secret are sent.
    pub(in crate::config) enum IntrospectionClient {
        /// In the header `Authorization`.
        Basic = "basic",
        /// In the body of the request.
        Body = "body",
    }
}

/// The longest leeway: clocks that differ more are broken.
const MOST_LEEWAY: Duration = Duration::from_secs(300);
const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
const DEFAULT_TTL: Duration = Duration::from_secs(30);

/// What is meant. `None` when anything so far is faulty, which has been reported: a requirement that could not be read
/// must not count as none.
pub(in crate::config) fn resolve(
    written: &Written<'_, AccessFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<Access> {
    let file = &written.value;
    let resource = file.resource.as_ref().and_then(|written| resource(written, resolver));
    let keys = keys(file, resolver);
    let tokens = file.oauth.as_ref().and_then(|oauth| tokens(oauth, file, resource.as_ref(), resolver));
    if file.keys.is_none() && file.oauth.is_none() {
        let nobody = written.slot.invalid("nobody could call: there are neither `keys` nor `oauth` in it");
        resolver.problem(nobody);
    }
    let implied_scopes = implied(file, resolver);
    resolver.problems.is_empty().then_some(Access { resource, keys, tokens, implied_scopes })
}

fn resource(written: &Written<'_, Template<'_>>, resolver: &mut Resolver<'_>) -> Option<Resource> {
    let text = resolver.resolve(written)?.text.expose().to_owned();
    let url = safe_url(&text, written, resolver)?;
    if url.query().is_some() {
        resolver.problem(written.slot.invalid("the URL of a server has no query"));
        return None;
    }
    Some(Resource { text, url })
}

fn keys(file: &AccessFile<'_>, resolver: &mut Resolver<'_>) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = Vec::new();
    for entry in file.keys.iter().flat_map(|keys| &keys.value.0) {
        let Some(key) = key(entry, resolver) else { continue };
        if keys.iter().any(|other| other.sha256 == key.sha256) {
            let diagnostic = Diagnostic::new(Code::InvalidValue, "another name has the same key");
            resolver
                .problem(diagnostic.at(entry.key_place.clone()).help("give each caller a key of its own"));
        }
        keys.push(key);
    }
    keys
}

fn key(entry: &Entry<'_, AccessKeyFile<'_>>, resolver: &mut Resolver<'_>) -> Option<ApiKey> {
    let written = entry.value.sha256.0.as_ref()?;
    let resolved = resolver.resolve(written)?;
    let Some(sha256) = hash(resolved.text.expose()) else {
        let diagnostic = written.slot.invalid("this is no SHA-256 in hexadecimal");
        resolver.problem(diagnostic.help("`toolgate key` makes a key, and its hash for here"));
        return None;
    };
    let expires = entry.value.expires.as_ref().map(|expires| moment(expires, resolver));
    let scopes = scopes(entry.value.scopes.as_ref(), resolver);
    Some(ApiKey { name: entry.key.to_owned(), sha256, scopes, expires: expires.flatten() })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    }
    Some(hash)
}

fn moment(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<SystemTime> {
    let moment = date::parse(written.value.0);
    if moment.is_none() {
        let help = "write it like 2027-01-31 or 2027-01-31T12:00:00Z";
        resolver.problem(written.slot.invalid("this is no date").help(help));
    }
    moment
}

/// Scopes (RFC 6749, section 3.3).
fn scopes(written: Option<&Written<'_, List<'_, Literal<'_>>>>, resolver: &mut Resolver<'_>) -> Vec<String> {
    let mut scopes = Vec::new();
    for scope in written.iter().flat_map(|written| &written.value.0) {
        if is_scope(scope.value.0) {
            scopes.push(scope.value.0.to_owned());
        } else {
            let help = "a scope is one word of ASCII, without `\"` and `\\`";
            resolver.problem(scope.slot.invalid("this is no scope").help(help));
        }
    }
    scopes
}

fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}

fn implied(file: &AccessFile<'_>, resolver: &mut Resolver<'_>) -> BTreeMap<String, Vec<String>> {
    let mut implied = BTreeMap::new();
    for entry in file.implied_scopes.iter().flat_map(|implied| &implied.value.0) {
        let mut scopes = Vec::new();
        for scope in &entry.value.0 {
            if is_scope(scope.value.0) {
                scopes.push(scope.value.0.to_owned());
            } else {
                resolver.problem(scope.slot.invalid("this is no scope"));
            }
        }
        implied.insert(entry.key.to_owned(), scopes);
    }
    implied
}

fn tokens(
    written: &Written<'_, AccessOAuthFile<'_>>,
    access: &AccessFile<'_>,
    resource: Option<&Resource>,
    resolver: &mut Resolver<'_>,
) -> Option<Tokens> {
    let file = &written.value;
    if access.resource.is_none() {
        let missing = Diagnostic::new(Code::MissingKey, "`oauth` needs the `resource` beside it");
        let help = "clients learn by it where to log in, and for whom to ask a token";
        resolver.problem(missing.at(written.slot.key_place()).help(help));
    }
    let issuer_written = file.issuer.0.as_ref()?;
    let issuer = resolver.resolve(issuer_written)?.text.expose().to_owned();
    let issuer_url = safe_url(&issuer, issuer_written, resolver)?;
    let audience = match &file.audience {
        Some(written) => Some(resolver.resolve(written)?.text.expose().to_owned()),
        None => None,
    };
    let check = match &file.introspection {
        Some(introspection) => {
            TokenCheck::Introspection(self::introspection(introspection, file, resolver)?.into())
        }
        None => signature(file, issuer_url, resolver)?,
    };
    Some(Tokens {
        issuer,
        audiences: vec![audience.or_else(|| Some(resource?.text.clone()))?],
        check,
        required_scopes: scopes(file.required_scopes.as_ref(), resolver),
        leeway: leeway(file.leeway, resolver),
    })
}

fn leeway(written: Optional<'_, Timeout>, resolver: &mut Resolver<'_>) -> Duration {
    let Some(written) = written else { return DEFAULT_LEEWAY };
    if written.value.0 > MOST_LEEWAY {
        resolver.problem(written.slot.invalid("clocks that differ by more than `5m` are to be set"));
    }
    written.value.0
}

fn signature(file: &AccessOAuthFile<'_>, issuer: Url, resolver: &mut Resolver<'_>) -> Option<TokenCheck> {
    let keys = match &file.jwks_url {
        Some(written) => {
            let text = resolver.resolve(written)?.text.expose().to_owned();
            KeyPlace::Url(safe_url(&text, written, resolver)?)
        }
        None => KeyPlace::Discovered(issuer),
    };
    let algorithms = match &file.algorithms {
        None => ALGORITHMS.map(|(_, algorithm)| algorithm).to_vec(),
        Some(written) if written.value.0.is_empty() => {
            resolver.problem(written.slot.invalid("without an algorithm no token could be good"));
            return None;
        }
        Some(written) => written.value.0.iter().map(|written| written.value.into()).collect(),
    };
    Some(TokenCheck::Signature { keys, algorithms })
}

fn introspection(
    written: &Written<'_, IntrospectionFile<'_>>,
    oauth: &AccessOAuthFile<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Introspection> {
    let unused = [
        ("jwks_url", oauth.jwks_url.as_ref().map(|written| written.slot)),
        ("algorithms", oauth.algorithms.as_ref().map(|written| written.slot)),
    ];
    for (key, slot) in unused {
        if let Some(slot) = slot {
            let message = format!("`{key}` is of no use with `introspection`: no signature is checked");
            resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(slot.key_place()));
        }
    }
    let file = &written.value;
    let url_written = file.url.0.as_ref()?;
    let text = resolver.resolve(url_written)?.text.expose().to_owned();
    let secret = file.client_secret.0.as_ref()?;
    let client_secret = resolver.resolve(secret)?;
    if client_secret.text.expose().is_empty() {
        resolver.problem(secret.slot.invalid("this is empty"));
    }
    Some(Introspection {
        url: safe_url(&text, url_written, resolver)?,
        client_id: resolver.resolve(file.client_id.0.as_ref()?)?.text.expose().to_owned(),
        client_secret: SecretString::from(client_secret.text.expose()),
        in_body: file.client_authentication.is_some_and(|word| word.value == IntrospectionClient::Body),
        ttl: file.ttl.map_or(DEFAULT_TTL, |ttl| ttl.value.0),
    })
}

/// A URL from which nobody in between can take or put anything.
fn safe_url(text: &str, written: &Written<'_, Template<'_>>, resolver: &mut Resolver<'_>) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| url.host_str().is_some());
    let problem = match &url {
        None => "this is no URL",
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            "a URL must not hold a user name or password"
        }
        Some(url) if url.fragment().is_some() => "a URL has no fragment here",
        Some(url) if is_safe(url) => return Some(url.clone()),
        Some(_) => "this is an https URL: tokens depend on it (http only on this machine)",
    };
    resolver.problem(written.slot.invalid(problem));
    None
}

impl From<AccessAlgorithm> for Algorithm {
    fn from(word: AccessAlgorithm) -> Self {
        match word {
            AccessAlgorithm::Rs256 => Self::RS256,
            AccessAlgorithm::Rs384 => Self::RS384,
            AccessAlgorithm::Rs512 => Self::RS512,
            AccessAlgorithm::Ps256 => Self::PS256,
            AccessAlgorithm::Ps384 => Self::PS384,
            AccessAlgorithm::Ps512 => Self::PS512,
            AccessAlgorithm::Es256 => Self::ES256,
            AccessAlgorithm::Es384 => Self::ES384,
            AccessAlgorithm::EdDsa => Self::EdDSA,
        }
    }
}
