//! The gates of one limit: one for all, or one for each of those that it counts by themselves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rustc_hash::FxHashMap;

use super::gate::{Gate, Shut};
use super::{Asking, Partition};
use crate::config::gateway::{ForEach, RateLimit};

/// So many gates are kept before those are looked for that nobody has used for a while.
const LEAST_SWEPT: usize = 1024;

/// The gates of the quotas that are counted for the same.
#[derive(Debug)]
pub(super) struct Gates {
    limits: Vec<RateLimit>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    One(Gate),
    Each(Mutex<Each>),
}

/// The gates that are in use. One that is as good as new is not kept.
#[derive(Debug)]
struct Each {
    gates: FxHashMap<Whose, Arc<Gate>>,
    sweep_at: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Partition(Partition),
    /// The id of a principal: it stays the same when a token is replaced by the next one.
    Caller(Box<str>),
}

impl Gates {
    /// Gates that nothing has gone through yet. All limits are `for_each` of the same.
    pub(super) fn new(for_each: ForEach, limits: Vec<RateLimit>) -> Self {
        let kind = match for_each {
            ForEach::Together | ForEach::Tool => Kind::One(Gate::new(&limits)),
            ForEach::Credential | ForEach::Caller => {
                Kind::Each(Mutex::new(Each { gates: FxHashMap::default(), sweep_at: LEAST_SWEPT }))
            }
        };
        Self { limits, kind }
    }

    /// Waits for the turn of one request: see [`Gate::pass`].
    pub(super) async fn pass(&self, asking: Asking<'_>, latest: Instant) -> Result<(), Shut> {
        match &self.kind {
            Kind::One(gate) => gate.pass(latest).await,
            Kind::Each(each) => {
                let whose = match self.limits.first().map(|limit| limit.for_each) {
                    Some(ForEach::Caller) => Whose::Caller(asking.principal.id().into()),
                    _ => Whose::Partition(asking.partition),
                };
                let gate = each.lock().unwrap_or_else(PoisonError::into_inner).of(whose, &self.limits);
                gate.pass(latest).await
            }
        }
    }

    /// Lets one request of a caller through, without waiting.
    ///
    /// # Errors
    /// When the next one may go.
    pub(super) fn pass_at_once(&self, caller: &str) -> Result<(), Instant> {
        match &self.kind {
            Kind::One(gate) => gate.pass_at_once(),
            Kind::Each(each) => {
                let mut each = each.lock().unwrap_or_else(PoisonError::into_inner);
                each.of(Whose::Caller(caller.into()), &self.limits).pass_at_once()
            }
        }
    }

    /// In words.
    pub(super) fn described(&self) -> impl Iterator<Item = String> {
        self.limits.iter().map(|limit| {
            let each = match limit.for_each {
                ForEach::Together => "",
                ForEach::Tool => " for each tool",
                ForEach::Credential => " for each credential",
                ForEach::Caller => " for each caller",
            };
            let RateLimit { requests, per, burst, .. } = limit;
            format!("{requests} in {per:?}{each}, {burst} of them at once")
        })
    }
}

impl Each {
    fn of(&mut self, whose: Whose, limits: &[RateLimit]) -> Arc<Gate> {
        if self.gates.len() >= self.sweep_at {
            // Whoever waits at a gate has it in hand.
            self.gates.retain(|_, gate| Arc::strong_count(gate) > 1 || !gate.is_fresh());
            self.sweep_at = LEAST_SWEPT.max(2 * self.gates.len());
        }
        Arc::clone(self.gates.entry(whose).or_insert_with(|| Arc::new(Gate::new(limits))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::access::Principal;
    use crate::clock;

    fn asking(name: u64) -> Asking<'static> {
        let partition = Partition::of([name.to_be_bytes().as_slice()]);
        Asking { partition, principal: &Principal::Local, tool: "GET /" }
    }

    #[tokio::test(start_paused = true)]
    async fn each_credential_has_a_count_of_its_own_and_idle_ones_are_forgotten() {
        let limit =
            RateLimit { requests: 1, per: Duration::from_secs(1), burst: 1, for_each: ForEach::Credential };
        let gates = Gates::new(ForEach::Credential, vec![limit]);
        let now = clock::now();
        for name in 0..3 * LEAST_SWEPT as u64 {
            assert_eq!(gates.pass(asking(name), now).await, Ok(()));
            assert_eq!(gates.pass(asking(name), now).await, Err(Shut::Until(now + Duration::from_secs(1))));
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        for name in 0..LEAST_SWEPT as u64 + 1 {
            assert_eq!(gates.pass(asking(name + 1_000_000), clock::now()).await, Ok(()));
        }
        let Kind::Each(each) = &gates.kind else { panic!() };
        assert!(each.lock().unwrap().gates.len() <= LEAST_SWEPT + 1);
    }
}
