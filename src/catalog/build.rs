//! From gateways and operations to a catalog.
//!
//! An operation either becomes a tool with everything that it takes, or a diagnostic says why not; it never costs
//! another operation anything.

use std::borrow::Borrow;
use std::sync::Arc;

use http::HeaderName;
use serde_json::{Value, json};
use url::Url;

use super::argument::{self, Input, InputKind};
use super::ask::{self, AskPlan};
use super::body::{self, Content, Shelf};
use super::credential::Credentials;
use super::face::{Face, Writer};
use super::name::{self, Wish};
use super::offer::{Offers, Plans};
use super::paginate::Pages;
use super::plan::{
    ArgumentPlan, ArgumentsPlan, CachePlan, CallPlan, Effect, PagePlan, ResponsePlan, Together,
};
use super::server::{Base, Servers};
use super::{Catalog, GatewayEntry, Tool, cache, parallel, parameter, request, select, traffic};
use crate::config::errors;
use crate::config::gateway::{Change, Confirm, Endpoint, Writes};
use crate::config::response::ResponseRules;
use crate::config::shown::Detail;
use crate::config::{Gateway, ServerConfig};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::{Parameter, SecurityScheme};
use crate::source::{Place, Span};
use crate::store::Cache;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::{self, ToolMetrics};
use crate::upstream::Upstream;

/// A gateway with what it takes from its document.
#[derive(Debug)]
pub struct Served {
    /// The gateway; its endpoints are served too.
    pub gateway: Gateway,
    /// Who is called. A reload hands in the same one as long as name and base URL stay.
    pub upstream: Arc<Upstream>,
    /// Where the document was read from, when that was a URL: relative servers are relative to it.
    pub document_url: Option<Url>,
    /// The operations of the document.
    pub operations: Vec<Operation>,
    /// The security schemes that the document declares.
    pub schemes: Vec<SecurityScheme>,
}

/// What the command line has to say about a catalog.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Operations of bare documents that write become tools too.
    pub allow_writes: bool,
    /// Where the API is taken to be when nothing says it: for verbs that show tools and send nothing. The error that
    /// the server is missing is reported all the same.
    pub assumed_server: Option<Url>,
    /// Where answers are kept. A reload hands in the same one.
    pub cache: Arc<Cache>,
    /// What the server file says about all gateways.
    pub server: Arc<ServerConfig>,
    /// Where calls are counted. A reload hands in the same one.
    pub metrics: Arc<Metrics>,
}

/// Builds the catalog. Tools are in the order of the gateways; within one, its endpoints come first, then the operations in
/// the order of the document.
#[must_use]
pub fn build(
    served: &[impl Borrow<Served>],
    options: &BuildOptions,
    diagnostics: &mut Diagnostics,
) -> Catalog {
    let served: Vec<&Served> = served.iter().map(Borrow::borrow).collect();
    let entry = |served: &Served| GatewayEntry {
        name: Arc::from(served.gateway.name.as_str()),
        introduction: served.gateway.introduction.clone(),
        shown: served.gateway.shown,
    };
    let gateways: Vec<GatewayEntry> = served.iter().copied().map(entry).collect();
    let mut drafts = Vec::new();
    let mut offers = Offers::default();
    for (served, GatewayEntry { name, .. }) in served.iter().zip(&gateways) {
        let prefix = if gateways.len() > 1 { format!("{name}_") } else { String::new() };
        let (tools, plans) = drafts_of(served, name, &prefix, options, diagnostics);
        drafts.extend(tools);
        offers.add(served, name, &prefix, &plans, diagnostics);
    }
    let wishes: Vec<Wish> = drafts.iter().map(|draft| draft.wish.clone()).collect();
    let names = name::assign(&wishes);
    let is_told_apart = drafts.len() <= metrics::MOST_TOOLS;
    let named = |(draft, name): (Draft, String)| {
        let metrics = options.metrics.tool(&draft.plan.gateway, is_told_apart.then_some(&name));
        draft.named(&name, metrics)
    };
    let tools = drafts.into_iter().zip(names).map(named).collect();
    Catalog::with_offers(tools, gateways, offers)
        .with_rules(&options.server.rules, diagnostics)
        .with_toolsets(&options.server.toolsets, diagnostics)
}

