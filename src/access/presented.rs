//! What a request shows: one key, one token, or nothing.
//!
//! Only headers are read. A token in the query is not looked at, as if it were not there: it stands in the logs of
//! every proxy on the way (RFC 6750, section 2.3).

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::refusal::Refusal;

/// The header for an API key alone.
pub(super) static API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The longest key or token that is looked into; those of real servers have a quarter of it.
const LONGEST: usize = 16 << 10;

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presented<'h> {
    /// Nothing that is meant for us.
    Nothing,
    /// `Authorization: Bearer …`
    Bearer(&'h str),
    /// `X-Api-Key: …`
    ApiKey(&'h str),
}

/// Reads the headers. `X-Api-Key` is only looked at when there are keys, and then goes before `Authorization`, which may
/// hold something for an API behind us.
///
/// # Errors
/// [`Refusal::InvalidRequest`] when nobody could say which of several things is meant, or it is nothing of the kind;
/// [`Refusal::InvalidToken`] when it is too long to be true.
pub(super) fn presented(headers: &HeaderMap, has_keys: bool) -> Result<Presented<'_>, Refusal> {
    let authorization = single(headers, &AUTHORIZATION)?;
    if has_keys && let Some(value) = single(headers, &API_KEY)? {
        let key = text(value)?.trim();
        return if key.is_empty() { Ok(Presented::Nothing) } else { credential(key).map(Presented::ApiKey) };
    }
    let Some(value) = authorization else { return Ok(Presented::Nothing) };
    let value = text(value)?.trim();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") || rest.is_empty() {
        return Ok(Presented::Nothing);
    }
    credential(rest.trim_start_matches(' ')).map(Presented::Bearer)
}

fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Refusal::InvalidRequest("a key or a token is sent in one header, and once")),
    }
}

fn text(value: &HeaderValue) -> Result<&str, Refusal> {
    value.to_str().map_err(|_| Refusal::InvalidRequest("a key or a token has visible ASCII alone"))
}

/// A `b64token` (RFC 6750, section 2.1).
fn credential(text: &str) -> Result<&str, Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::InvalidToken("it is too long"));
    }
    let body = text.trim_end_matches('=');
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if body.is_empty() || !body.bytes().all(is_part) {
        return Err(Refusal::InvalidRequest("this is not the form of a bearer token"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_bearer_token_is_found_and_other_schemes_are_nothing() {
        for (value, expected) in [
            ("Bearer abc.def-_~+/==", Presented::Bearer("abc.def-_~+/==")),
            ("bearer abc", Presented::Bearer("abc")),
            ("BEARER   abc  ", Presented::Bearer("abc")),
            ("Basic dTpw", Presented::Nothing),
            ("Bearerabc", Presented::Nothing),
            ("Bearer", Presented::Nothing),
            ("Bearer   ", Presented::Nothing),
            ("", Presented::Nothing),
            ("abc", Presented::Nothing),
        ] {
            assert_eq!(presented(&headers(&[("authorization", value)]), true), Ok(expected), "{value}");
        }
        assert_eq!(presented(&HeaderMap::new(), true), Ok(Presented::Nothing));
    }

    #[test]
    fn what_is_ambiguous_or_no_token_is_an_invalid_request() {
        for pairs in [
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")][..],
            &[("authorization", "Basic a"), ("authorization", "Bearer a")],
            &[("x-api-key", "a"), ("x-api-key", "b")],
            &[("x-api-key", "a"), ("authorization", "Bearer a"), ("authorization", "Bearer b")],
            &[("authorization", "Bearer a b")],
            &[("authorization", "Bearer a,b")],
            &[("authorization", "Bearer \"a\"")],
            &[("authorization", "Bearer ===")],
            &[("authorization", "Bearer a\tb")],
            &[("authorization", "Bearer a%0d%0aX: y")],
        ] {
            let headers = headers(pairs);
            let refused = presented(&headers, true);
            assert!(matches!(refused, Err(Refusal::InvalidRequest(_))), "{pairs:?}: {refused:?}");
        }
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        let headers = headers(&[("authorization", &long)]);
        let refused = presented(&headers, true);
        assert!(matches!(refused, Err(Refusal::InvalidToken(_))));
    }

    #[test]
    fn an_api_key_goes_first_where_there_are_keys() {
        let both = headers(&[("x-api-key", "k"), ("authorization", "Bearer t")]);
        assert_eq!(presented(&both, true), Ok(Presented::ApiKey("k")));
        assert_eq!(presented(&both, false), Ok(Presented::Bearer("t")));
        let twice = headers(&[("x-api-key", "a"), ("x-api-key", "b")]);
        assert_eq!(presented(&twice, false), Ok(Presented::Nothing), "it is none of ours");
    }
}
