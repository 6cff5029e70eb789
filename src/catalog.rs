//! The tools that are served, immutable: a reload makes a new catalog and swaps one pointer.

mod argument;
pub mod ask;
mod body;
pub mod build;
mod cache;
mod credential;
pub mod diff;
pub mod discover;
pub(crate) mod encode;
mod face;
mod faces;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod lists;
mod name;
pub mod offer;
mod paginate;
mod parallel;
mod parameter;
pub mod plan;
mod profile;
mod request;
mod rights;
pub(crate) mod schema;
mod search;
mod select;
mod server;
pub(crate) mod suggest;
pub(crate) mod text;
mod toolset;
mod traffic;
mod validator;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::gateway::Introduction;
pub use crate::config::shown::Profile;
use crate::config::shown::{Discover, Shown};
use discover::{Discovery, SearchIndex};
pub use faces::ToolFace;
use offer::{Offered, Offers};
pub use plan::CallPlan;
pub use rights::Sight;
use rights::{Rights, RuleId};
pub(crate) use suggest::suggest;

/// All tools of one load.
#[derive(Debug, Default)]
pub struct Catalog {
    tools: Vec<Tool>,
    by_name: FxHashMap<Box<str>, usize>,
    gateways: Vec<GatewayEntry>,
    /// The gateways whose tools are found by searching.
    searched: FxHashSet<Arc<str>>,
    views: Vec<View>,
    rights: Rights,
    offers: Arc<Offers>,
    index: OnceLock<SearchIndex>,
}

/// One tool: its public face and the plan of its calls.
#[derive(Debug)]
pub struct Tool {
    /// `[A-Za-z0-9_-]{1,64}`, unique in the catalog.
    pub name: Box<str>,
    /// Exactly the JSON object that tools/list shows in the portable profile, without line breaks.
    pub face: ToolFace,
    /// The tags of its operation.
    pub tags: Box<[Box<str>]>,
    /// What a call does.
    pub plan: Arc<CallPlan>,
}

/// A tool that is listed.
#[derive(Clone, Copy, Debug)]
pub enum ListedTool<'c> {
    /// One by which others are found.
    Own {
        /// Its name.
        name: &'c str,
        /// What is shown of it.
        face: &'c str,
    },
    /// One of an API.
    Tool(&'c Tool),
}

/// What a catalog is told of a gateway, also of one without a tool.
#[derive(Clone, Debug)]
pub struct GatewayEntry {
    /// Its name.
    pub name: Arc<str>,
    /// How it introduces itself.
    pub introduction: Introduction,
    /// How its tools are shown.
    pub shown: Shown,
}

/// What is offered at one endpoint (`/mcp`, `/mcp/<gateway>` or `/mcp/<toolset>`).
#[derive(Debug)]
pub struct View {
    /// Name of the gateway or toolset; `None` for everything.
    pub name: Option<Arc<str>>,
    /// What of the catalog belongs to it.
    selection: Selection,
    /// How its tools are shown, where their gateways do not decide.
    discover: Option<Discover>,
    /// The rule about its path.
    rule: Option<RuleId>,
    /// For the client: how the tools are meant to be used.
    pub instructions: Option<Box<str>>,
    /// How the gateway introduces itself; of several gateways, nothing is said.
    pub introduction: Introduction,
    /// The arrays of what is offered beside tools.
    pub offered: Offered,
    /// The tools by which others are found, when some are not listed.
    pub discovery: Option<Discovery>,
    /// The `tools` array of tools/list by profile; each is made when it is first asked for.
    lists: [OnceLock<Bytes>; Profile::ALL.len()],
}

/// What of a catalog belongs to a view.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    /// All of it.
    Everything,
    /// What one gateway has.
    Gateway(Arc<str>),
    /// Some tools, and what else the gateways of these have.
    Chosen(Chosen),
}

/// Some of the tools.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// Their names.
    tools: FxHashSet<Box<str>>,
    /// The gateways that they are of.
    gateways: FxHashSet<Arc<str>>,
}

impl Catalog {
    /// A catalog of these tools. Their names must be unique; of two tools with one name the first is found.
    #[must_use]
    pub fn new(tools: Vec<Tool>, gateways: Vec<GatewayEntry>) -> Self {
        Self::with_offers(tools, gateways, Offers::default())
    }

