//! From gateways and operations to a catalog.
//!
//! An operation either becomes a tool with everything that it takes, or a diagnostic says why not; it never costs
//! another operation anything.

mod tools;
mod work;

use std::borrow::Borrow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use url::Url;

use super::credential::Credentials;
use super::face::{Bodies, Writer};
use super::name::Wish;
use super::offer::{Offers, Plans};
use super::paginate::Pages;
use super::plan::Effect;
use super::request::Common;
use super::server::{Base, Servers};
use super::{Catalog, GatewayEntry, cache, parallel, select};
use crate::config::gateway::{Change, Confirm, Endpoint, Writes};
use crate::config::{Gateway, ServerConfig};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::SecurityScheme;
use crate::source::{Place, Source, Span};
use crate::store::Cache;
use crate::telemetry::Metrics;
use crate::upstream::{CredentialSet, Upstream};
use tools::Tools;
use work::{Parts, Work};

/// So many operations are prepared at once: enough for all cores, and few beside all that there are.
const BATCH: usize = 512;

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

impl Served {
    /// Lets go of the text of the document, which is as large as all the rest and needed only to say where something is
    /// wrong in it. That has been said when the catalog is built.
    pub(crate) fn forget_text(&mut self) {
        let mut forgotten: FxHashMap<*const Source, Arc<Source>> = FxHashMap::default();
        let places = self.operations.iter_mut().map(|operation| &mut operation.place);
        for place in places.chain(self.schemes.iter_mut().map(|scheme| &mut scheme.place)) {
            let source = forgotten.entry(Arc::as_ptr(&place.source));
            place.source = Arc::clone(source.or_insert_with(|| place.source.forgotten()));
        }
    }
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
    let prefix = |name: &str| if gateways.len() > 1 { format!("{name}_") } else { String::new() };
    let mut wishes: Vec<Wish> = Vec::new();
    let mut selected = Vec::with_capacity(gateways.len());
    for (served, GatewayEntry { name, .. }) in served.iter().zip(&gateways) {
        let entries = entries(served, options, diagnostics);
        let tools = entries.iter().filter(|entry| entry.role == Role::Tool);
        wishes.extend(tools.map(|entry| entry.wish(&prefix(name))));
        selected.push(entries);
    }
    let mut tools = Tools::new(wishes);
    let mut offers = Offers::default();
    let mut numbers = 0..;
    for ((served, GatewayEntry { name, .. }), entries) in served.iter().zip(&gateways).zip(selected) {
        let plans = add_gateway(served, name, &entries, &mut numbers, &mut tools, options, diagnostics);
        offers.add(served, name, &prefix(name), &plans, diagnostics);
    }
    Catalog::with_offers(tools.finish(&options.metrics), gateways, offers)
        .with_rules(&options.server.rules, diagnostics)
        .with_toolsets(&options.server.toolsets, diagnostics)
}

/// Makes the tools of a gateway; gives the plans of what it offers beside them. `numbers` are those of the wishes.
fn add_gateway<'s>(
    served: &'s Served,
    name: &Arc<str>,
    entries: &[Entry<'s>],
    numbers: &mut impl Iterator<Item = usize>,
    tools: &mut Tools,
    options: &BuildOptions,
    diagnostics: &mut Diagnostics,
) -> Plans<'s> {
    let detail = served.gateway.shown.detail;
    let bodies = Arc::<Bodies<'_>>::default();
    let mut writers = parallel::states(|| Writer::new(&bodies));
    let mut bench = Bench::new(served, options, diagnostics);
    let mut cut: Vec<&Operation> = Vec::new();
    let mut plans = Plans::default();
    let mut batches = entries.chunks(BATCH);
    let mut prepared = batches.next().map(|entries| bench.works(entries, numbers, diagnostics));
    while let Some(mut works) = prepared.take() {
        // Tools come first.
        let offered = works.split_off(works.partition_point(Work::is_tool));
        let next = || prepared = batches.next().map(|entries| bench.works(entries, numbers, diagnostics));
        let is_cut = tools.write(&works, detail, &mut writers, next);
        cut.extend(works.iter().zip(is_cut).filter(|(_, cut)| *cut).map(|(work, _)| work.operation()));
        for work in works {
            tools.add(work.number, work.tags(), work.plan(served, name));
        }
        add_plans(&mut plans, offered, served, name);
    }
    if let Some(first) = cut.first() {
        diagnostics.push(schema_too_large(first, cut.len()));
    }
    bench.tell(diagnostics);
    plans
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

