//! Figures of several rounds, their medians, and their ratios to what was measured beside them.

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What one run of `load` measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Good answers in a second.
    pub rate: f64,
    /// Median latency in microseconds.
    pub p50: f64,
    /// 99th percentile in microseconds.
    pub p99: f64,
    /// CPU time of the server for each call, in microseconds.
    pub cpu: f64,
    /// Its resident memory at the end, in KiB.
    pub memory: f64,
    /// Answers that were wrong.
    pub bad: f64,
}

/// One comparison: who was measured, and the rounds of each.
pub struct Table {
    /// What is compared.
    pub title: String,
    /// Each contender and its rounds.
    pub rows: Vec<(String, Vec<Figures>)>,
    /// The contenders to which the others are put in relation.
    pub against: Vec<&'static str>,
    /// What else there is to say: who could not be measured, and why.
    pub notes: Vec<String>,
}

impl Figures {
    /// Reads what `load` prints.
    pub fn read(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).with_context(|| text.to_owned())?;
        let field = |name: &str| value[name].as_f64().unwrap_or(0.0);
        Ok(Self {
            rate: field("rate"),
            p50: field("p50"),
            p99: field("p99"),
            cpu: field("cpu"),
            memory: field("memory"),
            bad: field("bad"),
        })
    }

    /// The median of each figure on its own; of wrong answers, the sum.
    fn median(rounds: &[Self]) -> Self {
        let of = |field: fn(&Self) -> f64| median(rounds.iter().map(field).collect());
        Self {
            rate: of(|figures| figures.rate),
            p50: of(|figures| figures.p50),
            p99: of(|figures| figures.p99),
            cpu: of(|figures| figures.cpu),
            memory: of(|figures| figures.memory),
            bad: rounds.iter().map(|figures| figures.bad).sum(),
        }
    }

    fn to_json(self) -> Value {
        let Self { rate, p50, p99, cpu, memory, bad } = self;
        json!({"rate": rate, "p50_us": p50, "p99_us": p99, "cpu_us": cpu, "memory_kib": memory, "bad": bad})
    }
}

impl Table {
    /// Prints medians, and below them the ratios of ours to what it is measured against.
    pub fn print(&self) {
        println!("\n{}", self.title);
        println!(
            "{:<24} {:>9} {:>10} {:>10} {:>9} {:>9}",
            "", "calls/s", "p50 µs", "p99 µs", "CPU µs", "MiB"
        );
        for (name, rounds) in &self.rows {
            let Figures { rate, p50, p99, cpu, memory, bad } = Figures::median(rounds);
            let mebibytes = memory / 1024.0;
            println!("{name:<24} {rate:>9.0} {p50:>10.1} {p99:>10.1} {cpu:>9.1} {mebibytes:>9.1}");
            if bad > 0.0 {
                println!("    {bad} ANSWERS WERE WRONG");
            }
        }
        let measured = self.rows.iter().filter(|(name, _)| name.starts_with("toolgate"));
        measured.for_each(|(name, rounds)| self.print_ratios(name, rounds));
        self.notes.iter().for_each(|note| println!("  {note}"));
    }

    fn print_ratios(&self, name: &str, own: &[Figures]) {
        for against in &self.against {
            let Some((_, other)) = self.rows.iter().find(|(other, _)| other == against) else { continue };
            let [rate, p50, p99, cpu] = ratios(own, other).map(|ratio| format!("{ratio:.2} ×"));
            let title = format!("{name} to {against}");
            println!("  {title:<32} calls/s {rate:>8}  p50 {p50:>8}  p99 {p99:>8}  CPU {cpu:>8}");
        }
    }

    /// Whether the CPU time of calls was measured.
    pub fn has_cpu(&self) -> bool {
        self.rows.iter().any(|(_, rounds)| Figures::median(rounds).cpu > 0.0)
    }

    /// The median CPU time of a call of each contender, in microseconds.
    pub fn cpu(&self) -> impl Iterator<Item = (&str, f64)> {
        self.rows.iter().map(|(name, rounds)| (name.as_str(), Figures::median(rounds).cpu))
    }

    /// The table as data.
    pub fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|(name, rounds)| {
            let each: Vec<Value> = rounds.iter().map(|figures| figures.to_json()).collect();
            json!({"name": name, "median": Figures::median(rounds).to_json(), "rounds": each})
        });
        json!({"title": self.title, "rows": rows.collect::<Vec<_>>(), "notes": self.notes})
    }
}

/// Of calls/s, p50, p99 and CPU: the median of the ratios of each round. Both were measured within seconds of each
/// other in a round, so that what else the machine did counts for both.
fn ratios(own: &[Figures], other: &[Figures]) -> [f64; 4] {
    let fields: [fn(&Figures) -> f64; 4] =
        [|figures| figures.rate, |figures| figures.p50, |figures| figures.p99, |figures| figures.cpu];
    fields.map(|field| median(own.iter().zip(other).map(|(own, other)| field(own) / field(other)).collect()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
