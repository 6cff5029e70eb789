//! The CPU time of calls as a chart: a bar for each contender, in groups by what was called.

use std::fmt::Write as _;

use super::table::Table;

/// The bars of one table.
pub struct Group {
    title: String,
    /// Whose bar it is, and how many microseconds.
    bars: Vec<(String, f64)>,
}

const LINE: usize = 20;
const LEFT: usize = 150;
const WIDTH: f64 = 420.0;

impl Group {
    /// The contenders of a table.
    pub fn of(table: &Table) -> Self {
        let bars = table.cpu().filter(|(name, cpu)| *cpu > 0.0 && *name != "upstream alone");
        Self { title: table.title.clone(), bars: bars.map(|(name, cpu)| (name.to_owned(), cpu)).collect() }
    }
}

/// The chart. Each group has a scale of its own: a megabyte costs a hundred times what a kilobyte does.
pub fn svg(groups: &[Group]) -> String {
    let height = LINE * groups.iter().map(|group| group.bars.len() + 2).sum::<usize>();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let mut top = 0;
    for group in groups {
        push_text(&mut svg, 10, top + LINE, &format!("{}: CPU of the server per call", group.title));
        top += LINE;
        let most = group.bars.iter().map(|(_, cpu)| *cpu).fold(1.0, f64::max);
        for (name, cpu) in &group.bars {
            let color = if name.starts_with("toolgate") { "#2563eb" } else { "#9ca3af" };
            let (width, y) = (cpu / most * WIDTH, top + 6);
            push_text(&mut svg, 20, top + LINE, name);
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{color}\"/>",
                LINE - 5
            );
            let end = LEFT + 6 + width as usize;
            push_text(&mut svg, end, top + LINE, &format!("{cpu:.1} µs"));
            top += LINE;
        }
        top += LINE;
    }
    svg + "</svg>\n"
}

fn push_text(svg: &mut String, x: usize, y: usize, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{text}</text>");
}
