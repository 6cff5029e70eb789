//! `prompts/list` and `prompts/get`.

use bytes::Bytes;

use super::answer::{Answer, open_result};
use super::dispatch::{Context, Received, is_for_all};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::list::{List, ListKind};
use super::message::{Id, Request};
use super::offer::{Offered, Step, asker, texts};
use super::work::Job;
use super::{Server, json, outcome};
use crate::call::offer::{FilledPrompt, fill};
use crate::catalog::offer::Prompt;
use crate::catalog::suggest;

impl Server {
    /// `prompts/list`
    pub(super) fn prompts(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Answer, ProtocolError> {
        let method = || ProtocolError::MethodNotFound { method: request.method.clone().into_owned() };
        let whole = context.view.offered.prompts.as_ref().ok_or_else(method)?;
        let items =
            context.catalog.offers().prompts.iter().filter(|it| context.view.shows_gateway(&it.gateway));
        let list = List {
            kind: ListKind::Prompts,
            request,
            era,
            options: &self.options,
            shared: is_for_all(context.principal),
        };
        list.answer(
            || whole.clone(),
            items,
            |it| &it.name,
            |it, out| out.extend_from_slice(it.face.as_bytes()),
        )
    }

    /// `prompts/get`
    pub(super) fn prompt(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Received, ProtocolError> {
        if context.view.offered.prompts.is_none() {
            return Err(ProtocolError::MethodNotFound { method: request.method.clone().into_owned() });
        }
        let fault = |fault| ProtocolError::param("name", fault);
        let name = request.params.name.ok_or(fault(ParamFault::Missing))?;
        let name = json::string(name.get()).ok_or(fault(ParamFault::NotAString))?;
        let prompt = find(context, &name)?;
        let values = texts(request.params.arguments, "arguments")?;
        check(prompt, &values)?;
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let filling = fill(context.catalog, prompt, &values)?;
        let asker = asker(request, context, &filling.caller_headers());
        let options = self.options.clone();
        let step = Step::Job(Job::Prompt(Box::new(Offered { asker, options, what: filling })));
        self.offered(request, era, context, (&prompt.gateway, "prompt", &name), step)
    }
}

/// The prompt of this name.
pub(super) fn find<'c>(context: Context<'c>, name: &str) -> Result<&'c Prompt, ProtocolError> {
    let prompts = &context.catalog.offers().prompts;
    let found =
        prompts.iter().find(|prompt| *prompt.name == *name && context.view.shows_gateway(&prompt.gateway));
    found.ok_or_else(|| ProtocolError::UnknownPrompt { name: name.to_owned() })
}

/// Whether the arguments are those of the prompt. An empty text is a value.
fn check(prompt: &Prompt, values: &[(String, String)]) -> Result<(), ProtocolError> {
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
    match prompt.arguments.iter().find(|argument| argument.required && !is_given(&argument.name)) {
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
