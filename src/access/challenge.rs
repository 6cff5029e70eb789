//! What a refused caller is told: the status, and a challenge that says how to do better (RFC 6750, section 3; RFC 9728,
//! section 5.1).

use std::fmt::Write as _;

use http::{HeaderValue, StatusCode};

use super::refusal::Refusal;

/// A refusal as it is sent.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// `WWW-Authenticate`; `None` when showing something else would not help.
    pub challenge: Option<HeaderValue>,
}

/// What all challenges of a server have in common.
#[derive(Debug)]
pub(super) struct Challenges {
    /// Where the metadata of the resource is; `None` without an authorization server.
    pub(super) metadata_url: Option<String>,
    /// What to ask for at first.
    pub(super) scopes: Vec<String>,
}

impl Refused {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.refusal.status()
    }
}

impl Challenges {
    /// The refusal with its challenge.
    pub(super) fn refused(&self, refusal: Refusal) -> Refused {
        let challenge = (refusal != Refusal::Unavailable).then(|| self.challenge(&refusal));
        // Nothing in it comes from a caller, and what comes from the file is checked when it is read.
        let challenge = challenge.and_then(|text| HeaderValue::from_str(&text).ok());
        Refused { refusal, challenge }
    }

    fn challenge(&self, refusal: &Refusal) -> String {
        let mut text = String::from("Bearer realm=\"toolgate\"");
        let mut parameter = |name: &str, value: &str| {
            // Writing to a text cannot fail.
            let _ok = write!(text, ", {name}=\"{value}\"");
        };
        if let Some(code) = refusal.code() {
            parameter("error", code);
            parameter("error_description", &refusal.to_string());
        }
        let scopes = match refusal {
            Refusal::InsufficientScope { required } => required,
            _ => &self.scopes,
        };
        if !scopes.is_empty() {
            parameter("scope", &scopes.join(" "));
        }
        if let Some(url) = &self.metadata_url {
            parameter("resource_metadata", url);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(refusal: Refusal) -> String {
        let metadata_url =
            Some("https://mcp.example.com/.well-known/oauth-protected-resource/mcp".to_owned());
        let challenges = Challenges { metadata_url, scopes: vec!["mcp".to_owned()] };
        let refused = challenges.refused(refusal);
        refused.challenge.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_challenge_says_where_to_log_in_and_for_what() {
        let metadata =
            "resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";
        assert_eq!(
            challenge(Refusal::NothingShown),
            format!("Bearer realm=\"toolgate\", scope=\"mcp\", {metadata}")
        );
        assert_eq!(
            challenge(Refusal::InvalidToken("the token has expired")),
            format!(
                "Bearer realm=\"toolgate\", error=\"invalid_token\", error_description=\"the token has expired\", \
                 scope=\"mcp\", {metadata}"
            )
        );
        let required = vec!["mcp".to_owned(), "orders:write".to_owned()];
        let lacking = challenge(Refusal::InsufficientScope { required });
        assert!(
            lacking.contains("error=\"insufficient_scope\"")
                && lacking.contains("scope=\"mcp orders:write\"")
        );
        assert_eq!(challenge(Refusal::Unavailable), "");
    }

    #[test]
    fn without_an_authorization_server_there_is_nowhere_to_log_in() {
        let challenges = Challenges { metadata_url: None, scopes: Vec::new() };
        let refused = challenges.refused(Refusal::NothingShown);
        assert_eq!(refused.challenge.unwrap(), "Bearer realm=\"toolgate\"");
        assert_eq!(refused.refusal.status(), StatusCode::UNAUTHORIZED);
    }
}
