//! `cargo xtask fuzz`: random documents and arguments for the parts that read what strangers wrote, see `fuzz/`.

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace;

#[derive(clap::Args)]
pub struct Arguments {
    /// What the runner is told: `--seconds 60 --target url --seed 7 --count 1 --folder DIR`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the runner as the tests are built, with overflow checks, and runs it.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut command = workspace::cargo(&["run", "-p", "toolgate-fuzz", "--"]);
    let status = command.args(&arguments.arguments).status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
