//! The profiles that measure starts: how long until a document is served and what it takes, and how fast it is listed.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::figures::{Figures, Measure};
use super::programs::Load;
use super::table::{OF_CALLS, Table};
use super::{Run, process, profile};
use crate::corpus;
use crate::program::{self, Gateway};

/// GitHub's own document: the yardstick.
const GITHUB: &str = "octokit__generated_api.github.com.json";
/// As many operations as the largest document that there is, Microsoft Graph's.
pub const MOST: usize = 11_422;

const LIST: &str = r#"{"jsonrpc":"2.0","id":{id},"method":"tools/list","params":{}}"#;

/// What is measured of a start.
pub const OF_STARTS: &[Measure] = &[
    Measure::Tools,
    Measure::Bytes,
    Measure::Start,
    Measure::StartCpu,
    Measure::CpuEach,
    Measure::Memory,
    Measure::Peak,
];

/// From the start of the program to the end of its first answer to tools/list: with no document, with the largest ones,
/// whole and in discovery mode; and the size of the program.
pub fn load(run: &Run) -> Result<Vec<Table>> {
    let upstream = run.programs.upstream()?;
    let (github, notes) = github();
    let mut starts = vec![
        ("toolgate, no document", run.programs.gateway_file(&upstream)?, vec![]),
        ("toolgate, like MS Graph", run.programs.document(MOST)?, bare(&["--discover", "off"])),
    ];
    if let Some(github) = github {
        starts.push(("toolgate, GitHub", github.clone(), bare(&["--discover", "off"])));
        starts.push(("toolgate, GitHub found", github, bare(&["--discover", "on"])));
    }
    let title = "from start to the end of the first tools/list";
    let mut table =
        Table { name: "load".into(), title: title.into(), columns: OF_STARTS, notes, ..Table::default() };
    for (name, document, arguments) in starts {
        let mut rounds = Vec::new();
        for round in 1..=run.rounds {
            run.progress.tell(title, &format!("round {round} of {}, {name}", run.rounds));
            rounds.push(start(run, &document, &arguments)?);
        }
        table.rows.push((name.to_owned(), rounds));
    }
    Ok(vec![table, size_of_program(run)?])
}

/// tools/list of GitHub's document beside a static file of the same size.
pub fn list(run: &Run) -> Result<Vec<Table>> {
    let (Some(document), _) = github() else {
        return Ok(vec![Table { title: "tools/list".into(), notes: github().1, ..Table::default() }]);
    };
    let upstream = run.programs.upstream()?;
    let gateway = run.programs.gateway_with(&document, &bare(&["--discover", "off"]))?;
    let length = program::post(&gateway.url, &LIST.replace("{id}", "1"))?.len();
    let process = upstream.process();
    let file = Load { url: format!("{}/file/{length}", upstream.url), process, ..Load::default() };
    let contenders = [
        profile::http(run, &upstream, "static file", file),
        profile::http(run, &upstream, "toolgate", list_at(&gateway)),
    ];
    let title = format!("tools/list of GitHub's document, {length} bytes, 4 at once");
    let table = profile::measure(run, "list", title, &contenders, 4)?;
    Ok(vec![Table { against: &["static file"], columns: OF_CALLS, ..table }])
}

/// tools/list, again and again.
pub fn list_at(gateway: &Gateway) -> Load {
    Load {
        url: gateway.url.clone(),
        body: Some(LIST.to_owned()),
        headers: program::HEADERS.map(str::to_owned).to_vec(),
        expect: "\"tools\":[".to_owned(),
        process: gateway.process(),
        ..Load::default()
    }
}

/// What serving a document without a gateway file takes.
pub fn bare(more: &[&'static str]) -> Vec<&'static str> {
    [&["--allow-writes", "--base-url", "https://api.example.com"], more].concat()
}

/// One start, to the end of the first answer to tools/list, and to the end of the program.
pub fn start(run: &Run, source: &std::path::Path, arguments: &[&str]) -> Result<Figures> {
    let source = source.to_string_lossy();
    let arguments = [&[&*source], arguments].concat();
    let before = process::ended_children()?;
    let begin = Instant::now();
    let gateway = Gateway::start(&run.programs.toolgate, &arguments, &[("TOKEN", "secret".to_owned())])
        .with_context(|| format!("toolgate with {source}"))?;
    let answer = program::post(&gateway.url, &LIST.replace("{id}", "1"))?;
    let taken = begin.elapsed();
    ensure!(answer.contains("\"tools\":["), "no tools/list: {}", answer.get(..200).unwrap_or(&answer));
    let (memory, peak) = (process::memory(gateway.process())?, process::peak(gateway.process())?);
    drop(gateway);
    let cpu = process::ended_children()? - before;
    let tools = answer.matches("\"inputSchema\":").count() as f64;
    Ok(Figures::of([
        (Measure::Tools, tools),
        (Measure::Bytes, answer.len() as f64),
        (Measure::Start, taken.as_secs_f64() * 1e3),
        (Measure::StartCpu, cpu),
        (Measure::CpuEach, cpu * 1e3 / tools),
        (Measure::Memory, memory),
        (Measure::Peak, peak),
    ]))
}

fn size_of_program(run: &Run) -> Result<Table> {
    let bytes = std::fs::metadata(&run.programs.toolgate)?.len();
    let rows = vec![("toolgate".to_owned(), vec![Figures::of([(Measure::Bytes, bytes as f64)])])];
    let title = "the program, stripped".to_owned();
    Ok(Table { name: "binary".into(), title, columns: &[Measure::Bytes], rows, ..Table::default() })
}

fn github() -> (Option<PathBuf>, Vec<String>) {
    match corpus::document(GITHUB) {
        Ok(document) => (Some(document), Vec::new()),
        Err(error) => (None, vec![format!("GitHub's document was left out: {error:#}")]),
    }
}
