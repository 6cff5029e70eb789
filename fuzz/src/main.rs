//! Random input for the parts of toolgate that read what strangers wrote: `cargo xtask fuzz`.
//!
//! Real documents, or small ones of ours, are changed at random, as trees (a part of one put into another, a value
//! replaced by a nasty one, a `$ref` bent) and as bytes, and given to a [`target`]. A finding is a panic, an answer
//! that breaks what the target promises, or one that takes too long. It runs on stable Rust, without coverage; an
//! input is made of its number alone, so that `--seed N --count 1` makes it again.

mod document;
mod mutate;
mod target;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use document::Seeds;
use target::Target;

/// Longer than this, debug build and a busy machine included, no input may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Gives random input to the parts of toolgate that read what strangers wrote.
#[derive(Parser)]
struct Arguments {
    /// Only this target.
    #[arg(long, value_enum)]
    target: Option<Target>,
    /// For how long each target is tried.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The number of the first input.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// At most this many inputs of each target.
    #[arg(long, default_value_t = u64::MAX)]
    count: u64,
    /// Folder with documents to begin with.
    #[arg(long, env = "TOOLGATE_CORPUS")]
    folder: Option<PathBuf>,
    /// Writes the input to this file, too.
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = Seeds::read(arguments.folder.as_deref());
    println!("{} documents to begin with", seeds.len());
    let targets = arguments.target.map_or_else(|| Target::ALL.to_vec(), |target| vec![target]);
    let findings: usize = targets.iter().map(|target| run(*target, &arguments, &seeds)).sum();
    if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tries a target; gives the number of findings.
fn run(target: Target, arguments: &Arguments, seeds: &Seeds) -> usize {
    let end = toolgate::clock::now() + Duration::from_secs(arguments.seconds);
    let (mut tried, mut findings, mut slowest) = (0, 0, (Duration::ZERO, 0));
    let last = arguments.seed.saturating_add(arguments.count);
    for seed in arguments.seed..last {
        let start = toolgate::clock::now();
        if start >= end {
            break;
        }
        let mut random = SmallRng::seed_from_u64(seed);
        let input = seeds.input(&mut random, target);
        if let Some(path) = &arguments.keep {
            std::fs::write(path, &input).unwrap_or_else(|error| println!("{}: {error}", path.display()));
        }
        let tried_out = catch_unwind(AssertUnwindSafe(|| target.run(&input, &mut random)));
        tried += 1;
        let taken = start.elapsed();
        slowest = slowest.max((taken, seed));
        let fault = match tried_out {
            Err(_) => Some("it panics".to_owned()),
            Ok(Err(fault)) => Some(fault),
            Ok(Ok(())) if taken > PATIENCE => Some(format!("it takes {taken:?}")),
            Ok(Ok(())) => None,
        };
        if let Some(fault) = fault {
            findings += 1;
            println!("{target:?} --seed {seed} --count 1: {fault}");
        }
    }
    println!(
        "{target:?}: {tried} inputs in {} s, {findings} findings, the slowest took {} ms (--seed {})",
        arguments.seconds,
        slowest.0.as_millis(),
        slowest.1
    );
    findings
}
