//! What clients can read about this resource before they log in (RFC 9728).

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::config::server::access::{Access, Resource};

/// Where it is: by itself, and before the path of the resource (RFC 9728, section 3.1).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The metadata of the resource.
#[derive(Debug)]
pub(super) struct Metadata {
    /// Where it is, for challenges.
    pub(super) url: String,
    path: String,
    document: Bytes,
}

impl Metadata {
    /// The metadata; `None` without an authorization server, to which it could lead.
    pub(super) fn of(access: &Access) -> Option<Self> {
        let (resource, tokens) = (access.resource.as_ref()?, access.tokens.as_ref()?);
        let mut document = Map::new();
        document.insert("resource".to_owned(), json!(resource.text));
        document.insert("authorization_servers".to_owned(), json!([tokens.issuer]));
        if !tokens.required_scopes.is_empty() {
            document.insert("scopes_supported".to_owned(), json!(tokens.required_scopes));
        }
        document.insert("bearer_methods_supported".to_owned(), json!(["header"]));
        let path = resource.url.path().trim_end_matches('/').to_owned();
        let document = Bytes::from(Value::Object(document).to_string());
        Some(Self { url: url(resource), path, document })
    }

    /// What is at this path of our own: the document at its root, at the path of the resource, and at those of its parts
    /// (`/mcp/NAME`), which are the same resource.
    pub(super) fn at(&self, path: &str) -> Option<&Bytes> {
        let rest = path.strip_prefix(WELL_KNOWN)?.trim_end_matches('/');
        let is_in = |whole: &str| {
            rest.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        (rest.is_empty() || is_in(&self.path) || is_in("/mcp")).then_some(&self.document)
    }
}

fn url(resource: &Resource) -> String {
    let mut url = resource.url.clone();
    url.set_path(&format!("{WELL_KNOWN}{}", resource.url.path().trim_end_matches('/')));
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::testing;

    #[test]
    fn it_is_at_the_root_and_at_the_paths_of_the_resource() {
        let metadata = Metadata::of(&testing::access()).unwrap();
        assert_eq!(metadata.url, "https://mcp.example.com/.well-known/oauth-protected-resource/mcp");
        for there in ["", "/", "/mcp", "/mcp/", "/mcp/shop"] {
            assert!(metadata.at(&format!("{WELL_KNOWN}{there}")).is_some(), "{there}");
        }
        for elsewhere in ["/other", "/mcpx", "x", "//mcp"] {
            assert!(metadata.at(&format!("{WELL_KNOWN}{elsewhere}")).is_none(), "{elsewhere}");
        }
        assert!(metadata.at("/mcp").is_none());
        let document: Value = serde_json::from_slice(metadata.at(WELL_KNOWN).unwrap()).unwrap();
        assert_eq!(
            document,
            json!({
                "resource": testing::AUDIENCE,
                "authorization_servers": [testing::ISSUER],
                "scopes_supported": ["mcp"],
                "bearer_methods_supported": ["header"],
            })
        );
    }

    #[test]
    fn without_an_authorization_server_there_is_none() {
        assert!(Metadata::of(&Access { tokens: None, ..testing::access() }).is_none());
    }
}
