//! Credentials: how a request proves who sends it.
//!
//! A credential is whole or an error: when its secret is missing, its gateway is not served, so that nothing is ever
//! sent without it. An author who wants to do without writes so: `${TOKEN:-}` is "none when TOKEN is not set".

mod hmac;
mod mtls;
mod names;
pub(crate) mod oauth2;
mod pass_through;
mod secret;
mod sigv4;

use super::file::GatewayFile;
use super::gateway::{Credential, NamedCredential, Text};
use super::header;
use super::resolver::Resolver;
use super::text::{Literal, Template};
use super::written::{Optional, Required, Slot, Written, words, written};
use crate::diagnostic::{Code, Diagnostic};
use crate::openapi::operation::Location;
use hmac::HmacFile;
use mtls::MtlsFile;
pub(super) use names::CredentialNames;
use oauth2::OAuth2File;
use pass_through::PassThroughFile;
use secret::SecretFile;
use sigv4::SigV4File;

written! {
    /// How a request proves who sends it: one of these.
    #[schemars(rename = "Credential", extend("minProperties" = 1, "maxProperties" = 1))]
    pub(super) struct CredentialFile<'t> {
        /// A token, sent as `Authorization: Bearer …`: `bearer: "${API_TOKEN}"`. `${API_TOKEN:-}` sends none when the
        /// variable is not set.
        #[schemars(extend("examples" = ["${API_TOKEN}"]))]
        bearer: Optional<'t, SecretFile<'t>>,
        /// User name and password, sent as `Authorization: Basic …`.
        basic: Optional<'t, BasicFile<'t>>,
        /// A key in a header, in the query or in a cookie.
        api_key: Optional<'t, ApiKeyFile<'t>>,
        /// A bearer token that a token endpoint gives (OAuth 2.0).
        oauth2: Optional<'t, OAuth2File<'t>>,
        /// Headers of the caller's own request, handed on.
        pass_through: Optional<'t, PassThroughFile<'t>>,
        /// A client certificate. It goes with every connection, beside what else is sent.
        mtls: Optional<'t, MtlsFile<'t>>,
        /// Keys of AWS, with which each request is signed.
        sigv4: Optional<'t, SigV4File<'t>>,
        /// A keyed hash over parts of the request, in a form of the API's own.
        hmac: Optional<'t, HmacFile<'t>>,
    }

    /// User name and password.
    #[schemars(inline)]
    pub(super) struct BasicFile<'t> {
        /// The user name; it cannot hold a colon.
        #[schemars(extend("examples" = ["${API_USER}"]))]
        username: Required<'t, Template<'t>>,
        /// The password; `""` where an API takes a key as user name and no password.
        #[schemars(extend("examples" = ["${API_PASSWORD}"]))]
        password: Required<'t, SecretFile<'t>>,
    }

    /// A key and where it goes.
    #[schemars(inline)]
    pub(super) struct ApiKeyFile<'t> {
        /// Where the key goes.
        r#in: Required<'t, KeyLocation>,
        /// Name of the header, the query parameter or the cookie.
        #[schemars(extend("examples" = ["X-Api-Key"]))]
        name: Required<'t, Literal<'t>>,
        /// The key.
        #[schemars(extend("examples" = ["${API_KEY}"]))]
        value: Required<'t, SecretFile<'t>>,
    }
}

words! {
    /// Where a key goes.
    pub(super) enum KeyLocation {
        /// A request header.
        Header = "header",
        /// A parameter of the query.
        Query = "query",
        /// A cookie.
        Cookie = "cookie",
    }
}

/// The name of the single `credential` of a file.
pub(super) const DEFAULT: &str = "default";

/// All credentials of a file: `credential` under the name `default`, then `credentials` under their own; and the names
/// of those that are declined.
pub(super) fn resolve(
    file: &GatewayFile<'_>,
    resolver: &mut Resolver<'_>,
) -> (Vec<NamedCredential>, Vec<String>) {
    let (mut resolved, mut declined) = (Vec::new(), Vec::new());
    let mut add = |name: &str, credential: Option<Credential>| match credential {
        Some(credential) => resolved.push(NamedCredential { name: name.to_owned(), credential }),
        None => declined.push(name.to_owned()),
    };
    if let Some(credential) = &file.credential {
        add(DEFAULT, one(&credential.value, credential.slot, resolver));
    }
    for entry in file.credentials.iter().flat_map(|credentials| &credentials.value.0) {
        let message = match entry.key {
            DEFAULT if file.credential.is_some() => "`credential` already is the credential called `default`",
            names::NONE => "`none` stands for no credential, and cannot be the name of one",
            name => {
                add(name, one(&entry.value, entry.slot, resolver));
                continue;
            }
        };
        resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone()));
    }
    (resolved, declined)
}

