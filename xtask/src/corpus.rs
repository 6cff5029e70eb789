//! `cargo xtask corpus`: loads real OpenAPI documents and prints what became of each.
//!
//! The documents are other people's and are not in this repository: `TOOLGATE_CORPUS` or `../shared/openapi` says
//! where they are. Archives are unpacked below `target`.

pub mod document;
mod measure;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::{program, workspace};
use document::Outcome;
pub use measure::{Arguments as MeasureArguments, child as measure};

/// Where the documents are unless said otherwise.
pub const FOLDER: &str = "../shared/openapi";

#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with documents.
    #[arg(long, env = "TOOLGATE_CORPUS", default_value = FOLDER)]
    folder: PathBuf,
    /// Only documents whose path holds this text.
    #[arg(long)]
    only: Option<String>,
    /// Leaves out the archive of more documents.
    #[arg(long)]
    small: bool,
    /// Measures the debug build instead of the release build.
    #[arg(long)]
    debug: bool,
    /// Writes the table as JSON, too.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Loads every document and prints a line about each, and the totals.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let folder = workspace::root().join(&arguments.folder);
    ensure!(
        folder.is_dir(),
        "no documents: {} is not there (TOOLGATE_CORPUS names another one)",
        folder.display()
    );
    let program = if arguments.debug { program::debug()? } else { program::release()? };
    let unpacked = unpack(&folder, !arguments.small)?;
    let mut documents = document::find(&unpacked)?;
    if let Some(only) = &arguments.only {
        documents.retain(|document| document.name.contains(only.as_str()));
    }
    println!("{}", Outcome::HEADER);
    let mut outcomes = Vec::new();
    for document in &documents {
        let outcome = document.load(&program)?;
        println!("{outcome}");
        outcomes.push(outcome);
    }
    document::print_totals(&outcomes);
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&document::to_json(&outcomes))?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the documents are.
pub fn folder() -> PathBuf {
    std::env::var_os("TOOLGATE_CORPUS").unwrap_or_else(|| FOLDER.into()).into()
}

/// The path of one document of the corpus, unpacked.
pub fn document(name: &str) -> Result<PathBuf> {
    let folder = workspace::root().join(folder());
    ensure!(folder.is_dir(), "{} is not there", folder.display());
    let path = unpack(&folder, false)?.join(name);
    ensure!(path.is_file(), "{} is not there", path.display());
    Ok(path)
}

/// Copies the documents below `target`, with archives and gzipped ones unpacked. Once: it is kept.
pub fn unpack(folder: &Path, archives: bool) -> Result<PathBuf> {
    let unpacked = workspace::target().join("corpus").join(if archives { "all" } else { "small" });
    if unpacked.join("complete").is_file() {
        return Ok(unpacked);
    }
    std::fs::create_dir_all(&unpacked)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".tar.xz") {
            if archives {
                workspace::run(Command::new("tar").arg("-xJf").arg(&path).arg("-C").arg(&unpacked))?;
            }
        } else if let Some(plain) = name.strip_suffix(".gz") {
            let file = std::fs::File::create(unpacked.join(plain))?;
            workspace::run(Command::new("gzip").arg("-dc").arg(&path).stdout(file))?;
        } else if path.is_file() {
            std::fs::copy(&path, unpacked.join(name)).with_context(|| path.display().to_string())?;
        }
    }
    std::fs::write(unpacked.join("complete"), "")?;
    Ok(unpacked)
}
