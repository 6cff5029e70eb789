//! The command line: one verb a file.
//!
//! stdout is the answer, stderr is talk. Exit 0 is good, 1 means that something was found wrong (problems in a file,
//! a tool that failed, a port that is taken), 2 that the command line itself makes no sense. With `serve --stdio`
//! nothing but MCP is ever on stdout. Whoever reads from us may stop reading: that is no failure.

mod arguments;
mod asked;
mod call;
mod check;
mod cost;
mod explain;
mod failure;
mod import;
mod key;
mod legacy;
mod listen;
mod loaded;
mod mock;
mod offered;
mod output;
mod problems;
mod progress;
mod runtime;
mod schema;
mod serve;
mod shown;
mod suggest;
mod table;
mod tool;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::env::{Environment, System};
use crate::telemetry;
use failure::Failure;

/// Serve REST APIs as MCP tools.
#[derive(Debug, Parser)]
#[command(name = "toolgate", version, arg_required_else_help = true, after_help = HELP)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Verb {
    Serve(serve::Serve),
    Check(check::Check),
    Tools(tools::Tools),
    Call(call::Call),
    Explain(explain::Explain),
    Mock(mock::Mock),
    Import(import::Import),
    Key(key::Key),
    Schema(schema::Schema),
}

const HELP: &str = "\
SOURCE is a gateway file, an OpenAPI or Swagger document (JSON or YAML, a path
or an https URL), or a folder of those.

Examples:
  toolgate serve openapi.json --mock              Try a document, without its API
  toolgate serve shop.yaml                        Serve what a gateway file says
  toolgate check shop.yaml                        Find what is wrong with it
  toolgate explain shop.yaml --tool list_orders   See what a call would send
  toolgate import curl 'curl https://…'           Write a gateway file

Exit codes: 0 good, 1 something was found wrong, 2 the command makes no sense.
TOOLGATE_LOG sets the log filter: error, warn, info, debug, off.";

/// Whether a verb that ran to its end found everything well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Bad,
}

/// Runs the program: arguments in, exit code out.
#[must_use]
pub fn main() -> ExitCode {
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and version come this way too. A reader that is gone is told nothing.
            let _gone = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match command_line.verb.run() {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::from(1),
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

impl Verb {
    fn run(self) -> Result<Verdict, Failure> {
        // Lives as long as the verb: dropping it writes what was logged last.
        let _log = self.log()?;
        match self {
            Self::Serve(verb) => verb.run(),
            Self::Check(verb) => verb.run(),
            Self::Tools(verb) => verb.run(),
            Self::Call(verb) => verb.run(),
            Self::Explain(verb) => verb.run(),
            Self::Mock(verb) => verb.run(),
            Self::Import(verb) => verb.run(),
            Self::Key(verb) => verb.run(),
            Self::Schema(verb) => verb.run(),
        }
    }

    /// Verbs that serve log what they do; the others speak for themselves, and log what goes wrong.
    fn log(&self) -> Result<telemetry::Guard, Failure> {
        let default = match self {
            Self::Serve(_) => telemetry::DEFAULT_FILTER,
            Self::Mock(_) => "info,toolgate::mock=debug",
            _ => "warn",
        };
        let said = System.variable("TOOLGATE_LOG").filter(|filter| !filter.is_empty());
        telemetry::init(Some(said.as_deref().unwrap_or(default))).map_err(Failure::Log)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
