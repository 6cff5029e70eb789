//! `tools`: what would be served, without serving it.

use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::arguments::SourceArguments;
use super::loaded::Wish;
use super::problems::Telling;
use super::{Failure, Verdict, loaded, output, runtime, table};
use crate::catalog::{Catalog, Tool};

/// List the tools that would be served
///
/// BYTES and ~TOKENS say what the description of a tool takes of a model's context.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate tools openapi.json
  toolgate tools openapi.json --format json | jq '.[].name'")]
pub(super) struct Tools {
    #[command(flatten)]
    sources: SourceArguments,

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
        let wish =
            Wish { mock: false, only_shown: true, telling: Telling::Everything, cache: Arc::default() };
        let catalog = runtime::once(loaded::load(&self.sources, wish))?.catalog;
        match self.format {
            Format::Text => output::answer(listing(&catalog))?,
            Format::Json => output::answer(catalog.view(None).map(|view| &*view.list).unwrap_or(b"[]"))?,
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
    let count =
        if tools.len() == 1 { "1 tool".to_owned() } else { format!("{} tools", grouped(tools.len())) };
    table.row(&[&count, &grouped(bytes), &grouped(tokens(bytes)), ""]);
    table.to_string()
}

/// Roughly how many tokens a model sees: four bytes of JSON make one.
fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(4)
}

/// A number with a comma at every thousand.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }
}
