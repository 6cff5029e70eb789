//! Files that are generated from the code, and committed so that editors and people find them.

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::report::Counts;
use crate::{program, workspace};

#[derive(clap::Args)]
pub struct Arguments {
    /// Writes nothing; fails when a file is not as the code would write it.
    #[arg(long)]
    check: bool,
}

/// Each file, and the verb whose stdout it is.
const FILES: &[(&str, &[&str])] = &[
    ("schemas/gateway.schema.json", &["schema"]),
    ("docs/gateway-file.md", &["schema", "--format", "markdown"]),
    ("schemas/server.schema.json", &["schema", "--server"]),
    ("docs/server-file.md", &["schema", "--server", "--format", "markdown"]),
    ("docs/diagnostics.md", &["check", "--explain", "all"]),
];

/// Writes the files, or checks them.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.check {
        let counts = check()?;
        println!("{} current, {} stale: {}", counts.passed, counts.failed, counts.note);
        return Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    for (path, verb) in FILES {
        let path = workspace::root().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        std::fs::write(path, generated(verb)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One check a file.
pub fn check() -> Result<Counts> {
    let mut counts = Counts::default();
    for (path, verb) in FILES {
        let committed = std::fs::read_to_string(workspace::root().join(path)).unwrap_or_default();
        counts.add(match committed == generated(verb)? {
            true => Counts::passed(),
            false => Counts::failed(format!("{path} is stale: cargo xtask generate")),
        });
    }
    Ok(counts)
}

fn generated(verb: &[&str]) -> Result<String> {
    let (good, text) = workspace::output(&mut workspace::command(program::debug()?, verb))?;
    ensure!(good && !text.is_empty(), "toolgate {} gives nothing", verb.join(" "));
    Ok(text)
}
