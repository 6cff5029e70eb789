//! Where an issuer has its keys: its metadata says so (RFC 8414, section 3; OpenID Connect Discovery 1.0, section 4).

use serde::Deserialize;
use url::Url;

use super::fetch::{self, FetchError};
use crate::config::server::access::is_safe;
use crate::net::{Clients, Policy};

/// Where the keys are, and which addresses that may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The URL.
    pub(super) url: Url,
    /// Any address where the operator wrote the host.
    pub(super) policy: Policy,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
}

/// The place of the keys of an issuer.
///
/// # Errors
/// Any [`FetchError`]: why the last of its documents does not say.
pub(super) async fn keys_of(issuer: &Url, name: &str, clients: &Clients) -> Result<Place, FetchError> {
    let mut last = FetchError::Form("metadata with a `jwks_uri`");
    for url in documents(issuer) {
        match one(&url, issuer, name, clients).await {
            Ok(Some(place)) => return Ok(place),
            Ok(None) => {}
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn one(url: &Url, issuer: &Url, name: &str, clients: &Clients) -> Result<Option<Place>, FetchError> {
    let body = fetch::document(clients, Policy::Any, url).await?;
    let metadata: Metadata = serde_json::from_slice(&body).map_err(|_| FetchError::Form("metadata"))?;
    if metadata.issuer != name {
        return Err(FetchError::OtherIssuer);
    }
    let Some(url) = metadata.jwks_uri else { return Ok(None) };
    let url = Url::parse(&url).ok().filter(is_safe).ok_or(FetchError::Unsafe)?;
    // The operator wrote the issuer. Where that sends us on to another host, it shall be one of the public internet;
    // the operator can write `jwks_url` where it is not.
    let policy = if url.origin() == issuer.origin() { Policy::Any } else { Policy::Public };
    Ok(Some(Place { url, policy }))
}

/// Where metadata may be, in the order in which MCP's authorization has clients look for it.
fn documents(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url.set_query(None);
        url
    };
    let mut urls = vec![
        at(format!("/.well-known/oauth-authorization-server{path}")),
        at(format!("/.well-known/openid-configuration{path}")),
    ];
    if !path.is_empty() {
        urls.push(at(format!("{path}/.well-known/openid-configuration")));
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_in_all_places() {
        let documents = |issuer: &str| -> Vec<String> {
            documents(&issuer.parse().unwrap()).into_iter().map(String::from).collect()
        };
        assert_eq!(
            documents("https://login.example.com/tenant/"),
            [
                "https://login.example.com/.well-known/oauth-authorization-server/tenant",
                "https://login.example.com/.well-known/openid-configuration/tenant",
                "https://login.example.com/tenant/.well-known/openid-configuration",
            ]
        );
        assert_eq!(documents("https://login.example.com").len(), 2);
    }
}
