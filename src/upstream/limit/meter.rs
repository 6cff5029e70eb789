//! The arithmetic of rate limits: several quotas that all hold.
//!
//! Each quota keeps one number, the moment at which its next request would be due if requests came evenly (the
//! generic cell rate algorithm, ITU-T I.371). A burst is how far before that moment a request may go. So over any
//! time T no quota lets more through than `burst + T / interval`.
//!
//! This is our own arithmetic and not the `governor` crate's, because three things are needed that a limiter which
//! answers yes or no for now cannot give: a request passes several quotas or none of them, a request that waited goes
//! at the moment when its turn came rather than when a timer fired, and one that would wait too long is told when its
//! turn would come.

use crate::config::gateway::RateLimit;
use crate::upstream::epoch::nanoseconds;

/// How late a turn may be taken, and still count as taken when it came. Timers fire late, on a busy machine by tens of
/// milliseconds; but after a long pause of the whole process nothing is caught up on.
const LATE: u64 = 100_000_000;

/// What the quotas of one limit have left. Times are nanoseconds since some beginning.
#[derive(Debug)]
pub(super) struct Meter(Box<[Quota]>);

#[derive(Debug)]
struct Quota {
    /// Between two requests that come evenly. Rounded up: a limit is never exceeded by rounding.
    interval: u64,
    /// How long before it is due a request may go.
    tolerance: u64,
    /// When the next request is due.
    due: u64,
}

impl Meter {
    /// Quotas that have let nothing through yet.
    pub(super) fn new(limits: &[RateLimit]) -> Self {
        Self(limits.iter().map(Quota::new).collect())
    }

    /// When the request after `ahead` others may go; in the past when it may go at once.
    pub(super) fn slot(&self, ahead: u64) -> u64 {
        let slots = self.0.iter().map(|quota| {
            quota.due.saturating_add(quota.interval.saturating_mul(ahead)).saturating_sub(quota.tolerance)
        });
        slots.max().unwrap_or(0)
    }

    /// Lets one request through that has waited since `since`.
    ///
    /// # Errors
    /// When it may go, if that is later than `now`.
    pub(super) fn take(&mut self, since: u64, now: u64) -> Result<(), u64> {
        let slot = self.slot(0).max(since);
        if slot > now {
            return Err(slot);
        }
        let slot = slot.max(now.saturating_sub(LATE));
        for quota in &mut self.0 {
            quota.due = quota.due.max(slot).saturating_add(quota.interval);
        }
        Ok(())
    }

    /// Whether it is as good as a new one.
    pub(super) fn is_fresh(&self, now: u64) -> bool {
        self.0.iter().all(|quota| quota.due <= now)
    }
}

impl Quota {
    fn new(limit: &RateLimit) -> Self {
        let interval = nanoseconds(limit.per).div_ceil(u64::from(limit.requests.max(1)));
        let tolerance = interval.saturating_mul(u64::from(limit.burst.max(1) - 1));
        Self { interval, tolerance, due: 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::config::gateway::ForEach;

    fn limit(requests: u32, per: Duration, burst: u32) -> RateLimit {
        RateLimit { requests, per, burst, for_each: ForEach::Together }
    }

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_goes_at_once_and_the_others_evenly() {
        let mut meter = Meter::new(&[limit(10, Duration::from_secs(1), 3)]);
        assert_eq!([(); 3].map(|()| meter.take(0, 0)), [Ok(()); 3]);
        assert_eq!(meter.take(0, 0), Err(SECOND / 10));
        assert_eq!(meter.slot(4), SECOND / 10 * 5, "behind four others");
        assert_eq!(meter.take(0, SECOND / 10), Ok(()));
        assert_eq!(meter.take(0, SECOND / 10), Err(SECOND / 5));
        assert!(!meter.is_fresh(SECOND / 5) && meter.is_fresh(SECOND));
    }

    #[test]
    fn of_several_quotas_the_narrowest_counts() {
        let mut meter =
            Meter::new(&[limit(10, Duration::from_secs(1), 10), limit(12, Duration::from_secs(60), 12)]);
        let mut granted = 0;
        for tick in 0..100 {
            granted += u32::from(meter.take(0, tick * SECOND / 10).is_ok());
        }
        assert_eq!(granted, 12 + 1, "the burst of the second one, and one more in its ten seconds");
    }

    #[test]
    fn a_turn_that_is_taken_late_costs_the_next_one_nothing() {
        let mut meter = Meter::new(&[limit(100, Duration::from_secs(1), 1)]);
        let late = 3_000_000;
        for turn in 0..100 {
            assert_eq!(meter.take(0, turn * SECOND / 100 + late), Ok(()));
        }
        // The whole process stood still: what it missed is gone.
        assert_eq!((0..100).filter(|_| meter.take(0, 100 * SECOND).is_ok()).count(), 11);
    }

    proptest! {
        #[test]
        fn no_time_sees_more_than_its_burst_and_its_share(
            requests in 1_u32..1000,
            per in 1_u64..100_000,
            burst in 1_u32..1000,
            steps in proptest::collection::vec(0_u64..50_000_000, 1..400),
        ) {
            let per = Duration::from_millis(per);
            let burst = burst.min(requests);
            let mut meter = Meter::new(&[limit(requests, per, burst)]);
            let (mut now, mut granted) = (0, Vec::new());
            for step in steps {
                now += step;
                if meter.take(now, now).is_ok() {
                    granted.push(now);
                }
            }
            for (first, from) in granted.iter().enumerate() {
                for (last, to) in granted.iter().enumerate().skip(first) {
                    let share = u128::from(to - from) * u128::from(requests) / per.as_nanos();
                    prop_assert!((last - first) as u128 <= u128::from(burst) + share);
                }
            }
        }
    }
}
