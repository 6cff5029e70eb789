//! Sixth stage: waits until one more request may be sent, before each attempt at it.
//!
//! What is certain is said at once: a turn that would come too late, a queue that is full, an API that is left alone.

use std::time::Duration;

use tokio::time::Instant;

use super::Weight;
use super::exchange::Exchange;
use crate::clock;
use crate::upstream::breaker::{Open, Watched};
use crate::upstream::limit::{Asking, Place, Refusal};

/// That a request may be sent now; its place is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    _place: Place<'a>,
    /// Who wants to hear what became of it.
    pub(super) watched: Watched<'a>,
}

/// The share of a call's time that a request has at least, and the most of it. One that was sent with less would
/// only be cut off, and a write that is cut off is one of which nobody knows whether it was done.
const LEAST_SHARE: u32 = 10;
const MOST_LEAST: Duration = Duration::from_secs(1);

/// Waits for the turn of one request.
///
/// # Errors
/// [`Refusal`] when it would not come in time.
pub(super) async fn permit<'a>(exchange: &mut Exchange<'a, '_>) -> Result<Permit<'a>, Refusal> {
    let plan: &'a _ = exchange.plan;
    let breaker = plan.breaker.as_deref();
    // Before the wait: whoever is refused has used up no turn. After it again: it may have opened meanwhile.
    breaker.map_or(Ok(()), |breaker| breaker.check().map_err(refusal))?;
    let began = clock::now();
    let waiting = plan.metrics.gateway.wait();
    let place = plan.limits.pass(exchange.asking(), exchange.latest().into_std()).await?;
    drop(waiting);
    exchange.waited(began);
    let watched = match breaker {
        Some(breaker) => breaker.admit(exchange.deadline.into_std()).map_err(refusal)?,
        None => Watched::unwatched(),
    };
    Ok(Permit { _place: place, watched })
}

impl Exchange<'_, '_> {
    /// Who asks for what, as far as limits go.
    pub(super) fn asking(&self) -> Asking<'_> {
        Asking { partition: self.identity.partition(), principal: self.principal, tool: &self.plan.signature }
    }

    /// The last moment at which a request may still be sent.
    pub(super) fn latest(&self) -> Instant {
        self.deadline - (self.plan.timeout / LEAST_SHARE).min(MOST_LEAST)
    }

    /// Counts, and tells, the time since `began`, when there is some.
    fn waited(&mut self, began: std::time::Instant) {
        let waited = clock::now() - began;
        self.event.waited += waited;
        if waited >= Duration::from_millis(1) {
            self.happened(Weight::Step, format_args!("waited {} ms for a limit", waited.as_millis()));
        }
        let milliseconds = u64::try_from(self.event.waited.as_millis()).unwrap_or(u64::MAX);
        if milliseconds > 0 {
            self.notes.tell("toolgate/waited_ms", milliseconds);
        }
    }
}

fn refusal(Open { until }: Open) -> Refusal {
    Refusal::CircuitOpen { until }
}