/// A tool that has no name yet.
struct Draft {
    wish: Wish,
    face: Face,
    tags: Box<[Box<str>]>,
    plan: CallPlan,
}

impl Draft {
    fn named(self, name: &str, metrics: Arc<ToolMetrics>) -> Tool {
        let plan = CallPlan { tool: name.into(), metrics, ..self.plan };
        Tool { name: name.into(), face: self.face.named(name).into(), tags: self.tags, plan: Arc::new(plan) }
    }
}

/// An operation with everything that its gateway says about it.
#[derive(Clone, Copy)]
struct Entry<'a> {
    operation: &'a Operation,
    change: Option<&'a Change>,
    /// Whether the person must agree to each call.
    confirm: Option<&'a Confirm>,
    role: Role,
}

/// What an operation is planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It becomes a tool.
    Tool,
    /// An offer of the gateway file makes this request, by its number.
    Request(usize),
    /// It is offered as a resource.
    Resource,
}

/// The tools of a gateway, and the plans of what it offers beside them.
fn drafts_of<'s>(
    served: &'s Served,
    name: &Arc<str>,
    prefix: &str,
    options: &BuildOptions,
    diagnostics: &mut Diagnostics,
) -> (Vec<Draft>, Plans<'s>) {
    let (works, offered): (Vec<_>, Vec<_>) =
        works(served, options, diagnostics).into_iter().partition(|work| work.entry.role == Role::Tool);
    let detail = served.gateway.shown.detail;
    let faces = parallel::map(&works, Writer::default, |writer, work| work.face(detail, writer));
    let cut: Vec<&Operation> =
        works.iter().zip(&faces).filter(|(_, face)| face.cut).map(|(work, _)| work.entry.operation).collect();
    if let Some(first) = cut.first() {
        diagnostics.push(schema_too_large(first, cut.len()));
    }
    let mut drafts = Vec::with_capacity(works.len());
    for (work, face) in works.into_iter().zip(faces) {
        let entry = work.entry;
        match plan(work, served, name) {
            Ok(plan) => {
                drafts.push(Draft { wish: wish(entry, prefix), face, tags: tags(entry.operation), plan });
            }
            Err(error) => diagnostics.push(unservable(entry.operation, &error)),
        }
    }
    (drafts, plans_of(offered, served, name, diagnostics))
}

/// The plans of what is offered beside tools.
fn plans_of<'s>(
    works: Vec<Work<'s>>,
    served: &Served,
    name: &Arc<str>,
    diagnostics: &mut Diagnostics,
) -> Plans<'s> {
    let mut plans = Plans::default();
    for work in works {
        let entry = work.entry;
        match (plan(work, served, name), entry.role) {
            (Ok(plan), Role::Request(number)) => plans.add_request(number, entry.operation, plan),
            (Ok(plan), _) => plans.add_promoted(entry.operation, plan),
            (Err(error), _) => diagnostics.push(unservable(entry.operation, &error)),
        }
    }
    plans
}

/// An operation that can be served, and where.
struct Work<'a> {
    entry: Entry<'a>,
    prepared: Prepared,
    base: Url,
    cache: CachePlan,
}

impl Work<'_> {
    fn face<'s>(&'s self, detail: Detail, writer: &mut Writer<'s>) -> Face {
        Face::new(self.entry.operation, self.entry.change, &self.prepared.inputs, detail, writer)
    }
}

