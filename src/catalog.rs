//! The tools that are served, immutable: a reload makes a new catalog and swaps one pointer.

mod argument;
mod body;
pub mod build;
mod cache;
mod credential;
pub(crate) mod encode;
mod face;
#[cfg(test)]
pub(crate) mod fixture;
mod name;
mod parameter;
pub mod plan;
mod request;
pub(crate) mod schema;
mod select;
mod server;
pub(crate) mod suggest;
pub(crate) mod text;
mod validator;

use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;

pub use plan::CallPlan;
pub(crate) use suggest::suggest;

/// All tools of one load.
#[derive(Debug, Default)]
pub struct Catalog {
    tools: Vec<Tool>,
    by_name: FxHashMap<Box<str>, usize>,
    views: Vec<View>,
}

/// One tool: its public face and the plan of its calls.
#[derive(Debug)]
pub struct Tool {
    /// `[A-Za-z0-9_-]{1,64}`, unique in the catalog.
    pub name: Box<str>,
    /// Exactly the JSON object that tools/list shows, without line breaks.
    pub face: Box<str>,
    /// What a call does.
    pub plan: Arc<CallPlan>,
}

/// The tools of one endpoint (`/mcp` or `/mcp/<gateway>`).
#[derive(Debug)]
pub struct View {
    /// Name of the gateway; `None` for all of them.
    pub gateway: Option<Arc<str>>,
    /// The `tools` array of tools/list, prepared.
    pub list: Bytes,
    /// For the client: how the tools are meant to be used.
    pub instructions: Option<Box<str>>,
}

impl Catalog {
    /// A catalog of these tools. Their names must be unique; of two tools with one name the first is found.
    ///
    /// `gateways` are the names of all gateways, also of those without a tool, with their instructions.
    #[must_use]
    pub fn new(tools: Vec<Tool>, gateways: &[(Arc<str>, Option<Box<str>>)]) -> Self {
        let mut by_name = FxHashMap::default();
        for (index, tool) in tools.iter().enumerate() {
            by_name.entry(tool.name.clone()).or_insert(index);
        }
        let instructions = match gateways {
            [(_, instructions)] => instructions.clone(),
            _ => None,
        };
        let all = View { gateway: None, list: list(tools.iter()), instructions };
        let mut views = vec![all];
        for (name, instructions) in gateways {
            // The list of a single gateway is the list of all, and shares its bytes.
            let list = match (gateways, views.first()) {
                ([_], Some(all)) => all.list.clone(),
                _ => list(tools.iter().filter(|tool| tool.plan.gateway == *name)),
            };
            views.push(View { gateway: Some(Arc::clone(name)), list, instructions: instructions.clone() });
        }
        Self { tools, by_name, views }
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

    /// What `/mcp` (`None`) or `/mcp/<gateway>` shows.
    #[must_use]
    pub fn view(&self, gateway: Option<&str>) -> Option<&View> {
        self.views.iter().find(|view| view.gateway.as_deref() == gateway)
    }

    /// All views; the first is `/mcp`.
    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }
}

impl View {
    /// Whether this view shows the tool.
    #[must_use]
    pub fn shows(&self, tool: &Tool) -> bool {
        self.gateway.as_ref().is_none_or(|gateway| *gateway == tool.plan.gateway)
    }
}

fn list<'a>(tools: impl Iterator<Item = &'a Tool>) -> Bytes {
    let mut text = String::from("[");
    for tool in tools {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&tool.face);
    }
    text.push(']');
    Bytes::from(text)
}
