//! How many checks passed, failed and were skipped, suite by suite.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

/// What became of the checks of one suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Checks that held.
    pub passed: usize,
    /// Checks that did not.
    pub failed: usize,
    /// Checks that were not made.
    pub skipped: usize,
    /// Why checks failed or were skipped, in a few words.
    pub note: String,
}

/// The suites that were run, in order.
#[derive(Default)]
pub struct Report {
    suites: Vec<(&'static str, Counts, Duration)>,
}

impl Counts {
    /// One check that held.
    pub fn passed() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// One check that did not.
    pub fn failed(note: impl Into<String>) -> Self {
        Self { failed: 1, note: note.into(), ..Self::default() }
    }

    /// One check that was not made.
    pub fn skipped(note: impl Into<String>) -> Self {
        Self { skipped: 1, note: note.into(), ..Self::default() }
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        if !other.note.is_empty() {
            let separator = if self.note.is_empty() { "" } else { "; " };
            self.note = format!("{}{separator}{}", self.note, other.note);
        }
    }
}

impl Report {
    /// Runs a suite. One that cannot be run has failed.
    pub fn run(&mut self, name: &'static str, suite: impl FnOnce() -> Result<Counts>) {
        println!("\n── {name} ──");
        let start = Instant::now();
        let counts = suite().unwrap_or_else(|error| Counts::failed(format!("{error:#}")));
        self.suites.push((name, counts, start.elapsed()));
    }

    /// Prints the table, with the totals as its last line, and gives the exit code.
    pub fn print(&self) -> ExitCode {
        println!("\n{:<12} {:>7} {:>7} {:>8} {:>8}", "suite", "passed", "failed", "skipped", "seconds");
        let mut total = Counts::default();
        for (name, counts, time) in &self.suites {
            let Counts { passed, failed, skipped, note } = counts;
            let seconds = time.as_secs_f64();
            println!("{name:<12} {passed:>7} {failed:>7} {skipped:>8} {seconds:>8.1}  {note}");
            total.add(counts.clone());
        }
        println!("\n{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
        if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
