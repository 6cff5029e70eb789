//! What is done to this repository beside compiling it: `cargo xtask --help`.

mod bench;
mod conformance;
mod corpus;
mod faults;
mod fuzz;
mod generate;
mod guard;
mod program;
mod report;
mod roundtrip;
mod suites;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tests, generated files and measurements of toolgate.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every check, or the named ones, and says how many passed, failed and were skipped.
    Test(suites::Arguments),
    /// Writes the files that are generated from the code.
    Generate(generate::Arguments),
    /// Runs the official conformance suite against a gateway before a small API of ours.
    Conformance(conformance::Arguments),
    /// Loads real OpenAPI documents and prints what became of each.
    Corpus(corpus::Arguments),
    /// Runs the tests of what goes wrong in a gateway and prints what they measured.
    Faults(faults::Arguments),
    /// Sends a request of every operation of real documents to a validator that is not ours.
    Roundtrip(roundtrip::Arguments),
    /// Gives random documents and arguments to the parts that read what strangers wrote.
    Fuzz(fuzz::Arguments),
    /// Measures speed and memory beside other programs, in one run.
    Bench(bench::Arguments),
    /// Runs one program and writes down what it cost; `corpus` uses it.
    #[command(hide = true)]
    Measure(corpus::MeasureArguments),
    /// Installs the pinned clients and the conformance suite into `target/tools`.
    Tools,
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().task {
        Task::Test(arguments) => suites::run(&arguments),
        Task::Generate(arguments) => generate::run(&arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Corpus(arguments) => corpus::run(&arguments),
        Task::Faults(arguments) => faults::run(&arguments),
        Task::Roundtrip(arguments) => roundtrip::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Measure(arguments) => corpus::measure(&arguments),
        Task::Tools => {
            tools::Tool::ALL.iter().try_for_each(|tool| tool.install().map(drop))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
