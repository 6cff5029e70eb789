//! The list of an answer as a table: of Markdown for reading, or as CSV (RFC 4180).
//!
//! Columns are the names of the items' members, in the order in which they first occur. A value that is no scalar is
//! compact JSON. Nothing is changed in a cell but what the format needs: a text that begins with `=` stays one, and
//! whoever opens CSV with a spreadsheet has to know that.

use super::cut;
use crate::call::json as check;
use crate::express::json::{self, Kind};

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Markdown,
    Csv,
}

/// A table, or as much of it as there is room for.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) text: String,
    pub(super) shown: usize,
    pub(super) of: usize,
    /// Where its list is in the answer.
    pub(super) path: String,
    /// The members beside the list, as JSON.
    pub(super) beside: Option<String>,
}

/// Columns beyond these are left out: nobody reads a table of hundreds, and their names alone would fill it.
const COLUMNS: usize = 64;
/// The column of items that are no objects.
const VALUE: &str = "value";

/// The table of the list of an answer; of an answer without one, a table of one row. `text` is valid JSON.
pub(super) fn write(text: &str, style: Style, most: usize, items: Option<usize>) -> Table {
    let (path, list) = cut::list(text).unwrap_or_default();
    let rows: Vec<&str> = if list.is_empty() { vec![text] } else { json::items(list).collect() };
    let columns = columns(&rows);
    let mut out = String::new();
    let names: Vec<String> = columns.clone();
    out.push_str(&line(&names, style));
    if style == Style::Markdown {
        out.push_str(&line(&vec!["---".to_owned(); names.len()], style));
    }
    let mut shown = 0;
    for row in rows.iter().take(items.unwrap_or(usize::MAX)) {
        let line = line(&cells(row, &columns), style);
        if out.len() + line.len() > most {
            break;
        }
        out.push_str(&line);
        shown += 1;
    }
    out.truncate(out.floor_char_boundary(most));
    Table { text: out, shown, of: rows.len(), beside: beside(text, &path), path }
}

fn columns(rows: &[&str]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    let mut others = false;
    for row in rows {
        if json::kind(row) != Kind::Object {
            others = true;
            continue;
        }
        for (key, _) in json::members(row) {
            if columns.len() < COLUMNS && known.insert(key) {
                columns.push(json::text(key));
            }
        }
    }
    if others && !columns.iter().any(|column| column == VALUE) {
        columns.push(VALUE.to_owned());
    }
    columns
}

fn cells(row: &str, columns: &[String]) -> Vec<String> {
    if json::kind(row) != Kind::Object {
        return columns
            .iter()
            .map(|column| if column == VALUE { cell(row) } else { String::new() })
            .collect();
    }
    let members: Vec<(String, &str)> =
        json::members(row).map(|(key, value)| (json::text(key), value)).collect();
    let value =
        |column: &String| members.iter().rev().find(|(key, _)| key == column).map(|(_, value)| cell(value));
    columns.iter().map(|column| value(column).unwrap_or_default()).collect()
}

fn cell(value: &str) -> String {
    match json::kind(value) {
        Kind::String => json::text(value),
        Kind::Other if value == "null" => String::new(),
        Kind::Other => value.to_owned(),
        Kind::Array | Kind::Object => check::compact(value),
    }
}

fn line(cells: &[String], style: Style) -> String {
    match style {
        Style::Markdown => {
            let escaped = cells.iter().map(|cell| {
                let one_line = cell.replace("\r\n", "<br>").replace(['\n', '\r'], "<br>");
                one_line.replace('\\', "\\\\").replace('|', "\\|")
            });
            let cells: Vec<String> = escaped.collect();
            format!("| {} |\n", cells.join(" | "))
        }
        Style::Csv => {
            let quoted = cells.iter().map(|cell| {
                let needs_quotes = cell.contains([',', '"', '\r', '\n']) || cell.trim() != cell;
                if needs_quotes { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
            });
            // A line of one empty cell would be no line.
            let line = quoted.collect::<Vec<_>>().join(",");
            if line.is_empty() { "\"\"\r\n".to_owned() } else { format!("{line}\r\n") }
        }
    }
}

/// The members of the envelopes around the list, without the list.
fn beside(text: &str, path: &str) -> Option<String> {
    if path.is_empty() || json::kind(text) != Kind::Object {
        return None;
    }
    let (_, largest) = json::members(text).max_by_key(|(_, value)| value.len())?;
    let others = json::members(text).filter(|(_, value)| !std::ptr::eq(*value, largest));
    let members: Vec<String> = others.map(|(key, value)| format!("{key}:{value}")).collect();
    (!members.is_empty()).then(|| {
        let beside = format!("{{{}}}", members.join(","));
        // What is beside a list is a few numbers and links.
        cut::cut(&beside, 2048, None).map_or(beside, |cut| cut.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEMS: &str = r#"{"total":2,"items":[
        {"id":9007199254740993,"name":"a|b\\","note":"two\nlines"},
        {"id":2,"name":"say \"hi\", ä","tags":["x",1],"note":null}]}"#;

    #[test]
    fn a_table_of_markdown_has_a_row_for_each_item() {
        let table = write(ITEMS, Style::Markdown, 1000, None);
        assert_eq!(
            table.text,
            "| id | name | note | tags |\n| --- | --- | --- | --- |\n\
             | 9007199254740993 | a\\|b\\\\ | two<br>lines |  |\n| 2 | say \"hi\", ä |  | [\"x\",1] |\n"
        );
        assert_eq!((table.shown, table.of, table.path.as_str()), (2, 2, "items"));
        assert_eq!(table.beside.as_deref(), Some(r#"{"total":2}"#));
    }

    #[test]
    fn csv_is_read_back_as_it_was() {
        let table = write(ITEMS, Style::Csv, 1000, None);
        let mut reader = csv::Reader::from_reader(table.text.as_bytes());
        assert_eq!(reader.headers().unwrap(), &["id", "name", "note", "tags"][..]);
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(
            rows,
            [["9007199254740993", "a|b\\", "two\nlines", ""], ["2", "say \"hi\", ä", "", "[\"x\",1]"]]
        );
        assert!(table.text.lines().next().is_some_and(|line| line == "id,name,note,tags"));
        assert!(table.text.ends_with("\r\n"));
    }

    #[test]
    fn rows_that_find_no_room_are_counted() {
        let rows: Vec<String> = (0..100).map(|row| format!("{{\"id\":{row}}}")).collect();
        let table = write(&format!("[{}]", rows.join(",")), Style::Csv, 50, None);
        assert!(table.text.len() <= 50 && table.shown < table.of);
        assert_eq!(table.text.lines().count(), table.shown + 1);
        assert_eq!(write("[1,2,3]", Style::Csv, 100, Some(2)).text, "value\r\n1\r\n2\r\n");
        assert_eq!(write("[]", Style::Csv, 100, None).of, 0);
        assert_eq!(write("\"text\"", Style::Csv, 100, None).text, "value\r\ntext\r\n");
        assert_eq!(
            write(r#"{"a":1,"b":"x"}"#, Style::Markdown, 100, None).text,
            "| a | b |\n| --- | --- |\n| 1 | x |\n"
        );
    }
}
