//! One request for many callers who ask the same thing at the same time.
//!
//! The first is the leader and asks the API; the others wait for what it gets. A leader may go at any moment (its
//! client left, its deadline passed): then one of those who wait becomes the leader, and none of them waits for ever.

use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::watch;

use super::{Kept, Key};

/// The requests that are on their way.
#[derive(Debug, Default)]
pub(super) struct Flights {
    open: Mutex<FxHashMap<Key, watch::Receiver<State>>>,
}

/// What one caller has to do.
#[derive(Debug)]
pub(crate) enum Role<'a> {
    /// Ask the API, and tell the others with [`Flight::land`].
    Leader(Flight<'a>),
    /// Wait: see [`Wait::landed`].
    Follower(Wait),
}

/// A request on its way. Dropped without landing, it gives the lead to another caller.
#[derive(Debug)]
pub(crate) struct Flight<'a> {
    flights: &'a Flights,
    key: Key,
    state: watch::Sender<State>,
}

/// Waiting for somebody else's request.
#[derive(Debug)]
pub(crate) struct Wait(watch::Receiver<State>);

/// How a flight stands.
#[derive(Clone, Debug)]
enum State {
    /// On its way.
    Open,
    /// Over; `None` when its answer is for nobody else.
    Landed(Option<Arc<Kept>>),
}

/// How a wait ended.
#[derive(Debug)]
pub(crate) enum Landed {
    /// With an answer.
    Answer(Arc<Kept>),
    /// Without one that may be shared: each asks for himself.
    Nothing,
    /// The leader is gone: join again.
    Abandoned,
}

impl Flights {
    /// Takes part in asking for the answer of this key.
    pub(super) fn join(&self, key: &Key) -> Role<'_> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.entry(key.clone()) {
            Entry::Occupied(flight) => Role::Follower(Wait(flight.get().clone())),
            Entry::Vacant(place) => {
                let (state, receiver) = watch::channel(State::Open);
                place.insert(receiver);
                Role::Leader(Flight { flights: self, key: key.clone(), state })
            }
        }
    }
}

impl Flight<'_> {
    /// Gives the answer to everyone who waits; `None` when it is for nobody else.
    pub(crate) fn land(self, kept: Option<Arc<Kept>>) {
        self.state.send_replace(State::Landed(kept));
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        // Before the sender goes, which is what wakes those who wait: they must not find this flight again.
        self.flights.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Wait {
    /// Waits until the flight is over.
    pub(crate) async fn landed(mut self) -> Landed {
        match self.0.wait_for(|state| matches!(state, State::Landed(_))).await.as_deref() {
            Ok(State::Landed(Some(kept))) => Landed::Answer(Arc::clone(kept)),
            Ok(_) => Landed::Nothing,
            Err(_) => Landed::Abandoned,
        }
    }
}
