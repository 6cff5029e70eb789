//! The same work for each of many things, on all cores.
//!
//! Only what takes long enough is worth threads of its own: below [`WORTHWHILE`] things everything stays on this thread.
//! A piece of work that panics does so on the thread that asked for it.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// So many things are taken at once by one of the threads. Small, because some cost a hundred times as much as others.
const STEP: usize = 32;

/// Fewer things than this are done sooner than threads are there.
const WORTHWHILE: usize = 256;

/// More threads than this would wait for memory more than they work.
const MOST: usize = 8;

/// What `work` makes of the items, a few at a time, in their order. `state` makes what a thread keeps from one time to
/// the next.
pub(super) fn steps<'t, T: Sync, S, R: Send>(
    items: &'t [T],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &'t [T]) -> R + Sync,
) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST);
    let steps: Vec<&'t [T]> = items.chunks(STEP).collect();
    if threads == 1 || items.len() < WORTHWHILE {
        let mut state = state();
        return steps.into_iter().map(|items| work(&mut state, items)).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = state();
        let mut done = Vec::new();
        loop {
            let step = next.fetch_add(1, Ordering::Relaxed);
            let Some(items) = steps.get(step) else { return done };
            done.push((step, work(&mut state, items)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(step, _)| *step);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_however_many_there_are() {
        for count in [0, 1, WORTHWHILE - 1, WORTHWHILE, 5 * WORTHWHILE + 7] {
            let items: Vec<usize> = (0..count).collect();
            let doubled =
                steps(&items, || (), |(), items| items.iter().map(|item| item * 2).collect::<Vec<_>>());
            let doubled = doubled.concat();
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_reaches_whoever_asked() {
        let items: Vec<usize> = (0..WORTHWHILE).collect();
        let ran =
            std::panic::catch_unwind(|| steps(&items, || (), |(), items| assert!(!items.contains(&100))));
        assert!(ran.is_err());
    }
}
