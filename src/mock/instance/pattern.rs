//! Texts that match a pattern, made from its syntax tree.
//!
//! Lookaround is left out of the tree, and what was made is held against the pattern as it is. A pattern that no tree
//! can be made of otherwise (back references) gives nothing; the caller then makes a text without it.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::openapi::definitions::Definitions;

/// So often a repetition is made longer while a text is too short.
const LENGTHENED: u32 = 300;
/// Longer texts are not made.
const LONGEST: usize = 100_000;

/// Members of a class that are taken first.
const PREFERRED: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The same, one kind after the other: what a rule for passwords wants.
const MIXED: &str = "a0A!b1B-c2C_d3D.e4E@";

/// A text that matches and has a length in characters within `least..=most`.
pub(super) fn of_length(pattern: &str, least: usize, most: usize, turn: usize) -> Option<String> {
    if let Ok(tree) = regex_syntax::parse(pattern) {
        return of_tree(&tree, least, most, &Writer { preferred: PREFERRED, turn, ..Writer::default() });
    }
    let tree = regex_syntax::parse(&without_lookaround(pattern)?).ok()?;
    let plain = Writer { preferred: PREFERRED, turn, ..Writer::default() };
    let mixed = Writer { preferred: MIXED, turn, ..Writer::default() };
    [plain, mixed].iter().find_map(|writer| {
        let made = of_tree(&tree, least, most, writer)?;
        is_match(pattern, &made).then_some(made)
    })
}

fn of_tree(tree: &Hir, least: usize, most: usize, writer: &Writer) -> Option<String> {
    for more in (0..=LENGTHENED).chain([1_000, 10_000]) {
        let mut text = Writer { more, ..writer.clone() }.written(tree)?;
        let length = text.chars().count();
        if length > most {
            return None;
        }
        if length < least && !ends_the_text(tree) {
            text.extend(std::iter::repeat_n('x', least - length));
            return Some(text);
        }
        if length >= least {
            return Some(text);
        }
    }
    None
}

/// The `turn`th text that matches.
pub(super) fn matching(pattern: &str, turn: usize) -> Option<String> {
    of_length(pattern, 0, LONGEST, turn)
}

/// Whether a text matches; true when the pattern cannot be read.
pub(super) fn is_match(pattern: &str, text: &str) -> bool {
    let schema = serde_json::json!({ "pattern": pattern });
    super::schema::holds(&schema, &Definitions::new(), &serde_json::Value::from(text))
}

/// The pattern without `(?=…)`, `(?!…)`, `(?<=…)` and `(?<!…)`.
fn without_lookaround(pattern: &str) -> Option<String> {
    let start = ["(?=", "(?!", "(?<=", "(?<!"].iter().filter_map(|group| pattern.find(group)).min();
    let Some(start) = start else { return Some(pattern.to_owned()) };
    let (before, group) = pattern.split_at(start);
    let (mut depth, mut escaped, mut in_class) = (0_usize, false, false);
    for (at, letter) in group.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return without_lookaround(&format!("{before}{}", group.get(at + 1..)?));
        }
    }
    None
}

/// Whether the tree has an end anchor anywhere: then nothing may be appended.
fn ends_the_text(tree: &Hir) -> bool {
    !tree.properties().look_set().is_empty()
}

#[derive(Clone, Debug, Default)]
struct Writer {
    /// How many turns more than needed a repetition takes.
    more: u32,
    /// Which of several characters is taken.
    turn: usize,
    /// Which characters are taken first.
    preferred: &'static str,
    text: String,
}

impl Writer {
    fn written(mut self, tree: &Hir) -> Option<String> {
        self.write(tree)?;
        Some(self.text)
    }

    fn write(&mut self, tree: &Hir) -> Option<()> {
        if self.text.len() > LONGEST {
            return None;
        }
        match tree.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => self.text.push(self.member(class)?),
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part))?,
            HirKind::Alternation(branches) => self.write(branches.get(self.turn % branches.len().max(1))?)?,
            HirKind::Repetition(repetition) => {
                let wanted = repetition.min.max(u32::from(repetition.min == 0 && self.turn > 0));
                let times = wanted.saturating_add(self.more).min(repetition.max.unwrap_or(u32::MAX));
                for _ in 0..times {
                    self.write(&repetition.sub)?;
                }
            }
        }
        Some(())
    }

    /// A character of the class; a letter or a digit where it has one.
    fn member(&self, class: &Class) -> Option<char> {
        let Class::Unicode(class) = class else { return None };
        let holds =
            |wanted: char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&wanted));
        let members: Vec<char> = self.preferred.chars().filter(|wanted| holds(*wanted)).collect();
        let position = if self.preferred == MIXED { self.text.len() } else { 0 };
        let chosen = members.get((self.turn + position) % members.len().max(1)).copied();
        chosen.or_else(|| {
            let printable = (' '..='~').find(|wanted| holds(*wanted));
            printable.or_else(|| class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start))
        })
    }
}
