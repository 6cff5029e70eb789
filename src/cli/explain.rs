//! `explain`: the request that a call would send.

use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::arguments::SourceArguments;
use super::loaded::Wish;
use super::problems::Telling;
use super::tool::ToolArguments;
use super::{Failure, Verdict, loaded, output, runtime};
use crate::call::explain;
use crate::config::shown::ShownChange;

/// Show the HTTP request that a call would send
///
/// Secrets are shown as ***, and nothing is sent. What is decided about the call beside its request (limits, retries
/// and so on) is told on stderr.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate explain openapi.json --tool list_orders --args '{\"limit\": 2}'
  toolgate explain openapi.json --tool list_orders --format curl")]
pub(super) struct Explain {
    #[command(flatten)]
    sources: SourceArguments,

    #[command(flatten)]
    tool: ToolArguments,

    /// How to write it: as HTTP/1.1, or as a command of curl
    #[arg(long, value_enum, default_value_t = Format::Http)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Http,
    Curl,
}

impl Explain {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let arguments = self.tool.read()?;
        let wish = Wish {
            mock: false,
            only_shown: false,
            telling: Telling::Errors,
            cache: Arc::default(),
            metrics: Arc::default(),
            config: None,
            shown: ShownChange::default(),
        };
        let loaded = runtime::once(loaded::load(&self.sources, wish))?;
        let plan = &self.tool.find(&loaded)?.plan;
        let request = explain::explain(plan, Some(&arguments), self.format.into());
        // What is missing may be what would be asked for.
        let (asked, others): (Vec<_>, Vec<_>) =
            explain::decided(plan).into_iter().partition(|line| line.about == "ask");
        asked.iter().for_each(|line| output::talk(&line.to_string()));
        output::answer(request.map_err(Failure::InvalidArguments)?)?;
        others.iter().for_each(|line| output::talk(&line.to_string()));
        Ok(Verdict::Good)
    }
}

impl From<Format> for explain::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Http => Self::Http,
            Format::Curl => Self::Curl,
        }
    }
}
