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
    /// Where it is.
    pub path: PathBuf,
    expected: Expected,
}

/// What a document should come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// It has this many operations.
    Operations(usize),
    /// It is broken, and that must be told with its place.
    Broken,
    /// Nobody has counted its operations.
    Unknown,
}

/// What became of a document.
pub struct Outcome {
    name: String,
    expected: Expected,
    tools: usize,
    /// Diagnostics by `severity code`.
    diagnostics: BTreeMap<String, usize>,
    /// Why operations are no tools, and how often that was told.
    reasons: BTreeMap<String, usize>,
    /// Errors of a broken document say where.
    placed: bool,
    list_bytes: usize,
    cost: Cost,
}

/// All documents in `folder` and in the archive of more, in the order of their names.
pub fn find(folder: &Path) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for index in ["FIXTURES.json", "open/INDEX.json"] {
        let index = folder.join(index);
        let records: Vec<Value> = match std::fs::read_to_string(&index) {
            Ok(text) => serde_json::from_str(&text)?,
            Err(_) => Vec::new(),
        };
        let files = index.parent().and_then(|folder| std::fs::read_dir(folder).ok());
        let mut paths: Vec<PathBuf> =
            files.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| *path != index && is_document(path));
        paths.sort();
        documents.extend(paths.into_iter().map(|path| Document::new(path, &records)));
    }
    Ok(documents)
}

fn is_document(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("json" | "yaml" | "yml"))
}

impl Document {
    fn new(path: PathBuf, records: &[Value]) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let record = records.iter().find(|record| {
            let named = [&record["file"], &record["id"]].map(|value| value.as_str().unwrap_or_default());
            named.iter().any(|named| named.trim_end_matches(".gz") == name)
        });
        let expected = match record {
            Some(record) if record["valid"] == false => Expected::Broken,
            Some(record) => record["operations"].as_u64().map_or(Expected::Unknown, |count| {
                Expected::Operations(usize::try_from(count).unwrap_or(usize::MAX))
            }),
            None => count(&path).map_or(Expected::Unknown, Expected::Operations),
        };
        Self { name, path, expected }
    }

    /// Makes tools of all of it, and asks for its problems.
    pub fn load(&self, program: &Path) -> Result<Outcome> {
        let path = self.path.to_string_lossy();
        let options = ["--format", "json", "--allow-writes", "--base-url", "https://api.example.com"];
        let (tools, cost) = measure::run(program, &[&["tools", &path], &options[..]].concat())?;
        let (check, check_cost) = measure::run(program, &[&["check", &path], &options[..]].concat())?;
        let list = tools.stdout.trim_ascii();
        let count = serde_json::from_slice::<Vec<Value>>(list).map_or(0, |tools| tools.len());
        let records: Vec<Value> = serde_json::from_slice(&check.stdout).unwrap_or_default();
        let (mut diagnostics, mut reasons) = (BTreeMap::new(), BTreeMap::new());
        for record in &records {
            let text = |key: &str| record[key].as_str().unwrap_or("?").to_owned();
            *diagnostics.entry(format!("{} {}", text("severity"), text("code"))).or_insert(0) += 1;
            if text("severity") == "error" {
                *reasons.entry(reason(&text("code"), &text("message"))).or_insert(0) += 1;
            }
        }
        Ok(Outcome {
            name: self.name.clone(),
            expected: self.expected,
            tools: count,
            diagnostics,
            reasons,
            placed: records.iter().any(|record| record["severity"] == "error" && record["line"].is_u64()),
            list_bytes: list.len(),
            cost: Cost { crashed: cost.crashed || check_cost.crashed, ..cost },
        })
    }
}

impl Outcome {
    /// The head of the table.
    pub const HEADER: &str = " ops  tools  lost     list KB  CPU s  peak MB  document: diagnostics";

    fn operations(&self) -> Option<usize> {
        match self.expected {
            Expected::Operations(count) => Some(count),
            Expected::Broken | Expected::Unknown => None,
        }
    }

