//! One comparison: who was measured, medians, and their ratios to what was measured beside them.

use serde_json::{Value, json};

use super::figures::{Figures, Measure};

/// What calls are measured by.
pub const OF_CALLS: &[Measure] = &[Measure::Rate, Measure::P50, Measure::P99, Measure::Cpu, Measure::Memory];

/// One comparison.
#[derive(Default)]
pub struct Table {
    /// What the goals call it.
    pub name: String,
    /// What is compared.
    pub title: String,
    /// The columns that are shown.
    pub columns: &'static [Measure],
    /// Each contender and its rounds.
    pub rows: Vec<(String, Vec<Figures>)>,
    /// The contenders to which ours are put in relation.
    pub against: &'static [&'static str],
    /// What else there is to say: who could not be measured, and why.
    pub notes: Vec<String>,
}

impl Table {
    /// The rounds of a contender.
    pub fn row(&self, name: &str) -> Option<&[Figures]> {
        let (_, rounds) = self.rows.iter().find(|(own, rounds)| own == name && !rounds.is_empty())?;
        Some(rounds)
    }

    /// Prints medians, and below them the ratios of ours to what it is measured against.
    pub fn print(&self) {
        println!("\n{}", self.title);
        let headings = self.columns.iter().map(|column| format!(" {:>11}", column.heading()));
        println!("{:<28}{}", "", headings.collect::<String>());
        for (name, rounds) in &self.rows {
            let median = Figures::median(rounds);
            let shown = self.columns.iter().map(|column| column.shown(median.of_measure(*column)));
            println!("{name:<28}{}", shown.map(|figure| format!(" {figure:>11}")).collect::<String>());
            if median.of_measure(Measure::Bad) > 0.0 {
                println!("    {} ANSWERS WERE WRONG", median.of_measure(Measure::Bad));
            }
        }
        let ours = self.rows.iter().filter(|(name, _)| name.starts_with("toolgate"));
        ours.for_each(|(name, rounds)| self.print_ratios(name, rounds));
        self.notes.iter().for_each(|note| println!("  {note}"));
    }

    fn print_ratios(&self, name: &str, own: &[Figures]) {
        for against in self.against.iter().filter(|against| **against != name) {
            let Some(other) = self.row(against) else { continue };
            let ratios = self.columns.iter().map(|column| {
                let ratio = format!("{:.2} ×", Figures::ratio(own, other, *column));
                format!(" {ratio:>11}")
            });
            let [own, other] = [name, against].map(|name| name.strip_prefix("toolgate, ").unwrap_or(name));
            println!("{:<28}{}", format!("  {own} to {other}"), ratios.collect::<String>());
        }
    }

    /// Whether it compares the CPU time of calls to that of others.
    pub fn has_bars(&self) -> bool {
        self.columns.contains(&Measure::Cpu) && self.against.contains(&"ceiling")
    }

    /// The median CPU time of a call of each contender, in microseconds.
    pub fn cpu(&self) -> impl Iterator<Item = (&str, f64)> {
        self.rows
            .iter()
            .map(|(name, rounds)| (name.as_str(), Figures::median(rounds).of_measure(Measure::Cpu)))
    }

    /// The table as data.
    pub fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|(name, rounds)| {
            let each: Vec<Value> = rounds.iter().map(Figures::to_json).collect();
            json!({"name": name, "median": Figures::median(rounds).to_json(), "rounds": each})
        });
        let (name, title, notes) = (&self.name, &self.title, &self.notes);
        json!({"name": name, "title": title, "rows": rows.collect::<Vec<_>>(), "notes": notes})
    }
}
