//! One token and who waits for it.
//!
//! The token is asked for by a task of its own: it goes on when the call that wanted it is cancelled, and the next call
//! finds what it brought. While a token that is about to expire is still good, nobody waits for the next one. After a
//! failure nothing is asked for a while, which grows with each failure.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use secrecy::SecretString;

use crate::clock;
use crate::tasks;
use crate::upstream::credential::error::{CredentialError, CredentialFault};

/// How long before it expires a token is replaced, at most: for shorter ones it is a fifth of their life.
const EARLY: Duration = Duration::from_secs(60);
/// The pause after a first failure; each further one doubles it.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Tokens that an API refuses are not replaced more often than this: it may refuse them all.
const REJECTIONS_APART: Duration = Duration::from_secs(10);

/// A token.
#[derive(Clone)]
pub(super) struct Token {
    /// The token itself.
    pub(super) text: SecretString,
    /// Which one of its cell it is; given by the cell.
    pub(super) generation: u64,
    /// When it expires.
    pub(super) expires: Instant,
    /// How long it was good for.
    pub(super) lifetime: Duration,
}

/// Asks for a token.
type Asking = BoxFuture<'static, Result<Token, CredentialError>>;

/// Holds one token. Cannot be printed.
#[derive(Default)]
pub(super) struct Cell(Mutex<State>);

#[derive(Default)]
struct State {
    token: Option<Token>,
    generation: u64,
    asking: Option<Shared<Asking>>,
    failure: Option<Failure>,
    rejected: Option<Instant>,
}

struct Failure {
    error: CredentialError,
    count: u32,
    until: Instant,
}

impl Cell {
    /// The token, which is asked for with `ask` when there is none.
    pub(super) async fn token(
        self: &Arc<Self>,
        ask: impl FnOnce() -> Asking,
    ) -> Result<Token, CredentialError> {
        let now = clock::now();
        let asking = {
            let mut state = self.lock();
            let usable = state.token.clone().filter(|token| now < token.expires);
            if let Some(token) = usable.as_ref().filter(|token| now < token.replace_at()) {
                return Ok(token.clone());
            }
            let paused = state.failure.as_ref().filter(|failure| now < failure.until);
            if let Some(failure) = paused {
                return usable.ok_or_else(|| failure.error.clone());
            }
            let asking = match &state.asking {
                Some(asking) => asking.clone(),
                None => self.start(&mut state, ask()),
            };
            if let Some(token) = usable {
                return Ok(token);
            }
            asking
        };
        asking.await
    }

    /// The API refused the token of this generation. Whether another one is there, or may be asked for.
    pub(super) fn reject(&self, generation: u64) -> bool {
        let now = clock::now();
        let mut state = self.lock();
        let is_current = state.token.as_ref().is_some_and(|token| token.generation == generation);
        if !is_current {
            return true;
        }
        if state.rejected.is_some_and(|last| now - last < REJECTIONS_APART) {
            return false;
        }
        state.rejected = Some(now);
        state.token = None;
        true
    }

    fn start(self: &Arc<Self>, state: &mut State, ask: Asking) -> Shared<Asking> {
        let cell = Arc::clone(self);
        let task = tasks::spawn("token", async move {
            let given = ask.await;
            cell.finish(given)
        });
        let asking: Asking = async move {
            task.await.unwrap_or_else(|_| {
                let reason = CredentialFault::Unsendable("asking for its token failed inside of toolgate");
                Err(CredentialError { name: String::new(), reason })
            })
        }
        .boxed();
        let asking = asking.shared();
        state.asking = Some(asking.clone());
        asking
    }

