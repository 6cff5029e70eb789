//! What is counted, for Prometheus.
//!
//! A call adds to atomics that its tool was given when it was built; nothing is looked up and nobody waits. Names of
//! gateways and tools are all that tells series apart: no argument, no caller and no secret is ever a label, and of
//! catalogs with very many tools only the gateways are told apart.
//!
//! Counts outlive reloads: whoever asks for those of the same tool gets the same ones for as long as anybody has them.

mod exposition;
mod histogram;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

pub use exposition::{CONTENT_TYPE, Moment};
use histogram::Histogram;

/// Catalogs with more tools are counted by gateway alone.
pub const MOST_TOOLS: usize = 500;

/// All counts of a process.
#[derive(Debug, Default)]
pub struct Metrics {
    tools: Mutex<BTreeMap<Series, Weak<ToolMetrics>>>,
    gateways: Mutex<BTreeMap<Arc<str>, Weak<GatewayMetrics>>>,
    /// Reloads after which everything is served as its files say.
    reloads_good: AtomicU64,
    /// Reloads after which something is served as before.
    reloads_bad: AtomicU64,
}

/// Gateway and tool; no tool when tools are not told apart.
type Series = (Arc<str>, Option<Box<str>>);

/// The counts of one tool.
#[derive(Debug, Default)]
pub struct ToolMetrics {
    /// Those of its gateway.
    pub gateway: Arc<GatewayMetrics>,
    ok: AtomicU64,
    /// How calls ended otherwise, by their codes.
    others: Mutex<BTreeMap<&'static str, u64>>,
    durations: Histogram,
}

/// The counts of one gateway.
#[derive(Debug, Default)]
pub struct GatewayMetrics {
    in_flight: AtomicU64,
    waiting: AtomicU64,
    /// By class of statuses; the first is for requests without an answer.
    requests: [AtomicU64; CLASSES.len()],
    retries: AtomicU64,
    bytes: AtomicU64,
    waited: AtomicU64,
    cache: [AtomicU64; CACHE.len()],
}

/// Classes of statuses.
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// What the cache has to do with an answer.
const CACHE: [&str; 6] = ["hit", "miss", "revalidated", "stale", "refresh", "pass"];

impl Metrics {
    /// The counts of a tool; `None` counts all tools of the gateway together.
    #[must_use]
    pub fn tool(&self, gateway: &Arc<str>, tool: Option<&str>) -> Arc<ToolMetrics> {
        let mut tools = lock(&self.tools);
        let series = (Arc::clone(gateway), tool.map(Box::from));
        if let Some(known) = tools.get(&series).and_then(Weak::upgrade) {
            return known;
        }
        let new = Arc::new(ToolMetrics { gateway: self.gateway(gateway), ..ToolMetrics::default() });
        tools.insert(series, Arc::downgrade(&new));
        new
    }

    fn gateway(&self, name: &Arc<str>) -> Arc<GatewayMetrics> {
        let mut gateways = lock(&self.gateways);
        if let Some(known) = gateways.get(name).and_then(Weak::upgrade) {
            return known;
        }
        let new = Arc::default();
        gateways.insert(Arc::clone(name), Arc::downgrade(&new));
        new
    }

    /// Counts a reload; `good` when everything is served as its files say.
    pub fn reloaded(&self, good: bool) {
        let count = if good { &self.reloads_good } else { &self.reloads_bad };
        count.fetch_add(1, Ordering::Relaxed);
        // What is not served any more is not told any more.
        lock(&self.tools).retain(|_, tool| tool.strong_count() > 0);
        lock(&self.gateways).retain(|_, gateway| gateway.strong_count() > 0);
    }
}

impl ToolMetrics {
    /// Counts a call that is over.
    pub(super) fn ended(&self, outcome: &'static str, duration: Duration) {
        if outcome == super::events::CallEvent::OK {
            self.ok.fetch_add(1, Ordering::Relaxed);
        } else {
            *lock(&self.others).entry(outcome).or_default() += 1;
        }
        self.durations.observe(duration);
    }
}

impl GatewayMetrics {
    /// Counts a request to the API by the status of its answer.
    pub fn request(&self, status: Option<u16>) {
        let class = status.map_or(0, |status| usize::from(status / 100));
        add(self.requests.get(class).or(self.requests.first()), 1);
    }

    /// A request that waits for its turn, until the guard is dropped.
    #[must_use]
    pub fn wait(&self) -> Level<'_> {
        Level::of(&self.waiting)
    }

    /// A call begins.
    pub(super) fn began(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what a call that is over has cost.
    pub(super) fn ended(&self, retries: u32, bytes: usize, waited: Duration, cache: &str) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let waited = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        for (count, more) in
            [(&self.retries, u64::from(retries)), (&self.bytes, bytes as u64), (&self.waited, waited)]
        {
            // Mostly nothing: a line of memory that many threads write to is slow.
            if more > 0 {
                count.fetch_add(more, Ordering::Relaxed);
            }
        }
        let told = CACHE.iter().position(|word| *word == cache);
        add(told.and_then(|index| self.cache.get(index)), 1);
    }
}

/// Something that is counted while it lasts.
#[derive(Debug)]
pub struct Level<'a>(&'a AtomicU64);

impl<'a> Level<'a> {
    fn of(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn add(count: Option<&AtomicU64>, more: u64) {
    if let Some(count) = count {
        count.fetch_add(more, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
