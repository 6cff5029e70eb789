//! Fifth stage: an answer that is kept and still good, or that of the API, which is then kept when it may be.
//!
//! | what is kept | what happens | told as |
//! |---|---|---|
//! | a fresh answer | it is given; the API is not asked | `hit` |
//! | one that may be given while a new one is asked for | it is given, and the API is asked in the background | `stale` |
//! | an old one with a validator | the API is asked whether it is still good | `revalidated` when it is |
//! | an old one, and the API fails | it is given, where that is allowed | `stale` |
//! | nothing | the API is asked: by one caller for all who ask the same | `miss` |
//!
//! Rules are those of a shared cache (RFC 9111): one gateway serves many callers. What differs by credential is kept
//! apart by the key instead of not at all.

mod freshness;
mod key;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::time::timeout_at;

use super::Weight;
use super::error::CallError;
use super::exchange::{Exchange, Notes};
use crate::catalog::plan::CachePlan;
use crate::clock;
use crate::config::gateway::CacheTimes;
use crate::store::{Flight, Kept, Key, Landed, Role};
use crate::tasks;
use crate::telemetry::events::CallEvent;
use crate::upstream::{HttpRequest, Reply};
use freshness::Usable;
use writing::Writing;

/// What is told of an answer: in the log, and as `toolgate/cache` to the client.
const HIT: &str = "hit";
const MISS: &str = "miss";
const REVALIDATED: &str = "revalidated";
const STALE: &str = "stale";
/// An answer that may not be kept: told in the log only.
const PASS: &str = "pass";

/// What a call that may yet be answered with an old answer leaves of its time.
const MARGIN: Duration = Duration::from_millis(100);

/// The kept answer to this request in this name, or that of the API, which is then kept when it may be.
///
/// # Errors
/// [`CallError`] when there is no answer.
pub(super) async fn through(
    exchange: &mut Exchange<'_, '_>,
    request: &HttpRequest,
) -> Result<Reply, CallError> {
    let plan = exchange.plan;
    let kept_by =
        plan.cache.times.and_then(|times| Some((times, key::of(plan, request, &exchange.identity)?)));
    if let Some((times, key)) = kept_by {
        return Asking { exchange, request, cache: &plan.cache, times, key }.answer().await;
    }
    let writing = plan.cache.writes.then(|| Writing::begin(plan, request));
    let result = exchange.fetch(request).await;
    if let Some(writing) = writing {
        writing.ended(&result);
    }
    result
}

/// A request whose answer may be kept.
struct Asking<'x, 'a, 'e> {
    exchange: &'x mut Exchange<'a, 'e>,
    request: &'x HttpRequest,
    cache: &'a CachePlan,
    times: CacheTimes,
    key: Key,
}

impl<'a> Asking<'_, 'a, '_> {
    async fn answer(mut self) -> Result<Reply, CallError> {
        let (kept, flight) = loop {
            let kept = self.kept().await;
            if let Some(given) = self.without_asking(kept.as_ref()) {
                return Ok(given);
            }
            // Where answers turned out to be of no use to anybody else, nobody waits for one.
            if kept.is_none() && self.cache.passes() {
                break (None, None);
            }
            match self.cache.store.join(&self.key) {
                Role::Leader(flight) => {
                    // Somebody may have landed between the look and the join.
                    let kept = self.kept().await;
                    if let Some(given) = self.without_asking(kept.as_ref()) {
                        flight.land(kept);
                        return Ok(given);
                    }
                    break (kept, Some(flight));
                }
                Role::Follower(wait) => match wait.landed().await {
                    Landed::Answer(kept) if self.is_mine(&kept) => return Ok(self.given(HIT, &kept)),
                    Landed::Answer(_) | Landed::Nothing => break (None, None),
                    Landed::Abandoned => {}
                },
            }
        };
        // Boxed: an answer that is kept needs none of it, and it would be moved through every stage around it.
        Box::pin(self.ask(kept, flight)).await
    }

    /// What is kept.
    async fn kept(&self) -> Option<Arc<Kept>> {
        self.cache.store.get(&self.key).await
    }

    /// Whether an answer that somebody else asked for answers this call too: nothing was written in between.
    fn is_mine(&self, kept: &Kept) -> bool {
        self.cache.store.is_current(&self.key, kept)
    }

    /// A kept answer that is given at once.
    fn without_asking(&mut self, kept: Option<&Arc<Kept>>) -> Option<Reply> {
        let kept = kept?;
        match Usable::of(kept, clock::now()) {
            Usable::Fresh => Some(self.given(HIT, kept)),
            Usable::WhileRevalidated => {
                self.refresh(Arc::clone(kept));
                Some(self.given(STALE, kept))
            }
            Usable::IfError | Usable::IfGood => None,
        }
    }

