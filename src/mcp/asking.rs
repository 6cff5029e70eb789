//! Questions to the caller before a call: which ones are open, and how their answers become arguments.
//!
//! One mechanism serves both eras and the command line. [`next`] looks at the plan, the arguments and what was
//! answered so far, and says what there is to do; it knows no transport and waits for nothing. In the legacy era and on
//! a terminal somebody is asked while the call waits ([`live`]); in the modern era the call ends with what is to be
//! asked and comes again with the answers ([`rounds`]), and what was answered before is in a sealed [`state`] that the
//! client carries, so that nothing is remembered here.
//!
//! What always holds: nothing is sent before every question is answered that must be. A client that cannot be asked is
//! refused, never waved through. Answers are checked against what was asked ([`answer`]) and then go through the
//! validation of arguments like any other. A confirmation counts for exactly the arguments that were shown. Nothing of
//! an answer is logged.

mod answer;
pub(crate) mod live;
mod question;
pub(crate) mod rounds;
mod state;

pub(crate) use question::InputRequest;
use rounds::{Asking, Round};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::capabilities::Capabilities;
use super::dispatch::Context;
use super::era::Era;
use super::error::ProtocolError;
use super::message::Request;
use super::outcome;
use crate::call::error::ArgumentsError;
use crate::call::unanswered::Unanswered;
use crate::call::validate::validate;
use crate::call::{Ended, ToolOutcome};
use crate::catalog::CallPlan;
use crate::catalog::ask::{AskPlan, AskWhen, AskedPlan, CONFIRM, ConfirmPlan, QuestionPlan};

/// What was answered so far: by the name of each question, the arguments that its answer gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answers(Map<String, Value>);

/// What there is to do.
#[derive(Debug)]
pub(crate) enum Next<'p> {
    /// Nothing more is asked: these are the arguments.
    Ready(Map<String, Value>),
    /// These questions are asked together, about a call with these arguments.
    Ask(Vec<Open<'p>>, Map<String, Value>),
    /// The client would have to declare these, and does not.
    Missing(Capabilities),
}

/// Why there are no arguments in the end.
#[derive(Debug)]
pub(crate) enum Unsettled {
    /// For want of an answer.
    Unanswered(Unanswered),
    /// A call with the given ones would send nothing, so nobody is asked whether it shall be made.
    Invalid(ArgumentsError),
}

/// A question that is asked now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Open<'p> {
    /// About arguments.
    Question(&'p QuestionPlan),
    /// Whether the call shall be made.
    Confirm(&'p ConfirmPlan),
}

/// What there is to do for a call with these `given` arguments.
pub(crate) fn next<'p>(
    plan: &'p AskPlan,
    given: &Map<String, Value>,
    answers: &Answers,
    capabilities: Capabilities,
) -> Next<'p> {
    if plan.confirm.is_some() && !capabilities.form {
        // At once: there is no use in asking for anything when nobody can confirm in the end.
        return Next::Missing(Capabilities { form: true, ..Capabilities::default() });
    }
    let arguments = answers.over(plan, given);
    for round in &plan.rounds {
        let is_open = |question: &&QuestionPlan| {
            let can = capabilities.cover(required(question));
            !answers.has(&question.name) && is_due(question, &arguments) && (can || !question.optional)
        };
        let open: Vec<&QuestionPlan> = round.iter().filter(is_open).collect();
        let needed = open.iter().map(|question| required(question));
        let needed = needed.fold(Capabilities::default(), Capabilities::and);
        if !capabilities.cover(needed) {
            return Next::Missing(capabilities.lack(needed));
        }
        if !open.is_empty() {
            return Next::Ask(open.into_iter().map(Open::Question).collect(), arguments);
        }
    }
    match &plan.confirm {
        Some(confirm) if !answers.has(CONFIRM) => Next::Ask(vec![Open::Confirm(confirm)], arguments),
        _ => Next::Ready(arguments),
    }
}

/// What a client must declare to be asked this.
fn required(question: &QuestionPlan) -> Capabilities {
    let nothing = Capabilities::default();
    match question.to {
        AskedPlan::Person { .. } => Capabilities { form: true, ..nothing },
        AskedPlan::Model { .. } => Capabilities { sampling: true, ..nothing },
        AskedPlan::Roots { .. } => Capabilities { roots: true, ..nothing },
    }
}

fn is_due(question: &QuestionPlan, arguments: &Map<String, Value>) -> bool {
    question.when == AskWhen::Always || question.gives().any(|name| !arguments.contains_key(name))
}

impl Answers {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Notes what an answer gave.
    fn note(&mut self, name: &str, arguments: Map<String, Value>) {
        self.0.insert(name.to_owned(), arguments.into());
    }

    /// The arguments with the answers over them, those of later questions over those of earlier ones.
    fn over(&self, plan: &AskPlan, given: &Map<String, Value>) -> Map<String, Value> {
        let mut arguments = given.clone();
        for question in plan.rounds.iter().flatten() {
            if let Some(Value::Object(answer)) = self.0.get(&*question.name) {
                arguments.extend(answer.clone());
            }
        }
        arguments
    }
}

impl From<Unanswered> for Unsettled {
    fn from(unanswered: Unanswered) -> Self {
        Self::Unanswered(unanswered)
    }
}

impl From<ArgumentsError> for Unsettled {
    fn from(error: ArgumentsError) -> Self {
        Self::Invalid(error)
    }
}

impl From<Unsettled> for ToolOutcome {
    fn from(unsettled: Unsettled) -> Self {
        match unsettled {
            Unsettled::Unanswered(unanswered) => unanswered.into(),
            Unsettled::Invalid(error) => error.into(),
        }
    }
}

impl Open<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Question(question) => &question.name,
            Self::Confirm(_) => CONFIRM,
        }
    }

    /// Whether the call goes on without the answer.
    fn is_optional(&self) -> bool {
        matches!(self, Self::Question(question) if question.optional)
    }
}

/// What becomes of a modern `tools/call` whose tool asks first.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It can be made, with these arguments.
    Arguments(Box<RawValue>),
    /// It ends with this answer, which asks or refuses, and is written down as this.
    Over(Answer, Ended),
}

/// Decides about a modern `tools/call` whose tool asks first.
pub(crate) fn settle(
    request: &Request<'_>,
    context: Context<'_>,
    (plan, ask): (&CallPlan, &AskPlan),
    given: Option<&RawValue>,
    capabilities: Capabilities,
) -> Result<Settled, ProtocolError> {
    let over = |outcome: ToolOutcome| {
        let ended = outcome.ended;
        Ok(Settled::Over(outcome::answer(request.id, Era::Modern, outcome), ended))
    };
    // Before anybody is bothered: what is wrong already stays wrong.
    let given = match validate(plan.taken(), given) {
        Ok(given) => given,
        Err(error) => return over(error.into()),
    };
    let base = plan.request.base.as_str();
    let subject = ["tool", &plan.gateway, &plan.tool, &plan.signature, base];
    let asking =
        Asking { plan: ask, call: Some(plan), subject: &subject, principal: context.principal, capabilities };
    match asking.decide(&given, &request.params)? {
        Round::Ready(arguments) => match RawValue::from_string(Value::Object(arguments).to_string()) {
            Ok(arguments) => Ok(Settled::Arguments(arguments)),
            Err(_) => over(Unanswered::Refused.into()),
        },
        Round::Asks(members) => {
            Ok(Settled::Over(Answer::input_required(request.id, &members), Ended::INPUT_REQUIRED))
        }
        Round::Over(unsettled) => over(unsettled.into()),
    }
}

#[cfg(test)]
mod tests;
