//! `cargo xtask conformance`: the protocol's own test suite against our gateway, in both eras.
//!
//! The suite has scenarios for every feature that a server may have. Those of [`PROMISED`] must pass; what becomes
//! of the others is told, and one that passes asks to be promised.

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
    /// Shows the checks that failed of scenarios that are not promised yet, too.
    #[arg(long)]
    verbose: bool,
}

/// A frozen set of scenarios, and those that must pass.
struct Requirements {
    version: &'static str,
    promised: &'static [&'static str],
    /// Checks in promised scenarios that need something that is not promised yet.
    not_yet: &'static [&'static str],
}

const PROMISED: &[Requirements] = &[
    Requirements {
        version: "2025-11-25",
        promised: &[
            "server-initialize",
            "ping",
            "logging-set-level",
            "tools-list",
            "tools-call-simple-text",
            "tools-call-error",
            "tools-call-image",
            "tools-call-audio",
            "tools-call-with-logging",
            "tools-call-with-progress",
            "server-sse-multiple-streams",
            "completion-complete",
            "resources-list",
            "resources-read-text",
            "resources-read-binary",
            "resources-templates-read",
            "prompts-list",
            "prompts-get-simple",
            "prompts-get-with-args",
            "prompts-get-embedded-resource",
            "prompts-get-with-image",
            "dns-rebinding-protection",
            "tools-call-sampling",
            "tools-call-elicitation",
            "elicitation-sep1034-defaults",
            "elicitation-sep1330-enums",
        ],
        not_yet: &[],
    },
    Requirements {
        version: "2026-07-28",
        promised: &[
            "server-stateless",
            "tools-list",
            "tools-call-simple-text",
            "tools-call-error",
            "tools-call-image",
            "tools-call-audio",
            "tools-call-with-progress",
            "completion-complete",
            "resources-list",
            "resources-read-text",
            "resources-read-binary",
            "resources-templates-read",
            "prompts-list",
            "prompts-get-simple",
            "prompts-get-with-args",
            "prompts-get-embedded-resource",
            "prompts-get-with-image",
            "caching",
            "dns-rebinding-protection",
            "server-sse-multiple-streams",
            "http-header-validation",
            "sep-2164-resource-not-found",
            "input-required-result-basic-elicitation",
            "input-required-result-basic-sampling",
            "input-required-result-basic-list-roots",
            "input-required-result-request-state",
            "input-required-result-multiple-input-requests",
            "input-required-result-multi-round",
            "input-required-result-missing-input-response",
            "input-required-result-result-type",
            "input-required-result-unsupported-methods",
            "input-required-result-tampered-state",
            "input-required-result-capability-check",
            "input-required-result-ignore-extra-params",
            "input-required-result-validate-input",
        ],
        not_yet: &[],
    },
];

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
    for requirements in PROMISED {
        let scenarios = run_set(&gateway.url, requirements.version)?;
        counts.add(judge(requirements, &scenarios, verbose));
    }
    Ok(counts)
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

fn judge(requirements: &Requirements, scenarios: &[Scenario], verbose: bool) -> Counts {
    println!("conformance {}", requirements.version);
    let mut counts = Counts::default();
    let mut not_yet = 0;
    for scenario in scenarios {
        let promised = requirements.promised.contains(&scenario.name.as_str());
        let (later, failures): (Vec<_>, Vec<_>) = scenario
            .failures
            .iter()
            .partition(|(id, _)| !promised || requirements.not_yet.contains(&id.as_str()));
        let verdict = match (promised, failures.is_empty(), later.is_empty() && scenario.passed > 0) {
            (true, false, _) => "FAILED",
            (true, true, false) => "passed, but for what is not promised yet",
            (true, true, true) => "passed",
            (false, _, true) => "passed, and could be promised",
            (false, _, false) => "not yet",
        };
        let Scenario { name, passed, .. } = scenario;
        println!("  {name:<48} {passed:>3}/{:<3} {verdict}", passed + scenario.failures.len());
        let shown = failures.iter().chain(later.iter().filter(|_| verbose));
        shown.for_each(|(id, message)| println!("      {id}: {message}"));
        if promised {
            counts.add(scenario.counts(requirements.version, failures.len()));
        }
        not_yet += if promised { later.len() } else { 1 };
    }
    counts.add(missing(requirements, scenarios));
    let note = format!("{}: {not_yet} not promised yet", requirements.version);
    counts.add(Counts { skipped: not_yet, note, ..Counts::default() });
    counts
}

/// A promised scenario that did not run is a failure.
fn missing(requirements: &Requirements, scenarios: &[Scenario]) -> Counts {
    let mut counts = Counts::default();
    for name in requirements.promised {
        if !scenarios.iter().any(|scenario| scenario.name == *name) {
            counts.add(Counts::failed(format!("{} {name} did not run", requirements.version)));
        }
    }
    counts
}

impl Scenario {
    /// A promised scenario that checked nothing has failed.
    fn counts(&self, version: &str, failures: usize) -> Counts {
        let failed = failures + usize::from(self.passed == 0 && failures == 0);
        let note = if failed > 0 { format!("{version} {}", self.name) } else { String::new() };
        Counts { passed: self.passed, failed, skipped: 0, note }
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
