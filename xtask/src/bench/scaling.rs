//! The profile that measures how cost grows: that of a start with the document, and that of a call with all else that is
//! served.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Run;
use super::document::{self, MOST, OF_STARTS};
use super::figures::Figures;
use super::profile::{self, Contender};
use super::programs::{Load, Server, work_folder};
use super::table::{OF_CALLS, Table};

/// As many operations as GitHub's document has.
const MANY: usize = 1_223;
/// How many gateways are served together.
const GATEWAYS: usize = 100;

/// Starts with documents of n, 2n, 4n and 8n operations; and calls of one tool among few and many.
pub fn scaling(run: &Run) -> Result<Vec<Table>> {
    Ok(vec![starts(run)?, calls(run)?])
}

fn starts(run: &Run) -> Result<Table> {
    let title = "start to the first tools/list, with documents of n to 8n operations";
    let mut rows: Vec<(String, Vec<Figures>)> = Vec::new();
    for times in [1, 2, 4, 8] {
        let name = format!("toolgate, n × {times}");
        let document = run.programs.document(MOST * times / 8)?;
        let mut rounds = Vec::new();
        for round in 1..=run.rounds {
            run.progress.tell(title, &format!("round {round} of {}, {name}", run.rounds));
            rounds.push(document::start(run, &document, &document::bare(&["--discover", "off"]))?);
        }
        rows.push((name, rounds));
    }
    let (name, title) = ("scaling-load".to_owned(), title.to_owned());
    let against = &["toolgate, n × 1"];
    Ok(Table { name, title, columns: OF_STARTS, rows, against, ..Table::default() })
}

fn calls(run: &Run) -> Result<Table> {
    let upstream = run.programs.upstream()?;
    let sources = [
        ("1 tool", of_document(run, &upstream, 1)?, "small"),
        ("1223 tools", of_document(run, &upstream, MANY)?, "small"),
        ("11422 tools", of_document(run, &upstream, MOST)?, "small"),
        ("100 gateways", many(&upstream)?, "bench0_small"),
    ];
    let mut gateways = Vec::new();
    for (name, source, tool) in &sources {
        gateways.push((format!("toolgate, {name}"), run.programs.gateway_with(source, &[])?, *tool));
    }
    let contenders: Vec<Contender<'_>> = gateways
        .iter()
        .map(|(name, gateway, tool)| {
            let load: Load = profile::steady(gateway, tool);
            profile::http(run, &upstream, name, load)
        })
        .collect();
    let title = "tools/call of a 1 KB GET beside other tools, 16 at once".to_owned();
    let table = profile::measure(run, "scaling-call", title, &contenders, 16)?;
    Ok(Table { columns: OF_CALLS, against: &["toolgate, 1 tool"], ..table })
}

/// A gateway file with so many operations, one of which the API answers.
fn of_document(run: &Run, upstream: &Server, operations: usize) -> Result<PathBuf> {
    let document = run.programs.document(operations)?;
    let path = work_folder("scaling")?.join(format!("{operations}.yaml"));
    let source = format!("openapi: {}\noperations: {{writes: allow}}\n", document.display());
    write(&path, "bench", upstream, &source)
}

/// A folder with many gateway files.
fn many(upstream: &Server) -> Result<PathBuf> {
    let folder = work_folder("scaling/many")?;
    let endpoint = "endpoints:\n  small:\n    description: Answers.\n    request: GET /items/{id}\n    parameters:\n      id: {in: path, type: string, description: Any number.}\n";
    for number in 0..GATEWAYS {
        let name = format!("bench{number}");
        write(&folder.join(format!("{name}.yaml")), &name, upstream, endpoint)?;
    }
    Ok(folder)
}

fn write(path: &Path, name: &str, upstream: &Server, source: &str) -> Result<PathBuf> {
    let head = format!("gateway: {name}\nbase_url: {}\n", upstream.url);
    let common = "credential: {bearer: \"${TOKEN}\"}\nheaders: {Accept: application/json}\n";
    std::fs::write(path, format!("{head}{common}{source}"))?;
    Ok(path.to_owned())
}
