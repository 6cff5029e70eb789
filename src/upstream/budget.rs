//! How much may be tried again: so many retries for the calls there were, and a few a second on top.
//!
//! Retries help while a few requests fail. When all of them fail they only multiply the load on an API that cannot
//! bear the load it has. So over any time there are at most a fifth as many retries as calls, and ten a second: the
//! latter let a gateway with little to do retry as it likes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use super::epoch::Epoch;

/// A retry costs this much.
const RETRY: u64 = 1_000_000_000;
/// A call earns a fifth of a retry.
const CALL: u64 = RETRY / 5;
/// What time earns in a nanosecond: ten retries a second.
const NANOSECOND: u64 = 10;
/// What calls have earned is kept up to so much: the calls of about a second at a thousand a second.
const MOST_OF_CALLS: u64 = 200 * RETRY;
/// What time has earned is kept up to so much.
const MOST_OF_TIME: u64 = 5 * RETRY;
/// What there is at the beginning: the retries of one call, for a program that makes no other one.
const FIRST: u64 = 3 * RETRY;

/// What there is to spend. In billionths of a retry.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    epoch: Epoch,
    /// Calls that have not been counted yet: counting them costs every call one atomic addition and nothing else.
    calls: AtomicU32,
    earned: Mutex<Earned>,
}

#[derive(Debug)]
struct Earned {
    by_calls: u64,
    by_time: u64,
    counted: u64,
}

impl Default for RetryBudget {
    fn default() -> Self {
        let earned = Earned { by_calls: 0, by_time: FIRST, counted: 0 };
        Self { epoch: Epoch::begin(), calls: AtomicU32::new(0), earned: Mutex::new(earned) }
    }
}

impl RetryBudget {
    /// There is one more call.
    pub(crate) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Pays for one retry, when there is enough.
    pub(crate) fn retry(&self) -> bool {
        let calls = u64::from(self.calls.swap(0, Ordering::Relaxed));
        let now = self.epoch.now();
        let mut earned = self.earned.lock().unwrap_or_else(PoisonError::into_inner);
        let Earned { by_calls, by_time, counted } = &mut *earned;
        *by_calls = by_calls.saturating_add(calls.saturating_mul(CALL)).min(MOST_OF_CALLS);
        let since = now.saturating_sub(*counted);
        *by_time = by_time.saturating_add(since.saturating_mul(NANOSECOND)).min(MOST_OF_TIME);
        *counted = now.max(*counted);
        let purse = if *by_calls >= RETRY { by_calls } else { by_time };
        let enough = *purse >= RETRY;
        if enough {
            *purse -= RETRY;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn granted(budget: &RetryBudget, wanted: usize) -> usize {
        (0..wanted).filter(|_| budget.retry()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_fifth_of_the_calls_and_ten_a_second_are_tried_again() {
        let budget = RetryBudget::default();
        assert_eq!(granted(&budget, 100), 3);
        (0..100).for_each(|_| budget.call());
        assert_eq!(granted(&budget, 100), 20);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(granted(&budget, 100), 5);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(granted(&budget, 100), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn good_times_do_not_pay_for_a_storm() {
        let budget = RetryBudget::default();
        (0..1_000_000).for_each(|_| budget.call());
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(granted(&budget, 1000), 205);
    }
}
