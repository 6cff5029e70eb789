//! What a program costs, exactly: it runs as the only child of a process of its own, and the kernel keeps the books.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::workspace;

/// What `cargo xtask measure` is given: by [`run`], not by people.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file that the figures are written to.
    figures: PathBuf,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// What a program cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// CPU time of user and system, in seconds.
    pub seconds: f64,
    /// The most resident memory there was, in MiB.
    pub peak: f64,
    /// It was ended by a signal, or panicked.
    pub crashed: bool,
}

/// Runs a program and says what it cost.
pub fn run(program: &Path, arguments: &[&str]) -> Result<(Output, Cost)> {
    let figures = workspace::target().join(format!("corpus/figures-{}", std::process::id()));
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.arg("measure").arg(&figures).arg("--").arg(program).args(arguments).output()?;
    let text = std::fs::read_to_string(&figures).context("the figures of a run")?;
    let mut words = text.split(' ').map(|word| word.parse().unwrap_or(0.0));
    let (seconds, peak) = (words.next().unwrap_or(0.0), words.next().unwrap_or(0.0));
    Ok((output, Cost { seconds, peak, crashed: words.next() != Some(0.0) }))
}

/// The other side of [`run`]: runs the program with our own pipes and writes the figures.
pub fn child(arguments: &Arguments) -> Result<ExitCode> {
    let (program, rest) = arguments.command.split_first().context("a program")?;
    let status = Command::new(program).args(rest).status()?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = usage.user_time() + usage.system_time();
    let code = status.code().unwrap_or(255);
    let crashed = u8::from(!(0..=2).contains(&code));
    let (seconds, peak) = (time.num_microseconds() as f64 / 1e6, usage.max_rss() as f64 / 1024.0);
    std::fs::write(&arguments.figures, format!("{seconds} {peak} {crashed}"))?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(255)))
}
