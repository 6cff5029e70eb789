//! What a filter may use. It is written by whoever calls a tool, and run over data that a stranger sent.
//!
//! The interpreter knows no bounds, so they are put where it cannot avoid them: every evaluation of a part of a filter
//! asks for its lookup table, every value is one of ours. Both report here, and over a bound the thread unwinds, which
//! no `try` of the filter can catch. Nothing leaks: a filter is over at its bound, whatever it does, and whatever
//! it had is freed with it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::clock;

/// How long a filter may run.
pub(super) const TIME: Duration = Duration::from_secs(2);
/// How many bytes its values may take, those of its input included.
pub(super) const MEMORY: usize = 64 << 20;
/// How many evaluations of parts of a filter there may be. What the interpreter keeps for each of them is not charged for,
/// and is freed by recursion: this bounds both.
const EVALUATIONS: u32 = 1_000_000;
/// How deep a value may be nested.
pub(super) const DEPTH: usize = 256;
/// The stack of the thread that a filter runs on: what it does not use costs nothing.
pub(super) const STACK: usize = 256 << 20;
/// What evaluation may use of it; the rest is for freeing what it has built.
const STACK_FOR_EVALUATION: usize = 32 << 20;
/// After how many steps the clock is read.
const STEPS: u32 = 64;

/// A bound that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// It ran too long.
    #[error("it ran for more than {} seconds", TIME.as_secs())]
    Time,
    /// It took too many steps.
    #[error("it took more than {EVALUATIONS} steps")]
    Steps,
    /// Its values took too many bytes.
    #[error("its values took more than {} MiB", MEMORY >> 20)]
    Memory,
    /// Values or calls were nested too deep.
    #[error("it is nested too deep")]
    Depth,
    /// Nobody waits for it any more.
    #[error("it was cancelled")]
    Cancelled,
}

#[derive(Default)]
struct Meter {
    until: Cell<Option<Instant>>,
    cancelled: RefCell<Arc<AtomicBool>>,
    steps: Cell<u32>,
    evaluations: Cell<u32>,
    memory: Cell<usize>,
    bottom: Cell<usize>,
}

thread_local! {
    static METER: Meter = Meter::default();
}

/// Runs `work` within the bounds, on the thread that it is called on.
///
/// # Errors
/// The bound that was reached, or what `work` panicked with.
pub(super) fn metered<T>(
    cancelled: Arc<AtomicBool>,
    work: impl FnOnce() -> T,
) -> Result<T, Box<dyn std::any::Any + Send>> {
    METER.with(|meter| {
        meter.until.set(Some(clock::now() + TIME));
        meter.cancelled.replace(cancelled);
        meter.bottom.set(stack_pointer());
    });
    catch_unwind(AssertUnwindSafe(work))
}

/// One evaluation of a part of a filter.
pub(super) fn evaluation() {
    METER.with(|meter| {
        let evaluations = meter.evaluations.get().saturating_add(1);
        meter.evaluations.set(evaluations);
        if evaluations > EVALUATIONS {
            exceeded(Exceeded::Steps);
        }
    });
    step();
}

/// One step of anything that takes as long as there are values.
pub(super) fn step() {
    METER.with(|meter| {
        let steps = meter.steps.get().wrapping_add(1);
        meter.steps.set(steps);
        if steps.is_multiple_of(STEPS) {
            if meter.until.get().is_some_and(|until| clock::now() >= until) {
                exceeded(Exceeded::Time);
            }
            if meter.cancelled.borrow().load(Ordering::Relaxed) {
                exceeded(Exceeded::Cancelled);
            }
        }
        if stack_pointer().abs_diff(meter.bottom.get()) > STACK_FOR_EVALUATION {
            exceeded(Exceeded::Depth);
        }
    });
}

/// Ends the filter.
pub(super) fn exceeded(bound: Exceeded) -> ! {
    resume_unwind(Box::new(bound))
}

/// About where the stack is.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

/// Bytes that a value takes, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Charge(usize);

impl Charge {
    /// Takes `bytes` more.
    pub(super) fn of(bytes: usize) -> Self {
        METER.with(|meter| {
            let memory = meter.memory.get().saturating_add(bytes);
            if memory > MEMORY {
                exceeded(Exceeded::Memory);
            }
            meter.memory.set(memory);
        });
        Self(bytes)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        METER.with(|meter| meter.memory.set(meter.memory.get().saturating_sub(self.0)));
    }
}
