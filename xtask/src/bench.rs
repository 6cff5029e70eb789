//! `cargo xtask bench`: toolgate beside a plain proxy, beside the least that a gateway can do, and beside the API
//! alone, all in one run.
//!
//! Machines are noisy, so everything is measured in turn, several times, and told as medians and as ratios to what
//! was measured beside it. The steadiest figure is the CPU time of a call.

mod chart;
mod document;
mod profile;
mod programs;
mod soak;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;

use crate::{guard, program};

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
    /// Draws the CPU time of calls as an SVG.
    #[arg(long)]
    chart: Option<PathBuf>,
    /// Counts instructions and bytes of a call of the release build under valgrind, and measures nothing else.
    #[arg(long)]
    callgrind: bool,
    /// Writes down what a call costs, for `cargo xtask test cost`, and measures nothing else.
    #[arg(long)]
    record: bool,
    /// Calls for so many minutes and says how memory grows, and measures nothing else; 10 for a whole run.
    #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "1")]
    soak: Option<f64>,
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
    if arguments.record {
        guard::record(&program::debug()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.callgrind {
        for (name, figure) in guard::measure(&program::release()?)?.named() {
            println!("{name:<16} {figure:>9.0} per call");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let programs = programs::Programs::build()?;
    if let Some(minutes) = arguments.soak {
        soak::run(&programs, minutes)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut drawn = Vec::new();
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
            Profile::Cached => profile::cached(&programs, arguments)?,
            Profile::Sessions => {
                println!("\n{name}: there is nothing to measure yet");
                continue;
            }
        };
        tables.iter().for_each(table::Table::print);
        drawn.extend(tables.iter().filter(|table| table.has_cpu()).map(chart::Group::of));
        all.insert(name, tables.iter().map(table::Table::to_json).collect());
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&all)?)?;
    }
    if let Some(path) = &arguments.chart {
        std::fs::write(path, chart::svg(&drawn))?;
    }
    Ok(ExitCode::SUCCESS)
}
