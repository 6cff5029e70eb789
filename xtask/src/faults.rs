//! `cargo xtask faults`: runs the tests of what goes wrong in a gateway, and prints what each of them measured.

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace;

#[derive(clap::Args)]
pub struct Arguments {
    /// Only hazards whose test's name holds this text.
    #[arg(default_value = "")]
    only: String,
    /// Durations as long as the hazards say, not scaled down. Takes minutes.
    #[arg(long)]
    full: bool,
}

/// Runs the tests and prints the table. The exit code is theirs.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let figures = workspace::target().join("figures.tsv");
    if figures.exists() {
        std::fs::remove_file(&figures)?;
    }
    let tests = format!("hazards::{}", arguments.only);
    let mut command = workspace::cargo(&["test", "--no-fail-fast", "--test", "suite", "--", &tests]);
    command.env("TOOLGATE_FIGURES", &figures);
    if arguments.full {
        command.env("TOOLGATE_FULL", "1");
    }
    let good = workspace::watch(&mut command, |_| {})?;
    let text = std::fs::read_to_string(&figures).unwrap_or_default();
    print!("\n{}", table(&text));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The rows by hazard: `S1` before `S11`, security before reliability.
fn table(text: &str) -> String {
    let mut rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let key = |row: &Vec<&str>| {
        let hazard = row.first().copied().unwrap_or_default();
        let (kind, number) = hazard.split_at(hazard.len().min(1));
        (kind != "S", number.parse::<u32>().unwrap_or(u32::MAX))
    };
    rows.sort_by_key(key);
    let wide = rows.iter().filter_map(|row| row.get(1)).map(|done| done.chars().count()).max().unwrap_or(0);
    let line = |row: &Vec<&str>| {
        let cell = |index: usize| row.get(index).copied().unwrap_or_default();
        format!("{:<4} {:<wide$}  {}\n", cell(0), cell(1), cell(2))
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_the_hazards() {
        let text = "L2\tresets\t99.5 %\nS11\tbombs\t3 MiB\nS1\tdots\t0 lines\nL10\tkill\t0\n";
        let table = table(text);
        let order: Vec<&str> = table.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(order, ["S1", "S11", "L2", "L10"]);
        assert!(table.contains("S1   dots    0 lines\n"), "{table}");
    }
}
