//! The keys of an issuer, kept for a while.
//!
//! They are fetched when the first token wants one, and by one request however many wait. A token that names an unknown
//! key makes them be fetched again, but not more often than twice a minute: strangers make up such tokens. After a
//! while they are fetched again anyway, without anybody waiting, so that a key that was taken back is forgotten. When
//! that fails the last good ones stay: an authorization server that is down for an hour locks nobody out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jsonwebtoken::DecodingKey;

use super::discovery::{self, Place};
use super::fetch::{self, FetchError};
use super::key_set::{KeySet, Wanted};
use crate::clock;
use crate::config::server::access::KeyPlace;
use crate::net::{Clients, Policy};
use crate::tasks;

/// How long all of it may take, metadata included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long keys are used before they are looked at again.
const FRESH: Duration = Duration::from_secs(600);
/// How often, at most, an unknown key makes them be fetched.
const UNKNOWN_APART: Duration = Duration::from_secs(30);
/// The pause after a first failure; each further one doubles it.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct KeySource {
    issuer: String,
    place: KeyPlace,
    clients: Clients,
    state: Mutex<State>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of this name for this algorithm.
    Unknown,
    /// Its keys could not be had so far.
    Unavailable,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    read: Option<Instant>,
    /// Where the issuer's metadata says that they are.
    discovered: Option<Place>,
    fetching: Option<Shared<BoxFuture<'static, ()>>>,
    unknown: Option<Instant>,
    failures: u32,
    paused: Option<Instant>,
}

impl KeySource {
    /// A source that nothing has been asked of yet.
    pub(super) fn new(issuer: &str, place: KeyPlace, clients: &Clients) -> Self {
        Self { issuer: issuer.to_owned(), place, clients: clients.clone(), state: Mutex::default() }
    }

    /// The key that a token asks for.
    ///
    /// # Errors
    /// [`NoKey`]
    pub(super) async fn key(self: &Arc<Self>, wanted: Wanted<'_>) -> Result<Arc<DecodingKey>, NoKey> {
        let fetching = {
            let mut state = self.lock();
            let now = clock::now();
            if state.is_stale(now) {
                drop(self.fetching(&mut state));
            }
            match &state.keys {
                Some(keys) => {
                    if let Some(key) = keys.find(wanted) {
                        return Ok(Arc::clone(key));
                    }
                    if state.fetching.is_none() {
                        if !state.may_look_for_unknown(now) {
                            return Err(NoKey::Unknown);
                        }
                        state.unknown = Some(now);
                    }
                }
                None if state.is_paused(now) => return Err(NoKey::Unavailable),
                None => {}
            }
            self.fetching(&mut state)
        };
        fetching.await;
        match &self.lock().keys {
            Some(keys) => keys.find(wanted).cloned().ok_or(NoKey::Unknown),
            None => Err(NoKey::Unavailable),
        }
    }

    /// The fetch that is under way, or a new one. It goes on when nobody waits for it any more.
    fn fetching(self: &Arc<Self>, state: &mut State) -> Shared<BoxFuture<'static, ()>> {
        if let Some(fetching) = &state.fetching {
            return fetching.clone();
        }
        let (source, discovered) = (Arc::clone(self), state.discovered.clone());
        let task = tasks::spawn("issuer's keys", async move {
            let fetched = tokio::time::timeout(TIMEOUT, source.fetch(discovered)).await;
            source.finish(fetched.unwrap_or(Err(FetchError::Timeout)));
        });
        let fetching = async move { task.await.unwrap_or_default() }.boxed().shared();
        state.fetching = Some(fetching.clone());
        fetching
    }

    async fn fetch(&self, discovered: Option<Place>) -> Result<(KeySet, Place), FetchError> {
        let place = match (&self.place, discovered) {
            (KeyPlace::Url(url), _) => Place { url: url.clone(), policy: Policy::Any },
            (KeyPlace::Discovered(_), Some(place)) => place,
            (KeyPlace::Discovered(issuer), None) => {
                discovery::keys_of(issuer, &self.issuer, &self.clients).await?
            }
        };
        let body = fetch::document(&self.clients, place.policy, &place.url).await?;
        let keys = KeySet::parse(&body).ok_or(FetchError::Form("JSON Web Key Set"))?;
        Ok((keys, place))
    }

    fn finish(&self, fetched: Result<(KeySet, Place), FetchError>) {
        let (mut state, now) = (self.lock(), clock::now());
        state.fetching = None;
        match fetched {
            Ok((keys, place)) => {
                tracing::debug!(issuer = self.issuer, keys = keys.len(), "read the issuer's keys");
                let unknown = state.unknown;
                *state = State {
                    keys: Some(Arc::new(keys)),
                    read: Some(now),
                    discovered: Some(place),
                    unknown,
                    ..State::default()
                };
            }
            Err(error) => {
                let pause = PAUSE.saturating_mul(1_u32.checked_shl(state.failures).unwrap_or(u32::MAX));
                let pause = pause.min(LONGEST_PAUSE);
                state.failures = state.failures.saturating_add(1);
                state.paused = now.checked_add(pause);
                state.discovered = None;
                let kept = state.keys.is_some();
                tracing::warn!(issuer = self.issuer, %error, kept, pause_seconds = pause.as_secs(), "cannot read the issuer's keys");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_stale(&self, now: Instant) -> bool {
        self.read.is_some_and(|read| now - read >= FRESH) && !self.is_paused(now)
    }

    fn is_paused(&self, now: Instant) -> bool {
        self.paused.is_some_and(|until| now < until)
    }

    fn may_look_for_unknown(&self, now: Instant) -> bool {
        !self.is_paused(now) && self.unknown.is_none_or(|last| now - last >= UNKNOWN_APART)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("keys", &self.keys).field("read", &self.read).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
