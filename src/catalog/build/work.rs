//! One operation on its way to a tool: what is prepared of it, its face, and the plan that comes of it in the end.

use std::sync::Arc;

use http::HeaderName;
use serde_json::{Value, json};
use url::Url;

use super::{Entry, Role, Served, unservable};
use crate::catalog::argument::{self, Input, InputKind};
use crate::catalog::ask::{self, AskPlan};
use crate::catalog::body::{self, Content};
use crate::catalog::face::{Face, Writer};
use crate::catalog::paginate::Pages;
use crate::catalog::plan::{
    ArgumentPlan, ArgumentsPlan, CachePlan, CallPlan, Effect, PagePlan, RequestPlan, ResponsePlan, Together,
};
use crate::catalog::request::Common;
use crate::catalog::{parameter, request, traffic};
use crate::config::Gateway;
use crate::config::errors;
use crate::config::gateway::Change;
use crate::config::response::ResponseRules;
use crate::config::shown::Detail;
use crate::diagnostic::Diagnostics;
use crate::openapi::Operation;
use crate::upstream::CredentialSet;

/// An operation that can be served.
pub(super) struct Work<'a> {
    /// Which of the tools it becomes.
    pub(super) number: usize,
    pub(super) entry: Entry<'a>,
    pub(super) prepared: Prepared,
    pub(super) credentials: Arc<CredentialSet>,
    pub(super) cache: CachePlan,
}

/// What the operations of a gateway have in common while they are prepared.
pub(super) struct Parts<'a> {
    pub(super) pages: Pages<'a>,
    pub(super) common: Common,
}

impl<'a> Work<'a> {
    pub(super) fn operation(&self) -> &'a Operation {
        self.entry.operation
    }

    pub(super) fn role(&self) -> Role {
        self.entry.role
    }

    pub(super) fn is_tool(&self) -> bool {
        self.entry.role == Role::Tool
    }

    pub(super) fn tags(&self) -> Box<[Box<str>]> {
        self.entry.operation.tags.iter().map(|tag| tag.as_str().into()).collect()
    }

    pub(super) fn face(&self, detail: Detail, writer: &mut Writer<'a>) -> Face {
        Face::new(self.entry.operation, self.entry.change, &self.prepared.inputs, detail, writer)
    }

    /// The plan of its calls, which has no name yet.
    pub(super) fn plan(self, served: &Served, gateway: &Arc<str>) -> CallPlan {
        let Self { entry, prepared, credentials, cache, .. } = self;
        let Entry { operation, change, role, .. } = entry;
        let Prepared { request, inputs, together, rules, idempotency_key, pages, ask } = prepared;
        let signature = operation.signature();
        let effect = effect(operation);
        let of_traffic = traffic::rules(&served.gateway, change, effect, idempotency_key.as_ref());
        let traffic = &served.upstream.traffic;
        let mut response = response(change, &inputs, &served.gateway);
        if role != Role::Tool {
            // What the file says of answers to tools is no matter of a resource, which is what the API has.
            response.shape = change.map(|change| change.response.clone()).unwrap_or_default();
        }
        CallPlan {
            tool: Box::default(),
            gateway: Arc::clone(gateway),
            upstream: Arc::clone(&served.upstream),
            credentials,
            arguments: ArgumentsPlan::new(arguments(inputs), together, operation.definitions.clone())
                .with_rules(rules),
            limits: traffic.limits(&signature, of_traffic),
            retry: traffic.retry(of_traffic),
            breaker: traffic.breaker(&request.base, of_traffic),
            request,
            signature: signature.into(),
            effect,
            timeout: change.and_then(|change| change.timeout).unwrap_or(served.gateway.timeout),
            cache,
            response,
            pages: pages.map(Box::new),
            job: change.and_then(|change| change.job.clone()).map(Box::new),
            metrics: Arc::default(),
            ask: ask.map(Box::new),
        }
    }
}

/// What an operation takes, and how its requests are made of it.
pub(super) struct Prepared {
    request: RequestPlan,
    inputs: Vec<Input>,
    together: Option<Together>,
    rules: Vec<Value>,
    idempotency_key: Option<HeaderName>,
    pages: Option<PagePlan>,
    ask: Option<AskPlan>,
}

/// Prepares an operation whose API is at `base`; `None` when it cannot be served, which has been told then.
pub(super) fn prepare<'a>(
    entry: Entry<'a>,
    base: Url,
    gateway: &Gateway,
    credentials: &[usize],
    parts: &mut Parts<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    let operation = entry.operation;
    let mut parameters = match parameter::served(operation, gateway, credentials, diagnostics) {
        Ok(parameters) => parameters,
        Err(error) => {
            diagnostics.push(unservable(operation, &error));
            return None;
        }
    };
    let idempotency_key = traffic::idempotency_key(operation, &mut parameters);
    let body = operation.body.as_ref();
    let body = body.and_then(|body| body::layout(body, &operation.definitions));
    let inputs = argument::inputs(operation, &parameters, body.as_ref(), entry.change, diagnostics);
    let report = |error| {
        let place = gateway.place.as_ref().unwrap_or(&operation.place);
        diagnostics.push(unservable(operation, &error).at(place.clone()));
    };
    let mut inputs = inputs.map_err(report).ok()?;
    let (pages, ask) = match entry.role {
        Role::Tool => of_tool(entry, gateway, &mut inputs, &mut parts.pages, diagnostics)?,
        Role::Request(_) | Role::Resource => (None, None),
    };
    let together = together(operation, body.as_ref(), &inputs);
    let rules = rules(operation, body.as_ref(), &inputs);
    let request = request::plan(operation, &parameters, &inputs, body, base, gateway, &mut parts.common);
    let request = request.map_err(|error| diagnostics.push(unservable(operation, &error))).ok()?;
    Some(Prepared { request, inputs, together, rules, idempotency_key, pages, ask })
}