    /// Asks the API, and keeps what it says. With a flight, for all who wait for it.
    async fn ask(&mut self, kept: Option<Arc<Kept>>, flight: Option<Flight<'a>>) -> Result<Reply, CallError> {
        let asked = self.cache.store.moment();
        let mut validated = kept.as_ref().and_then(|kept| freshness::conditional(self.request, kept));
        let reply = loop {
            let result = self.fetch(validated.as_ref().unwrap_or(self.request), kept.as_deref()).await;
            let Some(kept) = &kept else { break result? };
            match result {
                Ok(reply) if validated.is_some() && reply.status == StatusCode::NOT_MODIFIED => {
                    if let Some(renewed) = freshness::renewed(&self.times, self.request, kept, &reply, asked)
                    {
                        let renewed = Arc::new(renewed);
                        self.keep(&renewed, flight).await;
                        return Ok(self.given(REVALIDATED, &renewed));
                    }
                    // It speaks of another answer than the one that is kept.
                    validated = None;
                }
                Ok(reply) if !is_failure(reply.status) => break reply,
                _ if Usable::of(kept, clock::now()).if_error() => return Ok(self.given(STALE, kept)),
                result => break result?,
            }
        };
        match freshness::kept(&self.times, self.request, &reply, asked) {
            Some(kept) => {
                let kept = Arc::new(kept);
                self.keep(&kept, flight).await;
                self.exchange.kept = Some(kept);
                self.told(MISS);
            }
            None => {
                self.cache.pass(true);
                self.exchange.event.cache = PASS;
                if let Some(flight) = flight {
                    flight.land(None);
                }
            }
        }
        Ok(reply)
    }

    /// The answer of the API. Where an old one could be given instead, it is not waited for to the very end.
    async fn fetch(&mut self, request: &HttpRequest, kept: Option<&Kept>) -> Result<Reply, CallError> {
        let is_spare = kept.is_some_and(|kept| Usable::of(kept, clock::now()).if_error());
        match self.exchange.deadline.checked_sub(MARGIN).filter(|_| is_spare) {
            None => self.exchange.fetch(request).await,
            // Boxed: it is rare, and would make the future of every call as large again.
            Some(until) => Box::pin(timeout_at(until, self.exchange.fetch(request)))
                .await
                .unwrap_or(Err(CallError::Deadline)),
        }
    }

    async fn keep(&self, kept: &Arc<Kept>, flight: Option<Flight<'a>>) {
        self.cache.pass(false);
        self.cache.store.put(self.key.clone(), Arc::clone(kept)).await;
        if let Some(flight) = flight {
            // One that may not be given twice without asking is for nobody else.
            flight.land(Some(Arc::clone(kept)).filter(|kept| !kept.fresh_for.is_zero()));
        }
    }

    /// Asks for a new answer after the old one has been given, unless somebody does so already.
    fn refresh(&self, kept: Arc<Kept>) {
        let plan = Arc::clone(self.exchange.plan);
        let (identity, principal) = (self.exchange.identity.clone(), self.exchange.principal.clone());
        let (request, times, key) = (self.request.clone(), self.times, self.key.clone());
        tasks::spawn("cache refresh", async move {
            let Role::Leader(flight) = plan.cache.store.join(&key) else { return };
            let mut event = CallEvent::begin(&plan.tool, &plan.gateway, &plan.request.base);
            event.cache = "refresh";
            let mut notes = Notes::default();
            let deadline = tokio::time::Instant::now() + plan.timeout;
            let mut exchange = Exchange {
                plan: &plan,
                identity,
                principal: &principal,
                deadline,
                event: &mut event,
                progress: None,
                notes: &mut notes,
                kept: None,
            };
            let asking =
                &mut Asking { exchange: &mut exchange, request: &request, cache: &plan.cache, times, key };
            let result = timeout_at(deadline, asking.ask(Some(kept), Some(flight))).await;
            if matches!(result, Ok(Ok(_))) {
                event.finish(CallEvent::OK, false);
            }
        });
    }

    /// A kept answer as the reply to this request.
    fn given(&mut self, word: &'static str, kept: &Arc<Kept>) -> Reply {
        self.told(word);
        self.exchange.kept = Some(Arc::clone(kept));
        let age = kept.age + clock::now().saturating_duration_since(kept.since);
        self.exchange.notes.tell("toolgate/age_seconds", age.as_secs());
        self.exchange.event.status = Some(kept.status.as_u16());
        self.exchange.event.bytes += kept.body.len();
        Reply {
            status: kept.status,
            headers: kept.headers.clone(),
            body: kept.body.clone(),
            url: self.request.url.clone(),
        }
    }

    fn told(&mut self, word: &'static str) {
        self.exchange.event.cache = word;
        match word {
            HIT => self.exchange.happened(Weight::Detail, format_args!("answered from the cache")),
            STALE => self.exchange.happened(Weight::Unusual, format_args!("an old answer is given")),
            REVALIDATED => {
                self.exchange.happened(Weight::Detail, format_args!("the kept answer is still good"));
            }
            _ => {}
        }
        self.exchange.notes.tell("toolgate/cache", word);
    }
}

/// The API, not the request, is at fault (RFC 5861, section 4).
fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests;
