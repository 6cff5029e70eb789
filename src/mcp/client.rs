//! What is known of a client: what it can be asked for, how much it wants to be told, and which profile it takes, by the
//! name that it gives itself.
//!
//! Of profiles only those clients are known here whose provider takes less, or other things, than the portable profile has: everybody
//! else is served what all take. Modern requests carry all of it each; of a legacy client it is known from its
//! handshake where something remembers it: the connection on stdio, a session over HTTP. Without a session a legacy
//! client is nobody in particular between two requests.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::capabilities::Capabilities;
use super::changes::News;
use super::era::Era;
use super::error::ProtocolError;
use super::level::Level;
use super::message::Request;
use super::subscription::{MOST_URI_BYTES, MOST_URIS, notification};
use crate::catalog::Profile;

/// A legacy client that is remembered since its handshake.
#[derive(Debug, Default)]
pub(crate) struct Client {
    /// What it calls itself.
    name: Option<Box<str>>,
    profile: Option<Profile>,
    capabilities: Capabilities,
    /// One more than the level from which on it wants to be told what happens; 0 while it never asked.
    level: AtomicU8,
    /// The resources that it wants to hear of when they change.
    watched: Mutex<FxHashSet<Box<str>>>,
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
        let remembered = || connection.and_then(|client| client.profile);
        own.or_else(remembered).unwrap_or_default()
    }

    /// What the client of this request can be asked for.
    pub(crate) fn capabilities(connection: Option<&Self>, request: &Request<'_>, era: Era) -> Capabilities {
        match era {
            Era::Modern => {
                let meta = request.params.meta.as_ref();
                Capabilities::read(meta.and_then(|meta| meta.client_capabilities))
            }
            Era::Legacy => connection.map(|client| client.capabilities).unwrap_or_default(),
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

    /// What the client of this request calls itself.
    pub(crate) fn name(connection: Option<&Self>, request: &Request<'_>) -> Option<Box<str>> {
        let own = request.params.meta.as_ref().and_then(|meta| meta.client_info).and_then(name_of);
        own.map(Into::into).or_else(|| connection?.name.clone())
    }

    /// Remembers from which level on the client wants to be told what happens.
    pub(crate) fn set_level(&self, level: Level) {
        self.level.store(level as u8 + 1, Ordering::Relaxed);
    }

    /// What a legacy client is told that knows everything up to the change of this number.
    pub(crate) fn notices(&self, news: &News, told: u64) -> Vec<Bytes> {
        let watched = self.watched();
        let notices = news.since(told, watched.iter().map(|uri| &**uri));
        notices.into_iter().map(|notice| notification(notice, None)).collect()
    }

    /// Tells the client from now on when this resource changes; `false` when that would be too many of them.
    pub(crate) fn watch(&self, uri: &str) -> bool {
        let mut watched = self.watched();
        let has_room = watched.len() < MOST_URIS && uri.len() <= MOST_URI_BYTES;
        has_room && watched.insert(uri.into()) || watched.contains(uri)
    }

    /// Does not do so any more.
    pub(crate) fn unwatch(&self, uri: &str) {
        self.watched().remove(uri);
    }

    fn watched(&self) -> MutexGuard<'_, FxHashSet<Box<str>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client can be asked for something, so that somebody has to know what it answers.
    pub(crate) fn can_be_asked(&self) -> bool {
        self.capabilities.any()
    }

    /// Who an `initialize` says that it is.
    pub(crate) fn introduced(request: &Request<'_>) -> Self {
        Self {
            profile: request.params.client_info.map(profile_of),
            name: request.params.client_info.and_then(name_of).map(Into::into),
            capabilities: Capabilities::read(request.params.capabilities),
            level: AtomicU8::new(0),
            watched: Mutex::default(),
        }
    }
}

/// The profile of the client that calls itself so; what cannot be read is nobody.
fn profile_of(info: &RawValue) -> Profile {
    let name = name_of(info).unwrap_or_default().to_ascii_lowercase();
    KNOWN.iter().find(|(known, _)| name.starts_with(known)).map(|(_, profile)| *profile).unwrap_or_default()
}

/// What a client calls itself, as far as anybody would want to read it.
fn name_of(info: &RawValue) -> Option<String> {
    const LONGEST: usize = 80;
    #[derive(Deserialize)]
    struct ClientInfo {
        name: String,
    }
    let name = serde_json::from_str::<ClientInfo>(info.get()).ok()?.name;
    Some(name.chars().take(LONGEST).collect())
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