/// What only tools have: nobody but a model that calls one asks for a page, picks from an answer or is asked back.
fn of_tool<'a>(
    entry: Entry<'a>,
    gateway: &Gateway,
    inputs: &mut Vec<Input>,
    pages: &mut Pages<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<(Option<PagePlan>, Option<AskPlan>)> {
    if shape(entry.change, gateway).model_select == Some(true) {
        inputs.push(argument::select(inputs));
    }
    let pages = pages.decide(entry.operation, entry.change, inputs).map_err(|fault| diagnostics.push(*fault));
    let rules = entry.change.and_then(|change| change.ask.as_ref());
    let ask = ask::plan(entry.operation, (rules, entry.confirm), gateway, inputs);
    let ask = ask.map_err(|fault| diagnostics.push(*fault));
    Some((pages.ok()?, ask.ok()?))
}

/// Which arguments go together by the rules of the body. They name properties, so they hold only where arguments have
/// those names, and for an optional body once any of it is given.
fn rules(operation: &Operation, body: Option<&body::BodyLayout>, inputs: &[Input]) -> Vec<Value> {
    let Some(body) = body else { return Vec::new() };
    let properties = || inputs.iter().filter(|input| matches!(input.kind, InputKind::Property(_)));
    if !properties().all(|input| input.argument.as_ref() == Some(&input.wire) && input.default.is_none()) {
        return Vec::new();
    }
    if operation.body.as_ref().is_some_and(|body| body.required) {
        return body.rules.clone();
    }
    let given: Vec<Value> = properties().map(|input| json!({"required": [input.wire]})).collect();
    body.rules.iter().map(|rule| json!({"if": {"anyOf": given}, "then": rule})).collect()
}

/// How the answer is handed on: what is said of the operation, then what is said of the gateway.
fn response(change: Option<&Change>, inputs: &[Input], gateway: &Gateway) -> ResponsePlan {
    let select = inputs.iter().find(|input| input.kind == InputKind::Select);
    ResponsePlan {
        shape: shape(change, gateway),
        select_argument: select.and_then(|input| input.argument.as_deref()).map(Box::from),
        errors: errors::in_order(change.map_or(&[], |change| &change.errors), &gateway.errors),
    }
}

fn shape(change: Option<&Change>, gateway: &Gateway) -> ResponseRules {
    change.map_or_else(|| gateway.response.clone(), |change| change.response.or(&gateway.response))
}

fn arguments(inputs: Vec<Input>) -> Vec<ArgumentPlan> {
    // Not collected: that would go on using the memory of the inputs, which are several times as large.
    let mut arguments = Vec::with_capacity(inputs.iter().filter(|input| input.shown().is_some()).count());
    for input in inputs {
        let Some(name) = input.shown().map(Box::from) else { continue };
        let Input { schema, required, nullable, .. } = input;
        arguments.push(ArgumentPlan { name, schema, required, nullable });
    }
    arguments
}

/// The properties that an optional body requires, once it has any.
fn together(operation: &Operation, body: Option<&body::BodyLayout>, inputs: &[Input]) -> Option<Together> {
    let Content::Properties(properties) = &body?.content else { return None };
    if operation.body.as_ref().is_none_or(|body| body.required) {
        return None;
    }
    let of_body = inputs.iter().filter_map(|input| match input.kind {
        InputKind::Property(index) => Some((input.shown()?, properties.get(index)?, input)),
        _ => None,
    });
    let is_needed = |property: &body::Property, input: &Input| property.required && input.default.is_none();
    let required: Vec<Box<str>> = of_body
        .clone()
        .filter(|(_, property, input)| is_needed(property, input))
        .map(|(name, _, _)| name.into())
        .collect();
    (!required.is_empty())
        .then(|| Together { of: of_body.map(|(name, _, _)| name.into()).collect(), required })
}

/// What the method promises, unless the author of the operation says otherwise.
fn effect(operation: &Operation) -> Effect {
    let hints = &operation.hints;
    match (Effect::of(&operation.method), hints.idempotent, hints.read_only) {
        (Effect::Write, Some(true), _) | (Effect::Write, None, Some(true)) => Effect::Idempotent,
        (Effect::Idempotent, Some(false), _) => Effect::Write,
        (Effect::Safe, Some(true), Some(false)) => Effect::Idempotent,
        (Effect::Safe, _, Some(false)) => Effect::Write,
        (effect, ..) => effect,
    }
}
