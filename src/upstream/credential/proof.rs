//! What a credential puts on one request. It is made ready before ([`super::Keeper::acquire`]); putting it on waits for
//! nothing and asks nobody.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::hmac::Signer;
#[cfg(feature = "sigv4")]
use super::sigv4::Keys;

/// All but the unreserved characters (RFC 3986, section 2.3) is encoded.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What proves one thing on one request.
pub(crate) enum Proof {
    /// Headers, whose values are marked sensitive.
    Headers(Vec<(HeaderName, HeaderValue)>),
    /// A parameter of the query.
    Query {
        /// Its name, not yet encoded.
        name: String,
        /// Its value, not yet encoded.
        value: SecretString,
    },
    /// A cookie.
    Cookie {
        /// Its name.
        name: String,
        /// Its value.
        value: SecretString,
    },
    /// A signature over the whole request; it comes after everything else.
    Hmac(Box<Signer>),
    /// A signature over the whole request; it comes after everything else.
    #[cfg(feature = "sigv4")]
    SigV4(Keys),
    /// A certificate, which the client that sends the request shows.
    Connection(Client),
}

/// The parts of a request that a proof may read and change.
pub(crate) struct Outgoing<'a> {
    /// Method.
    pub(crate) method: &'a Method,
    /// URL, query included.
    pub(crate) url: &'a mut Url,
    /// Headers.
    pub(crate) headers: &'a mut HeaderMap,
    /// The whole body.
    pub(crate) body: &'a Bytes,
    /// When it is sent, for signatures.
    pub(crate) now: SystemTime,
}

/// A header or cookie cannot hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsendable(pub(crate) &'static str);

impl Proof {
    /// A header whose value is made of these parts.
    pub(super) fn header(name: HeaderName, parts: &[&str]) -> Result<Self, Unsendable> {
        Ok(Self::Headers(vec![(name, secret_value(parts)?)]))
    }

    /// Puts it on a request. It replaces whatever is there under its name: a caller must not be able to send another one
    /// in its place.
    pub(crate) fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Unsendable> {
        match self {
            Self::Headers(headers) => {
                for (name, value) in headers {
                    request.headers.insert(name.clone(), value.clone());
                }
            }
            Self::Query { name, value } => replace_in_query(request.url, name, value.expose_secret()),
            Self::Cookie { name, value } => {
                let cookie = cookies_with(request.headers, name, value)?;
                request.headers.insert(COOKIE, cookie);
            }
            Self::Hmac(signer) => signer.sign(request)?,
            #[cfg(feature = "sigv4")]
            Self::SigV4(keys) => keys.sign(request)?,
            Self::Connection(_) => {}
        }
        Ok(())
    }

    /// Whether everything else must be on the request before it is.
    pub(crate) fn is_signature(&self) -> bool {
        match self {
            Self::Hmac(_) => true,
            #[cfg(feature = "sigv4")]
            Self::SigV4(_) => true,
            _ => false,
        }
    }
}

/// A value that nothing prints.
pub(super) fn secret_value(parts: &[&str]) -> Result<HeaderValue, Unsendable> {
    let mut value = HeaderValue::try_from(parts.concat())
        .map_err(|_| Unsendable("it has characters that a header cannot hold"))?;
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

fn cookies_with(headers: &HeaderMap, name: &str, value: &SecretString) -> Result<HeaderValue, Unsendable> {
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
