//! What is known of a client: what it can be asked for, how much it wants to be told, and which profile it takes, by the
//! name that it gives itself.
//!
//! Only clients are known here whose provider takes less, or other things, than the portable profile has: everybody
//! else is served what all take. Modern requests carry the name each; of a legacy client it is known from its
//! handshake where the connection is the client's own (stdio). Over HTTP a legacy client is nobody in particular
//! between two requests, and gets the portable profile.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::Capabilities;
use super::era::Era;
use super::error::ProtocolError;
use super::level::Level;
use super::message::Request;
use crate::catalog::Profile;

/// The client at the other end of a connection that is its own.
#[derive(Debug, Default)]
pub(crate) struct Client {
    profile: OnceLock<Profile>,
    capabilities: OnceLock<Capabilities>,
    /// One more than the level from which on it wants to be told what happens; 0 while it never asked.
    level: AtomicU8,
}

/// Beginnings of the names of clients, in lower case, and what their providers take.
const KNOWN: [(&str, Profile); 5] = [
    ("gemini-cli", Profile::Gemini),
    ("openai-mcp", Profile::OpenAi),
    ("claude-ai", Profile::Anthropic),
    ("claude-code", Profile::Anthropic),
    ("anthropic/", Profile::Anthropic),
];

impl Client {
    /// The profile for a request of this client.
    pub(crate) fn profile(connection: Option<&Self>, request: &Request<'_>) -> Profile {
        let own = request.params.meta.as_ref().and_then(|meta| meta.client_info).map(profile_of);
        let remembered = || connection.and_then(|client| client.profile.get().copied());
        own.or_else(remembered).unwrap_or_default()
    }

    /// What the client of this request can be asked for.
    pub(crate) fn capabilities(connection: Option<&Self>, request: &Request<'_>, era: Era) -> Capabilities {
        match era {
            Era::Modern => {
                let meta = request.params.meta.as_ref();
                Capabilities::read(meta.and_then(|meta| meta.client_capabilities))
            }
            Era::Legacy => {
                connection.and_then(|client| client.capabilities.get()).copied().unwrap_or_default()
            }
        }
    }

    /// From which level on the client of this request wants to be told what happens; `None`: not at all.
    ///
    /// # Errors
    ///
    /// A modern request names a level that there is not.
    pub(crate) fn level(
        connection: Option<&Self>,
        request: &Request<'_>,
        era: Era,
    ) -> Result<Option<Level>, ProtocolError> {
        match era {
            Era::Modern => {
                let raw = request.params.meta.as_ref().and_then(|meta| meta.log_level);
                raw.map(|raw| Level::read(raw, "_meta.io.modelcontextprotocol/logLevel")).transpose()
            }
            Era::Legacy => {
                let chosen = connection.map_or(0, |client| client.level.load(Ordering::Relaxed));
                Ok(chosen.checked_sub(1).and_then(|at| Level::ALL.get(usize::from(at))).copied())
            }
        }
    }

    /// Remembers from which level on the client wants to be told what happens.
    pub(crate) fn set_level(&self, level: Level) {
        self.level.store(level as u8 + 1, Ordering::Relaxed);
    }

    /// Remembers who an `initialize` says that it is.
    pub(crate) fn introduce(&self, request: &Request<'_>) {
        if let Some(info) = request.params.client_info {
            // A second handshake on one connection changes nothing.
            let _first = self.profile.set(profile_of(info));
        }
        let _first = self.capabilities.set(Capabilities::read(request.params.capabilities));
    }
}

/// The profile of the client that calls itself so; what cannot be read is nobody.
fn profile_of(info: &RawValue) -> Profile {
    #[derive(Deserialize)]
    struct ClientInfo {
        name: String,
    }
    let name = serde_json::from_str::<ClientInfo>(info.get()).map(|info| info.name.to_ascii_lowercase());
    let name = name.unwrap_or_default();
    KNOWN.iter().find(|(known, _)| name.starts_with(known)).map(|(_, profile)| *profile).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(info: &str) -> Profile {
        profile_of(&RawValue::from_string(info.to_owned()).unwrap())
    }

    #[test]
    fn well_known_clients_get_what_their_provider_takes_and_others_what_all_take() {
        for (name, expected) in [
            ("gemini-cli-mcp-client", Profile::Gemini),
            ("openai-mcp", Profile::OpenAi),
            ("claude-code", Profile::Anthropic),
            ("Anthropic/ClaudeAI", Profile::Anthropic),
            ("Visual Studio Code", Profile::Portable),
            ("mcp", Profile::Portable),
        ] {
            assert_eq!(of(&format!(r#"{{"name":"{name}","version":"1"}}"#)), expected, "{name}");
        }
        for odd in ["{}", "7", r#"{"name":7}"#, "null", "[]"] {
            assert_eq!(of(odd), Profile::Portable, "{odd}");
        }
    }
}