fn works<'a>(served: &'a Served, options: &BuildOptions, diagnostics: &mut Diagnostics) -> Vec<Work<'a>> {
    let gateway = &served.gateway;
    let mut servers = Servers::new(gateway, served.document_url.as_ref(), &served.operations, diagnostics);
    let mut credentials = Credentials::new(gateway, &served.schemes);
    let mut pages = Pages::new(gateway);
    let mut without_server: Vec<&Operation> = Vec::new();
    let mut shelf = Shelf::default();
    let mut works = Vec::new();
    for entry in entries(served, options, diagnostics) {
        let base = match servers.base(entry.operation, diagnostics) {
            Base::Url(base) => Some(base),
            Base::Unknown => {
                without_server.push(entry.operation);
                options.assumed_server.clone()
            }
            Base::Refused => None,
        };
        let Some(base) = base else { continue };
        let chosen = credentials.of(entry.operation, entry.change);
        if let Some(prepared) = prepare(entry, gateway, chosen, &mut pages, &mut shelf, diagnostics) {
            let rules = gateway.cache;
            let cache = cache::plan(entry.operation, entry.change, rules, &options.cache, diagnostics);
            works.push(Work { entry, prepared, base, cache });
        }
    }
    if let Some(first) = without_server.first() {
        diagnostics.push(missing_server(gateway, first, without_server.len()));
    }
    credentials.tell(diagnostics);
    pages.tell(diagnostics);
    works
}

/// The endpoints of the gateway file, then the selected operations of the document. Endpoints are served even when they
/// write: the operator wrote each of them.
fn entries<'a>(served: &'a Served, options: &BuildOptions, diagnostics: &mut Diagnostics) -> Vec<Entry<'a>> {
    let gateway = &served.gateway;
    let endpoints = gateway.endpoints.iter().map(|endpoint| Entry {
        confirm: endpoint.change.confirm.as_ref(),
        ..Entry::of(endpoint, Role::Tool)
    });
    let mut entries: Vec<Entry<'a>> = endpoints.collect();
    let is_bare = gateway.place.is_none();
    let writes = if is_bare && options.allow_writes { Writes::Allow } else { gateway.operations.writes };
    let selected = select::select(gateway, &served.operations, writes, diagnostics);
    entries.extend(selected.into_iter().map(|(operation, change)| {
        let said = change.and_then(|change| change.confirm.as_ref());
        let writes_ask = writes == Writes::Confirm && Effect::of(&operation.method) != Effect::Safe;
        let confirm = said.or(writes_ask.then_some(&Confirm::On));
        Entry { operation, change, confirm, role: Role::Tool }
    }));
    let requests = gateway.offers.requests.iter().enumerate();
    entries.extend(requests.map(|(number, endpoint)| Entry::of(endpoint, Role::Request(number))));
    let promoted = select::resources(gateway, &served.operations, diagnostics);
    entries.extend(promoted.into_iter().map(|(operation, change)| Entry {
        operation,
        change,
        confirm: None,
        role: Role::Resource,
    }));
    entries
}

impl<'a> Entry<'a> {
    fn of(endpoint: &'a Endpoint, role: Role) -> Self {
        Self { operation: &endpoint.operation, change: Some(&endpoint.change), confirm: None, role }
    }
}

/// What an operation takes.
struct Prepared {
    parameters: Vec<Parameter>,
    body: Option<body::BodyLayout>,
    inputs: Vec<Input>,
    credentials: Vec<usize>,
    idempotency_key: Option<HeaderName>,
    pages: Option<PagePlan>,
    ask: Option<AskPlan>,
}

fn prepare(
    entry: Entry<'_>,
    gateway: &Gateway,
    credentials: Vec<usize>,
    pages: &mut Pages<'_>,
    shelf: &mut Shelf,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    let operation = entry.operation;
    let mut parameters = match parameter::served(operation, gateway, &credentials, diagnostics) {
        Ok(parameters) => parameters,
        Err(error) => {
            diagnostics.push(unservable(operation, &error));
            return None;
        }
    };
    let idempotency_key = traffic::idempotency_key(operation, &mut parameters);
    let body = operation.body.as_ref().and_then(|body| body::layout(body, &operation.definitions, shelf));
    let inputs = argument::inputs(operation, &parameters, body.as_ref(), entry.change, diagnostics);
    let report = |error| {
        let place = gateway.place.as_ref().unwrap_or(&operation.place);
        diagnostics.push(unservable(operation, &error).at(place.clone()));
    };
    let mut inputs = inputs.map_err(report).ok()?;
    let (pages, ask) = match entry.role {
        Role::Tool => of_tool(entry, gateway, &mut inputs, pages, diagnostics)?,
        Role::Request(_) | Role::Resource => (None, None),
    };
    Some(Prepared { parameters, body, inputs, credentials, idempotency_key, pages, ask })
}

