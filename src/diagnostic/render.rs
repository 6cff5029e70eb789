//! Diagnostics for people and for programs.
//!
//! [`text`] underlines the source, [`json`] prints the same facts as data. Neither trusts what it prints: a document
//! may come from anywhere, so control characters and invisible ones are replaced before they reach a terminal, and a
//! line of 13 MB is cut to what surrounds the place. A place that may hold a secret is named but never shown.

mod excerpt;

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use indexmap::IndexMap;
use serde::Serialize;

use super::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::{LineColumn, Place};
use excerpt::Excerpt;

/// Of one kind of problem in one source, the text form shows this many and counts the rest.
const SHOWN_OF_A_KIND: usize = 10;

/// The diagnostics in the order given, each with its source underlined, and a line that counts them; `styled` for a
/// terminal that understands ANSI sequences. Empty when there is none, else ends with a line break.
#[must_use]
pub fn text(diagnostics: &Diagnostics, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut kinds: IndexMap<(Code, Option<&str>), Kind> = IndexMap::new();
    let mut out = String::new();
    for diagnostic in diagnostics {
        let source = diagnostic.place.as_ref().map(|place| place.source.name());
        let kind = kinds.entry((diagnostic.code, source)).or_default();
        kind.count += 1;
        kind.severity = Some(diagnostic.severity);
        if kind.count <= SHOWN_OF_A_KIND {
            push(&mut out, &renderer, one(diagnostic));
        }
    }
    for ((code, source), kind) in &kinds {
        if let (more @ 1.., Some(severity)) = (kind.count.saturating_sub(SHOWN_OF_A_KIND), kind.severity) {
            push(&mut out, &renderer, the_rest(*code, *source, more, severity));
        }
    }
    if !diagnostics.is_empty() {
        out.push_str(&summary(diagnostics));
        out.push('\n');
    }
    out
}

/// The diagnostics in the order given, as a JSON array of objects with `code`, `severity`, `message`, and, where they
/// are known, `help`, `file`, `line`, `column`, `end_line` and `end_column` (from 1, the end exclusive).
#[must_use]
pub fn json(diagnostics: &Diagnostics) -> String {
    let records: Vec<Record<'_>> = diagnostics.iter().map(Record::new).collect();
    serde_json::to_string_pretty(&records).unwrap_or_default()
}

/// How many problems of one kind there are.
#[derive(Default)]
struct Kind {
    count: usize,
    severity: Option<Severity>,
}

/// A diagnostic as data.
#[derive(Serialize)]
struct Record<'d> {
    code: &'static str,
    severity: Severity,
    message: Cow<'d, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Cow<'d, str>>,
    #[serde(flatten)]
    position: Option<Position<'d>>,
}

#[derive(Serialize)]
struct Position<'d> {
    file: Cow<'d, str>,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'d> Record<'d> {
    fn new(diagnostic: &'d Diagnostic) -> Self {
        Self {
            code: diagnostic.code.as_str(),
            severity: diagnostic.severity,
            message: printable(&diagnostic.message),
            help: diagnostic.help.as_deref().map(printable),
            position: diagnostic.place.as_ref().map(Position::new),
        }
    }
}

impl<'d> Position<'d> {
    fn new(place: &'d Place) -> Self {
        let LineColumn { line, column } = place.start();
        let end = place.source.line_column(place.span.end.max(place.span.start));
        let file = printable(place.source.name());
        Self { file, line, column, end_line: end.line, end_column: end.column }
    }
}

fn push(out: &mut String, renderer: &Renderer, group: Group<'_>) {
    out.push_str(&renderer.render(&[group]));
    out.push_str("\n\n");
}

fn one(diagnostic: &Diagnostic) -> Group<'_> {
    let title =
        level(diagnostic.severity).primary_title(printable(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    if let Some(place) = &diagnostic.place {
        let LineColumn { line, column } = place.start();
        let name = printable(place.source.name());
        let position = Origin::path(name.clone()).line(line as usize).char_column(column as usize);
        group = if diagnostic.sensitive {
            group.element(position)
        } else {
            let Excerpt { text, span, whole } = Excerpt::of(place);
            let snippet = Snippet::source(text)
                .line_start(line as usize)
                .annotation(AnnotationKind::Primary.span(span));
            // The renderer counts columns in what it is given: of a line that was cut, it must be told.
            if whole { group.element(snippet.path(name)) } else { group.element(position).element(snippet) }
        };
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(printable(help))),
        None => group,
    }
}

fn the_rest(code: Code, source: Option<&str>, more: usize, severity: Severity) -> Group<'static> {
    let place = source.map(|source| format!(" in {}", printable(source))).unwrap_or_default();
    Group::with_title(
        level(severity).primary_title(format!("and {more} more of this kind{place}")).id(code.as_str()),
    )
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// `2 errors, 1 warning`
fn summary(diagnostics: &Diagnostics) -> String {
    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .filter_map(|(severity, name)| {
            match diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count() {
                0 => None,
                1 => Some(format!("1 {name}")),
                count => Some(format!("{count} {name}s")),
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The text with every character replaced that could move the cursor, turn the reading direction or hide.
fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) {
        Cow::Owned(text.chars().map(shown).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn shown(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => ' ',
        _ if is_unprintable(character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

/// Control characters, bidirectional controls, zero-width characters and the tag block.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
