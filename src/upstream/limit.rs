//! What paces the requests to one API: rate limits of the operator, what the API itself says, and how much may be in
//! flight.
//!
//! ```text
//! request ──closings──► gates ──► places ──► sent ──► its answer is read for closings
//!           the API's   the operator's  in flight
//!           own word    rate limits     at once
//! ```
//!
//! Whoever would have to wait longer than he has is told at once when to come back. The state of all this belongs to
//! the upstream and outlives reloads; which part of it concerns a tool is decided when the tool is built
//! ([`LimitPlan`]).

mod callers;
mod closing;
mod gate;
mod gates;
mod learned;
mod meter;
mod places;

use std::sync::Arc;
use std::time::Instant;

use http::{HeaderMap, StatusCode};

use super::credential::Partition;
use super::kept::Kept;
use crate::access::Principal;
use crate::clock;
use crate::config::gateway::{Concurrency, ForEach, RateLimit};
pub(crate) use callers::CallerGates;
use closing::Closings;
use gate::Shut;
use gates::Gates;
pub(crate) use places::Place;
use places::Places;

/// The state of all limits of one upstream.
#[derive(Debug, Default)]
pub(super) struct Limits {
    gates: Kept<(String, Vec<RateLimit>), Gates>,
    places: Kept<Concurrency, Places>,
    closings: Arc<Closings>,
}

/// What paces the calls of one tool.
#[derive(Debug)]
pub(crate) struct LimitPlan {
    /// The narrowest first: who waits for his own turn does not hold up others.
    gates: Box<[Arc<Gates>]>,
    places: Arc<Places>,
    closings: Arc<Closings>,
}

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    /// In whose name the API is asked.
    pub(crate) partition: Partition,
    /// Who calls.
    pub(crate) principal: &'a Principal,
    /// The signature of the tool.
    pub(crate) tool: &'a str,
}

/// Why a request is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Its turn would come too late.
    #[error("its turn would come too late")]
    RateLimited {
        /// When it would come.
        until: Instant,
        /// Whose limit it is.
        by: LimitOf,
    },
    /// Too many requests are in flight or wait.
    #[error("too many calls are in flight")]
    Overloaded,
    /// The API fails and is left alone.
    #[error("the API fails at present")]
    CircuitOpen {
        /// When the next request may go.
        until: Instant,
    },
}

/// Whose limit it is that refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitOf {
    /// The API said so.
    Api,
    /// The gateway file says so.
    Gateway,
}

impl Limits {
    /// What paces the calls of a tool: the limits of its gateway and its own.
    pub(super) fn plan(
        &self,
        tool: &str,
        gateway: &[RateLimit],
        own: &[RateLimit],
        concurrency: Concurrency,
    ) -> LimitPlan {
        let groups =
            [(tool, own, ForEach::Caller), (tool, own, ForEach::Credential), (tool, own, ForEach::Together)];
        let shared = [ForEach::Caller, ForEach::Tool, ForEach::Credential, ForEach::Together]
            .map(|for_each| (if for_each == ForEach::Tool { tool } else { "" }, gateway, for_each));
        let gates = groups.into_iter().chain(shared).filter_map(|(scope, limits, for_each)| {
            let limits: Vec<RateLimit> =
                limits.iter().filter(|limit| limit.for_each == for_each).copied().collect();
            let key = (scope.to_owned(), limits.clone());
            (!limits.is_empty()).then(|| self.gates.of(key, || Gates::new(for_each, limits)))
        });
        LimitPlan {
            gates: gates.collect(),
            places: self.places.of(concurrency, || Places::new(concurrency)),
            closings: Arc::clone(&self.closings),
        }
    }
}

impl LimitPlan {
    /// Waits for the turn and the place of one request, which must be there by `latest`.
    ///
    /// # Errors
    /// [`Refusal`], at once when it is known that they will not.
    pub(crate) async fn pass(&self, asking: Asking<'_>, latest: Instant) -> Result<Place<'_>, Refusal> {
        self.open(asking, latest).await?;
        for gates in &self.gates {
            gates.pass(asking, latest).await.map_err(Refusal::from)?;
        }
        loop {
            let place = self.places.take(latest).await.map_err(|_| Refusal::Overloaded)?;
            if self.closings.until(asking.partition, asking.tool).is_none() {
                return Ok(place);
            }
            // It was closed in the meantime. Nobody holds a place while he waits for something else.
            drop(place);
            self.open(asking, latest).await?;
        }
    }

    /// Keeps to what an answer says about when the API wants to be asked again.
    pub(crate) fn learn(&self, asking: Asking<'_>, status: StatusCode, headers: &HeaderMap) {
        if let Some(learned) = learned::learned(status, headers, clock::wall()) {
            let tool = learned.one_of_several.then_some(asking.tool);
            self.closings.close(asking.partition, tool, learned.time);
        }
    }

    /// The operator's limits, in words.
    pub(crate) fn described(&self) -> String {
        let Concurrency { requests, queue } = self.places.bound;
        let places = format!("{requests} in flight, {queue} more wait");
        let rates = self.gates.iter().flat_map(|gates| gates.described());
        rates.chain([places]).collect::<Vec<String>>().join("; ")
    }

    /// Waits until the API wants to be asked.
    async fn open(&self, asking: Asking<'_>, latest: Instant) -> Result<(), Refusal> {
        while let Some(until) = self.closings.until(asking.partition, asking.tool) {
            if until > latest {
                return Err(Refusal::RateLimited { until, by: LimitOf::Api });
            }
            tokio::time::sleep_until(until.into()).await;
        }
        Ok(())
    }
}

impl From<Shut> for Refusal {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Until(until) => Self::RateLimited { until, by: LimitOf::Gateway },
            Shut::Full => Self::Overloaded,
        }
    }
}
