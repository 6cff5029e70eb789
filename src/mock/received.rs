//! A request as it came over the wire, cut up but not yet decoded.

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use percent_encoding::percent_decode_str;

/// A request.
#[derive(Debug)]
pub(super) struct Received {
    pub method: Method,
    /// Path below the base path of the API, as it was sent.
    pub path: String,
    /// Query without `?`, as it was sent.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// One `name=value` of a query or a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// Decoded.
    pub name: String,
    /// As it was sent.
    pub value: String,
    /// Some parameter has taken it.
    pub taken: bool,
}

impl Received {
    /// The pairs of the query.
    pub(super) fn pairs(&self) -> Vec<Pair> {
        pairs(&self.query)
    }

    /// The cookies (RFC 6265, section 4.2).
    pub(super) fn cookies(&self) -> Vec<Pair> {
        let lines = self.headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .map(|(name, value)| Pair { name: decoded(name), value: value.to_owned(), taken: false })
            .collect()
    }

    /// The values of a header, in UTF-8, joined as RFC 9110, section 5.3 says.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name);
        let lines: Vec<_> = values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!lines.is_empty()).then(|| lines.join(","))
    }
}

/// The pairs of a query string or a form, in order.
pub(super) fn pairs(text: &str) -> Vec<Pair> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Pair { name: decoded_form(name), value: value.to_owned(), taken: false }
        })
        .collect()
}

/// Percent-decoded.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Percent-decoded, a plus being a space.
pub(super) fn decoded_form(text: &str) -> String {
    decoded(&text.replace('+', " "))
}
