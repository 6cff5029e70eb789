//! What a reload did: in a line to a person, as events to a log.

use std::fmt::Display;

use super::super::output;
use crate::catalog::diff::Changes;
use crate::telemetry::events::{self, ReloadEvent};

/// Of so many changes each has a line of its own.
const LINES: usize = 50;

/// Says what is different now.
pub(super) fn changes(changes: &Changes) {
    for change in changes.tools.iter().take(LINES) {
        if output::is_stderr_terminal() {
            output::talk(&format!("  {change}"));
        } else {
            events::changed(&change.tool, change);
        }
    }
    if let Some(more @ 1..) = changes.tools.len().checked_sub(LINES) {
        if output::is_stderr_terminal() {
            output::talk(&format!("  and {more} more"));
        } else {
            events::more_changed(more);
        }
    }
}

/// Says that a new catalog is served.
pub(super) fn reloaded(event: &ReloadEvent<'_>) {
    if !output::is_stderr_terminal() {
        return event.tell();
    }
    let kept = match event.kept {
        [] => String::new(),
        kept => format!("; {} served as before, because of the errors above", are(kept)),
    };
    let tools = if event.tools == 1 { "1 tool".to_owned() } else { format!("{} tools", event.tools) };
    output::talk(&format!("Reloaded: {}{kept}; {tools} now", event.changes));
}

/// Says that what was served is served on, whole.
pub(super) fn not_reloaded(reason: &str, failure: &dyn Display) {
    if output::is_stderr_terminal() {
        output::talk(&format!("Not reloaded, everything is served as before: {failure}"));
    } else {
        events::not_reloaded(reason, failure);
    }
}

/// Says that a server file without `access` does not open a door that was guarded.
pub(super) fn access_kept() {
    const WHY: &str =
        "the server file says no longer who has `access`: what it said before counts until a restart";
    if output::is_stderr_terminal() {
        output::talk(WHY);
    } else {
        events::access_kept(WHY);
    }
}

/// Says that a document from a URL is kept as it was.
pub(super) fn not_refreshed(error: &crate::source::SourceError) {
    events::not_refreshed(error);
}

fn are(names: &[String]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}
