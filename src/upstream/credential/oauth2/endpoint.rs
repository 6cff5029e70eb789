//! The token request and its answer (RFC 6749, sections 4 to 6; RFC 7523; RFC 8693).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::assertion;
use super::cell::Token;
use crate::clock;
use crate::config::gateway::{ClientAuthentication, Grant, OAuth2};
use crate::net::{Clients, Policy, body};
use crate::telemetry::Redactor;
use crate::upstream::SendError;
use crate::upstream::credential::error::CredentialFault;
use crate::upstream::credential::proof::secret_value;
use crate::upstream::credential::values::Values;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_BYTES: usize = 64 << 10;
/// How long a token is used whose life nobody says (RFC 6749, section 5.1): an API that thinks otherwise answers 401.
const LIFETIME: Duration = Duration::from_secs(3600);
/// How much is shown of what a token endpoint says.
const SHOWN: usize = 200;
const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A token endpoint.
#[derive(Debug)]
pub(super) struct Endpoint {
    url: Url,
    clients: Clients,
}

/// What is asked for.
pub(super) struct Request<'a> {
    /// Where and how.
    pub(super) oauth2: &'a OAuth2,
    /// The caller's own token, where one is exchanged.
    pub(super) subject: Option<&'a SecretString>,
    /// A refresh token that is newer than the configured one.
    pub(super) rotated: Option<SecretString>,
}

/// What was given.
pub(super) struct Answer {
    /// The token.
    pub(super) token: Token,
    /// The refresh token to be used from now on.
    pub(super) refresh_token: Option<SecretString>,
}

/// A request in the form in which it is sent, and the secrets in it.
#[derive(Default)]
struct Form {
    fields: Vec<(&'static str, String)>,
    more: Vec<(String, String)>,
    authorization: Option<HeaderValue>,
    secrets: Vec<String>,
}

impl Endpoint {
    pub(super) fn new(url: &Url, clients: &Clients) -> Self {
        Self { url: url.clone(), clients: clients.clone() }
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// [`CredentialFault`] when none is given. No secret is in it.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        values: &Values,
    ) -> Result<Answer, CredentialFault> {
        let form = Form::new(request, values).await?;
        let asked = tokio::time::timeout(TIMEOUT, self.exchange(&form)).await;
        let (status, body) = asked
            .map_err(|_| self.unreachable(&format!("no answer within {} s", TIMEOUT.as_secs())))?
            .map_err(|error| self.unreachable(&error))?;
        let answer: Option<Map<String, Value>> = serde_json::from_slice(&body).ok();
        if !status.is_success() {
            let said = answer.as_ref().map(said).unwrap_or_default();
            let said = Redactor::new(&form.secrets).blank(&said).into_owned();
            return Err(CredentialFault::TokenRefused {
                url: self.shown(),
                status,
                said: values.redactor().blank(&said).into_owned(),
                of_caller: request.subject.is_some() && status == StatusCode::BAD_REQUEST,
            });
        }
        given(answer.as_ref())
            .map_err(|reason| CredentialFault::NoToken { url: self.shown(), reason: reason.to_owned() })
    }

    async fn exchange(&self, form: &Form) -> Result<(StatusCode, Bytes), SendError> {
        // The operator wrote the URL himself. Redirects are followed by nobody: secrets are in the request.
        let client = self.clients.client(Policy::Any, &self.url);
        let client = client.map_err(|error| SendError::no_client(&error))?;
        let mut request = reqwest::Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.extend(form.authorization.clone().map(|value| (AUTHORIZATION, value)));
        *request.body_mut() = Some(form.encoded().into());
        let mut response = client.execute(request).await?;
        let body = body::read(&mut response, MAX_BYTES).await?;
        Ok((response.status(), body))
    }

    fn unreachable(&self, reason: &dyn std::fmt::Display) -> CredentialFault {
        CredentialFault::TokenUnreachable { url: self.shown(), reason: reason.to_string() }
    }

    /// The URL without its query, which may hold a secret.
    fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.into()
    }
}

impl Form {
    async fn new(request: &Request<'_>, values: &Values) -> Result<Self, CredentialFault> {
        let mut form = Self::default();
        form.grant(request, values).await?;
        form.client(request.oauth2, values).await?;
        if !request.oauth2.scopes.is_empty() {
            form.fields.push(("scope", request.oauth2.scopes.join(" ")));
        }
        for (name, value) in &request.oauth2.parameters {
            let value = values.expose(value).await?;
            form.more.push((name.clone(), value.expose_secret().to_owned()));
        }
        Ok(form)
    }

