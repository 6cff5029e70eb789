//! The profiles that measure large documents: how long until they are served, and how fast they are listed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::Arguments;
use super::programs::{Load, Programs};
use super::table::{Figures, Table};
use crate::corpus;
use crate::program::{self, Gateway};

/// GitHub's own document: the yardstick.
const GITHUB: &str = "octokit__generated_api.github.com.json";

const LIST: &str = r#"{"jsonrpc":"2.0","id":{id},"method":"tools/list","params":{}}"#;

/// From the start of the program to the end of its first answer to tools/list; p50 is that time, memory what is
/// resident then.
pub fn load(programs: &Programs, arguments: &Arguments) -> Result<Vec<Table>> {
    let (github, mut notes) = github();
    let large = programs.large_document()?;
    let documents = [("toolgate, GitHub", github), ("toolgate, like MS Graph", Some(large))];
    let mut rows = Vec::new();
    for (name, document) in documents.into_iter().filter_map(|(name, document)| Some((name, document?))) {
        let mut rounds = Vec::new();
        for _ in 0..arguments.rounds {
            let (figures, detail) = first_list(programs, &document)?;
            rounds.push(figures);
            notes.retain(|note| !note.starts_with(name));
            notes.push(format!("{name}: {detail}"));
        }
        rows.push((name.to_owned(), rounds));
    }
    Ok(vec![Table { title: "start to first tools/list".into(), rows, against: vec![], notes }])
}

/// tools/list of GitHub's document beside a static file of the same size.
pub fn list(programs: &Programs, arguments: &Arguments) -> Result<Vec<Table>> {
    let (Some(document), _) = github() else {
        return Ok(vec![Table {
            title: "tools/list".into(),
            rows: vec![],
            against: vec![],
            notes: github().1,
        }]);
    };
    let gateway = serve(programs, &document)?;
    let length = program::post(&gateway.url, &LIST.replace("{id}", "1"))?.len();
    let upstream = programs.upstream()?;
    let file = Load {
        url: format!("{}/file/{length}", upstream.url),
        process: upstream.process(),
        ..Load::default()
    };
    let listed = Load {
        url: gateway.url.clone(),
        body: Some(LIST.to_owned()),
        headers: program::HEADERS.map(str::to_owned).to_vec(),
        expect: "\"tools\":[".to_owned(),
        process: gateway.process(),
        ..Load::default()
    };
    let mut rows = vec![("static file".to_owned(), Vec::new()), ("toolgate".to_owned(), Vec::new())];
    for _ in 0..arguments.rounds {
        for (load, (_, figures)) in [&file, &listed].into_iter().zip(&mut rows) {
            let load = Load { at_once: 4, seconds: arguments.seconds, ..load.clone() };
            figures.push(programs.measure(&load)?);
        }
    }
    let title = format!("tools/list of GitHub's document, {} KiB, 4 at once", length >> 10);
    Ok(vec![Table { title, rows, against: vec!["static file"], notes: vec![] }])
}

fn first_list(programs: &Programs, document: &Path) -> Result<(Figures, String)> {
    let start = Instant::now();
    let gateway = serve(programs, document)?;
    let answer = program::post(&gateway.url, &LIST.replace("{id}", "1"))?;
    let taken = start.elapsed();
    ensure!(answer.contains("\"tools\":["), "no tools/list: {}", answer.get(..200).unwrap_or(&answer));
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.process()))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_ascii_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
    };
    let tools = answer.matches("\"inputSchema\"").count();
    let detail = format!(
        "{tools} tools, {} KiB of tools/list, peak {:.1} MiB",
        answer.len() >> 10,
        field("VmHWM:") / 1024.0
    );
    let figures = Figures { p50: taken.as_secs_f64() * 1e6, memory: field("VmRSS:"), ..Figures::default() };
    Ok((figures, detail))
}

fn serve(programs: &Programs, document: &Path) -> Result<Gateway> {
    let document = document.to_string_lossy();
    let arguments = [&document, "--allow-writes", "--base-url", "https://api.example.com"];
    Gateway::start(&programs.toolgate, &arguments, &[]).context("toolgate with a large document")
}

fn github() -> (Option<PathBuf>, Vec<String>) {
    match corpus::document(GITHUB) {
        Ok(document) => (Some(document), Vec::new()),
        Err(error) => (None, vec![format!("GitHub's document was left out: {error:#}")]),
    }
}
