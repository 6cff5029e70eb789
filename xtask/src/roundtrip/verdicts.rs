//! What became of requests, counted by reason.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

/// Verdicts in the order in which they are printed.
const ORDER: [&str; 5] = ["accepted", "unsaid", "unread", "unsent", "refused"];

/// What they mean.
const MEANING: [&str; 5] = [
    "the validator takes the request for one of the operation",
    "refused for a keyword that the schema shown to models has no word for",
    "the validator does not read this",
    "toolgate refused the arguments: the schema it compiles says more than the one it shows",
    "everything else",
];

/// Verdicts of many documents.
#[derive(Default)]
pub struct Verdicts {
    documents: usize,
    operations: usize,
    /// By verdict and by how the arguments were made.
    counts: BTreeMap<(String, String), usize>,
    /// By verdict and reason: where.
    reasons: BTreeMap<(String, String), Vec<String>>,
}

impl Verdicts {
    /// Adds what the reader said of a document: a line of JSON for each request.
    pub fn add(&mut self, document: &str, lines: &str) {
        self.documents += 1;
        let mut last = String::new();
        for line in lines.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            let operation = text("operation");
            self.operations += usize::from(operation != last);
            self.count(&text("verdict"), &text("kind"), &text("reason"), document, &operation);
            last = operation;
        }
    }

    /// Adds a document that the validator could not read at all.
    pub fn add_unread(&mut self, document: &str, requests: &Path, reason: &str) -> Result<()> {
        let requests = std::fs::read_to_string(requests)?;
        let reason = format!("the document: {}", reason.chars().take(60).collect::<String>());
        self.documents += 1;
        let mut last = String::new();
        for line in requests.lines() {
            let line: Value = serde_json::from_str(line)?;
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            let operation = text("operation");
            self.operations += usize::from(operation != last);
            self.count("unread", &text("kind"), &reason, document, &operation);
            last = operation;
        }
        Ok(())
    }

    fn count(&mut self, verdict: &str, kind: &str, reason: &str, document: &str, operation: &str) {
        *self.counts.entry((verdict.to_owned(), kind.to_owned())).or_default() += 1;
        if verdict != "accepted" {
            let at = format!("{operation} in {document}: {reason}");
            self.reasons.entry((verdict.to_owned(), alike(reason))).or_default().push(at);
        }
    }

    /// How many requests that a model could make of what it is shown were refused for no known reason. Those made of
    /// the document's own schemas are in the table, too; where a schema is deeper than toolgate reads it, they may be
    /// of a form that the document does not have.
    pub fn refused(&self) -> usize {
        let refused =
            self.counts.iter().filter(|((verdict, kind), _)| verdict == "refused" && kind != "document");
        refused.map(|(_, count)| count).sum()
    }

    /// Prints the counts, then every reason with examples.
    pub fn print(&self, examples: usize) {
        println!("{} documents, {} operations", self.documents, self.operations);
        println!("{:10} {:>9} {:>9} {:>9}", "", "required", "all", "document");
        for (verdict, meaning) in ORDER.into_iter().zip(MEANING) {
            let of = |kind: &str| {
                self.counts.get(&(verdict.to_owned(), kind.to_owned())).copied().unwrap_or_default()
            };
            let [required, all, document] = ["required", "all", "document"].map(of);
            println!("{verdict:10} {required:>9} {all:>9} {document:>9}  {meaning}");
        }
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|((verdict, _), places)| (verdict.clone(), usize::MAX - places.len()));
        for ((verdict, reason), places) in reasons {
            println!("{verdict} ×{}: {reason}", places.len());
            places.iter().take(examples).for_each(|place| println!("    {place}"));
        }
    }
}

/// A reason without names and numbers, so that those of one kind are counted together.
fn alike(reason: &str) -> String {
    let first = reason.split("; ").next().unwrap_or_default();
    let mut alike = String::new();
    let mut quote = None;
    for character in first.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => continue,
            None if matches!(character, '`' | '"') => {
                quote = Some(character);
                alike.push('…');
            }
            None if character.is_ascii_digit() => {
                if !alike.ends_with('N') {
                    alike.push('N');
                }
            }
            None => alike.push(character),
        }
    }
    let places = ["body", "query", "path", "header"];
    let is_place = |text: &str| places.iter().any(|place| text.starts_with(place));
    match alike.split_once(": ") {
        Some((place, rest)) if is_place(place) => {
            let kind = place.split('.').next().unwrap_or(place);
            let words = rest.split(' ').filter(|word| !place.ends_with(word)).collect::<Vec<_>>();
            format!("{kind}: {}", words.join(" ")).chars().take(120).collect()
        }
        _ => alike.chars().take(120).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_one_kind_are_counted_together() {
        let first = alike("query.day: Request query parameter day must match format \"date\"; and more");
        assert_eq!(first, alike("query.since: Request query parameter since must match format \"date\""));
        assert_eq!(alike("`a.b[3]` must have at most 10 items"), "… must have at most N items");
    }

    #[test]
    fn verdicts_are_counted_by_operation_and_kind() {
        let mut verdicts = Verdicts::default();
        let lines = r#"{"operation":"GET /a","kind":"required","verdict":"accepted","reason":""}
{"operation":"GET /a","kind":"all","verdict":"refused","reason":"no path"}
{"operation":"GET /b","kind":"required","verdict":"unread","reason":"a body of XML"}"#;
        verdicts.add("a.json", lines);
        assert_eq!((verdicts.documents, verdicts.operations, verdicts.refused()), (1, 2, 1));
    }
}
