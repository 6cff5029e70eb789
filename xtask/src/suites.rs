//! `cargo xtask test`: everything that must hold before a change is good.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::report::{Counts, Report};
use crate::tools::Tool;
use crate::{conformance, generate, guard, program, roundtrip, workspace};

#[derive(clap::Args)]
pub struct Arguments {
    /// Which suites; all of them when none is named.
    #[arg(value_enum)]
    suites: Vec<Suite>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// The code is formatted.
    Format,
    /// Clippy has nothing to say.
    Lints,
    /// The dependency tree holds nothing that deny.toml bans.
    Bans,
    /// Unit tests, behaviour tests, documentation tests.
    Tests,
    /// A call costs what was recorded, in instructions and in bytes allocated.
    Cost,
    /// Generated files are as the code would write them.
    Generated,
    /// The official conformance suite, in both eras.
    Conformance,
    /// Real MCP clients in other languages.
    Clients,
    /// A large document of somebody else, called tool by tool.
    Documents,
}

/// Runs the suites and prints what became of them.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut report = Report::default();
    for suite in Suite::value_variants() {
        if arguments.suites.is_empty() || arguments.suites.contains(suite) {
            report.run(suite.name(), || suite.run());
        }
    }
    Ok(report.print())
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Lints => "lints",
            Self::Bans => "bans",
            Self::Tests => "tests",
            Self::Cost => "cost",
            Self::Generated => "generated",
            Self::Conformance => "conformance",
            Self::Clients => "clients",
            Self::Documents => "documents",
        }
    }

    fn run(self) -> Result<Counts> {
        match self {
            Self::Format => one_check(&["fmt", "--all", "--check"]),
            Self::Lints => one_check(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            Self::Bans => bans(),
            Self::Tests => {
                let schemas = Tool::Schemas.install();
                let mut counts = cargo_tests(&["test", "--no-fail-fast"])?;
                if let Err(error) = schemas {
                    counts.add(Counts::skipped(format!("messages against the protocol's schema: {error:#}")));
                }
                counts.add(cargo_tests(&["test", "--package", "xtask"])?);
                Ok(counts)
            }
            Self::Cost => guard::check(&program::debug()?),
            Self::Generated => generate::check(),
            Self::Conformance => conformance::check(&program::debug()?),
            Self::Clients => with_tools(Tool::CLIENTS, "clients::"),
            Self::Documents => {
                let mut counts = with_tools(&[Tool::Documents], "github::")?;
                counts.add(roundtrip::check()?);
                Ok(counts)
            }
        }
    }
}

fn one_check(arguments: &[&str]) -> Result<Counts> {
    workspace::run(&mut workspace::cargo(arguments))?;
    Ok(Counts::passed())
}

/// Tests that need something installed. They are `ignored` in a plain `cargo test`.
fn with_tools(tools: &[Tool], tests: &str) -> Result<Counts> {
    let mut skipped = Counts::default();
    for tool in tools {
        if let Err(error) = tool.install() {
            skipped.add(Counts::skipped(format!("{error:#}")));
        }
    }
    if skipped.skipped > 0 {
        return Ok(skipped);
    }
    cargo_tests(&["test", "--no-fail-fast", "--test", "suite", "--", "--ignored", tests])
}

/// Runs `cargo test` and adds up its `test result:` lines. What is ignored there is a suite of its own here.
fn cargo_tests(arguments: &[&str]) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut failures = Vec::new();
    let good = workspace::watch(&mut workspace::cargo(arguments), |line| {
        if let Some(result) = line.strip_prefix("test result: ") {
            counts.passed += number_before(result, " passed");
            counts.failed += number_before(result, " failed");
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            failures.push(name.to_owned());
        }
    })?;
    counts.note = failures.join(", ");
    if !good && counts.failed == 0 {
        counts.add(Counts::failed("cargo test could not run"));
    }
    Ok(counts)
}

fn number_before(text: &str, word: &str) -> usize {
    let digits = text.split(word).next().and_then(|before| before.rsplit(' ').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Every crate of the tree against `bans.deny` of deny.toml; the rest of that file is cargo-deny's.
fn bans() -> Result<Counts> {
    let arguments = ["tree", "--workspace", "--target", "all", "--all-features", "--prefix", "none"];
    let (good, tree) = workspace::output(&mut workspace::cargo(&arguments))?;
    anyhow::ensure!(good, "cargo tree failed");
    let text = std::fs::read_to_string(workspace::root().join("deny.toml")).context("deny.toml")?;
    let banned: Vec<&str> =
        text.split("{ crate = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    anyhow::ensure!(!banned.is_empty(), "deny.toml bans nothing");
    let used = |name: &&&str| tree.lines().any(|line| line.split(' ').next() == Some(**name));
    let mut counts = match banned.iter().filter(used).copied().collect::<Vec<_>>()[..] {
        [] => Counts::passed(),
        ref found => Counts::failed(format!("banned: {}", found.join(", "))),
    };
    counts.add(cargo_deny()?);
    Ok(counts)
}

fn cargo_deny() -> Result<Counts> {
    if !workspace::is_there("cargo-deny") {
        return Ok(Counts::skipped("licences and advisories: cargo-deny is not installed"));
    }
    one_check(&["deny", "check"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_test_result_are_read() {
        let line = "FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(number_before(line, " passed"), 12);
        assert_eq!(number_before(line, " failed"), 3);
        assert_eq!(number_before("nothing of the kind", " passed"), 0);
    }

    #[test]
    fn a_suite_is_only_good_when_something_passed_and_nothing_failed() {
        let mut counts = Counts::passed();
        counts.add(Counts::skipped("no network"));
        assert_eq!((counts.passed, counts.failed, counts.skipped), (1, 0, 1));
        counts.add(Counts::failed("broken"));
        assert_eq!(counts.note, "no network; broken");
    }
}