    /// Operations that are no tool and have no diagnostic that says why. Of a text that is not well-formed, one
    /// diagnostic says it for all.
    fn lost(&self) -> usize {
        if self.placed && self.diagnostics.contains_key("error syntax") {
            return 0;
        }
        let refused = self.diagnostics.get("error unservable-operation").copied().unwrap_or(0);
        self.operations().unwrap_or(0).saturating_sub(self.tools + refused)
    }

    /// What is wrong with how it was treated, in a word.
    fn verdict(&self) -> &'static str {
        match self.expected {
            _ if self.cost.crashed => "CRASHED ",
            Expected::Broken if !self.placed => "BROKEN AND NOT TOLD WHERE ",
            Expected::Operations(_) if self.lost() > 0 => "LOST ",
            _ => "",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tools, list_bytes, cost, .. } = self;
        let operations = self.operations().map_or_else(|| "-".to_owned(), |count| count.to_string());
        let (lost, kilobytes) = (self.lost(), *list_bytes as f64 / 1024.0);
        write!(f, "{operations:>5} {tools:>5} {lost:>5} {kilobytes:>11.1} {:>6.2}", cost.seconds)?;
        write!(f, " {:>8.1}  {}{}:", cost.peak, self.verdict(), self.name)?;
        self.diagnostics.iter().try_for_each(|(kind, count)| write!(f, " {kind} ×{count}"))
    }
}

/// Prints what all documents together came to.
pub fn print_totals(outcomes: &[Outcome]) {
    let sum = |of: &dyn Fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    let operations = sum(&|outcome| outcome.operations().unwrap_or(0));
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
    let served = sum(&|outcome| outcome.operations().map_or(0, |operations| operations.min(outcome.tools)));
    println!("tools ÷ operations: {:.2} %", 100.0 * served as f64 / operations.max(1) as f64);
    println!("lost: {}", sum(&Outcome::lost));
    println!("treated badly: {}", sum(&|outcome| usize::from(!outcome.verdict().is_empty())));
    println!("bytes of tools/list: {}", sum(&|outcome| outcome.list_bytes));
    println!("CPU seconds: {seconds:.1}, highest peak: {peak:.1} MiB");
    diagnostics.iter().for_each(|(kind, count)| println!("  {kind} ×{count}"));
    let mut reasons: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for outcome in outcomes {
        for (reason, count) in &outcome.reasons {
            reasons.entry(reason).or_default().push((*count, &outcome.name));
        }
    }
    println!("why operations are no tools:");
    for (reason, documents) in reasons {
        let count: usize = documents.iter().map(|(count, _)| count).sum();
        let names: Vec<&str> = documents.iter().take(3).map(|(_, name)| *name).collect();
        println!("  {reason} ×{count}, in {} documents: {} …", documents.len(), names.join(", "));
    }
    print_slowest(outcomes);
}

fn print_slowest(outcomes: &[Outcome]) {
    let mut slowest: Vec<&Outcome> = outcomes.iter().collect();
    slowest.sort_by(|a, b| b.cost.seconds.total_cmp(&a.cost.seconds));
    println!("the slowest:");
    for outcome in slowest.iter().take(5) {
        println!("  {:.2} s, {:.1} MiB: {}", outcome.cost.seconds, outcome.cost.peak, outcome.name);
    }
}

/// What an error is about, without the names in it.
fn reason(code: &str, message: &str) -> String {
    let reason = message.rsplit_once("left out: ").map_or(message, |(_, reason)| reason);
    let parts = reason.split('"').enumerate().filter(|(index, _)| index % 2 == 0).map(|(_, part)| part);
    format!("{code}: {}", parts.collect::<Vec<_>>().join("…"))
}

/// The table as data.
pub fn to_json(outcomes: &[Outcome]) -> Value {
    let record = |outcome: &Outcome| {
        json!({
            "document": outcome.name,
            "operations": outcome.operations(),
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

/// The operations of a JSON document, counted without our own reader.
fn count(path: &Path) -> Option<usize> {
    const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
    let items = document["paths"].as_object()?.values().filter_map(Value::as_object);
    Some(items.flat_map(|item| item.keys()).filter(|key| METHODS.contains(&key.as_str())).count())
}
