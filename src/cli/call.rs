//! `call`: one call of one tool, end to end.

use std::sync::Arc;

use clap::Args;

use super::arguments::{ServerArguments, SourceArguments};
use super::loaded::Wish;
use super::problems::Telling;
use super::tool::ToolArguments;
use super::{Failure, Verdict, loaded, output, runtime};
use crate::access::Principal;
use crate::call::{self, pipeline};
use crate::clock;
use crate::config::shown::ShownChange;
use crate::mcp::outcome::call_tool_result;

/// Call one tool and print its result
///
/// Prints the CallToolResult that an MCP client would get. Exits 1 when the
/// result says that the call failed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  toolgate call openapi.json --tool list_orders --args '{\"limit\": 2}'
  toolgate call openapi.json --tool list_orders --mock
  toolgate call openapi.json --tool create_order --allow-writes --args @order.json")]
pub(super) struct Call {
    #[command(flatten)]
    sources: SourceArguments,

    #[command(flatten)]
    server: ServerArguments,

    #[command(flatten)]
    tool: ToolArguments,

    /// Call a stand-in for the API, which answers from the document's examples and schemas
    #[arg(long)]
    mock: bool,
}

impl Call {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let arguments = self.tool.read()?;
        runtime::once(async {
            let wish = Wish {
                mock: self.mock,
                only_shown: false,
                telling: Telling::Errors,
                cache: Arc::default(),
                metrics: Arc::default(),
                shown: ShownChange::default(),
                config: self.server.config.clone(),
            };
            let loaded = loaded::load(&self.sources, wish).await?;
            let plan = &self.tool.find(&loaded)?.plan;
            let call = call::Call {
                plan,
                arguments: Some(&arguments),
                principal: &Principal::Local,
                caller: &call::CallerHeaders::default(),
                deadline: clock::now() + plan.timeout,
                progress: None,
                trace: Vec::new(),
            };
            let outcome = pipeline::run(call).await;
            output::json(&call_tool_result(&outcome))?;
            Ok(if outcome.is_error { Verdict::Bad } else { Verdict::Good })
        })
    }
}
