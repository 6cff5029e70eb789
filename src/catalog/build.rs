//! From gateways and operations to a catalog.
//!
//! An operation either becomes a tool with everything that it takes, or a diagnostic says why not; it never costs
//! another operation anything.

mod work;

use std::borrow::Borrow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use url::Url;

use super::body::Shelf;
use super::credential::Credentials;
use super::face::{Bodies, Writer};
use super::faces::{Faces, Writing};
use super::name::{self, Wish};
use super::offer::{Offers, Plans};
use super::paginate::Pages;
use super::plan::{CallPlan, Effect};
use super::request::HeaderSets;
use super::server::{Base, Servers};
use super::{Catalog, GatewayEntry, Tool, cache, parallel, select};
use crate::config::gateway::{Change, Confirm, Endpoint, Writes};
use crate::config::{Gateway, ServerConfig};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Operation;
use crate::openapi::operation::SecurityScheme;
use crate::source::{Place, Source, Span};
use crate::store::Cache;
use crate::telemetry::Metrics;
use crate::telemetry::metrics;
use crate::upstream::{CredentialSet, Upstream};
use work::{Parts, Work};

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
    let mut works: Vec<(&Served, &Arc<str>, Vec<Work<'_>>)> = Vec::with_capacity(gateways.len());
    let mut wishes: Vec<Wish> = Vec::new();
    let mut offers = Offers::default();
    for (served, GatewayEntry { name, .. }) in served.iter().zip(&gateways) {
        let prefix = if gateways.len() > 1 { format!("{name}_") } else { String::new() };
        let (tools, offered): (Vec<_>, Vec<_>) =
            self::works(served, options, diagnostics).into_iter().partition(Work::is_tool);
        offers.add(served, name, &prefix, &plans_of(offered, served, name), diagnostics);
        wishes.extend(tools.iter().map(|work| work.wish(&prefix)));
        works.push((served, name, tools));
    }
    let names = name::assign(&wishes);
    drop(wishes);
    let faces = faces(&works, &names, diagnostics);
    let tools = tools(works, names, faces, options);
    Catalog::with_offers(tools, gateways, offers)
        .with_rules(&options.server.rules, diagnostics)
        .with_toolsets(&options.server.toolsets, diagnostics)
}

/// The faces of all tools, in their order. They are made before the plans, so that the plans take the place of what it
/// took to make them.
fn faces(
    works: &[(&Served, &Arc<str>, Vec<Work<'_>>)],
    names: &[String],
    diagnostics: &mut Diagnostics,
) -> Faces {
    let mut steps = Vec::new();
    let mut names = names.iter();
    for (served, _, works) in works {
        let named: Vec<(&Work<'_>, &String)> = works.iter().zip(names.by_ref()).collect();
        let detail = served.gateway.shown.detail;
        let bodies = Arc::<Bodies<'_>>::default();
        let written = parallel::steps(
            &named,
            || Writer::new(&bodies),
            |writer, named| {
                let mut writing = Writing::default();
                for (work, name) in named {
                    work.face(detail, writer).write(name, &mut writing);
                }
                writing
            },
        );
        let is_cut = written.iter().flat_map(Writing::is_cut);
        let cut: Vec<&Operation> =
            named.iter().zip(is_cut).filter(|(_, cut)| *cut).map(|((work, _), _)| work.operation()).collect();
        if let Some(first) = cut.first() {
            diagnostics.push(schema_too_large(first, cut.len()));
        }
        steps.extend(written);
    }
    Faces::new(steps)
}

fn tools(
    works: Vec<(&Served, &Arc<str>, Vec<Work<'_>>)>,
    names: Vec<String>,
    faces: Faces,
    options: &BuildOptions,
) -> Vec<Tool> {
    let is_told_apart = names.len() <= metrics::MOST_TOOLS;
    // Not collected: that would go on using the memory of the names, or of the works, which are larger.
    let mut tools = Vec::with_capacity(names.len());
    let mut named = names.into_iter().zip(faces);
    for (served, gateway, works) in works {
        for (work, (name, face)) in works.into_iter().zip(named.by_ref()) {
            let metrics = options.metrics.tool(gateway, is_told_apart.then_some(&name));
            let tags = work.tags();
            let name: Box<str> = name.into();
            let plan = CallPlan { tool: name.clone(), metrics, ..work.plan(served, gateway) };
            tools.push(Tool { name, face, tags, plan: Arc::new(plan) });
        }
    }
    tools
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

/// The plans of what is offered beside tools.
fn plans_of<'s>(works: Vec<Work<'s>>, served: &Served, gateway: &Arc<str>) -> Plans<'s> {
    let mut plans = Plans::default();
    for work in works {
        let (operation, role) = (work.operation(), work.role());
        let plan = work.plan(served, gateway);
        match role {
            Role::Request(number) => plans.add_request(number, operation, plan),
            Role::Tool | Role::Resource => plans.add_promoted(operation, plan),
        }
    }
    plans
}

fn works<'a>(served: &'a Served, options: &BuildOptions, diagnostics: &mut Diagnostics) -> Vec<Work<'a>> {
    let gateway = &served.gateway;
    let mut servers = Servers::new(gateway, served.document_url.as_ref(), &served.operations, diagnostics);
    let mut credentials = Credentials::new(gateway, &served.schemes);
    let mut sets: FxHashMap<Vec<usize>, Arc<CredentialSet>> = FxHashMap::default();
    let mut without_server: Vec<&Operation> = Vec::new();
    let mut parts =
        Parts { pages: Pages::new(gateway), shelf: Shelf::default(), header_sets: HeaderSets::default() };
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
        let Some(prepared) = work::prepare(entry, base, gateway, &chosen, &mut parts, diagnostics) else {
            continue;
        };
        let credentials = Arc::clone(
            sets.entry(chosen).or_insert_with_key(|chosen| served.upstream.credential_set(chosen).into()),
        );
        let cache = cache::plan(entry.operation, entry.change, gateway.cache, &options.cache, diagnostics);
        works.push(Work { entry, prepared, credentials, cache });
    }
    if let Some(first) = without_server.first() {
        diagnostics.push(missing_server(gateway, first, without_server.len()));
    }
    credentials.tell(diagnostics);
    parts.pages.tell(diagnostics);
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
