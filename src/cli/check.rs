//! `check`: what is wrong with sources, without serving anything.

use clap::{Args, ValueEnum};

use super::arguments::{ServerArguments, SourceArguments};
use super::{Failure, Verdict, loaded, offered, output, runtime, suggest};
use crate::diagnostic::{Code, Diagnostics, Severity, catalogue, render};

/// Find problems in gateway files and documents
///
/// Exits 0 when nothing is worse than a note, 1 when something is.
#[derive(Args, Debug)]
#[command(
    mut_arg("sources", |sources| sources.required(false).required_unless_present("explain")),
    after_help = "\
Examples:
  toolgate check gateways/
  toolgate check openapi.json --format json
  toolgate check --explain missing-server"
)]
pub(super) struct Check {
    #[command(flatten)]
    sources: SourceArguments,

    #[command(flatten)]
    server: ServerArguments,

    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Say what a diagnostic code means and what to do; without CODE, list them; `all` for all pages
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", conflicts_with = "sources")]
    explain: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Check {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        if let Some(code) = &self.explain {
            output::answer(explanation(code)?)?;
            return Ok(Verdict::Good);
        }
        let (diagnostics, catalog) =
            runtime::once(loaded::check(&self.sources, self.server.config.as_deref()))?;
        match self.format {
            Format::Json => output::answer(render::json(&diagnostics))?,
            Format::Text if diagnostics.is_empty() => {
                let (tools, others) = (catalog.tools().len(), offered::counted(&catalog));
                output::answer(format!("No problems; {tools} tools{others}."))?;
            }
            Format::Text => output::answer(render::text(&diagnostics, output::is_stdout_styled()))?,
        }
        Ok(verdict(&diagnostics))
    }
}

/// Notes are good to know and no problem.
fn verdict(diagnostics: &Diagnostics) -> Verdict {
    let bad = diagnostics.iter().any(|diagnostic| diagnostic.severity < Severity::Note);
    if bad { Verdict::Bad } else { Verdict::Good }
}

fn explanation(name: &str) -> Result<String, Failure> {
    match Code::ALL.iter().find(|code| code.as_str() == name) {
        _ if name.is_empty() => Ok(catalogue::list()),
        _ if name == "all" => Ok(catalogue::book()),
        Some(code) => Ok(catalogue::page(*code)),
        None => {
            let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
            let suggestion = suggest::nearest(name, &all).map(ToOwned::to_owned);
            Err(Failure::UnknownCode { name: name.to_owned(), suggestion })
        }
    }
}
