//! `call`: one call of one tool, end to end.

use std::sync::Arc;

use clap::Args;

use super::arguments::{ServerArguments, SourceArguments};
use super::asked::Terminal;
use super::loaded::Wish;
use super::problems::Telling;
use super::tool::ToolArguments;
use super::{Failure, Verdict, loaded, output, runtime};
use crate::access::Principal;
use crate::call::{self, ToolOutcome, pipeline};
use crate::clock;
use crate::config::shown::ShownChange;
use crate::mcp::asking::live;
use crate::mcp::capabilities::Capabilities;
use crate::mcp::outcome::call_tool_result;

/// Call one tool and print its result
///
/// Prints the CallToolResult that an MCP client would get. Exits 1 when the
/// result says that the call failed. What the call asks first is asked on the
/// terminal.
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

    /// Agree to a call that a person would have to confirm; for scripts
    #[arg(long)]
    yes: bool,
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
            let person = Terminal::new(self.yes);
            let form = Capabilities { form: true, ..Capabilities::default() };
            let arguments = match live::arguments(plan, Some(&arguments), form, &person).await {
                Ok(arguments) => arguments,
                Err(_) if person.was_missed() => return Err(Failure::NobodyToAsk(self.tool.tool.clone())),
                Err(outcome) => return told(&outcome),
            };
            let call = call::Call {
                plan,
                arguments: arguments.as_deref(),
                principal: &Principal::Local,
                caller: &call::CallerHeaders::default(),
                deadline: clock::now() + plan.timeout,
                progress: None,
                trace: Vec::new(),
            };
            told(&pipeline::run(call).await)
        })
    }
}

fn told(outcome: &ToolOutcome) -> Result<Verdict, Failure> {
    output::json(&call_tool_result(outcome))?;
    Ok(if outcome.is_error { Verdict::Bad } else { Verdict::Good })
}