/// `None` when it is declined by an empty `${NAME:-}`, or faulty.
fn one(file: &CredentialFile<'_>, slot: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    if slot.node.len() != 1 {
        let message = "a credential is exactly one of bearer, basic, api_key, oauth2, pass_through, mtls, sigv4 and hmac";
        resolver.problem(Diagnostic::new(Code::InvalidValue, message).at(slot.key_place()));
    }
    if let Some(token) = &file.bearer {
        bearer(token, resolver)
    } else if let Some(pair) = &file.basic {
        basic(&pair.value, resolver)
    } else if let Some(key) = &file.api_key {
        api_key(&key.value, resolver)
    } else if let Some(written) = &file.oauth2 {
        oauth2::resolve(&written.value, written.slot, resolver)
    } else if let Some(written) = &file.pass_through {
        pass_through::resolve(&written.value, resolver)
    } else if let Some(written) = &file.mtls {
        mtls::resolve(&written.value, resolver)
    } else if let Some(written) = &file.sigv4 {
        sigv4::resolve(&written.value, resolver)
    } else {
        file.hmac.as_ref().and_then(|written| hmac::resolve(&written.value, resolver))
    }
}

fn bearer(token: &Written<'_, SecretFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    let resolved = secret::resolve(&token.value, token.slot, resolver)?;
    if resolved.declined {
        return None;
    }
    match resolved.text.as_ref().map_or(Ok(()), |text| check_token(text.expose())) {
        Ok(()) => Some(Credential::Bearer(resolved.secret)),
        Err(help) => {
            resolver.problem(token.slot.invalid("this is no bearer token").help(help));
            None
        }
    }
}

/// RFC 6750, section 2.1, read generously: any visible ASCII.
pub(crate) fn check_token(token: &str) -> Result<(), &'static str> {
    if token.is_empty() {
        Err("it is empty; to send none, leave the credential out")
    } else if token.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        Err("write the token without the word Bearer")
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err("a token has no space, line break or letter beyond ASCII in it")
    } else {
        Ok(())
    }
}

fn basic(file: &BasicFile<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    let username = file.username.0.as_ref().and_then(|username| resolver.resolve(username));
    let password = file.password.0.as_ref();
    let password = password.and_then(|password| secret::resolve(&password.value, password.slot, resolver));
    let (username, password) = (username?, password?);
    if username.declined {
        return None;
    }
    let password_text = password.text.as_ref().map(Text::expose).unwrap_or_default();
    let invalid = match username.text.expose() {
        "" => Some("the user name is empty"),
        name if name.contains(':') => Some("a user name cannot hold a colon (RFC 7617, section 2)"),
        name if name.chars().chain(password_text.chars()).any(char::is_control) => {
            Some("user name and password cannot hold control characters")
        }
        _ => None,
    };
    if let (Some(message), Some(written)) = (invalid, &file.username.0) {
        resolver.problem(written.slot.invalid(message));
        return None;
    }
    Some(Credential::Basic { password: password.secret, username: username.text })
}

fn api_key(file: &ApiKeyFile<'_>, resolver: &mut Resolver<'_>) -> Option<Credential> {
    let name = file.name.0.as_ref()?;
    let location = file.r#in.0?.value;
    if let Err(help) = check_key_name(location, name.value.0) {
        let message = format!("`{}` cannot be the name of a key in {}", name.value.0, location.described());
        resolver.problem(name.slot.invalid(message).help(help));
        return None;
    }
    let written = file.value.0.as_ref()?;
    let value = secret::resolve(&written.value, written.slot, resolver)?;
    if value.declined {
        return None;
    }
    if value.text.as_ref().is_some_and(|text| !location.takes(text.expose())) {
        let message = format!("this cannot be sent as a key in {}", location.described());
        let help = "a key is not empty and has no line break; in a header no space around it, in a cookie no space, \
                    comma or semicolon";
        resolver.problem(written.slot.invalid(message).help(help));
        return None;
    }
    let name = name.value.0.to_owned();
    Some(Credential::ApiKey { location: location.into(), name, value: value.secret })
}

fn check_key_name(location: KeyLocation, name: &str) -> Result<(), String> {
    match location {
        KeyLocation::Header => header::name(name).map(drop).map_err(|error| error.to_string()),
        KeyLocation::Query if name.is_empty() => Err("it is empty".to_owned()),
        KeyLocation::Query => Ok(()),
        KeyLocation::Cookie => match http::HeaderName::from_bytes(name.as_bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err("a cookie's name has no space, `=`, comma or semicolon in it".to_owned()),
        },
    }
}

impl KeyLocation {
    /// Whether the text can be sent there as it is (RFC 9110, section 5.5; RFC 6265, section 4.1.1).
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Header => header::is_value(text),
            Self::Query => !text.is_empty() && !text.chars().any(char::is_control),
            Self::Cookie => {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b',' | b';' | b'"' | b'\\'))
            }
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::Header => "a header",
            Self::Query => "the query",
            Self::Cookie => "a cookie",
        }
    }
}

impl From<KeyLocation> for Location {
    fn from(location: KeyLocation) -> Self {
        match location {
            KeyLocation::Header => Self::Header,
            KeyLocation::Query => Self::Query,
            KeyLocation::Cookie => Self::Cookie,
        }
    }
}
