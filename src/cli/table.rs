//! A table of text for a terminal.

use std::fmt;
use std::ops::Range;

/// Lines of cells; the columns of `numbers` are aligned to the right.
pub(super) struct Table {
    lines: Vec<Line>,
    columns: usize,
    numbers: Range<usize>,
}

enum Line {
    Cells(Vec<String>),
    Heading(String),
}

impl Table {
    pub(super) fn new(header: &[&str], numbers: Range<usize>) -> Self {
        let mut table = Self { lines: Vec::new(), columns: header.len(), numbers };
        table.row(header);
        table
    }

    /// A line of cells. What a document said is shown without its control characters.
    pub(super) fn row(&mut self, cells: &[&str]) {
        self.lines.push(Line::Cells(cells.iter().map(|cell| printable(cell)).collect()));
    }

    /// A line between others.
    pub(super) fn heading(&mut self, text: &str) {
        self.lines.push(Line::Heading(printable(text)));
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.columns];
        for line in &self.lines {
            let Line::Cells(cells) = line else { continue };
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for line in &self.lines {
            let cells = match line {
                Line::Heading(text) => {
                    writeln!(f, "\n{text}")?;
                    continue;
                }
                Line::Cells(cells) => cells,
            };
            let mut written = String::new();
            for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                let gap = if index == 0 { "" } else { "  " };
                written.push_str(&match self.numbers.contains(&index) {
                    true => format!("{gap}{cell:>width$}"),
                    false => format!("{gap}{cell:<width$}"),
                });
            }
            writeln!(f, "{}", written.trim_end())?;
        }
        Ok(())
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["NAME", "SIZE"], 1..2);
        table.row(&["a\u{1b}[31m", "1"]);
        table.heading("next");
        table.row(&["longer name", "1,000"]);
        let lines: Vec<String> = table.to_string().lines().map(ToOwned::to_owned).collect();
        assert_eq!(
            lines,
            ["NAME          SIZE", "a\u{fffd}[31m           1", "", "next", "longer name  1,000"]
        );
    }
}
