//! What is decided about a call beside its request: one line for each stage that has something to decide.

use std::fmt;

use crate::catalog::CallPlan;

/// What one stage will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The key of the gateway file that it is about.
    pub about: &'static str,
    /// In words.
    pub text: String,
}

/// What the stages of a call will do, in their order.
#[must_use]
pub fn decided(plan: &CallPlan) -> Vec<Decided> {
    let line = |about, text| Decided { about, text };
    let breaker = plan.breaker.as_ref().map_or_else(|| "off".to_owned(), |breaker| breaker.described());
    let response = &plan.response;
    let errors = match response.errors.len() {
        0 => "by status".to_owned(),
        1 => "1 rule, then by status".to_owned(),
        count => format!("{count} rules, then by status"),
    };
    let credentials = plan.credentials.keepers().iter();
    let credentials = credentials
        .map(|keeper| line("credential", format!("{}, {} ***", keeper.name(), keeper.credential().kind())));
    let stages = [
        line("rate_limit", plan.limits.described()),
        line("retry", plan.retry.described(&plan.request.method)),
        line("breaker", breaker),
        line("response", response.shape.described(response.shown_bytes())),
        line("errors", errors),
    ];
    credentials.chain(stages).collect()
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.text)
    }
}
