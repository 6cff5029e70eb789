//! Credentials put on requests: at the last moment, on each attempt anew, never on anything that is kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::SendError;
use crate::config::gateway::Credential;
use crate::openapi::operation::Location;

/// All but the unreserved characters (RFC 3986, section 2.3) is encoded.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Puts the credential on a request. It replaces whatever is there under its name: a caller must not be able to send
/// another one in its place.
///
/// # Errors
/// [`SendError::Credential`] when it has characters that a header cannot hold. Nothing is sent without it.
pub(crate) fn apply(
    credential: &Credential,
    url: &mut Url,
    headers: &mut HeaderMap,
) -> Result<(), SendError> {
    match credential {
        Credential::Bearer(token) => {
            let value = secret_value(&["Bearer ", token.expose_secret()])?;
            headers.insert(AUTHORIZATION, value);
        }
        Credential::Basic { username, password } => {
            let pair = STANDARD.encode(basic_pair(username.expose(), password));
            headers.insert(AUTHORIZATION, secret_value(&["Basic ", &pair])?);
        }
        Credential::ApiKey { location: Location::Query | Location::QueryString, name, value } => {
            replace_in_query(url, name, value.expose_secret());
        }
        Credential::ApiKey { location: Location::Cookie, name, value } => {
            let cookie = cookies_with(headers, name, value)?;
            headers.insert(COOKIE, cookie);
        }
        Credential::ApiKey { location: Location::Header | Location::Path, name, value } => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| SendError::Credential { reason: "its name is no header name" })?;
            headers.insert(name, secret_value(&[value.expose_secret()])?);
        }
    }
    Ok(())
}

/// Everything about a credential that must never be shown.
pub(super) fn secrets(credential: &Credential) -> Vec<String> {
    match credential {
        Credential::Bearer(secret) | Credential::ApiKey { value: secret, .. } => {
            vec![secret.expose_secret().to_owned()]
        }
        Credential::Basic { username, password } => {
            let mut secrets =
                vec![password.expose_secret().to_owned(), basic_pair(username.expose(), password)];
            secrets.extend(username.is_secret().then(|| username.expose().to_owned()));
            secrets
        }
    }
}

/// What Basic encodes: `user:password`.
fn basic_pair(username: &str, password: &SecretString) -> String {
    format!("{username}:{}", password.expose_secret())
}

fn secret_value(parts: &[&str]) -> Result<HeaderValue, SendError> {
    let mut value = HeaderValue::try_from(parts.concat())
        .map_err(|_| SendError::Credential { reason: "it has characters that a header cannot hold" })?;
    value.set_sensitive(true);
    Ok(value)
}

fn replace_in_query(url: &mut Url, name: &str, value: &str) {
    let mut query = String::new();
    for pair in url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        if !is_named(pair, name) {
            query.push_str(pair);
            query.push('&');
        }
    }
    query.extend(utf8_percent_encode(name, VALUE));
    query.push('=');
    query.extend(utf8_percent_encode(value, VALUE));
    url.set_query(Some(&query));
}

/// Whether an encoded `name=value` has this name.
fn is_named(pair: &str, name: &str) -> bool {
    let written = pair.split('=').next().unwrap_or_default().replace('+', " ");
    percent_decode_str(&written).eq(name.bytes())
}

fn cookies_with(headers: &HeaderMap, name: &str, value: &SecretString) -> Result<HeaderValue, SendError> {
    let mut cookies = String::new();
    for line in headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()) {
        for cookie in line.split(';').map(str::trim) {
            if cookie.split('=').next() != Some(name) {
                cookies.push_str(cookie);
                cookies.push_str("; ");
            }
        }
    }
    secret_value(&[&cookies, name, "=", value.expose_secret()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(location: Location, name: &str, value: &str) -> Credential {
        Credential::ApiKey { location, name: name.to_owned(), value: value.into() }
    }

    fn applied(
        credential: &Credential,
        url: &str,
        headers: &[(&'static str, &'static str)],
    ) -> (String, HeaderMap) {
        let mut url = Url::parse(url).unwrap();
        let mut headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        apply(credential, &mut url, &mut headers).unwrap();
        (url.into(), headers)
    }

    #[test]
    fn headers_are_sensitive_and_replace_what_the_caller_sent() {
        let (_, headers) = applied(
            &Credential::Bearer("abc".into()),
            "https://example.com/",
            &[("authorization", "Bearer x")],
        );
        assert_eq!(headers["authorization"], "Bearer abc");
        assert!(headers["authorization"].is_sensitive());
        assert_eq!(headers.get_all("authorization").iter().count(), 1);

        let (_, headers) =
            applied(&key(Location::Header, "X-Api-Key", "k"), "https://example.com/", &[("x-api-key", "x")]);
        assert_eq!(headers["x-api-key"], "k");
    }

    #[test]
    fn basic_is_encoded_as_rfc_7617_says() {
        let username = crate::config::gateway::Text::Plain("Aladdin".to_owned());
        let credential = Credential::Basic { username, password: "open sesame".into() };
        let (_, headers) = applied(&credential, "https://example.com/", &[]);
        assert_eq!(headers["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a_key_in_the_query_replaces_its_namesakes_in_any_spelling() {
        let credential = key(Location::Query, "api key", "a&b=c d");
        let (url, _) = applied(&credential, "https://example.com/?q=1&api+key=x&api%20key=y&z", &[]);
        assert_eq!(url, "https://example.com/?q=1&z&api%20key=a%26b%3Dc%20d");
        let (url, _) = applied(&credential, "https://example.com/a", &[]);
        assert_eq!(url, "https://example.com/a?api%20key=a%26b%3Dc%20d");
    }

    #[test]
    fn a_key_in_a_cookie_joins_the_other_cookies() {
        let (_, headers) = applied(
            &key(Location::Cookie, "sid", "s"),
            "https://example.com/",
            &[("cookie", "a=1; sid=x; b=2")],
        );
        assert_eq!(headers["cookie"], "a=1; b=2; sid=s");
    }

    #[test]
    fn what_a_header_cannot_hold_is_not_sent() {
        let mut url = Url::parse("https://example.com/").unwrap();
        let error =
            apply(&Credential::Bearer("a\r\nX: y".into()), &mut url, &mut HeaderMap::new()).unwrap_err();
        assert!(!error.to_string().contains("X: y"));
    }
}
