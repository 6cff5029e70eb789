//! What is wanted, and whether it is there: each goal beside what was measured, as a table for people, as Markdown for
//! `docs/performance.md`, and as data.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::figures::{Figures, Measure, megabytes};
use super::table::Table;
use Figure::{Above, Growth, Median, Ratio};
use Limit::{Least, Most};
use Measure::{Bytes, BytesEach, Cpu, Memory, P50, P99, Peak, Rate, Start, StartCpu};
use Unit::{Kilobytes, Megabytes, Milliseconds, Times};

/// One row: what is wanted, of which figures.
pub struct Goal {
    what: &'static str,
    limit: Limit,
    unit: Unit,
    figures: &'static [Figure],
}

/// Where the limit is.
#[derive(Clone, Copy)]
enum Limit {
    Most(f64),
    Least(f64),
}

/// In what the limit and the figures are told. A megabyte has a million bytes.
#[derive(Clone, Copy)]
enum Unit {
    /// Of the contender that is named.
    Times(&'static str),
    Milliseconds,
    Megabytes,
    Kilobytes,
}

/// Where a figure comes from: tables by name, and their rows.
#[derive(Clone, Copy)]
enum Figure {
    /// A row of a table, to another one.
    Ratio(&'static str, &'static str, &'static str, Measure),
    /// A row of a table.
    Median(&'static str, &'static str, Measure),
    /// A row of a table, less the same row of another one.
    Above(&'static str, &'static str, &'static str, Measure),
    /// Of a table three rows, each twice as large as the one before: how the second growth relates to the first, for
    /// each of what there is more of.
    Growth(&'static str, [&'static str; 3], Measure),
}

/// A goal and what was measured of it.
pub struct Verdict {
    what: &'static str,
    limit: String,
    measured: Vec<f64>,
    shown: String,
    met: usize,
}

const DOUBLED: [&str; 3] = ["toolgate, n × 2", "toolgate, n × 4", "toolgate, n × 8"];

const OURS: &str = "toolgate";
const MODERN: &str = "toolgate modern";
const GITHUB: &str = "toolgate, GitHub";
const GRAPH: &str = "toolgate, like MS Graph";

const GOALS: &[Goal] = &[
    Goal {
        what: "CPU of a call, 2025-11-25 (1, 16, 64, 256 at once)",
        limit: Most(1.25),
        unit: Times("ceiling"),
        figures: &[
            Ratio("call-1", OURS, "ceiling", Cpu),
            Ratio("call-16", OURS, "ceiling", Cpu),
            Ratio("call-64", OURS, "ceiling", Cpu),
            Ratio("call-256", OURS, "ceiling", Cpu),
        ],
    },
    Goal {
        what: "CPU of a call, 2026-07-28 (1, 16, 64, 256)",
        limit: Most(1.25),
        unit: Times("ceiling"),
        figures: &[
            Ratio("call-1", MODERN, "ceiling", Cpu),
            Ratio("call-16", MODERN, "ceiling", Cpu),
            Ratio("call-64", MODERN, "ceiling", Cpu),
            Ratio("call-256", MODERN, "ceiling", Cpu),
        ],
    },
    Goal {
        what: "CPU of a call (1, 16, 64, 256)",
        limit: Most(2.0),
        unit: Times("nginx"),
        figures: &[
            Ratio("call-1", OURS, "nginx", Cpu),
            Ratio("call-16", OURS, "nginx", Cpu),
            Ratio("call-64", OURS, "nginx", Cpu),
            Ratio("call-256", OURS, "nginx", Cpu),
        ],
    },
    Goal {
        what: "calls/s (16, 64)",
        limit: Least(0.8),
        unit: Times("ceiling"),
        figures: &[Ratio("call-16", OURS, "ceiling", Rate), Ratio("call-64", OURS, "ceiling", Rate)],
    },
    Goal {
        what: "p50 of a call at one connection",
        limit: Most(1.25),
        unit: Times("nginx"),
        figures: &[Ratio("call-1", OURS, "nginx", P50)],
    },
    Goal {
        what: "p99 of a call at one connection",
        limit: Most(1.8),
        unit: Times("nginx"),
        figures: &[Ratio("call-1", OURS, "nginx", P99)],
    },
    Goal {
        what: "p99 of a call at 256",
        limit: Most(1.3),
        unit: Times("ceiling"),
        figures: &[Ratio("call-256", OURS, "ceiling", P99)],
    },
    Goal {
        what: "CPU of a cache hit (1, 16, 64)",
        limit: Most(1.3),
        unit: Times("ceiling"),
        figures: &[
            Ratio("cached-1", OURS, "ceiling", Cpu),
            Ratio("cached-16", OURS, "ceiling", Cpu),
            Ratio("cached-64", OURS, "ceiling", Cpu),
        ],
    },
    Goal {
        what: "cache hits/s (16, 64)",
        limit: Least(0.75),
        unit: Times("ceiling"),
        figures: &[Ratio("cached-16", OURS, "ceiling", Rate), Ratio("cached-64", OURS, "ceiling", Rate)],
    },
    Goal {
        what: "64 KB of text, of JSON, p50",
        limit: Most(1.2),
        unit: Times("ceiling"),
        figures: &[Ratio("lines-1", OURS, "ceiling", P50), Ratio("records-1", OURS, "ceiling", P50)],
    },
    Goal {
        what: "1 MB of text, p50",
        limit: Most(1.2),
        unit: Times("ceiling"),
        figures: &[Ratio("text-1", OURS, "ceiling", P50)],
    },
    Goal {
        what: "1 MB of JSON, as text and structured, p50 (1, 8)",
        limit: Most(1.2),
        unit: Times("ceiling"),
        figures: &[Ratio("large-1", OURS, "ceiling", P50), Ratio("large-8", OURS, "ceiling", P50)],
    },
    Goal {
        what: "1 MB of JSON, eight in flight: resident memory",
        limit: Most(30.0),
        unit: Megabytes,
        figures: &[Median("large-8", OURS, Memory)],
    },
    Goal {
        what: "stdio, calls/s (1, 16 in flight)",
        limit: Least(0.8),
        unit: Times("ceiling"),
        figures: &[Ratio("stdio-1", OURS, "ceiling", Rate), Ratio("stdio-16", OURS, "ceiling", Rate)],
    },
    Goal {
        what: "GitHub's document: start to the first tools/list",
        limit: Most(200.0),
        unit: Milliseconds,
        figures: &[Median("load", GITHUB, Start)],
    },
    Goal {
        what: "… resident memory after it",
        limit: Most(60.0),
        unit: Megabytes,
        figures: &[Median("load", GITHUB, Memory)],
    },
    Goal {
        what: "… the most there was",
        limit: Most(120.0),
        unit: Megabytes,
        figures: &[Median("load", GITHUB, Peak)],
    },
    Goal {
        what: "a document like Microsoft Graph's, 11,422 operations: start",
        limit: Most(1000.0),
        unit: Milliseconds,
        figures: &[Median("load", GRAPH, Start)],
    },
    Goal {
        what: "… the most memory there was",
        limit: Most(250.0),
        unit: Megabytes,
        figures: &[Median("load", GRAPH, Peak)],
    },
    Goal {
        what: "GitHub's tools/list, whole",
        limit: Most(1.5),
        unit: Megabytes,
        figures: &[Median("load", GITHUB, Bytes)],
    },
    Goal {
        what: "… in discovery mode",
        limit: Most(2.0),
        unit: Kilobytes,
        figures: &[Median("load", "toolgate, GitHub found", Bytes)],
    },
    Goal {
        what: "GitHub's tools/list, answers/s",
        limit: Least(0.5),
        unit: Times("a static file"),
        figures: &[Ratio("list", OURS, "static file", Rate)],
    },
    Goal {
        what: "an idle legacy session",
        limit: Most(8.0),
        unit: Kilobytes,
        figures: &[Median("sessions", "toolgate, legacy session", BytesEach)],
    },
    Goal {
        what: "an open subscriptions/listen",
        limit: Most(24.0),
        unit: Kilobytes,
        figures: &[Median("sessions", "toolgate, listening", BytesEach)],
    },
    Goal {
        what: "memory under 256 connections, above idle",
        limit: Most(40.0),
        unit: Megabytes,
        figures: &[Above("call-256", OURS, "call-rest", Memory)],
    },
    Goal {
        what: "CPU of a start for each further operation, up to 11,422",
        limit: Most(1.2),
        unit: Times("one further before"),
        figures: &[Growth("scaling-load", DOUBLED, StartCpu)],
    },
    Goal {
        what: "… the most memory",
        limit: Most(1.2),
        unit: Times("one further before"),
        figures: &[Growth("scaling-load", DOUBLED, Peak)],
    },
    Goal {
        what: "CPU of a call with 1,223 tools, 11,422 tools, 100 gateways",
        limit: Most(1.1),
        unit: Times("one tool"),
        figures: &[
            Ratio("scaling-call", "toolgate, 1223 tools", "toolgate, 1 tool", Cpu),
            Ratio("scaling-call", "toolgate, 11422 tools", "toolgate, 1 tool", Cpu),
            Ratio("scaling-call", "toolgate, 100 gateways", "toolgate, 1 tool", Cpu),
        ],
    },
    Goal {
        what: "release binary, stripped",
        limit: Most(25.0),
        unit: Megabytes,
        figures: &[Median("binary", OURS, Bytes)],
    },
    Goal {
        what: "start with no document",
        limit: Most(10.0),
        unit: Milliseconds,
        figures: &[Median("load", "toolgate, no document", Start)],
    },
];

/// What became of each goal.
pub fn verdicts(tables: &[Table]) -> Vec<Verdict> {
    GOALS.iter().map(|goal| goal.verdict(tables)).collect()
}

/// Prints each goal of which anything was measured, and how many are met.
pub fn print(verdicts: &[Verdict]) {
    let measured: Vec<&Verdict> = verdicts.iter().filter(|verdict| !verdict.measured.is_empty()).collect();
    if measured.is_empty() {
        return;
    }
    println!("\nwhat is wanted, and what was measured");
    for verdict in &measured {
        let Verdict { what, limit, shown, .. } = verdict;
        println!("{:<8} {what:<62} {limit:<28} {shown}", verdict.word());
    }
    let met = measured.iter().filter(|verdict| verdict.met == verdict.measured.len()).count();
    println!("{met} of {} met", measured.len());
}

/// The same as data.
pub fn to_json(verdicts: &[Verdict]) -> Value {
    let each = verdicts.iter().map(|verdict| {
        let Verdict { what, limit, measured, .. } = verdict;
        json!({"what": what, "goal": limit, "measured": measured, "verdict": verdict.word()})
    });
    each.collect()
}

/// Writes the table as Markdown into a file: between the two markers where it has them, else all that there is.
pub fn write(path: &Path, heading: &str, verdicts: &[Verdict]) -> Result<()> {
    const MARKERS: [&str; 2] = ["<!-- goals: cargo xtask bench --goals -->", "<!-- end of goals -->"];
    let [begin, end] = MARKERS;
    let rows: String = verdicts
        .iter()
        .map(|verdict| {
            let Verdict { what, limit, shown, .. } = verdict;
            format!("| {what} | {limit} | {shown} | {} |\n", verdict.word())
        })
        .collect();
    let table = format!("\n{heading}\n\n| what | goal | measured | |\n|---|---|---|---|\n{rows}\n");
    let before = std::fs::read_to_string(path).unwrap_or_default();
    let parts = before.split_once(begin).and_then(|(head, rest)| Some((head, rest.split_once(end)?.1)));
    let (head, tail) = parts.unwrap_or(("", "\n"));
    std::fs::write(path, format!("{head}{begin}{table}{end}{tail}"))
        .with_context(|| path.display().to_string())
}

impl Goal {
    fn verdict(&self, tables: &[Table]) -> Verdict {
        let raw = self.figures.iter().filter_map(|figure| figure.look_up(tables));
        let measured: Vec<f64> = raw.map(|figure| self.unit.of(figure)).collect();
        let met = measured.iter().filter(|figure| self.limit.holds(**figure)).count();
        let numbers: Vec<String> = measured.iter().map(|figure| self.unit.number(*figure)).collect();
        let (sign, limit) = match self.limit {
            Most(limit) => ("≤", limit),
            Least(limit) => ("≥", limit),
        };
        let shown = match &*numbers {
            [] => String::new(),
            numbers => format!("{} {}", numbers.join(", "), self.unit.symbol()),
        };
        let limit = format!("{sign} {limit} {}", self.unit.name());
        Verdict { what: self.what, limit, measured, shown, met }
    }
}

impl Verdict {
    fn word(&self) -> String {
        match (self.met, self.measured.len()) {
            (_, 0) => "not measured".to_owned(),
            (met, all) if met == all => "met".to_owned(),
            (0, _) => "missed".to_owned(),
            (met, all) => format!("{met} of {all}"),
        }
    }
}

impl Limit {
    fn holds(self, figure: f64) -> bool {
        match self {
            Most(limit) => figure <= limit,
            Least(limit) => figure >= limit,
        }
    }
}

/// A figure and what it measures; a ratio measures nothing.
type Raw = (f64, Option<Measure>);

impl Figure {
    fn look_up(self, tables: &[Table]) -> Option<Raw> {
        let rounds = |table: &str, row: &str| tables.iter().find(|own| own.name == table)?.row(row);
        let median =
            |table: &str, row: &str, measure| Some(Figures::median(rounds(table, row)?).of_measure(measure));
        Some(match self {
            Ratio(table, row, to, measure) => {
                (Figures::ratio(rounds(table, row)?, rounds(table, to)?, measure), None)
            }
            Median(table, row, measure) => (median(table, row, measure)?, Some(measure)),
            Above(table, row, less, measure) => {
                (median(table, row, measure)? - median(less, row, measure)?, Some(measure))
            }
            Growth(table, [first, second, third], measure) => {
                let [first, second, third] = [first, second, third].map(|row| median(table, row, measure));
                // The second step has twice as many more as the first.
                ((third? - second?) / (second? - first?) / 2.0, None)
            }
        })
    }
}

impl Unit {
    fn of(self, (figure, measure): Raw) -> f64 {
        match (self, measure) {
            (Megabytes, Some(Memory | Peak)) => megabytes(figure),
            (Megabytes, _) => figure / 1e6,
            (Kilobytes, _) => figure / 1e3,
            (Times(_) | Milliseconds, _) => figure,
        }
    }

    fn number(self, figure: f64) -> String {
        match self {
            Times(_) => format!("{figure:.2}"),
            Milliseconds | Megabytes | Kilobytes => format!("{figure:.1}"),
        }
    }

    fn symbol(self) -> &'static str {
        match self {
            Times(_) => "×",
            Milliseconds => "ms",
            Megabytes => "MB",
            Kilobytes => "KB",
        }
    }

    fn name(self) -> String {
        match self {
            Times(whose) => format!("× {whose}"),
            _ => self.symbol().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