    /// The same, with what is offered beside tools.
    #[must_use]
    pub fn with_offers(tools: Vec<Tool>, gateways: Vec<GatewayEntry>, offers: Offers) -> Self {
        let mut by_name = FxHashMap::default();
        for (index, tool) in tools.iter().enumerate() {
            by_name.entry(tool.name.clone()).or_insert(index);
        }
        let searched = searched(&tools, &gateways);
        let mut catalog = Self {
            tools,
            by_name,
            gateways,
            searched,
            views: Vec::new(),
            rights: Rights::default(),
            offers: Arc::new(offers),
            index: OnceLock::new(),
        };
        catalog.views = catalog.new_views();
        catalog
    }

    /// What is offered beside tools.
    #[must_use]
    pub fn offers(&self) -> &Arc<Offers> {
        &self.offers
    }

    /// Whether there is nothing to serve.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty() && self.offers.is_empty()
    }

    /// All tools, in the order in which they are listed.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool with this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.by_name.get(name).and_then(|index| self.tools.get(*index))
    }

    /// What `/mcp` (`None`) or `/mcp/<name>` shows, `name` being that of a gateway or of a toolset.
    #[must_use]
    pub fn view(&self, name: Option<&str>) -> Option<&View> {
        self.views.iter().find(|view| view.name.as_deref() == name)
    }

    /// What the catalog is told of each gateway.
    #[must_use]
    pub fn gateways(&self) -> &[GatewayEntry] {
        &self.gateways
    }

    /// All views; the first is `/mcp`.
    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// The `tools` array of tools/list, for a client that takes this profile. A gateway whose file names a profile
    /// keeps to it. Made once for each profile, and kept.
    #[must_use]
    pub fn list(&self, view: &View, profile: Profile) -> Bytes {
        // The list of a single gateway is the list of all, and shares its bytes.
        let view = match (&*self.views, &*self.gateways, &view.selection) {
            ([all, ..], [_], Selection::Gateway(_)) => all,
            _ => view,
        };
        let made = || self.written(view, profile);
        match view.lists.get(profile as usize) {
            Some(list) => list.get_or_init(made).clone(),
            None => made(),
        }
    }

    /// What tools/list shows of a tool to a client that takes this profile.
    #[must_use]
    pub fn face<'t>(&self, tool: &'t Tool, profile: Profile) -> Cow<'t, str> {
        let of_gateway = self.shown(tool).profile;
        profile::face(tool, of_gateway.unwrap_or(profile))
    }

    fn shown(&self, tool: &Tool) -> Shown {
        self.gateways
            .iter()
            .find(|gateway| gateway.name == tool.plan.gateway)
            .map(|it| it.shown)
            .unwrap_or_default()
    }

    /// Whether a tool of a view is found by searching there, and not listed.
    fn is_searched(&self, view: &View, tool: &Tool) -> bool {
        match (view.discover, &view.selection) {
            (Some(discover), Selection::Chosen(chosen)) => discover.is_on(chosen.tools.len()),
            (Some(discover), _) => discover.is_on(self.tools.len()),
            (None, _) => !self.searched.is_empty() && self.searched.contains(&tool.plan.gateway),
        }
    }

    /// The view of all gateways, then that of each.
    fn new_views(&self) -> Vec<View> {
        let all = match &*self.gateways {
            [only] => only.introduction.clone(),
            several => Introduction { instructions: instructions(several.iter()), ..Introduction::default() },
        };
        let of_gateway = |gateway: &GatewayEntry| {
            let name = Arc::clone(&gateway.name);
            let selection = Selection::Gateway(Arc::clone(&name));
            self.new_view(Some(name), selection, gateway.introduction.clone(), None)
        };
        let each = self.gateways.iter().map(of_gateway);
        std::iter::once(self.new_view(None, Selection::Everything, all, None)).chain(each).collect()
    }

    fn new_view(
        &self,
        name: Option<Arc<str>>,
        selection: Selection,
        introduction: Introduction,
        discover: Option<Discover>,
    ) -> View {
        let instructions = introduction.instructions.as_deref().map(Into::into);
        let mut view = View {
            name,
            selection,
            discover,
            rule: None,
            instructions,
            introduction,
            offered: Offered::default(),
            discovery: None,
            lists: Default::default(),
        };
        view.discovery = Discovery::of(self, &view);
        view.offered = Offered::of(self, &view);
        view
    }

    /// What tools/list shows, in its order.
    pub fn listed<'c>(&'c self, view: &'c View, profile: Profile) -> impl Iterator<Item = ListedTool<'c>> {
        let own = view.discovery.iter().flat_map(move |discovery| discovery.listed(profile));
        let own = own.map(|(name, face)| ListedTool::Own { name, face });
        let is_listed = |tool: &&Tool| view.shows(tool) && !self.is_searched(view, tool);
        own.chain(self.tools.iter().filter(is_listed).map(ListedTool::Tool))
    }

    fn written(&self, view: &View, profile: Profile) -> Bytes {
        if let Some(list) = self.as_prepared(view, profile) {
            return list;
        }
        let mut text = String::from("[");
        for tool in self.listed(view, profile) {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&tool.face(self, profile));
        }
        text.push(']');
        text.shrink_to_fit();
        Bytes::from(text)
    }

    /// The list as it was made with the faces, where it is that of this view.
    fn as_prepared(&self, view: &View, profile: Profile) -> Option<Bytes> {
        let is_portable =
            |gateway: &GatewayEntry| gateway.shown.profile.unwrap_or(profile) == Profile::Portable;
        let own = |tool: ListedTool<'_>| matches!(tool, ListedTool::Own { .. });
        if !self.gateways.iter().all(is_portable) || self.listed(view, profile).any(own) {
            return None;
        }
        let shown = self.listed(view, profile).filter_map(|tool| match tool {
            ListedTool::Own { .. } => None,
            ListedTool::Tool(tool) => Some(&tool.face),
        });
        ToolFace::list(shown)
    }
}