/// What only tools have: nobody but a model that calls one asks for a page, picks from an answer or is asked back.
fn of_tool(
    entry: Entry<'_>,
    gateway: &Gateway,
    inputs: &mut Vec<Input>,
    pages: &mut Pages<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(Option<PagePlan>, Option<AskPlan>)> {
    if shape(entry.change, gateway).model_select == Some(true) {
        inputs.push(argument::select(inputs));
    }
    let pages = pages.decide(entry.operation, entry.change, inputs);
    let pages = pages.map_err(|fault| diagnostics.push(*fault));
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

fn plan(work: Work<'_>, served: &Served, gateway: &Arc<str>) -> Result<CallPlan, request::RequestError> {
    let Work { entry, prepared, base, cache } = work;
    let Entry { operation, change, role, .. } = entry;
    let Prepared { parameters, body, inputs, credentials, idempotency_key, pages, ask } = prepared;
    let together = together(operation, body.as_ref(), &inputs);
    let rules = rules(operation, body.as_ref(), &inputs);
    let request = request::plan(operation, &parameters, &inputs, body, base, &served.gateway)?;
    let signature = operation.signature();
    let effect = effect(operation);
    let of_traffic = traffic::rules(&served.gateway, change, effect, idempotency_key.as_ref());
    let traffic = &served.upstream.traffic;
    let mut response = response(change, &inputs, &served.gateway);
    if role != Role::Tool {
        // What the file says of answers to tools is no matter of a resource, which is what the API has.
        response.shape = change.map(|change| change.response.clone()).unwrap_or_default();
    }
    Ok(CallPlan {
        tool: Box::default(),
        gateway: Arc::clone(gateway),
        upstream: Arc::clone(&served.upstream),
        credentials: Arc::new(served.upstream.credential_set(&credentials)),
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
        pages,
        job: change.and_then(|change| change.job.clone()),
        metrics: Arc::default(),
        ask,
    })
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
    let argument = |input: Input| {
        let name = input.shown()?.into();
        let Input { schema, required, nullable, .. } = input;
        Some(ArgumentPlan { name, schema, required, nullable })
    };
    inputs.into_iter().filter_map(argument).collect()
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

fn wish(entry: Entry<'_>, prefix: &str) -> Wish {
    let chosen =
        entry.change.and_then(|change| change.name.as_deref()).or(entry.operation.hints.name.as_deref());
    match chosen {
        Some(name) => Wish::chosen(name, entry.operation, prefix),
        None => Wish::of(entry.operation, prefix),
    }
}

fn tags(operation: &Operation) -> Box<[Box<str>]> {
    operation.tags.iter().map(|tag| tag.as_str().into()).collect()
}

fn unservable(operation: &Operation, error: &dyn std::fmt::Display) -> Diagnostic {
    let message = format!("`{}` is not served: {error}", operation.signature());
    Diagnostic::new(Code::UnservableOperation, message).at(operation.place.clone())
}

fn missing_server(gateway: &Gateway, first: &Operation, count: usize) -> Diagnostic {
    let operations = if count == 1 { "1 operation".to_owned() } else { format!("{count} operations") };
    let message = format!("no server is known for {operations} of `{}`", gateway.name);
    let start = Place::new(&first.place.source, Span::default());
    let help = if gateway.place.is_some() { "say `base_url`" } else { "say --base-url" };
    Diagnostic::new(Code::MissingServer, message).at(gateway.place.clone().unwrap_or(start)).help(help)
}

fn schema_too_large(first: &Operation, count: usize) -> Diagnostic {
    let others = if count > 1 { format!(" and of {} more", count - 1) } else { String::new() };
    let message = format!("the deepest parts of the schema of `{}`{others} are not shown", first.signature());
    Diagnostic::new(Code::SchemaTooLarge, message).at(first.place.clone())
}

#[cfg(test)]
mod tests;
