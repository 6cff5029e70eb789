//! `tools`: what would be served, without serving it.

use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::arguments::{ServerArguments, SourceArguments};
use super::cost::{Cost, grouped, tokens};
use super::loaded::Wish;
use super::problems::Telling;
use super::shown::ShownArguments;
use super::{Failure, Verdict, loaded, offered, output, runtime, suggest, table};
use crate::catalog::{Catalog, Profile, Tool, View};

/// List the tools that would be served
///
/// BYTES and ~TOKENS say what the description of a tool takes of a model's
/// context. A token is taken for four bytes; models differ by a fifth.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate tools openapi.json
  toolgate tools openapi.json --detail lean
  toolgate tools openapi.json --format json | jq '.[].name'")]
pub(super) struct Tools {
    #[command(flatten)]
    sources: SourceArguments,

    #[command(flatten)]
    server: ServerArguments,

    /// Only those of this toolset of the server file, or of this gateway
    #[arg(long, value_name = "NAME")]
    toolset: Option<String>,

    #[command(flatten)]
    shown: ShownArguments,

    /// How to print them; json is exactly what MCP's tools/list answers
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Tools {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let wish = Wish {
            mock: false,
            only_shown: true,
            telling: Telling::Everything,
            cache: Arc::default(),
            metrics: Arc::default(),
            shown: self.shown.into(),
            config: self.server.config,
        };
        let catalog = runtime::once(loaded::load(&self.sources, wish))?.catalog;
        let view = view(&catalog, self.toolset.as_deref())?;
        let cost = Cost::of(&catalog, view);
        cost.tell();
        match self.format {
            Format::Text => output::answer(listing(&catalog, view, cost))?,
            Format::Json => output::answer(catalog.list(view, Profile::Portable))?,
        }
        Ok(Verdict::Good)
    }
}

/// What is served at `/mcp`, or at the path of this name.
fn view<'c>(catalog: &'c Catalog, name: Option<&str>) -> Result<&'c View, Failure> {
    catalog.view(name).ok_or_else(|| {
        let names: Vec<&str> = catalog.views().iter().filter_map(|view| view.name.as_deref()).collect();
        let name = name.unwrap_or_default();
        let suggestion = suggest::nearest(name, &names).map(ToOwned::to_owned);
        Failure::UnknownToolset { name: name.to_owned(), suggestion }
    })
}

/// A line per tool, the sums at the end.
fn listing(catalog: &Catalog, view: &View, listed: Cost) -> String {
    let tools: Vec<&Tool> = catalog.tools().iter().filter(|tool| view.shows(tool)).collect();
    let several = catalog.gateways().len() > 1;
    let mut table = table::Table::new(&["TOOL", "BYTES", "~TOKENS", "ENDPOINT"], 1..3);
    let mut gateway = None;
    for tool in &tools {
        if several && gateway != Some(&tool.plan.gateway) {
            gateway = Some(&tool.plan.gateway);
            table.heading(&tool.plan.gateway);
        }
        let bytes = tool.face.len();
        table.row(&[&tool.name, &grouped(bytes), &grouped(tokens(bytes)), &tool.plan.signature]);
    }
    let bytes = tools.iter().map(|tool| tool.face.len()).sum();
    table.row(&[&counted(tools.len()), &grouped(bytes), &grouped(tokens(bytes)), ""]);
    if listed.tools != tools.len() {
        let name = format!("{} in tools/list", counted(listed.tools));
        table.row(&[
            &name,
            &grouped(listed.bytes),
            &grouped(tokens(listed.bytes)),
            "the others are found by searching",
        ]);
    }
    match offered::counted(catalog).strip_prefix(", ") {
        Some(others) => format!("{table}\nBeside them: {others}"),
        None => table.to_string(),
    }
}

fn counted(tools: usize) -> String {
    if tools == 1 { "1 tool".to_owned() } else { format!("{} tools", grouped(tools)) }
}
