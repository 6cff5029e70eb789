//! Which URLs a document may have fetched by referring to them.

use url::Url;

use crate::net::Policy;

/// Which URLs a document may have fetched by referring to them. It holds for redirects, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Permission {
    /// None.
    #[default]
    Nothing,
    /// Those of these hosts, written as `HOST` or `HOST:PORT`, which the operator has named: they may be anywhere.
    Hosts(Vec<String>),
    /// Those of any host with a public address.
    Public,
}

impl Permission {
    /// Which addresses the host of a URL may have; `None` when the URL is not fetched.
    pub(super) fn policy(&self, url: &Url) -> Option<Policy> {
        let has_user = !url.username().is_empty() || url.password().is_some();
        match self {
            _ if has_user => None,
            Self::Nothing => None,
            Self::Hosts(hosts) => hosts.iter().any(|host| is_of(url, host)).then_some(Policy::Any),
            Self::Public => Some(Policy::Public),
        }
    }
}

/// Whether `text` can be the `HOST` or `HOST:PORT` of a URL, and nothing else is in it.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let url = Url::parse(&format!("https://{text}/"));
    url.is_ok_and(|url| {
        let has_user = !url.username().is_empty() || url.password().is_some();
        !has_user
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !text.contains(['/', '\\', '?', '#', '@', '*'])
    })
}

/// Whether a URL is of a host as the operator wrote it, at the port that he wrote or the default one.
fn is_of(url: &Url, host: &str) -> bool {
    Url::parse(&format!("{}://{host}/", url.scheme())).is_ok_and(|named| named.origin() == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(permission: &Permission, url: &str) -> Option<Policy> {
        permission.policy(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_named_host_is_permitted_at_its_port_and_nothing_beside_it() {
        let named = Permission::Hosts(vec!["Schemas.example.com".to_owned(), "127.0.0.1:8080".to_owned()]);
        assert_eq!(policy(&named, "https://schemas.example.com/a.json"), Some(Policy::Any));
        assert_eq!(policy(&named, "http://127.0.0.1:8080/a.json"), Some(Policy::Any));
        for url in [
            "https://schemas.example.com:8443/a.json",
            "https://schemas.example.com.example.org/a.json",
            "https://other.schemas.example.com/",
            "https://user@schemas.example.com/",
            "http://127.0.0.1/a.json",
        ] {
            assert_eq!(policy(&named, url), None, "{url}");
        }
    }

    #[test]
    fn any_host_means_any_public_one() {
        assert_eq!(policy(&Permission::Public, "https://example.com/"), Some(Policy::Public));
        assert_eq!(policy(&Permission::Public, "https://user:word@example.com/"), None);
        assert_eq!(policy(&Permission::Nothing, "https://example.com/"), None);
    }

    #[test]
    fn a_host_is_no_url_and_no_pattern() {
        for good in ["example.com", "example.com:8080", "[::1]:80", "10.0.0.1"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "https://example.com", "example.com/a", "*.example.com", "a@example.com", "a b"] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
