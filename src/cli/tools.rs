//! `tools`: what would be served, without serving it.

use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::arguments::SourceArguments;
use super::cost::{Cost, grouped, tokens};
use super::loaded::Wish;
use super::problems::Telling;
use super::shown::ShownArguments;
use super::{Failure, Verdict, loaded, output, runtime, table};
use crate::catalog::{Catalog, Profile, Tool};

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
            shown: self.shown.into(),
        };
        let catalog = runtime::once(loaded::load(&self.sources, wish))?.catalog;
        Cost::of(&catalog).tell();
        match self.format {
            Format::Text => output::answer(listing(&catalog))?,
            Format::Json => output::answer(
                catalog.view(None).map(|view| catalog.list(view, Profile::Portable)).unwrap_or_default(),
            )?,
        }
        Ok(Verdict::Good)
    }
}

/// A line per tool, the sums at the end.
fn listing(catalog: &Catalog) -> String {
    let tools = catalog.tools();
    let several = catalog.views().len() > 2;
    let mut table = table::Table::new(&["TOOL", "BYTES", "~TOKENS", "ENDPOINT"], 1..3);
    let mut gateway = None;
    for tool in tools {
        if several && gateway != Some(&tool.plan.gateway) {
            gateway = Some(&tool.plan.gateway);
            table.heading(&tool.plan.gateway);
        }
        let bytes = tool.face.len();
        table.row(&[&tool.name, &grouped(bytes), &grouped(tokens(bytes)), &tool.plan.signature]);
    }
    let bytes = tools.iter().map(|tool: &Tool| tool.face.len()).sum();
    table.row(&[&counted(tools.len()), &grouped(bytes), &grouped(tokens(bytes)), ""]);
    let listed = Cost::of(catalog);
    if listed.tools != tools.len() {
        let name = format!("{} in tools/list", counted(listed.tools));
        table.row(&[
            &name,
            &grouped(listed.bytes),
            &grouped(tokens(listed.bytes)),
            "the others are found by searching",
        ]);
    }
    table.to_string()
}

fn counted(tools: usize) -> String {
    if tools == 1 { "1 tool".to_owned() } else { format!("{} tools", grouped(tools)) }
}
