//! Prompts.

use std::sync::Arc;

use serde_json::json;

use super::super::ask::{self, Arguments, AskPlan, Known};
use super::super::build::Served;
use super::{Argument, Message, MessageSource, Offers, Plans, Prompt, face};
use crate::config::gateway::{MessageContent, Prompt as Written, PromptArgument, PromptMessage};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::express::template::Template;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;

/// A prompt with the plans of its requests. `None` when one of them cannot be planned, which has been reported, or when a
/// message needs what the prompt does not have.
pub(super) fn plan(
    written: &Written,
    offers: &Offers,
    gateway: &Arc<str>,
    prefix: &str,
    plans: &Plans<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Prompt> {
    let name = format!("{prefix}{}", written.name);
    let mut messages = Vec::with_capacity(written.messages.len());
    for message in &written.messages {
        let content = content(written, message, offers, plans, diagnostics)?;
        messages.push(Message { role: message.role.as_str(), content });
    }
    let argument = |argument: &PromptArgument| Argument {
        name: argument.name.as_str().into(),
        required: argument.required,
        completion: argument.completion.as_ref().and_then(|completion| plans.completer(completion)),
    };
    Some(Prompt {
        gateway: Arc::clone(gateway),
        face: face::prompt(&name, written),
        name: name.into(),
        description: written.about.description.as_deref().map(Into::into),
        arguments: written.arguments.iter().map(argument).collect(),
        ask: None,
        messages,
    })
}

/// The prompt with what its caller is asked. `None` when that cannot be asked, which has been reported.
pub(super) fn asking(
    prompt: Prompt,
    written: &Written,
    served: &Served,
    diagnostics: &mut Diagnostics,
) -> Option<Prompt> {
    let Some(rules) = &written.ask else { return Some(prompt) };
    let text = json!({"type": "string"}).into();
    let definitions = Definitions::default();
    let arguments = Arguments {
        all: written.arguments.iter().map(|argument| known(argument, &text)).collect(),
        definitions: &definitions,
    };
    match ask::rounds(rules, &arguments) {
        Ok(rounds) => {
            let cursors = Arc::new(served.gateway.cursors.clone());
            let plan = AskPlan::new(rounds, None, served.gateway.ask_timeout, cursors);
            Some(Prompt { ask: Some(plan), ..prompt })
        }
        Err(fault) => {
            diagnostics.push(*fault);
            None
        }
    }
}

fn known<'a>(argument: &'a PromptArgument, text: &'a Json) -> Known<'a> {
    Known {
        name: &argument.name,
        schema: text,
        description: argument.description.as_deref(),
        default: None,
        required: argument.required,
    }
}

fn content(
    prompt: &Written,
    message: &PromptMessage,
    offers: &Offers,
    plans: &Plans<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<MessageSource> {
    match &message.content {
        MessageContent::Request(id) => {
            let request = plans.request(*id)?;
            let is_given = |name: &str| prompt.arguments.iter().any(|argument| argument.name == name);
            let missing = request.required().find(|name| !is_given(name));
            if let Some(missing) = missing {
                let text = format!("the request needs `{missing}`, and the prompt has no such argument");
                let diagnostic = Diagnostic::new(Code::InvalidValue, text).at(message.place.clone());
                diagnostics.push(diagnostic.help(format!("declare `{missing}` under `arguments`")));
                return None;
            }
            Some(MessageSource::Request(request))
        }
        MessageContent::Resource(uri) if is_unknown(uri, offers) => {
            let text = format!("there is no resource `{}`", uri.source());
            let diagnostic = Diagnostic::new(Code::InvalidValue, text).at(message.place.clone());
            diagnostics.push(
                diagnostic.help("declare it under `resources`, or write it here: `resource: {uri, text}`"),
            );
            None
        }
        written => Some(MessageSource::Written(written.clone())),
    }
}

/// Whether a URI without gaps is that of no resource.
fn is_unknown(uri: &Template, offers: &Offers) -> bool {
    let text = uri.source();
    uri.variables().next().is_none()
        && !offers.resources.iter().any(|resource| *resource.uri == *text)
        && !offers.templates.iter().any(|template| template.uris.matched(text).is_some())
}
