//! `cargo xtask bench`: toolgate beside a plain proxy, beside the least that a gateway can do, and beside the API
//! alone, all in one run.
//!
//! Machines are noisy, so everything is measured in turn, several times, and told as medians and as ratios to what
//! was measured beside it. The steadiest figure is the CPU time of a call.

mod document;
mod profile;
mod programs;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;

#[derive(clap::Args)]
pub struct Arguments {
    /// What is measured; everything that is there when none is named.
    #[arg(long, value_enum)]
    profile: Vec<Profile>,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement is, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Puts servers on one core (and, one call at a time, everything): steadier figures on a noisy machine.
    #[arg(long)]
    pinned: bool,
    /// Writes the figures of every round, too.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// tools/call of a 1 KB GET over HTTP.
    Call,
    /// The same, answered from the cache.
    Cached,
    /// tools/call of a 1 MB GET.
    Large,
    /// tools/call of a 1 KB GET over stdio.
    Stdio,
    /// From the start of the program to its first tools/list, with large documents.
    Load,
    /// tools/list of a large document.
    List,
    /// Memory of idle sessions.
    Sessions,
}

/// Builds what is needed, measures, and prints the tables.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let programs = programs::Programs::build()?;
    let mut all = serde_json::Map::new();
    for profile in Profile::value_variants() {
        if !arguments.profile.is_empty() && !arguments.profile.contains(profile) {
            continue;
        }
        let name = format!("{profile:?}").to_lowercase();
        let tables = match profile {
            Profile::Call => profile::call(&programs, arguments)?,
            Profile::Large => profile::large(&programs, arguments)?,
            Profile::Stdio => profile::stdio(&programs, arguments)?,
            Profile::Load => document::load(&programs, arguments)?,
            Profile::List => document::list(&programs, arguments)?,
            Profile::Cached | Profile::Sessions => {
                println!("\n{name}: there is nothing to measure yet");
                continue;
            }
        };
        tables.iter().for_each(table::Table::print);
        all.insert(name, tables.iter().map(table::Table::to_json).collect());
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&all)?)?;
    }
    Ok(ExitCode::SUCCESS)
}
