//! Whether an answer redirects, and whether that is followed (RFC 9110, section 15.4).
//!
//! Only within the origin: whoever answers must not be able to point our credential, or a request from inside this
//! network, at somebody else. Only for GET and HEAD, and for 303, whose meaning is "done; read the result there".
//! 301, 302, 307 and 308 to a request that writes are refused: to repeat it elsewhere is not ours to decide.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::error::SendError;
use super::{HttpRequest, same_origin};

/// How many redirects in a row are followed.
pub(super) const LIMIT: usize = 3;
const SHOWN: usize = 200;

/// The request that an answer to `request` asks for; `None` when it does not redirect.
///
/// # Errors
/// [`SendError::RedirectRefused`] when it does and is not followed.
pub(super) fn redirect(
    request: &HttpRequest,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<HttpRequest>, SendError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let next =
        std::str::from_utf8(location.as_bytes()).ok().and_then(|location| request.url.join(location).ok());
    let Some(mut next) = next else {
        return Err(SendError::RedirectRefused { status, location: "a place that is no URL".to_owned() });
    };
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if !same_origin(&request.url, &next) || !(reads || status == StatusCode::SEE_OTHER) {
        return Err(SendError::RedirectRefused { status, location: shown(&next) });
    }
    next.set_fragment(None);
    Ok(Some(following(request, next)))
}

/// The same request elsewhere; of one that wrote, a request for the result, without what spoke of its body.
fn following(request: &HttpRequest, url: Url) -> HttpRequest {
    let mut next = HttpRequest { url, ..request.clone() };
    if !matches!(request.method, Method::GET | Method::HEAD) {
        next.method = Method::GET;
        next.body = Bytes::new();
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE] {
            next.headers.remove(name);
        }
    }
    next
}

/// A URL without what may be secret in it: no user, no query, no fragment.
fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    // Both fail only for URLs that cannot have a user.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.as_str().chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(method: Method, status: u16, location: &str) -> Result<Option<HttpRequest>, String> {
        let request = HttpRequest {
            method,
            url: Url::parse("https://api.example.com/a/b?q=1").unwrap(),
            headers: HeaderMap::from_iter([(CONTENT_TYPE, "text/plain".parse().unwrap())]),
            body: Bytes::from("body"),
        };
        let headers = HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        let status = StatusCode::from_u16(status).unwrap();
        redirect(&request, status, &headers).map_err(|error| error.to_string())
    }

    #[test]
    fn reading_follows_within_the_origin() {
        for (location, target) in [
            ("c", "https://api.example.com/a/c"),
            ("/x?y=1#z", "https://api.example.com/x?y=1"),
            ("https://API.example.com:443/x", "https://api.example.com/x"),
        ] {
            let next = answer(Method::GET, 302, location).unwrap().unwrap();
            assert_eq!((next.method, next.url.as_str()), (Method::GET, target));
        }
        assert_eq!(answer(Method::HEAD, 308, "/x").unwrap().unwrap().method, Method::HEAD);
    }

    #[test]
    fn another_origin_is_refused_and_named_without_its_secrets() {
        for (location, shown) in [
            ("https://files.example.net/x?signature=abc#d", "https://files.example.net/x"),
            ("https://user:pass@example.net/", "https://example.net/"),
            ("http://api.example.com/a/b", "http://api.example.com/a/b"),
            ("https://api.example.com:8443/", "https://api.example.com:8443/"),
            ("//169.254.169.254/latest", "https://169.254.169.254/latest"),
            ("file:///etc/passwd", "file:///etc/passwd"),
        ] {
            let error = answer(Method::GET, 307, location).unwrap_err();
            assert_eq!(
                error,
                format!("the answer (307 Temporary Redirect) redirects to {shown}, which is not followed")
            );
        }
    }

    #[test]
    fn a_write_is_not_repeated_elsewhere_but_its_result_is_read() {
        for status in [301, 302, 307, 308] {
            assert!(answer(Method::POST, status, "/x").is_err(), "{status}");
        }
        let next = answer(Method::POST, 303, "/jobs/1").unwrap().unwrap();
        assert_eq!((next.method, next.body.len(), next.headers.len()), (Method::GET, 0, 0));
    }

    #[test]
    fn what_does_not_redirect_is_an_answer() {
        assert!(answer(Method::GET, 304, "/x").unwrap().is_none());
        assert!(answer(Method::POST, 201, "/x").unwrap().is_none());
    }
}
