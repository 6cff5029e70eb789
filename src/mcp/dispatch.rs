//! From a message to what happens next, without waiting for anything.

use http::HeaderMap;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::asking::Settled;
use super::call::{self, ToolCall};
use super::client::Client;
use super::discovery::{self, Discovered};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::line::Reply;
use super::list::{List, ListKind};
use super::message::{Id, Message, Params, Refused, Request};
use super::progress::Token;
use super::subscription::{Changing, Subscription};
use super::visit::Asked;
use super::work::{Job, Work};
use super::{Server, asking, json, legacy, modern, outcome, param_headers};
use crate::access::Principal;
use crate::call::CallerHeaders;
use crate::catalog::{Catalog, ListedTool, Profile, Tool, View};

/// What a message leads to.
#[derive(Debug)]
pub(crate) enum Received {
    /// This is sent back.
    Answer(Answer),
    /// Something is to be done; the answer comes later.
    Work(Work),
    /// This is sent back: the caller sees what he asks for, and lacks some of these scopes for it.
    Lacking(Answer, Vec<String>),
    /// A client says hello; this is sent back. Whether it is remembered is decided where it came from.
    Hello(Answer, Client),
    /// A modern client listens for what changes, until it goes.
    Listen(Subscription),
    /// The client answers a question of ours.
    Response(Reply),
    /// The request with this id (raw JSON) is given up by its client.
    Cancelled(Box<str>),
    /// Nothing is sent back.
    Nothing,
}

/// Where a message came from.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The catalog that the whole request is answered from.
    pub(crate) catalog: &'a Catalog,
    /// What of it is shown here.
    pub(crate) view: &'a View,
    /// The headers of the request; `None` on stdio.
    pub(crate) headers: Option<&'a HeaderMap>,
    /// Who sent it.
    pub(crate) principal: &'a Principal,
    /// The client, where something remembers it.
    pub(crate) client: Option<&'a Client>,
}

impl Server {
    /// Decides about one message.
    pub(crate) fn receive(&self, body: &[u8], context: Context<'_>) -> Received {
        match Message::parse(body) {
            Ok(Message::Request(request)) => self.request(&request, context),
            Ok(Message::Notification { method, params }) => notification(&method, &params),
            Ok(Message::Response { id, result }) => response(id, result),
            Err(Refused { id, error }) => Received::Answer(Answer::error(id, &error, Era::Legacy)),
        }
    }

    fn request(&self, request: &Request<'_>, context: Context<'_>) -> Received {
        let id = Some(request.id);
        let era = match Era::of(request, context.headers) {
            Ok(era) => era,
            Err(error) => return Received::Answer(Answer::error(id, &error, Era::Modern)),
        };
        let received = self.method(request, era, context);
        received.unwrap_or_else(|error| Received::Answer(Answer::error(id, &error, era)))
    }

    fn method(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
    ) -> Result<Received, ProtocolError> {
        if era == Era::Modern {
            modern::check(request, context.headers)?;
        }
        let answer = match (era, request.method.as_ref()) {
            (_, "tools/call") => return self.call(request, era, context),
            (_, "tools/list") => self.list(request, era, context)?,
            (_, "resources/list") => self.resources(request, era, context)?,
            (_, "resources/templates/list") => self.resource_templates(request, era, context)?,
            (_, "resources/read") => return self.read(request, era, context),
            (_, "prompts/list") => self.prompts(request, era, context)?,
            (_, "prompts/get") => return self.prompt(request, era, context),
            (_, "completion/complete") => return self.complete(request, era, context),
            (Era::Legacy, "initialize") => {
                let answer = legacy::initialize(request, context.view, self.changing())?;
                return Ok(Received::Hello(answer, Client::introduced(request)));
            }
            (Era::Legacy, "ping") => legacy::ping(request),
            (Era::Legacy, "logging/setLevel") => legacy::set_level(request, context.client)?,
            (Era::Legacy, "resources/subscribe" | "resources/unsubscribe") => {
                legacy::watch(request, context.client, self.options.can_change)?
            }
            (Era::Modern, modern::DISCOVER) => {
                let shared = is_for_all(context.principal);
                modern::discover(request, context.view, &self.options, self.changing(), shared)
            }
            (Era::Modern, "subscriptions/listen") => {
                let subscription = Subscription::of(request, self.changing(), self.changes.latest())?;
                return Ok(Received::Listen(subscription));
            }
            _ => return Err(request.not_offered()),
        };
        Ok(Received::Answer(answer))
    }

    /// What can change while it is served.
    fn changing(&self) -> Changing {
        // A reload may bring the first prompt, and take the last.
        let any = self.options.can_change;
        Changing { tools: any, resources: any, prompts: any }
    }

    /// `tools/list`
    fn list(&self, request: &Request<'_>, era: Era, context: Context<'_>) -> Result<Answer, ProtocolError> {
        let Context { catalog, view, .. } = context;
        let profile = Client::profile(context.client, request);
        // What everybody takes may be kept for everybody; what is for one kind of client may not.
        let shared = profile == Profile::Portable && is_for_all(context.principal);
        let list = List { kind: ListKind::Tools, request, era, options: &self.options, shared };
        list.answer(
            || catalog.list(view, profile),
            catalog.listed(view, profile),
            |tool: &ListedTool<'_>| tool.name(),
            |tool, out| out.extend_from_slice(tool.face(catalog, profile).as_bytes()),
        )
    }