impl<'c> ListedTool<'c> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'c str {
        match self {
            Self::Own { name, .. } => name,
            Self::Tool(tool) => &tool.name,
        }
    }

    /// What is shown of it to a client that takes this profile.
    #[must_use]
    pub fn face(&self, catalog: &Catalog, profile: Profile) -> Cow<'c, str> {
        match self {
            Self::Own { face, .. } => Cow::Borrowed(face),
            Self::Tool(tool) => catalog.face(tool, profile),
        }
    }
}

/// The instructions of several gateways, each said to be of which.
fn instructions<'g>(gateways: impl Iterator<Item = &'g GatewayEntry>) -> Option<String> {
    let told = gateways.filter_map(|gateway| {
        let Introduction { title, instructions, .. } = &gateway.introduction;
        let title = title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
        let name = &gateway.name;
        Some(format!(
            "Tools whose names begin with `{name}_`{title}:\n{}",
            instructions.as_deref()?.trim_end()
        ))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("\n\n"))
}

/// The gateways whose tools are found by searching.
fn searched(tools: &[Tool], gateways: &[GatewayEntry]) -> FxHashSet<Arc<str>> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    tools.iter().for_each(|tool| *counts.entry(&tool.plan.gateway).or_default() += 1);
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    let is_searched = |gateway: &&GatewayEntry| gateway.shown.discover.is_on(count(&gateway.name));
    gateways.iter().filter(is_searched).map(|gateway| Arc::clone(&gateway.name)).collect()
}

impl View {
    /// Whether this view has the tool, be it listed or found by searching.
    #[must_use]
    pub fn shows(&self, tool: &Tool) -> bool {
        match &self.selection {
            Selection::Everything => true,
            Selection::Gateway(gateway) => *gateway == tool.plan.gateway,
            Selection::Chosen(chosen) => chosen.tools.contains(&tool.name),
        }
    }

    /// Whether nothing belongs to it.
    fn is_empty(&self) -> bool {
        match &self.selection {
            Selection::Chosen(chosen) => chosen.tools.is_empty() && chosen.gateways.is_empty(),
            Selection::Everything | Selection::Gateway(_) => false,
        }
    }

    /// The gateway's pictures, as MCP shows them; `None` when there are none.
    #[must_use]
    pub fn icons(&self) -> Option<serde_json::Value> {
        offer::face::icons(&self.introduction.icons)
    }

    /// Whether this view has what a gateway offers beside its tools: a toolset has it of the gateways of its tools.
    #[must_use]
    pub fn shows_gateway(&self, name: &str) -> bool {
        match &self.selection {
            Selection::Everything => true,
            Selection::Gateway(gateway) => **gateway == *name,
            Selection::Chosen(chosen) => chosen.gateways.contains(name),
        }
    }
}
