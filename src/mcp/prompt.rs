//! `prompts/list` and `prompts/get`.

mod asked;

use std::sync::Arc;

pub(super) use asked::AskedPrompt;
use asked::Settled;
use bytes::Bytes;

use super::answer::{Answer, open_result};
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::list::ListKind;
use super::message::{Id, Request};
use super::offer::{Offered, Step, asker, texts};
use super::work::Job;
use super::{Server, json, outcome};
use crate::call::offer::{FilledPrompt, Filling, fill};
use crate::catalog::ask::AskPlan;
use crate::catalog::offer::{Offers, Prompt, shown};
use crate::catalog::suggest;

/// The values of arguments, by their names.
type Texts = [(String, String)];

impl Server {
    /// `prompts/list`
    pub(super) fn prompts(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Answer, ProtocolError> {
        let whole = context.view.offered.prompts.as_ref();
        self.offers(ListKind::Prompts, request, era, context, (whole, &context.catalog.offers().prompts))
    }

    /// `prompts/get`
    pub(super) fn prompt(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Received, ProtocolError> {
        if context.view.offered.prompts.is_none() {
            return Err(request.not_offered());
        }
        let fault = |fault| ProtocolError::param("name", fault);
        let name = request.params.name.ok_or(fault(ParamFault::Missing))?;
        let name = json::string(name.get()).ok_or(fault(ParamFault::NotAString))?;
        let prompt =
            find(context, &name).map_err(|error| self.unknown(request, context, ("prompt", &name), error))?;
        let asked = (&*prompt.gateway, "prompt", &*name);
        self.offered(request, era, context, asked, || self.fill(request, era, context, prompt))
    }

    /// What there is to do for a prompt that its caller may have.
    fn fill(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
        prompt: &Arc<Prompt>,
    ) -> Result<Step, ProtocolError> {
        let given = texts(request.params.arguments, "arguments")?;
        let values = match &prompt.ask {
            None => given,
            Some(ask) => {
                // Before anybody is bothered: what is wrong already stays wrong.
                check(prompt, &given, Some(ask))?;
                let asked = AskedPrompt::new(context.catalog, prompt, given);
                if era == Era::Legacy {
                    let asker = asker(request, context, &asked.caller_headers());
                    let options = self.options.clone();
                    return Ok(Step::Job(Job::AskedPrompt(Box::new(Offered {
                        asker,
                        options,
                        what: asked,
                    }))));
                }
                match asked.settle(ask, request, context)? {
                    Settled::Values(values) => values,
                    Settled::Asks(answer) => return Ok(Step::Question(answer)),
                }
            }
        };
        let filling = filling(context.catalog.offers(), prompt, &values)?;
        let asker = asker(request, context, &filling.caller_headers());
        let options = self.options.clone();
        Ok(Step::Job(Job::Prompt(Box::new(Offered { asker, options, what: filling }))))
    }
}

/// The prompt with these values, which are all that there will be.
fn filling(offers: &Offers, prompt: &Prompt, values: &Texts) -> Result<Filling, ProtocolError> {
    check(prompt, values, None)?;
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Ok(fill(offers, prompt, &values)?)
}

/// The prompt of this name.
pub(super) fn find<'c>(context: Context<'c>, name: &str) -> Result<&'c Arc<Prompt>, ProtocolError> {
    let found = shown(&context.catalog.offers().prompts, context.view).find(|prompt| *prompt.name == *name);
    found.ok_or_else(|| ProtocolError::UnknownPrompt { name: name.to_owned() })
}

/// Whether the arguments are those of the prompt. An empty text is a value. What is still to be asked may be missing.
fn check(prompt: &Prompt, values: &Texts, ask: Option<&AskPlan>) -> Result<(), ProtocolError> {
    let invalid = |text| Err(ProtocolError::InvalidValue { text, uri: None });
    let known = || prompt.arguments.iter().map(|argument| &*argument.name);
    for (name, _) in values {
        if !known().any(|known| known == name) {
            return invalid(match suggest(name, known()) {
                Some(similar) => format!("the prompt has no argument `{name}`; did you mean `{similar}`?"),
                None => format!("the prompt has no argument `{name}`"),
            });
        }
    }
    let is_given = |argument: &str| values.iter().any(|(name, _)| name == argument);
    let is_asked = |argument: &str| {
        let questions = ask.into_iter().flat_map(|ask| ask.rounds.iter().flatten());
        questions.flat_map(|question| question.gives()).any(|name| name == argument)
    };
    let is_missing = |name: &str| !is_given(name) && !is_asked(name);
    match prompt.arguments.iter().find(|argument| argument.required && is_missing(&argument.name)) {
        Some(missing) => invalid(format!("the argument `{}` is required", missing.name)),
        None => Ok(()),
    }
}

/// The result of `prompts/get`.
pub(super) fn answer(id: Id<'_>, era: Era, filled: &FilledPrompt) -> Answer {
    let mut head = open_result(id, era, 256);
    if let Some(description) = &filled.description {
        head.extend_from_slice(b"\"description\":");
        json::push_string(&mut head, description.as_bytes());
        head.push(b',');
    }
    head.extend_from_slice(b"\"messages\":[");
    for (index, message) in filled.messages.iter().enumerate() {
        head.extend_from_slice(if index > 0 { b"," } else { b"" });
        head.extend_from_slice(format!("{{\"role\":\"{}\",\"content\":", message.role).as_bytes());
        outcome::push_content(&mut head, &message.content);
        head.push(b'}');
    }
    Answer::with_tail(head, Bytes::new(), b"]}}")
}
