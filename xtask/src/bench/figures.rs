//! What is measured, in which unit, and what several rounds of it come to.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Good answers in a second.
    Rate,
    /// Median latency in microseconds.
    P50,
    /// 99th percentile in microseconds.
    P99,
    /// CPU time of the server for each call, in microseconds.
    Cpu,
    /// From the start of the program to its first answer, in milliseconds.
    Start,
    /// CPU time of that, in milliseconds.
    StartCpu,
    /// Resident memory at the end, in KiB.
    Memory,
    /// The most resident memory that there ever was, in KiB.
    Peak,
    /// How many tools there are.
    Tools,
    /// CPU time of the start for each tool, in microseconds.
    CpuEach,
    /// Bytes of an answer or a file.
    Bytes,
    /// Memory in bytes for each of what there are many of.
    BytesEach,
    /// Answers that were wrong.
    Bad,
}

/// What one measurement came to.
#[derive(Clone, Debug, Default)]
pub struct Figures(BTreeMap<Measure, f64>);

impl Measure {
    /// What `load` calls what it measures.
    const OF_LOAD: [(Self, &'static str); 7] = [
        (Self::Rate, "rate"),
        (Self::P50, "p50"),
        (Self::P99, "p99"),
        (Self::Cpu, "cpu"),
        (Self::Memory, "memory"),
        (Self::Peak, "peak"),
        (Self::Bad, "bad"),
    ];

    /// The head of its column, with the unit.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Rate => "calls/s",
            Self::P50 => "p50 µs",
            Self::P99 => "p99 µs",
            Self::Cpu => "CPU µs",
            Self::Start => "start ms",
            Self::StartCpu => "its CPU ms",
            Self::Memory => "MB",
            Self::Peak => "peak MB",
            Self::Tools => "tools",
            Self::CpuEach => "CPU µs each",
            Self::Bytes => "bytes",
            Self::BytesEach => "bytes each",
            Self::Bad => "wrong",
        }
    }

    /// Its name in JSON.
    fn key(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::P50 => "p50_us",
            Self::P99 => "p99_us",
            Self::Cpu => "cpu_us",
            Self::Start => "start_ms",
            Self::StartCpu => "start_cpu_ms",
            Self::Memory => "memory_kib",
            Self::Peak => "peak_kib",
            Self::Tools => "tools",
            Self::CpuEach => "cpu_us_each",
            Self::Bytes => "bytes",
            Self::BytesEach => "bytes_each",
            Self::Bad => "bad",
        }
    }

    /// A figure as people read it, in the unit of the heading.
    pub fn shown(self, figure: f64) -> String {
        match self {
            Self::Memory | Self::Peak => format!("{:.1}", megabytes(figure)),
            Self::P50 | Self::P99 | Self::Cpu | Self::Start | Self::StartCpu | Self::CpuEach => {
                format!("{figure:.1}")
            }
            Self::Rate | Self::Tools | Self::Bytes | Self::BytesEach | Self::Bad => format!("{figure:.0}"),
        }
    }
}

impl Figures {
    /// These.
    pub fn of<const COUNT: usize>(figures: [(Measure, f64); COUNT]) -> Self {
        Self(figures.into())
    }

    /// Reads what `load` prints.
    pub fn read(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).with_context(|| text.to_owned())?;
        let figures = Measure::OF_LOAD.map(|(measure, name)| (measure, value[name].as_f64().unwrap_or(0.0)));
        Ok(Self::of(figures))
    }

    /// One of them; 0 where it was not measured.
    pub fn of_measure(&self, measure: Measure) -> f64 {
        self.0.get(&measure).copied().unwrap_or(0.0)
    }

    /// Each by its name.
    pub fn to_json(&self) -> Value {
        self.0.iter().map(|(measure, figure)| (measure.key().to_owned(), json!(figure))).collect()
    }

    /// The median of each on its own; of wrong answers, the sum.
    pub fn median(rounds: &[Self]) -> Self {
        let measures = rounds.first().into_iter().flat_map(|figures| figures.0.keys().copied());
        let figures = measures.map(|measure| {
            let all = rounds.iter().map(|figures| figures.of_measure(measure));
            (measure, if measure == Measure::Bad { all.sum() } else { median(all.collect()) })
        });
        Self(figures.collect())
    }

    /// The median of the ratios of each round. Both were measured within seconds of each other in a round, so that what
    /// else the machine did counts for both.
    pub fn ratio(own: &[Self], other: &[Self], measure: Measure) -> f64 {
        let pairs = own.iter().zip(other);
        median(pairs.map(|(own, other)| own.of_measure(measure) / other.of_measure(measure)).collect())
    }
}

/// KiB as megabytes of a million bytes.
pub fn megabytes(kibibytes: f64) -> f64 {
    kibibytes * 1024.0 / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.saturating_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => (below + above) / 2.0,
        (_, Some(value)) => *value,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(rates: &[f64]) -> Vec<Figures> {
        rates.iter().map(|rate| Figures::of([(Measure::Rate, *rate), (Measure::Bad, 1.0)])).collect()
    }

    #[test]
    fn the_median_is_in_the_middle_and_wrong_answers_add_up() {
        let median = Figures::median(&rates(&[9.0, 1.0, 2.0]));
        assert_eq!((median.of_measure(Measure::Rate), median.of_measure(Measure::Bad)), (2.0, 3.0));
        assert_eq!(Figures::median(&rates(&[4.0, 1.0, 2.0, 9.0])).of_measure(Measure::Rate), 3.0);
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        let ratio = Figures::ratio(&rates(&[10.0, 40.0, 6.0]), &rates(&[5.0, 10.0, 3.0]), Measure::Rate);
        assert_eq!(ratio, 2.0);
    }
}
