//! `prompts/list` and `prompts/get`.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::answer::{Answer, open_result};
use super::asking::rounds::{Asking, Round};
use super::client::Client;
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::list::ListKind;
use super::message::{Id, Request};
use super::offer::{Offered, Step, asker, texts};
use super::work::Job;
use super::{Server, json, outcome};
use crate::call::offer::{FilledPrompt, fill};
use crate::catalog::ask::AskPlan;
use crate::catalog::offer::{Prompt, shown};
use crate::catalog::suggest;

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
        prompt: &Prompt,
    ) -> Result<Step, ProtocolError> {
        let mut values = texts(request.params.arguments, "arguments")?;
        if let (Era::Modern, Some(ask)) = (era, &prompt.ask) {
            check(prompt, &values, Some(ask))?;
            match settle(request, context, prompt, ask, &values)? {
                Ok(answered) => values = answered,
                Err(answer) => return Ok(Step::Question(answer)),
            }
        }
        check(prompt, &values, None)?;
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let filling = fill(context.catalog, prompt, &values)?;
        let asker = asker(request, context, &filling.caller_headers());
        let options = self.options.clone();
        Ok(Step::Job(Job::Prompt(Box::new(Offered { asker, options, what: filling }))))
    }
}

/// The prompt of this name.
pub(super) fn find<'c>(context: Context<'c>, name: &str) -> Result<&'c Prompt, ProtocolError> {
    let found = shown(&context.catalog.offers().prompts, context.view).find(|prompt| *prompt.name == *name);
    found.ok_or_else(|| ProtocolError::UnknownPrompt { name: name.to_owned() })
}

/// The arguments with what was answered, or the answer that asks.
fn settle(
    request: &Request<'_>,
    context: Context<'_>,
    prompt: &Prompt,
    ask: &AskPlan,
    values: &[(String, String)],
) -> Result<Result<Vec<(String, String)>, Answer>, ProtocolError> {
    let given: Map<String, Value> =
        values.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let asking = Asking {
        plan: ask,
        call: None,
        subject: &["prompt", &prompt.gateway, &prompt.name],
        principal: context.principal,
        capabilities: Client::capabilities(context.client, request, Era::Modern),
    };
    let refused = |text: String| Err(ProtocolError::InvalidValue { text, uri: None });
    match asking.decide(&given, &request.params)? {
        Round::Ready(arguments) => {
            let text = |value: Value| match value {
                Value::String(text) => text,
                value => value.to_string(),
            };
            Ok(Ok(arguments.into_iter().map(|(name, value)| (name, text(value))).collect()))
        }
        Round::Asks(members) => Ok(Err(Answer::input_required(request.id, &members))),
        Round::Unanswered(unanswered) => refused(unanswered.to_string()),
        Round::Invalid(_) => refused("the arguments are not what the prompt takes".to_owned()),
    }
}

/// Whether the arguments are those of the prompt. An empty text is a value. What is still to be asked may be missing.
fn check(prompt: &Prompt, values: &[(String, String)], ask: Option<&AskPlan>) -> Result<(), ProtocolError> {
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
