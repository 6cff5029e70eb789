//! How much one caller may ask for, before anything of it is begun.
//!
//! It stands before the pipeline and not in it: what is limited here is the caller, whatever he asks of whichever API,
//! and a call that is refused has cost nothing. Nobody waits: one caller who asks for too much would only fill the
//! gateway with calls that wait, at the expense of all others.
//!
//! A call that is refused is told as a failure of the call, with the seconds to wait, and not as HTTP 429: clients take
//! that for a broken connection and the model hears nothing of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustc_hash::FxHashMap;

use super::ToolOutcome;
use super::outcome::Problem;
use crate::access::Principal;
use crate::clock;
use crate::config::server::CallerLimits;
use crate::upstream::Fault;
use crate::upstream::limit::CallerGates;

/// Lets callers begin, or says why not. One for a process.
#[derive(Debug)]
pub struct Admission {
    gates: Option<CallerGates>,
    concurrent: Option<u32>,
    /// How many calls run, by the ids of their callers; of those alone who have one running.
    running: Arc<Mutex<FxHashMap<Box<str>, u32>>>,
}

/// A call that may run; counted as long as this is kept.
#[derive(Debug)]
pub struct Admitted {
    /// `None` where nobody counts.
    _counted: Option<Counted>,
}

#[derive(Debug)]
struct Counted {
    running: Arc<Mutex<FxHashMap<Box<str>, u32>>>,
    caller: Box<str>,
}

/// Why a call is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// The caller has called too often.
    #[error("You have called too often.")]
    Often {
        /// When the next call may come.
        until: Instant,
    },
    /// Too many calls of the caller run.
    #[error("Too many calls of yours are running.")]
    AtOnce,
}

impl Admission {
    /// `None` when nothing is limited.
    #[must_use]
    pub fn new(limits: CallerLimits) -> Option<Self> {
        if limits == CallerLimits::default() {
            return None;
        }
        let gates = limits.rate.map(CallerGates::new);
        Some(Self { gates, concurrent: limits.concurrent, running: Arc::default() })
    }

    /// Lets one call of a caller begin.
    ///
    /// # Errors
    /// [`TooMuch`], and the call counts for nothing.
    pub fn admit(&self, principal: &Principal) -> Result<Admitted, TooMuch> {
        let counted = self.concurrent.map(|most| self.count(principal, most)).transpose()?;
        // Last: one that is refused for another reason should not use up the rate.
        if let Some(gates) = &self.gates {
            gates.pass(principal.id()).map_err(|until| TooMuch::Often { until })?;
        }
        Ok(Admitted { _counted: counted })
    }

    fn count(&self, principal: &Principal, most: u32) -> Result<Counted, TooMuch> {
        let mut running = lock(&self.running);
        let count = running.get(principal.id()).copied().unwrap_or_default();
        if count >= most {
            return Err(TooMuch::AtOnce);
        }
        let caller: Box<str> = principal.id().into();
        running.insert(caller.clone(), count + 1);
        Ok(Counted { running: Arc::clone(&self.running), caller })
    }
}

impl Admitted {
    /// A call that nobody counts.
    #[must_use]
    pub fn uncounted() -> Self {
        Self { _counted: None }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        if let Some(count) = running.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.caller);
            }
        }
    }
}

impl TooMuch {
    /// In how many seconds the caller may try again.
    #[must_use]
    pub fn retry_after_seconds(self) -> u64 {
        match self {
            Self::Often { until } => {
                let left = until.saturating_duration_since(clock::now());
                (left.as_secs() + u64::from(left.subsec_nanos() > 0)).max(1)
            }
            Self::AtOnce => 1,
        }
    }
}

impl From<TooMuch> for ToolOutcome {
    fn from(much: TooMuch) -> Self {
        let seconds = much.retry_after_seconds();
        let advice = match much {
            TooMuch::Often { .. } => format!("Call again in {seconds} seconds."),
            TooMuch::AtOnce => "Wait for one of them to end, or call less at once.".to_owned(),
        };
        Problem {
            message: format!("Nothing was sent. {much}"),
            advice: advice.into(),
            retryable: true,
            retry_after_seconds: Some(seconds),
            ..Problem::new("rate_limited", Fault::Caller)
        }
        .into()
    }
}

fn lock(running: &Mutex<FxHashMap<Box<str>, u32>>) -> MutexGuard<'_, FxHashMap<Box<str>, u32>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::access::Caller;
    use crate::config::server;

    fn admission(limits: &str) -> Admission {
        Admission::new(server::fixture(&format!("limits: {limits}")).limits).unwrap()
    }

    fn caller(name: &str) -> Principal {
        Principal::Caller(Arc::new(Caller::of_key(name, [""; 0])))
    }

    #[tokio::test(start_paused = true)]
    async fn each_caller_has_a_rate_of_his_own_and_is_told_when_to_come_back() {
        let admission = admission("{per_caller: {requests: 60, per: 1m, burst: 2}}");
        for name in ["a", "b"] {
            let caller = caller(name);
            assert!(admission.admit(&caller).is_ok() && admission.admit(&caller).is_ok());
            let refused = admission.admit(&caller).unwrap_err();
            assert_eq!(refused.retry_after_seconds(), 1);
            let outcome = ToolOutcome::from(refused);
            let data: serde_json::Value = serde_json::from_slice(&outcome.structured.unwrap()).unwrap();
            assert_eq!(
                (&data["error"]["code"], &data["error"]["retry_after_seconds"]),
                (&"rate_limited".into(), &1.into())
            );
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(admission.admit(&caller("a")).is_ok());
        assert!(admission.admit(&caller("a")).is_err());
    }

    #[test]
    fn so_many_run_at_once_and_whoever_has_none_running_is_forgotten() {
        let admission = admission("{concurrent: 2}");
        let (a, b) = (caller("a"), caller("b"));
        let (first, second) = (admission.admit(&a).unwrap(), admission.admit(&a).unwrap());
        assert_eq!(admission.admit(&a).unwrap_err(), TooMuch::AtOnce);
        let other = admission.admit(&b).unwrap();
        drop(first);
        let third = admission.admit(&a).unwrap();
        drop((second, third, other));
        assert!(lock(&admission.running).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_refused_counts_for_nothing() {
        let admission = admission("{concurrent: 1, per_caller: {requests: 60, per: 1m, burst: 2}}");
        let running = admission.admit(&caller("a")).unwrap();
        for _ in 0..10 {
            assert_eq!(admission.admit(&caller("a")).unwrap_err(), TooMuch::AtOnce);
        }
        drop(running);
        drop(admission.admit(&caller("a")).unwrap());
        assert!(matches!(admission.admit(&caller("a")), Err(TooMuch::Often { .. })));
        assert!(lock(&admission.running).is_empty());
    }
}
