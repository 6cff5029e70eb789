//! The same work for each of many things, on all cores.
//!
//! Only what takes long enough is worth threads of its own: below [`WORTHWHILE`] things everything stays on this thread.
//! A piece of work that panics does so on the thread that asked for it.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// So many things are taken at once by one of the threads. Small, because some cost a hundred times as much as others.
const STEP: usize = 32;

/// Fewer things than this are done sooner than threads are there.
const WORTHWHILE: usize = 256;

/// More threads than this would wait for memory more than they work.
const MOST: usize = 8;

/// What each thread keeps from one time to the next, made by `state`.
pub(super) fn states<S>(state: impl Fn() -> S) -> Vec<S> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST);
    (0..threads).map(|_| state()).collect()
}

/// Hands what `work` makes of the items, a few at a time, to `take`, in their order and as soon as it is their turn: what
/// has been taken takes no more memory. Each thread has one of the `states`. This thread does something else `meanwhile`,
/// and then helps.
pub(super) fn in_order<'t, T: Sync, S: Send, R: Send>(
    items: &'t [T],
    states: &mut [S],
    work: impl Fn(&mut S, &'t [T]) -> R + Sync,
    take: impl FnMut(R) + Send,
    meanwhile: impl FnOnce(),
) {
    let Some((first, others)) = states.split_first_mut() else { return };
    let others = if items.len() < WORTHWHILE { &mut [] } else { others };
    let line = Mutex::new(Line { next: 0, waiting: BTreeMap::new(), take });
    let next = AtomicUsize::new(0);
    let run = |state: &mut S| {
        loop {
            let step = next.fetch_add(1, Ordering::Relaxed);
            let Some(items) = items.chunks(STEP).nth(step) else { return };
            let result = work(state, items);
            line.lock().unwrap_or_else(PoisonError::into_inner).add(step, result);
        }
    };
    thread::scope(|scope| {
        let run = &run;
        let others: Vec<_> = others.iter_mut().map(|state| scope.spawn(move || run(state))).collect();
        meanwhile();
        run(first);
        for other in others {
            other.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
}

/// Results that wait until those before them are there.
struct Line<R, F> {
    next: usize,
    waiting: BTreeMap<usize, R>,
    take: F,
}

impl<R, F: FnMut(R)> Line<R, F> {
    fn add(&mut self, step: usize, result: R) {
        self.waiting.insert(step, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            self.next += 1;
            (self.take)(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_however_many_there_are() {
        for count in [0, 1, WORTHWHILE - 1, WORTHWHILE, 5 * WORTHWHILE + 7] {
            let items: Vec<usize> = (0..count).collect();
            let (double, mut doubled) =
                (|items: &[usize]| items.iter().map(|item| item * 2).collect(), vec![]);
            in_order(
                &items,
                &mut states(|| ()),
                |(), items| double(items),
                |some: Vec<_>| doubled.extend(some),
                || (),
            );
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_reaches_whoever_asked() {
        let items: Vec<usize> = (0..WORTHWHILE).collect();
        let ran = std::panic::catch_unwind(|| {
            in_order(&items, &mut states(|| ()), |(), items| assert!(!items.contains(&100)), drop, || ());
        });
        assert!(ran.is_err());
    }
}