    fn call(&self, request: &Request<'_>, era: Era, context: Context<'_>) -> Result<Received, ProtocolError> {
        let params = &request.params;
        let fault = |fault| ProtocolError::param("name", fault);
        let name = params.name.ok_or(fault(ParamFault::Missing))?;
        let name = json::string(name.get()).ok_or(fault(ParamFault::NotAString))?;
        let arguments = given(params.arguments);
        if arguments.is_some_and(|raw| !json::is_object(raw.get().as_bytes())) {
            return Err(ProtocolError::param("arguments", ParamFault::NotAnObject));
        }
        let own =
            context.view.discovery.as_ref().and_then(|discovery| Some((discovery, discovery.tool(&name)?)));
        if let Some((discovery, kind)) = own {
            let profile = Client::profile(context.client, request);
            return Ok(match discovery::call(context, discovery, kind, arguments, profile) {
                Discovered::Outcome(outcome) => {
                    let asked = Asked { gateway: None, kind: "tool", name: &name };
                    self.visit(request, context, asked).end(outcome.ended);
                    Received::Answer(outcome::answer(request.id, era, outcome))
                }
                Discovered::Call(tool, arguments) => {
                    return self.work(request, era, context, tool, arguments);
                }
            });
        }
        let tool = context.catalog.tool(&name).filter(|tool| context.view.shows(tool));
        let Some(tool) = tool else {
            let error = ProtocolError::UnknownTool { name: name.clone().into_owned() };
            return Err(self.unknown(request, context, ("tool", &name), error));
        };
        if let (Era::Modern, Some(headers)) = (era, context.headers) {
            param_headers::check(tool, arguments, headers)?;
        }
        let arguments = arguments.map(ToOwned::to_owned);
        self.work(request, era, context, tool, arguments)
    }

    /// The call of a tool, not yet begun.
    fn work(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
        tool: &Tool,
        arguments: Option<Box<RawValue>>,
    ) -> Result<Received, ProtocolError> {
        let log = Client::level(context.client, request, era)?;
        let asked = Asked { gateway: Some(&tool.plan.gateway), kind: "tool", name: &tool.name };
        let visit = self.visit(request, context, asked);
        let needed = context.catalog.lacking_for_tool(context.principal, context.view, tool);
        if !needed.is_empty() {
            return Ok(visit.lacking(request, era, &needed));
        }
        let capabilities = Client::capabilities(context.client, request, era);
        let arguments = match (era, &tool.plan.ask) {
            (Era::Modern, Some(ask)) => {
                match asking::settle(request, context, (&tool.plan, ask), arguments.as_deref(), capabilities)
                {
                    Ok(Settled::Arguments(arguments)) => Some(arguments),
                    Ok(Settled::Over(answer, ended)) => {
                        visit.end(ended);
                        return Ok(Received::Answer(answer));
                    }
                    Err(error) => return Err(visit.refused(error)),
                }
            }
            _ => arguments,
        };
        Ok(Received::Work(Work {
            id: request.id.as_str().into(),
            era,
            job: Job::Call(self.tool_call(request, context, tool, arguments)),
            progress: Token::of(request.params.meta.as_ref()),
            log,
            visit,
            capabilities,
        }))
    }

    fn tool_call(
        &self,
        request: &Request<'_>,
        context: Context<'_>,
        tool: &Tool,
        arguments: Option<Box<RawValue>>,
    ) -> ToolCall {
        ToolCall {
            plan: tool.plan.clone(),
            arguments,
            principal: context.principal.clone(),
            caller: context
                .headers
                .map(|headers| {
                    let names = tool.plan.credentials.caller_headers();
                    CallerHeaders::kept(headers, names, context.principal)
                })
                .unwrap_or_default(),
            trace: call::trace(request.params.meta.as_ref()),
            runner: self.runner,
        }
    }
}

fn notification(method: &str, params: &Params<'_>) -> Received {
    match legacy::cancelled(params.request_id) {
        Some(id) if method == "notifications/cancelled" => Received::Cancelled(id.as_str().into()),
        _ => Received::Nothing,
    }
}

/// An answer to a question of ours. One without an id answers none.
fn response(id: Option<Id<'_>>, result: Option<&RawValue>) -> Received {
    let reply = |id: Id<'_>| Reply { id: id.as_str().into(), result: result.map(ToOwned::to_owned) };
    id.map_or(Received::Nothing, |id| Received::Response(reply(id)))
}

/// Whether what this caller is shown may be kept and shown to others. Whoever has shown who he is may see what others do
/// not.
pub(super) fn is_for_all(principal: &Principal) -> bool {
    principal.caller().is_none()
}

/// An optional parameter; `null` is none, as other servers have it.
fn given(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| raw.get() != "null")
}

#[cfg(test)]
mod tests;
