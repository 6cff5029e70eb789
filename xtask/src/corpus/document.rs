//! One document of the corpus, and what became of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::measure::{self, Cost};

/// A document and what is known about it.
pub struct Document {
    /// Its file name.
    pub name: String,
    path: PathBuf,
    /// How many operations it has; `None` when it is broken.
    operations: Option<usize>,
}

/// What became of a document.
pub struct Outcome {
    name: String,
    operations: Option<usize>,
    tools: usize,
    /// Diagnostics by `severity code`.
    diagnostics: BTreeMap<String, usize>,
    /// Errors of a broken document say where.
    placed: bool,
    list_bytes: usize,
    cost: Cost,
}

/// All documents that the lists in `folder` name.
pub fn find(folder: &Path) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for index in ["FIXTURES.json", "open/INDEX.json"] {
        let path = folder.join(index);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let records: Vec<Value> = serde_json::from_str(&text)?;
        documents.extend(records.iter().filter_map(|record| document(&path, record)));
    }
    Ok(documents)
}

fn document(index: &Path, record: &Value) -> Option<Document> {
    let name = record["file"].as_str().or(record["id"].as_str())?;
    let path = index.with_file_name(name.trim_end_matches(".gz"));
    let operations = record["operations"].as_u64().and_then(|count| usize::try_from(count).ok());
    path.is_file().then(|| Document { name: name.to_owned(), path, operations })
}

impl Document {
    /// Makes tools of all of it, and asks for its problems.
    pub fn load(&self, program: &Path) -> Result<Outcome> {
        let path = self.path.to_string_lossy();
        let options = ["--format", "json", "--allow-writes", "--base-url", "https://api.example.com"];
        let (tools, cost) = measure::run(program, &[&["tools", &path], &options[..]].concat())?;
        let (check, check_cost) = measure::run(program, &[&["check", &path], &options[..]].concat())?;
        let list = tools.stdout.trim_ascii();
        let count = serde_json::from_slice::<Vec<Value>>(list).map_or(0, |tools| tools.len());
        let records: Vec<Value> = serde_json::from_slice(&check.stdout).unwrap_or_default();
        let mut diagnostics = BTreeMap::new();
        for record in &records {
            let text = |key: &str| record[key].as_str().unwrap_or("?").to_owned();
            *diagnostics.entry(format!("{} {}", text("severity"), text("code"))).or_insert(0) += 1;
        }
        Ok(Outcome {
            name: self.name.clone(),
            operations: self.operations,
            tools: count,
            diagnostics,
            placed: records.iter().any(|record| record["severity"] == "error" && record["line"].is_u64()),
            list_bytes: list.len(),
            cost: Cost { crashed: cost.crashed || check_cost.crashed, ..cost },
        })
    }
}

impl Outcome {
    /// The head of the table.
    pub const HEADER: &str = " ops  tools  lost     list KB  CPU s  peak MB  document: diagnostics";

    /// Operations that are no tool and have no diagnostic that says why.
    fn lost(&self) -> usize {
        let refused = self.diagnostics.get("error unservable-operation").copied().unwrap_or(0);
        self.operations.unwrap_or(0).saturating_sub(self.tools + refused)
    }

    /// What is wrong with how it was treated, in a word.
    fn verdict(&self) -> &'static str {
        match self.operations {
            _ if self.cost.crashed => "CRASHED ",
            None if !self.placed => "BROKEN AND NOT TOLD WHERE ",
            Some(_) if self.lost() > 0 => "LOST ",
            _ => "",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tools, list_bytes, cost, .. } = self;
        let operations = self.operations.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let (lost, kilobytes) = (self.lost(), *list_bytes as f64 / 1024.0);
        write!(f, "{operations:>5} {tools:>5} {lost:>5} {kilobytes:>11.1} {:>6.2}", cost.seconds)?;
        write!(f, " {:>8.1}  {}{}:", cost.peak, self.verdict(), self.name)?;
        self.diagnostics.iter().try_for_each(|(kind, count)| write!(f, " {kind} ×{count}"))
    }
}

/// Prints what all documents together came to.
pub fn print_totals(outcomes: &[Outcome]) {
    let sum = |of: &dyn Fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    let operations = sum(&|outcome| outcome.operations.unwrap_or(0));
    let seconds: f64 = outcomes.iter().map(|outcome| outcome.cost.seconds).sum();
    let peak = outcomes.iter().map(|outcome| outcome.cost.peak).fold(0.0, f64::max);
    let mut diagnostics = BTreeMap::new();
    for (kind, count) in outcomes.iter().flat_map(|outcome| &outcome.diagnostics) {
        *diagnostics.entry(kind).or_insert(0) += count;
    }
    println!(
        "\n{} documents, {operations} operations, {} tools",
        outcomes.len(),
        sum(&|outcome| outcome.tools)
    );
    println!("lost: {}", sum(&Outcome::lost));
    println!("treated badly: {}", sum(&|outcome| usize::from(!outcome.verdict().is_empty())));
    println!("bytes of tools/list: {}", sum(&|outcome| outcome.list_bytes));
    println!("CPU seconds: {seconds:.1}, highest peak: {peak:.1} MiB");
    diagnostics.iter().for_each(|(kind, count)| println!("  {kind} ×{count}"));
}

/// The table as data.
pub fn to_json(outcomes: &[Outcome]) -> Value {
    let record = |outcome: &Outcome| {
        json!({
            "document": outcome.name,
            "operations": outcome.operations,
            "tools": outcome.tools,
            "lost": outcome.lost(),
            "verdict": outcome.verdict().trim_end(),
            "list_bytes": outcome.list_bytes,
            "cpu_seconds": outcome.cost.seconds,
            "peak_mib": outcome.cost.peak,
            "diagnostics": outcome.diagnostics,
        })
    };
    outcomes.iter().map(record).collect()
}
