//! `cargo xtask conformance`: the protocol's own test suite against our gateway, in both eras.
//!
//! The suite keeps a frozen set of scenarios for each version of the protocol. Every scenario that it scores must pass,
//! whole; what becomes of those that it only runs is told.

mod api;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::program::Gateway;
use crate::report::Counts;
use crate::{program, tools, workspace};

#[derive(clap::Args)]
pub struct Arguments {
    /// Against the release build instead of the debug build.
    #[arg(long)]
    release: bool,
    /// Shows the checks that failed of scenarios that are not scored, too.
    #[arg(long)]
    verbose: bool,
}

/// The versions whose sets are run: the newest of each era.
const VERSIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// What became of one scenario.
struct Scenario {
    name: String,
    passed: usize,
    /// Id and message of each check that failed.
    failures: Vec<(String, String)>,
}

/// Runs both sets and prints what became of every scenario.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let program = if arguments.release { program::release()? } else { program::debug()? };
    let counts = run_all(&program, arguments.verbose)?;
    println!(
        "{} passed, {} failed, {} skipped  {}",
        counts.passed, counts.failed, counts.skipped, counts.note
    );
    Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same as a suite of `cargo xtask test`.
pub fn check(program: &Path) -> Result<Counts> {
    if let Err(error) = tools::Tool::Node.install() {
        return Ok(Counts::skipped(format!("{error:#}")));
    }
    run_all(program, false)
}

fn run_all(program: &Path, verbose: bool) -> Result<Counts> {
    let folder = workspace::root().join("tests/conformance");
    let api = api::serve(folder.join("api"))?;
    let file = folder.join("gateway.yaml");
    let environment = [("CONFORMANCE_API", format!("http://{api}"))];
    let gateway = Gateway::start(program, &[&file.to_string_lossy()], &environment)?;
    let mut counts = Counts::default();
    for version in VERSIONS {
        let scored = scored(version)?;
        let scenarios = run_set(&gateway.url, version)?;
        counts.add(judge(version, &scored, &scenarios, verbose));
    }
    Ok(counts)
}

/// The names of the scenarios that a version is scored by.
fn scored(version: &str) -> Result<Vec<String>> {
    let mut list = tools::node("conformance", &["list", "--requirements", version])?;
    let (good, text) = workspace::output(&mut list)?;
    ensure!(good, "the suite has no requirements for {version}");
    let names: Vec<String> = text
        .lines()
        .skip_while(|line| !line.starts_with("Server scenarios"))
        .skip(1)
        .map_while(|line| line.trim().strip_prefix("- "))
        .map(str::to_owned)
        .collect();
    ensure!(!names.is_empty(), "the suite requires nothing of servers for {version}");
    Ok(names)
}

/// Runs one set of scenarios; the suite itself says too much, so its output goes to a file.
fn run_set(url: &str, version: &str) -> Result<Vec<Scenario>> {
    let folder = workspace::target().join("conformance").join(version);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder)?;
    let log = std::fs::File::create(folder.join("output.txt"))?;
    let out = folder.to_string_lossy();
    let arguments = ["server", "--url", url, "--requirements", version, "-o", &out, "--timeout", "10000"];
    let mut command = tools::node("conformance", &arguments)?;
    // Its exit code says whether everything passed, which is judged here scenario by scenario.
    command.stdout(log.try_clone()?).stderr(log).status().context("the conformance suite")?;
    let scenarios = read_scenarios(&folder)?;
    ensure!(!scenarios.is_empty(), "the suite ran nothing, see {}", folder.join("output.txt").display());
    Ok(scenarios)
}

/// Reads `server-NAME-TIMESTAMP/checks.json` of every scenario.
fn read_scenarios(folder: &Path) -> Result<Vec<Scenario>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.flatten().map(|entry| entry.path().join("checks.json")).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files.iter().map(|file| read_scenario(file)).collect()
}

fn read_scenario(file: &Path) -> Result<Scenario> {
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let name = scenario_name(&folder).to_owned();
    let checks: Vec<Value> = serde_json::from_slice(&std::fs::read(file)?)?;
    let with = |status: &'static str| checks.iter().filter(move |check| check["status"] == status).cloned();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let failures = with("FAILURE").map(|check| (text(&check["id"]), text(&check["errorMessage"])));
    Ok(Scenario { name, passed: with("SUCCESS").count(), failures: failures.collect() })
}

/// `server-NAME-2026-11-20T12-00-00-000Z`. A NAME may itself begin with `server-` and hold a year.
fn scenario_name(folder: &str) -> &str {
    let name = folder.strip_prefix("server-").unwrap_or(folder);
    // The only capital T is in the middle of the timestamp, after `-2026-11-20`.
    let timestamp = name.rfind('T').and_then(|at| at.checked_sub("-2026-11-20".len()));
    timestamp.map_or(name, |at| &name[..at])
}

fn judge(version: &str, scored: &[String], scenarios: &[Scenario], verbose: bool) -> Counts {
    println!("conformance {version}");
    let mut counts = Counts::default();
    for scenario in scenarios {
        let is_scored = scored.contains(&scenario.name);
        let verdict = match (scenario.is_good(), is_scored) {
            (true, true) => "passed",
            (true, false) => "passed, not scored",
            (false, true) => "FAILED",
            (false, false) => "not scored",
        };
        let Scenario { name, passed, failures } = scenario;
        println!("  {name:<48} {passed:>3}/{:<3} {verdict}", passed + failures.len());
        let shown = failures.iter().filter(|_| is_scored || verbose);
        shown.for_each(|(id, message)| println!("      {id}: {message}"));
        if is_scored {
            counts.add(scenario.counts(version));
        }
    }
    for name in scored.iter().filter(|name| !scenarios.iter().any(|scenario| scenario.name == **name)) {
        counts.add(Counts::failed(format!("{version} {name} did not run")));
    }
    let good = scenarios.iter().filter(|scenario| scored.contains(&scenario.name) && scenario.is_good());
    println!("  {} of {} scored scenarios passed", good.count(), scored.len());
    counts
}

impl Scenario {
    /// One that checked nothing is not good.
    fn is_good(&self) -> bool {
        self.failures.is_empty() && self.passed > 0
    }

    fn counts(&self, version: &str) -> Counts {
        if self.is_good() {
            return Counts { passed: self.passed, ..Counts::default() };
        }
        let failed = self.failures.len().max(1);
        Counts { passed: self.passed, failed, skipped: 0, note: format!("{version} {}", self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_named_by_its_folder() {
        assert_eq!(scenario_name("server-tools-list-2026-11-20T12-00-00-000Z"), "tools-list");
        assert_eq!(scenario_name("server-server-initialize-2026-11-20T12-20-00-000Z"), "server-initialize");
        assert_eq!(
            scenario_name("server-json-schema-2020-12-2026-11-20T12-00-00-000Z"),
            "json-schema-2020-12"
        );
    }
}
