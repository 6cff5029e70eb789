//! What is decided about a call beside its request: one line for each stage that has something to decide.

use std::fmt::{self, Write as _};

use crate::catalog::CallPlan;
use crate::catalog::ask::{AskPlan, AskedPlan, QuestionPlan};
use crate::catalog::plan::CachePlan;
use crate::config::gateway::{AskWhen, PageMode};

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
    let ask = plan.ask.as_ref().map(|ask| line("ask", asked(ask)));
    let stages = [
        line("paginate", pages(plan)),
        line("cache", cache(&plan.cache)),
        line("rate_limit", plan.limits.described()),
        line("retry", plan.retry.described(&plan.request.method)),
        line("breaker", breaker),
        line("response", response.shape.described(response.shown_bytes())),
        line("errors", errors),
    ];
    ask.into_iter().chain(credentials).chain(stages).collect()
}

/// Who is asked for what before the call.
fn asked(ask: &AskPlan) -> String {
    let question = |question: &QuestionPlan| {
        let whom = match question.to {
            AskedPlan::Person { .. } => "the person",
            AskedPlan::Model { .. } => "the client's model",
            AskedPlan::Roots { .. } => "the client",
        };
        let names: Vec<&str> = question.gives().collect();
        let when = if question.when == AskWhen::Always { "" } else { ", when it is missing" };
        let optional = if question.optional { ", if that can be asked" } else { "" };
        format!("{whom} for {}{when}{optional}", names.join(" and "))
    };
    let confirm = ask.confirm.as_ref().map(|_| "the person whether it shall be sent".to_owned());
    let all: Vec<String> = ask.rounds.iter().flatten().map(question).chain(confirm).collect();
    all.join("; ")
}

/// What becomes of an answer that has more pages.
fn pages(plan: &CallPlan) -> String {
    let Some(pages) = &plan.pages else { return "one answer: nothing is known of pages".to_owned() };
    let style = pages.rule.style.as_str();
    let by = if pages.recognised { "as recognised in the document" } else { "as the file says" };
    match pages.mode {
        PageMode::Off => "off".to_owned(),
        PageMode::Hint => format!("the next page is hinted at, by {style}, {by}"),
        PageMode::Step => format!("one page a call, by {style}, {by}"),
        PageMode::Gather => format!("pages are gathered, by {style}, {by}"),
    }
}

/// Which answers are kept, and what they are kept under.
fn cache(plan: &CachePlan) -> String {
    let Some(times) = plan.times else {
        let why = if plan.writes { "nothing is kept: it writes" } else { "off" };
        return why.to_owned();
    };
    let mut text = "what the API's headers allow".to_owned();
    for (name, time) in [
        ("ttl", times.ttl.unwrap_or_default()),
        ("stale_while_revalidate", times.stale_while_revalidate),
        ("stale_if_error", times.stale_if_error),
    ] {
        if !time.is_zero() {
            let _ = write!(text, ", {name} {} s", time.as_secs_f64());
        }
    }
    text.push_str("; kept by gateway, method, URL, headers, body and credential");
    text
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.text)
    }
}
