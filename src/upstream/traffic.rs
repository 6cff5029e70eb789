//! The state that all calls to one upstream share: what paces them, what is left to retry with, and who of its origins
//! fails. It outlives reloads together with the upstream.

use std::sync::Arc;

use http::HeaderName;
use url::{Origin, Url};

use super::breaker::Breaker;
use super::budget::RetryBudget;
use super::kept::Kept;
use super::limit::{LimitPlan, Limits};
use super::retry::RetryPlan;
use crate::config::gateway::{BreakerRules, Concurrency, RateLimit, RetryRules};

/// The state of one upstream.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    limits: Limits,
    budget: Arc<RetryBudget>,
    breakers: Kept<(Origin, BreakerRules), Breaker>,
}

/// The rules that hold for one tool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrafficRules<'a> {
    /// Of its gateway.
    pub(crate) rate_limits: &'a [RateLimit],
    /// Its own.
    pub(crate) own_rate_limits: &'a [RateLimit],
    /// Of its gateway.
    pub(crate) concurrency: Concurrency,
    /// Its own, or its gateway's.
    pub(crate) retry: &'a RetryRules,
    /// Of its gateway.
    pub(crate) breaker: Option<BreakerRules>,
    /// Its request may reach the API twice.
    pub(crate) harmless: bool,
    /// The header that it declares for an idempotency key.
    pub(crate) idempotency_key: Option<&'a HeaderName>,
}

impl Traffic {
    /// What paces the calls of the tool of this signature.
    pub(crate) fn limits(&self, tool: &str, rules: TrafficRules<'_>) -> LimitPlan {
        self.limits.plan(tool, rules.rate_limits, rules.own_rate_limits, rules.concurrency)
    }

    /// What is tried again of its calls.
    pub(crate) fn retry(&self, rules: TrafficRules<'_>) -> RetryPlan {
        RetryPlan::new(rules.retry, rules.harmless, rules.idempotency_key, &self.budget)
    }

    /// The breaker of the origin of this URL.
    pub(crate) fn breaker(&self, base: &Url, rules: TrafficRules<'_>) -> Option<Arc<Breaker>> {
        let rules = rules.breaker?;
        Some(self.breakers.of((base.origin(), rules), || Breaker::new(rules)))
    }
}
