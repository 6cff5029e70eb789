//! Answers of APIs that are kept, to be given again.
//!
//! What holds: of one key only one caller at a time asks the API, and the others wait for what it gets
//! ([`flight`]); an answer that was asked for before a write was over is never given after it ([`writes`]); and all
//! that is kept stays below a fixed number of bytes ([`memory`]). What may be kept, and for how long, is not decided
//! here but by the stage of a call that asks.
//!
//! Where answers are kept is behind [`Store`], so that replicas can share them one day.

mod flight;
mod key;
mod memory;
mod writes;

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::telemetry::Redactor;
use flight::Flights;
pub(crate) use flight::{Flight, Landed, Role};
pub use key::Key;
pub use memory::Memory;
use writes::Writes;

/// A place where answers are kept.
pub trait Store: Send + Sync {
    /// The answer that is kept under this key, however old.
    fn get(&self, key: &Key) -> impl Future<Output = Option<Arc<Kept>>> + Send;

    /// Keeps an answer; it may be dropped at any time.
    fn put(&self, key: Key, kept: Arc<Kept>) -> impl Future<Output = ()> + Send;
}

/// An answer that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, content codings undone.
    pub(crate) body: Bytes,
    /// When it came, or was last found to be good.
    pub(crate) since: Instant,
    /// How old it was by then (RFC 9111, section 4.2.3).
    pub(crate) age: Duration,
    /// How long from `since` it is good without asking.
    pub(crate) fresh_for: Duration,
    /// How long after that it may be given while a new one is asked for.
    pub(crate) stale_while_revalidate: Duration,
    /// How long after that it may be given when no new one can be had.
    pub(crate) stale_if_error: Duration,
    /// Which writes it knows of.
    pub(crate) asked: Moment,
    /// What its body was found to be.
    pub(crate) read: OnceLock<Read>,
}

/// A body that was looked through and found to be JSON: it need not be looked through each time it is given.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// What of the body is JSON.
    pub(crate) text: Bytes,
    /// Every parser can hold it.
    pub(crate) portable: bool,
    /// What found no secret in it. After a reload there may be others.
    pub(crate) redactor: Arc<Redactor>,
}

impl Kept {
    /// What the body was found to be when these secrets were looked for.
    pub(crate) fn read(&self, redactor: &Arc<Redactor>) -> Option<&Read> {
        self.read.get().filter(|read| Arc::ptr_eq(&read.redactor, redactor))
    }

    /// Remembers what the body is. Only what shares its bytes: others would take memory that nobody counts.
    pub(crate) fn remember(&self, read: Read) {
        if self.body.as_ptr_range().contains(&read.text.as_ptr()) {
            // The first one stays. After a reload with other secrets the answer is looked through each time.
            let _ = self.read.set(read);
        }
    }
}

/// A point in the order of the writes that went through here: see [`Cache::moment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

/// All kept answers of the process, of every gateway.
#[derive(Debug)]
pub struct Cache<S = Memory> {
    store: S,
    flights: Flights,
    writes: Writes,
}

impl Cache {
    /// What all kept answers may take when nobody says otherwise: 64 MiB.
    pub const BYTES: u64 = 64 << 20;

    /// A cache of at most this many bytes in the memory of the process.
    #[must_use]
    pub fn in_memory(bytes: u64) -> Self {
        Self { store: Memory::new(bytes), flights: Flights::default(), writes: Writes::default() }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::in_memory(Self::BYTES)
    }
}

impl<S: Store> Cache<S> {
    /// Now, in the order of writes. Taken before a request is sent: a write that ends while the request is on its way
    /// makes its answer old.
    pub(crate) fn moment(&self) -> Moment {
        self.writes.now()
    }

    /// What is kept under this key, unless something was written since to where it came from.
    pub(crate) async fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        let kept = self.store.get(key).await?;
        self.is_current(key, &kept).then_some(kept)
    }

    /// Whether nothing was written since this answer was asked for to where it came from.
    pub(crate) fn is_current(&self, key: &Key, kept: &Kept) -> bool {
        self.writes.permit(key.resource(), kept.asked)
    }

    /// Keeps an answer.
    pub(crate) async fn put(&self, key: Key, kept: Arc<Kept>) {
        self.store.put(key, kept).await;
    }

    /// Something may have been written at this resource: what is kept of it, of all below it and of what lists it is
    /// not given any more (RFC 9111, section 4.4).
    pub(crate) fn written(&self, resource: &str) {
        self.writes.written(resource);
    }

    /// Takes part in asking the API for the answer of this key.
    pub(crate) fn join(&self, key: &Key) -> Role<'_> {
        self.flights.join(key)
    }
}
