//! A URL that an API names as that of its next page, and whether it is followed.
//!
//! What an answer says must not point our credential, or a request from inside this network, at somebody else: the
//! URL has to be at the origin of the base URL and below its path.

use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::upstream::same_origin;

/// The longest URL that is followed.
const LONGEST: usize = 8 << 10;

/// The URL that `target` is, seen from where the answer came from.
///
/// # Errors
/// The place, without what may be secret in it, when it is not followed.
pub(super) fn resolve(from: &Url, base: &Url, target: &str) -> Result<Url, String> {
    let mut url = from.join(target.trim()).map_err(|_| "a place that is no URL".to_owned())?;
    url.set_fragment(None);
    upgrade(&mut url, base);
    let is_ours = same_origin(base, &url)
        && url.username().is_empty()
        && url.password().is_none()
        && is_below(base.path(), url.path())
        && url.as_str().len() <= LONGEST;
    if is_ours { Ok(url) } else { Err(shown(&url)) }
}

/// `http://` of an API that is reached by https behind a proxy which it does not know of: the same host and its
/// default port. The request goes by https all the same.
fn upgrade(url: &mut Url, base: &Url) {
    let is_it = base.scheme() == "https"
        && base.port().is_none()
        && url.scheme() == "http"
        && url.port().is_none()
        && url.host_str() == base.host_str();
    if is_it {
        // Fails only for schemes that have no host.
        let _ = url.set_scheme("https");
    }
}

/// Whether a path is below another one for everybody who may read it: also for one who decodes it once more.
fn is_below(base: &str, path: &str) -> bool {
    let rest = path.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) && !climbs(path)
}

fn climbs(path: &str) -> bool {
    let once = percent_decode_str(path).decode_utf8_lossy();
    let twice = percent_decode_str(&once).decode_utf8_lossy();
    twice.split(['/', '\\']).any(|segment| matches!(segment, "." | ".."))
}

fn shown(url: &Url) -> String {
    const LONGEST: usize = 200;
    let origin = match url.host_str() {
        Some(host) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{host}{port}{}", url.scheme(), &url[Position::BeforePath..Position::AfterPath])
        }
        None => format!("{}:…", url.scheme()),
    };
    origin.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(target: &str) -> Result<String, String> {
        let base = Url::parse("https://api.example.com/v1").unwrap();
        let from = Url::parse("https://api.example.com/v1/items?page=1").unwrap();
        resolve(&from, &base, target).map(String::from)
    }

    #[test]
    fn a_page_at_the_api_is_followed_however_it_is_written() {
        for (target, url) in [
            ("?page=2", "https://api.example.com/v1/items?page=2"),
            ("/v1/items?page=2#top", "https://api.example.com/v1/items?page=2"),
            ("https://API.example.com:443/v1/other?a=b", "https://api.example.com/v1/other?a=b"),
            ("http://api.example.com/v1/items?page=2", "https://api.example.com/v1/items?page=2"),
            ("//api.example.com/v1", "https://api.example.com/v1"),
        ] {
            assert_eq!(resolved(target).unwrap(), url, "{target}");
        }
    }

    #[test]
    fn a_page_elsewhere_is_refused_and_named_without_its_secrets() {
        for (target, shown) in [
            ("https://other.example.net/v1/items?token=x", "https://other.example.net/v1/items"),
            ("https://api.example.com:8443/v1/items", "https://api.example.com:8443/v1/items"),
            ("http://api.example.com:80/v1/../admin", "https://api.example.com/admin"),
            ("http://api.example.com:8080/v1/items", "http://api.example.com:8080/v1/items"),
            ("https://user:pw@api.example.com/v1/items", "https://api.example.com/v1/items"),
            ("/v2/items", "https://api.example.com/v2/items"),
            ("/v1evil", "https://api.example.com/v1evil"),
            ("/v1/%2e%2e/admin", "https://api.example.com/admin"),
            ("/v1/..%2fadmin", "https://api.example.com/v1/..%2fadmin"),
            ("/v1/%252e%252e/admin", "https://api.example.com/v1/%252e%252e/admin"),
            ("//169.254.169.254/v1/x", "https://169.254.169.254/v1/x"),
            ("file:///etc/passwd", "file:…"),
            ("javascript:alert(1)", "javascript:…"),
            ("https://[::1", "a place that is no URL"),
        ] {
            assert_eq!(resolved(target).unwrap_err(), shown, "{target}");
        }
        assert!(resolved(&format!("?a={}", "x".repeat(9000))).is_err());
    }
}
