//! What is different between two catalogs: what clients are told that it changed, and what the log says of it.
//!
//! A description is what a model acts on, so a server that changes one after it was approved is a known attack. Whoever
//! runs this gateway therefore sees in the log what a description was and what it is.

use std::fmt;

use rustc_hash::FxHashMap;
use serde_json::Value;

pub use super::offer::OfferChanges;
use super::{Catalog, Tool};

/// What a reload changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Tool by tool: those of the new catalog in its order, then those that are gone.
    pub tools: Vec<Change>,
    /// Something else of what tools/list shows is different: their order, or how tools are found.
    pub listed_otherwise: bool,
    /// What is offered beside tools.
    pub offers: OfferChanges,
}

/// What became of one tool.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub tool: Box<str>,
    /// What became of it.
    pub what: What,
}

/// What became of a tool.
#[derive(Debug, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Clients see another description.
    Described {
        /// What it was, cut.
        before: String,
        /// What it is, cut.
        now: String,
    },
    /// Clients see something else that is new: the names of the keys of tools/list.
    Shown(Vec<String>),
    /// Clients see the same, and calls go elsewhere, or with other credentials.
    Called(&'static str),
}

impl Changes {
    /// From `before` to `now`.
    #[must_use]
    pub fn between(before: &Catalog, now: &Catalog) -> Self {
        let mut gone: FxHashMap<&str, &Tool> =
            before.tools().iter().map(|tool| (&*tool.name, tool)).collect();
        let mut tools = Vec::new();
        for tool in now.tools() {
            match gone.remove(&*tool.name) {
                Some(former) => tools.extend(differences(former, tool)),
                None => tools.push(Change { tool: tool.name.clone(), what: What::Added }),
            }
        }
        let removed = before.tools().iter().filter(|tool| gone.contains_key(&*tool.name));
        tools.extend(removed.map(|tool| Change { tool: tool.name.clone(), what: What::Removed }));
        let is_shown_alike = before.views().len() == now.views().len()
            && before.views().iter().zip(now.views()).all(|(one, other)| {
                one.name == other.name
                    && before.list(one, super::Profile::Portable) == now.list(other, super::Profile::Portable)
            });
        Self { tools, listed_otherwise: !is_shown_alike, offers: OfferChanges::between(before, now) }
    }

    /// Whether nothing is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty() && !self.listed_otherwise && self.offers.is_empty()
    }

    /// Whether tools/list answers something else now.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.listed_otherwise || self.tools.iter().any(|change| !matches!(change.what, What::Called(_)))
    }

    /// `2 added, 1 changed, 1 removed`
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |is: fn(&What) -> bool| self.tools.iter().filter(|change| is(&change.what)).count();
        let (added, removed) = (count(|what| *what == What::Added), count(|what| *what == What::Removed));
        let counts =
            [(added, "added"), (self.tools.len() - added - removed, "changed"), (removed, "removed")];
        let told: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .chain(self.offers.words())
            .collect();
        if told.is_empty() { "nothing changed".to_owned() } else { told.join(", ") }
    }
}

const DESCRIPTION: &str = "description";

/// What is different about a tool.
fn differences(before: &Tool, now: &Tool) -> Vec<Change> {
    let change = |what| Change { tool: now.name.clone(), what };
    let mut changes: Vec<Change> = shown(before, now).into_iter().map(change).collect();
    changes.extend(called(before, now).map(|what| change(What::Called(what))));
    changes
}

fn shown(before: &Tool, now: &Tool) -> Vec<What> {
    if before.face == now.face {
        return Vec::new();
    }
    let face = |tool: &Tool| serde_json::from_str::<Value>(&tool.face).unwrap_or_default();
    let (before, now) = (face(before), face(now));
    let mut what = Vec::new();
    if before.get(DESCRIPTION) != now.get(DESCRIPTION) {
        let text = |face: &Value| cut(face.get(DESCRIPTION).and_then(Value::as_str).unwrap_or_default());
        what.push(What::Described { before: text(&before), now: text(&now) });
    }
    let names = [&before, &now].into_iter().filter_map(Value::as_object).flat_map(|face| face.keys());
    let mut keys: Vec<String> =
        names.filter(|key| *key != DESCRIPTION && before.get(key) != now.get(key)).cloned().collect();
    keys.sort();
    keys.dedup();
    what.extend((!keys.is_empty()).then_some(What::Shown(keys)));
    what
}

/// What of a call is different although nobody sees it.
fn called<'a>(before: &'a Tool, now: &'a Tool) -> impl Iterator<Item = &'static str> {
    let (before, now) = (&before.plan, &now.plan);
    let names = |tool: &super::CallPlan| -> Vec<String> {
        tool.credentials.keepers().iter().map(|keeper| keeper.name().to_owned()).collect()
    };
    let asked = |tool: &super::CallPlan| tool.ask.as_ref().map(|ask| ask.fingerprint);
    [
        (before.request.base != now.request.base, "server"),
        (before.signature != now.signature, "request"),
        (names(before) != names(now), "credential"),
        (asked(before) != asked(now), "question to its callers"),
    ]
    .into_iter()
    .filter_map(|(is_different, what)| is_different.then_some(what))
}

/// The beginning of a text, on one line.
fn cut(text: &str) -> String {
    const LENGTH: usize = 200;
    let line: String = text
        .chars()
        .take(LENGTH)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    if line.len() < text.len() { format!("{line}…") } else { line }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = &self.tool;
        match &self.what {
            What::Added => write!(f, "{tool} was added"),
            What::Removed => write!(f, "{tool} was removed"),
            What::Described { before, now } => {
                write!(f, "{tool} is described otherwise: {before:?} is now {now:?}")
            }
            What::Shown(keys) => write!(f, "{tool} has another {}", keys.join(", another ")),
            What::Called(what) => write!(f, "{tool} has another {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::openapi::Operation;

    fn operation(id: &str, description: &str) -> Operation {
        Operation {
            id: Some(id.to_owned()),
            description: Some(description.to_owned()),
            ..fixture::operation("GET", &format!("/{id}"))
        }
    }

    fn told(before: Vec<Operation>, now: Vec<Operation>) -> (Vec<String>, String) {
        let (before, now) = (fixture::catalog(before).0, fixture::catalog(now).0);
        let changes = Changes::between(&before, &now);
        assert_eq!(changes.is_empty(), changes.summary() == "nothing changed");
        (changes.tools.iter().map(ToString::to_string).collect(), changes.summary())
    }

    #[test]
    fn what_stays_is_not_told() {
        let operations = || vec![operation("a", "one"), operation("b", "two")];
        assert_eq!(told(operations(), operations()), (vec![], "nothing changed".to_owned()));
    }

    #[test]
    fn tools_come_go_and_change() {
        let mut elsewhere = operation("c", "three");
        elsewhere.servers = vec![fixture::server("https://other.example.com/")];
        let (told, summary) = told(
            vec![operation("a", "one"), operation("b", "two"), operation("c", "three")],
            vec![operation("b", "2"), elsewhere, operation("d", "four")],
        );
        let expected = [
            r#"b is described otherwise: "two" is now "2""#,
            "c has another server",
            "d was added",
            "a was removed",
        ];
        assert_eq!(told, expected);
        assert_eq!(summary, "1 added, 2 changed, 1 removed");
    }

    #[test]
    fn a_long_description_is_cut() {
        let (told, _) = told(vec![operation("a", "one")], vec![operation("a", &"long ".repeat(100))]);
        assert!(told[0].contains("long …"), "{told:?}");
        assert!(told[0].len() < 300);
    }
}
