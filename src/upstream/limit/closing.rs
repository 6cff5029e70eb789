//! What an API says about when it wants to be asked again, and keeping to it.
//!
//! An API that has had enough says so in its answers. Whoever it said it to is not let through until then: neither the
//! call that was told, nor others in the same name. What it says can only close the way, never open it wider than the
//! operator allows.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::Partition;
use crate::upstream::epoch::{Epoch, nanoseconds};

/// The longest that an API is not asked for its own word: what asks for more is mistaken, or means for ever.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// To whom an API is closed, and until when.
#[derive(Debug)]
pub(crate) struct Closings {
    epoch: Epoch,
    /// The end of the last closing: after it nobody needs to look at the others.
    latest: AtomicU64,
    until: Mutex<FxHashMap<Whom, u64>>,
}

/// Who is not let through: a name, or a name with one tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Whom {
    partition: Partition,
    /// A hash of the tool's signature.
    tool: Option<u64>,
}

impl Default for Closings {
    fn default() -> Self {
        Self { epoch: Epoch::begin(), latest: AtomicU64::new(0), until: Mutex::default() }
    }
}

impl Closings {
    /// Lets nobody of this name through for so long; with `tool`, only no calls of this tool.
    pub(super) fn close(&self, partition: Partition, tool: Option<&str>, time: Duration) {
        let now = self.epoch.now();
        let end = now.saturating_add(nanoseconds(time.min(LONGEST)));
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, end| *end > now);
        let closed = until.entry(Whom { partition, tool: tool.map(hash) }).or_insert(end);
        *closed = end.max(*closed);
        self.latest.fetch_max(end, Ordering::AcqRel);
    }

    /// Until when nobody of this name is let through to this tool; `None` when it is open.
    pub(super) fn until(&self, partition: Partition, tool: &str) -> Option<Instant> {
        let latest = self.latest.load(Ordering::Acquire);
        if latest == 0 || latest <= self.epoch.now() {
            return None;
        }
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = [None, Some(hash(tool))].map(|tool| until.get(&Whom { partition, tool }).copied());
        let end = ends.into_iter().flatten().max()?;
        (end > self.epoch.now()).then(|| self.epoch.instant(end))
    }
}

fn hash(tool: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    tool.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(name: &str) -> Partition {
        Partition::of([name.as_bytes()])
    }

    #[tokio::test(start_paused = true)]
    async fn only_whom_it_was_said_to_waits_and_only_until_then() {
        let (anna, bert) = (partition("anna"), partition("bert"));
        let closings = Closings::default();
        assert_eq!(closings.until(anna, "a"), None);
        closings.close(anna, None, Duration::from_secs(5));
        closings.close(anna, None, Duration::from_secs(3));
        closings.close(bert, Some("a"), Duration::from_secs(9));
        let left = |name, tool| closings.until(name, tool).map(|end| (end - crate::clock::now()).as_secs());
        assert_eq!([left(anna, "a"), left(anna, "b")], [Some(5), Some(5)], "the later word counts");
        assert_eq!([left(bert, "a"), left(bert, "b")], [Some(9), None]);
        assert_eq!(left(partition("else"), "a"), None);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!([left(anna, "a"), left(bert, "a")], [None, Some(4)]);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_closed_for_more_than_a_day() {
        let closings = Closings::default();
        closings.close(partition("anna"), None, Duration::MAX);
        assert_eq!(closings.until(partition("anna"), "a"), Some(crate::clock::now() + LONGEST));
    }
}
