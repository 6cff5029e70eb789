//! Answers kept in the memory of the process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;

use super::{Kept, Key, Store};

/// Answers in memory, bounded by their bytes: what has not been asked for in a long time goes first.
#[derive(Debug)]
pub struct Memory {
    answers: Cache<Key, Arc<Kept>>,
    /// A larger answer is not kept: it would push out everything else.
    largest: usize,
}

/// How long an answer with a validator is kept after it is of no use by itself.
const REVALIDATED_WITHIN: Duration = Duration::from_secs(3600);
/// What an entry takes beside its key, its headers and its body.
const OVERHEAD: usize = 512;

impl Memory {
    /// Room for this many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let answers = Cache::builder()
            .max_capacity(bytes)
            .weigher(|key: &Key, kept: &Arc<Kept>| u32::try_from(weight(key, kept)).unwrap_or(u32::MAX))
            .expire_after(Usefulness)
            .build();
        Self { answers, largest: usize::try_from(bytes / 8).unwrap_or(usize::MAX) }
    }
}

impl Store for Memory {
    async fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        self.answers.get(key)
    }

    async fn put(&self, key: Key, kept: Arc<Kept>) {
        if weight(&key, &kept) <= self.largest {
            self.answers.insert(key, kept);
        } else {
            // The older answer under this key is not the right one any more.
            self.answers.invalidate(&key);
        }
    }
}

fn weight(key: &Key, kept: &Kept) -> usize {
    let headers: usize =
        kept.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum();
    key.len() + headers + kept.body.len() + OVERHEAD
}

/// An answer goes when nothing could be done with it any more.
struct Usefulness;

impl Usefulness {
    fn of(kept: &Kept) -> Duration {
        let stale = kept.stale_while_revalidate.max(kept.stale_if_error);
        kept.fresh_for + stale.max(REVALIDATED_WITHIN)
    }
}

impl Expiry<Key, Arc<Kept>> for Usefulness {
    fn expire_after_create(&self, _: &Key, kept: &Arc<Kept>, _: Instant) -> Option<Duration> {
        Some(Self::of(kept))
    }

    fn expire_after_update(
        &self,
        _: &Key,
        kept: &Arc<Kept>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::of(kept))
    }
}