    async fn grant(&mut self, request: &Request<'_>, values: &Values) -> Result<(), CredentialFault> {
        self.fields.push(("grant_type", request.oauth2.grant.as_str().to_owned()));
        match &request.oauth2.grant {
            Grant::ClientCredentials => {}
            Grant::RefreshToken(token) => match &request.rotated {
                Some(rotated) => self.secret("refresh_token", rotated),
                None => self.secret("refresh_token", &values.expose(token).await?),
            },
            Grant::JwtBearer(assertion) => {
                let signed = assertion::signed(assertion, &request.oauth2.token_url, values).await?;
                self.secret("assertion", &signed);
            }
            Grant::TokenExchange { token_type, .. } => {
                if let Some(subject) = request.subject {
                    self.secret("subject_token", subject);
                }
                self.fields.push(("subject_token_type", token_type.clone()));
            }
        }
        Ok(())
    }

    async fn client(&mut self, oauth2: &OAuth2, values: &Values) -> Result<(), CredentialFault> {
        match &oauth2.client {
            ClientAuthentication::None { client_id } => {
                self.fields.extend(client_id.clone().map(|id| ("client_id", id)));
            }
            ClientAuthentication::Basic { client_id, secret } => {
                let secret = values.expose(secret).await?;
                // Both are form-encoded first (RFC 6749, section 2.3.1).
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair =
                    STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret.expose_secret())));
                let value = secret_value(&["Basic ", &pair]);
                self.authorization =
                    Some(value.map_err(|unsendable| CredentialFault::Unsendable(unsendable.0))?);
                self.secrets.extend([pair, secret.expose_secret().to_owned()]);
            }
            ClientAuthentication::Body { client_id, secret } => {
                self.fields.push(("client_id", client_id.clone()));
                self.secret("client_secret", &values.expose(secret).await?);
            }
            ClientAuthentication::PrivateKeyJwt { client_id, assertion } => {
                let signed = assertion::signed(assertion, &oauth2.token_url, values).await?;
                self.fields.push(("client_id", client_id.clone()));
                self.fields.push(("client_assertion_type", CLIENT_ASSERTION.to_owned()));
                self.secret("client_assertion", &signed);
            }
        }
        Ok(())
    }

    fn secret(&mut self, name: &'static str, value: &SecretString) {
        self.secrets.push(value.expose_secret().to_owned());
        self.fields.push((name, value.expose_secret().to_owned()));
    }

    fn encoded(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.fields).extend_pairs(&self.more).finish()
    }
}

/// The token of a good answer (RFC 6749, section 5.1).
fn given(answer: Option<&Map<String, Value>>) -> Result<Answer, &'static str> {
    let answer = answer.ok_or("its answer is no JSON object")?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let token = text("access_token").ok_or("there is no `access_token` in its answer")?;
    // Token exchange says N_A of what is no access token (RFC 8693, section 2.2.1).
    if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer") && kind != "N_A") {
        return Err("its token is no bearer token");
    }
    crate::config::check_token(token).map_err(|_| "its token has characters that cannot be sent")?;
    let lifetime = answer.get("expires_in").and_then(seconds).unwrap_or(LIFETIME);
    let token = Token { text: token.into(), generation: 0, expires: clock::now() + lifetime, lifetime };
    Ok(Answer { token, refresh_token: text("refresh_token").map(SecretString::from) })
}

/// A number of seconds, also as a text, as some have it. A year is as good as for ever.
fn seconds(value: &Value) -> Option<Duration> {
    const YEAR: f64 = 31_536_000.0;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(Duration::from_secs_f64(number.clamp(0.0, YEAR)))
}

/// `: invalid_client (the secret has expired)` (RFC 6749, section 5.2)
fn said(answer: &Map<String, Value>) -> String {
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    let shown = |text: &str| -> String {
        text.chars().filter(|character| !character.is_control()).take(SHOWN).collect()
    };
    let Some(error) = text("error") else { return String::new() };
    match text("error_description") {
        Some(description) => format!(": {} ({})", shown(error), shown(description)),
        None => format!(": {}", shown(error)),
    }
}

#[cfg(test)]
mod tests;
