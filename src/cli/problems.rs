//! The problems of a load, on stderr: underlined for people, as events of the log for whoever collects it.

use rustc_hash::FxHashMap;

use super::output;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, render};

/// Of one kind of problem so many become events.
const EVENTS_OF_A_KIND: usize = 10;

/// How a verb tells the problems of its load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// All of them, underlined.
    Everything,
    /// Errors, underlined, and how many others there are.
    Errors,
    /// All of them, as a verb that runs on does: underlined on a terminal, as events of the log otherwise.
    Serving,
}

/// Tells the problems.
pub(super) fn tell(diagnostics: &Diagnostics, telling: Telling) {
    // What is recognised is no problem: only `check` says it.
    let is_problem = |diagnostic: &&Diagnostic| diagnostic.code != Code::PaginationRecognised;
    let diagnostics: Diagnostics = diagnostics.iter().filter(is_problem).cloned().collect();
    match telling {
        Telling::Serving if !output::is_stderr_terminal() => log(&diagnostics),
        Telling::Everything | Telling::Serving => underline(&diagnostics, Severity::Note),
        Telling::Errors => underline(&diagnostics, Severity::Error),
    }
}

fn underline(diagnostics: &Diagnostics, least: Severity) {
    let shown: Diagnostics =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity <= least).cloned().collect();
    if !shown.is_empty() {
        output::talk(&render::text(&shown, true));
    }
    let count = |severity: Severity| {
        let kept = diagnostics.iter().filter(|diagnostic| diagnostic.severity > least);
        kept.filter(|diagnostic| diagnostic.severity == severity).count()
    };
    let counts = [(count(Severity::Warning), "warning"), (count(Severity::Note), "note")];
    let counted: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(plural).collect();
    if !counted.is_empty() {
        output::talk(&format!("{} more: `toolgate check` shows them", counted.join(" and ")));
    }
}

fn plural((count, name): (usize, &str)) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

fn log(diagnostics: &Diagnostics) {
    let mut kinds: FxHashMap<Code, usize> = FxHashMap::default();
    for diagnostic in diagnostics {
        let seen = kinds.entry(diagnostic.code).or_default();
        *seen += 1;
        if *seen <= EVENTS_OF_A_KIND {
            event(diagnostic);
        }
    }
    for (code, count) in kinds.into_iter().filter(|(_, count)| *count > EVENTS_OF_A_KIND) {
        tracing::warn!(
            code = code.as_str(),
            more = count - EVENTS_OF_A_KIND,
            "more problems: `toolgate check`"
        );
    }
}

fn event(diagnostic: &Diagnostic) {
    let code = diagnostic.code.as_str();
    let place = diagnostic.place.as_ref().map(tracing::field::display);
    let help = diagnostic.help.as_deref();
    let message = &diagnostic.message;
    match diagnostic.severity {
        Severity::Error => tracing::error!(code, place, help, "{message}"),
        Severity::Warning => tracing::warn!(code, place, help, "{message}"),
        Severity::Note => tracing::info!(code, place, help, "{message}"),
    }
}