    fn finish(&self, given: Result<Token, CredentialError>) -> Result<Token, CredentialError> {
        let mut state = self.lock();
        state.asking = None;
        match given {
            Ok(token) => {
                state.generation += 1;
                let token = Token { generation: state.generation, ..token };
                state.token = Some(token.clone());
                state.failure = None;
                Ok(token)
            }
            Err(error) => {
                let count = state.failure.as_ref().map_or(0, |failure| failure.count);
                let pause =
                    PAUSE.saturating_mul(1_u32.checked_shl(count).unwrap_or(u32::MAX)).min(LONGEST_PAUSE);
                let until = clock::now() + pause;
                state.failure = Some(Failure { error: error.clone(), count: count.saturating_add(1), until });
                tracing::warn!(error = %error, pause_seconds = pause.as_secs(), "no token");
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Token {
    fn replace_at(&self) -> Instant {
        self.expires.checked_sub(EARLY.min(self.lifetime / 5)).unwrap_or(self.expires)
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cell").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use secrecy::ExposeSecret;
    use tokio::time::{advance, sleep};

    use super::*;

    /// A token endpoint that counts, and fails when it is told to.
    #[derive(Default)]
    struct Source {
        asked: AtomicUsize,
        failing: std::sync::atomic::AtomicBool,
    }

    impl Source {
        fn ask(self: &Arc<Self>) -> Asking {
            let source = Arc::clone(self);
            async move {
                let number = source.asked.fetch_add(1, Ordering::SeqCst) + 1;
                sleep(Duration::from_secs(2)).await;
                if source.failing.load(Ordering::SeqCst) {
                    let reason = CredentialFault::Unsendable("no");
                    return Err(CredentialError { name: "a".into(), reason });
                }
                let lifetime = Duration::from_secs(300);
                let expires = clock::now() + lifetime;
                Ok(Token { text: format!("token-{number}").into(), generation: 0, expires, lifetime })
            }
            .boxed()
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    async fn text(cell: &Arc<Cell>, source: &Arc<Source>) -> String {
        cell.token(|| source.ask()).await.unwrap().text.expose_secret().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_calls_at_once_ask_for_one_token() {
        let (cell, source) = (Arc::<Cell>::default(), Arc::<Source>::default());
        let tokens = join_all((0..1000).map(|_| text(&cell, &source))).await;
        assert!(tokens.iter().all(|token| token == "token-1"));
        assert_eq!(source.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_cancelled_takes_nobodys_token_with_it() {
        let (cell, source) = (Arc::<Cell>::default(), Arc::<Source>::default());
        let waiting = tokio::time::timeout(Duration::from_secs(1), text(&cell, &source)).await;
        assert!(waiting.is_err());
        assert_eq!(text(&cell, &source).await, "token-1");
        assert_eq!(source.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_replaced_before_it_expires_and_nobody_waits_for_it() {
        let (cell, source) = (Arc::<Cell>::default(), Arc::<Source>::default());
        text(&cell, &source).await;
        advance(Duration::from_secs(250)).await;
        let before = clock::now();
        assert_eq!(text(&cell, &source).await, "token-1");
        assert_eq!(clock::now(), before, "it was still good");
        sleep(Duration::from_secs(3)).await;
        assert_eq!(text(&cell, &source).await, "token-2");
        advance(Duration::from_secs(301)).await;
        assert_eq!(text(&cell, &source).await, "token-3", "no token is used after it expired");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_pauses_longer_each_time_and_a_good_token_outlives_it() {
        let (cell, source) = (Arc::<Cell>::default(), Arc::<Source>::default());
        source.failing.store(true, Ordering::SeqCst);
        for (asked, pause) in [(1, 1), (2, 2), (3, 4)] {
            assert!(cell.token(|| source.ask()).await.is_err());
            assert!(cell.token(|| source.ask()).await.is_err(), "at once, from the last failure");
            assert_eq!(source.asked(), asked);
            sleep(Duration::from_secs(pause)).await;
        }
        source.failing.store(false, Ordering::SeqCst);
        assert_eq!(text(&cell, &source).await, "token-4");
        source.failing.store(true, Ordering::SeqCst);
        advance(Duration::from_secs(270)).await;
        text(&cell, &source).await;
        sleep(Duration::from_secs(3)).await;
        assert_eq!(text(&cell, &source).await, "token-4", "it is good for some seconds more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_refused_is_replaced_but_not_all_the_time() {
        let (cell, source) = (Arc::<Cell>::default(), Arc::<Source>::default());
        let first = cell.token(|| source.ask()).await.unwrap();
        assert!(cell.reject(first.generation));
        assert!(cell.reject(first.generation), "of two calls that had it the second one uses the new token");
        let second = cell.token(|| source.ask()).await.unwrap();
        assert_eq!((second.text.expose_secret(), source.asked()), ("token-2", 2));
        assert!(cell.reject(first.generation));
        assert!(!cell.reject(second.generation));
        sleep(REJECTIONS_APART).await;
        assert!(cell.reject(second.generation));
    }
}
