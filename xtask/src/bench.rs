//! `cargo xtask bench`: toolgate beside a plain proxy, beside the least that a gateway can do, and beside the API
//! alone, all in one run.
//!
//! Machines are noisy, so everything is measured in turn, several times, and told as medians and as ratios to what
//! was measured beside it. The steadiest figure is the CPU time of a call. A run ends with what is wanted of each figure.

mod chart;
mod document;
mod figures;
mod goals;
mod process;
mod profile;
mod programs;
mod progress;
mod scaling;
mod sessions;
mod soak;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{guard, program, workspace};
use programs::{Load, Programs, Server};
use progress::Progress;
use table::Table;

#[derive(clap::Args)]
pub struct Arguments {
    /// What is measured; everything that is there when none is named.
    #[arg(long, value_enum)]
    profile: Vec<Profile>,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each measurement is, in seconds.
    #[arg(long, default_value_t = 0.7)]
    seconds: f64,
    /// Puts servers on one core: steadier figures on a noisy machine. One call at a time, all is on one core anyway.
    #[arg(long)]
    pinned: bool,
    /// Writes the figures of every round, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draws the CPU time of calls as an SVG.
    #[arg(long)]
    chart: Option<PathBuf>,
    /// Writes what is wanted and what was measured as Markdown, between the markers of a page that has them.
    #[arg(long)]
    goals: Option<PathBuf>,
    /// Measures this program instead of a release build made now.
    #[arg(long, value_name = "PROGRAM")]
    toolgate: Option<PathBuf>,
    /// Measures the parts of a call on their own, and nothing else.
    #[arg(long)]
    micro: bool,
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
    /// Memory of idle sessions and streams.
    Sessions,
    /// How a start grows with the document, and a call with what else is served.
    Scaling,
}

/// What every profile needs.
struct Run {
    programs: Programs,
    rounds: usize,
    seconds: f64,
    pinned: bool,
    progress: Progress,
}

/// Builds what is needed, measures, and prints the tables.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.record {
        guard::record(&program::debug()?)?;
    } else if arguments.micro {
        workspace::run(&mut workspace::cargo(&["bench", "--package", "toolgate-bench", "--bench", "call"]))?;
    } else if arguments.callgrind {
        for (name, figure) in guard::measure(&program::release()?)?.named() {
            println!("{name:<16} {figure:>9.0} per call");
        }
    } else if let Some(minutes) = arguments.soak {
        soak::run(&Programs::build(arguments.toolgate.as_deref())?, minutes)?;
    } else {
        measure(arguments)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(arguments: &Arguments) -> Result<()> {
    let run = Run {
        programs: Programs::build(arguments.toolgate.as_deref())?,
        rounds: arguments.rounds,
        seconds: arguments.seconds,
        pinned: arguments.pinned,
        progress: Progress::new(),
    };
    // Before anything runs that is ours.
    let conditions = run.conditions();
    let mut tables = Vec::new();
    for profile in Profile::value_variants() {
        if arguments.profile.is_empty() || arguments.profile.contains(profile) {
            let measured = profile.measure(&run)?;
            run.progress.clear();
            measured.iter().for_each(Table::print);
            tables.extend(measured);
        }
    }
    let verdicts = goals::verdicts(&tables);
    goals::print(&verdicts);
    println!("\n{conditions}");
    if let Some(path) = &arguments.json {
        let each: Vec<Value> = tables.iter().map(Table::to_json).collect();
        let all = json!({"conditions": conditions, "goals": goals::to_json(&verdicts), "tables": each});
        std::fs::write(path, serde_json::to_string_pretty(&all)?)?;
    }
    if let Some(path) = &arguments.chart {
        let bars: Vec<_> = tables.iter().filter(|table| table.has_bars()).map(chart::Group::of).collect();
        std::fs::write(path, chart::svg(&bars))?;
    }
    arguments.goals.as_ref().map_or(Ok(()), |path| goals::write(path, &conditions, &verdicts))
}

impl Profile {
    fn measure(self, run: &Run) -> Result<Vec<Table>> {
        match self {
            Self::Call => profile::call(run),
            Self::Cached => profile::cached(run),
            Self::Large => profile::large(run),
            Self::Stdio => profile::stdio(run),
            Self::Load => document::load(run),
            Self::List => document::list(run),
            Self::Sessions => sessions::sessions(run),
            Self::Scaling => scaling::scaling(run),
        }
    }
}

impl Run {
    /// The same load for as long as the others of this run, pinned when they are.
    fn timed(&self, upstream: &Server, load: Load) -> Load {
        Load { seconds: self.seconds, pinned: self.pinned, upstream: Some(upstream.process()), ..load }
    }

    /// How and where it is measured, in a sentence.
    fn conditions(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default().to_owned();
        let Self { rounds, seconds, pinned, .. } = self;
        let pinned = if *pinned { "one core" } else { "all" };
        format!(
            "Medians of {rounds} rounds of {seconds} s on {cores} cores, of which a server had {pinned}, and everything \
             one where there is one call at a time. The load of the machine was {load} before."
        )
    }
}