/// Adds the plans of what is offered beside tools.
fn add_plans<'s>(plans: &mut Plans<'s>, works: Vec<Work<'s>>, served: &Served, gateway: &Arc<str>) {
    for work in works {
        let (operation, role) = (work.operation(), work.role());
        let plan = work.plan(served, gateway);
        match role {
            Role::Request(number) => plans.add_request(number, operation, plan),
            Role::Tool | Role::Resource => plans.add_promoted(operation, plan),
        }
    }
}

/// Where the operations of a gateway are prepared, and what they have in common.
struct Bench<'a, 'o> {
    served: &'a Served,
    options: &'o BuildOptions,
    servers: Servers<'a>,
    credentials: Credentials<'a>,
    sets: FxHashMap<Vec<usize>, Arc<CredentialSet>>,
    without_server: Vec<&'a Operation>,
    parts: Parts<'a>,
}

impl<'a, 'o> Bench<'a, 'o> {
    fn new(served: &'a Served, options: &'o BuildOptions, diagnostics: &mut Diagnostics) -> Self {
        let gateway = &served.gateway;
        let servers = Servers::new(gateway, served.document_url.as_ref(), &served.operations, diagnostics);
        let parts = Parts { pages: Pages::new(gateway), common: Common::default() };
        Self {
            served,
            options,
            servers,
            credentials: Credentials::new(gateway, &served.schemes),
            sets: FxHashMap::default(),
            without_server: Vec::new(),
            parts,
        }
    }

    /// Prepares operations; those that cannot be served are left out.
    fn works(
        &mut self,
        entries: &[Entry<'a>],
        numbers: &mut impl Iterator<Item = usize>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Work<'a>> {
        let mut works = Vec::with_capacity(entries.len());
        for entry in entries {
            let number = if entry.role == Role::Tool { numbers.next() } else { None };
            works.extend(self.work(*entry, number.unwrap_or_default(), diagnostics));
        }
        works
    }

    /// Prepares an operation; `None` when it cannot be served.
    fn work(&mut self, entry: Entry<'a>, number: usize, diagnostics: &mut Diagnostics) -> Option<Work<'a>> {
        let base = match self.servers.base(entry.operation, diagnostics) {
            Base::Url(base) => base,
            Base::Unknown => {
                self.without_server.push(entry.operation);
                self.options.assumed_server.clone()?
            }
            Base::Refused => return None,
        };
        let gateway = &self.served.gateway;
        let chosen = self.credentials.of(entry.operation, entry.change);
        let prepared = work::prepare(entry, base, gateway, &chosen, &mut self.parts, diagnostics)?;
        let new = |chosen: &Vec<usize>| self.served.upstream.credential_set(chosen).into();
        let credentials = Arc::clone(self.sets.entry(chosen).or_insert_with_key(new));
        let cache =
            cache::plan(entry.operation, entry.change, gateway.cache, &self.options.cache, diagnostics);
        Some(Work { number, entry, prepared, credentials, cache })
    }

    /// Says what concerns several operations.
    fn tell(self, diagnostics: &mut Diagnostics) {
        if let Some(first) = self.without_server.first() {
            let count = self.without_server.len();
            diagnostics.push(missing_server(&self.served.gateway, first, count));
        }
        self.credentials.tell(diagnostics);
        self.parts.pages.tell(diagnostics);
    }
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

    /// The name that its tool would like to have.
    fn wish(&self, prefix: &str) -> Wish {
        let Self { operation, change, .. } = *self;
        let chosen = change.and_then(|change| change.name.as_deref()).or(operation.hints.name.as_deref());
        match chosen {
            Some(name) => Wish::chosen(name, operation, prefix),
            None => Wish::of(operation, prefix),
        }
    }
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
