//! The public face of a tool: exactly the JSON object that tools/list shows.
//!
//! Every client hands it to a model, most of them unchanged, and some providers refuse the whole list for one keyword
//! that they do not know. So what is shown is the part of JSON Schema that all of them take ([`portable`]), and it is
//! short, because every byte of it is in the context of every conversation.

mod describe;
mod merge;
mod portable;
mod reach;
mod sparse;
mod written;

use serde_json::{Value, json};

use super::argument::{Input, InputKind};
use super::faces::{self, Writing};
use super::plan::Effect;
use super::text::{TOOL_DESCRIPTION, leading, one_line, plain};
use crate::config::gateway::Change;
use crate::config::shown::Detail;
use crate::openapi::Operation;
use portable::Portable;
pub(super) use written::{Bodies, Writer};

/// The longest title, in characters.
const TITLE: usize = 80;

/// What the schema of one tool may have, in bytes, before its deepest parts are left out. A description of 8 KB is
/// about 2,000 tokens: more than most conversations.
const SCHEMA_BYTES: usize = 8 << 10;

/// A face, but for its name. Kept as text: as a tree, the faces of a large document would take ten times the memory.
pub(super) struct Face {
    /// Title, description, inputSchema and annotations: a JSON object without its first brace.
    members: String,
    /// Parts of the schema were left out.
    cut: bool,
}

impl Face {
    /// The face of an operation's tool.
    pub(super) fn new<'a>(
        operation: &'a Operation,
        change: Option<&Change>,
        inputs: &[Input],
        detail: Detail,
        writer: &mut Writer<'a>,
    ) -> Self {
        let (schema, cut) = writer.schema(&operation.definitions, inputs, detail);
        let title = title(operation, change).filter(|_| detail != Detail::Minimal);
        let title = title.map(|title| format!("\"title\":{},", Value::from(title))).unwrap_or_default();
        let description = Value::from(description(operation, change, detail));
        let annotations = sparse::annotations(annotations(operation), detail);
        let annotations =
            annotations.map(|annotations| format!(",\"annotations\":{annotations}")).unwrap_or_default();
        let members = format!("{title}\"description\":{description},\"inputSchema\":{schema}{annotations}}}");
        Self { members, cut }
    }

    /// Writes the JSON object, without line breaks.
    pub(super) fn write(&self, name: &str, writing: &mut Writing) {
        writing.face(self.cut, |text| {
            text.push_str(&faces::begin(name));
            text.push_str(&self.members);
        });
    }
}

/// A title that somebody chose, else the summary.
fn title(operation: &Operation, change: Option<&Change>) -> Option<String> {
    let chosen = change.and_then(|change| change.title.as_deref()).or(operation.hints.title.as_deref());
    let title = one_line(chosen.or(operation.summary.as_deref())?, TITLE);
    let title = title.trim_end_matches('.');
    let says_more = chosen.is_some() || says_more(title, operation.id.as_deref().unwrap_or_default());
    (!title.is_empty() && says_more).then(|| title.to_owned())
}

/// Whether a summary says more than the name: of `pets/list`, "List pets" does not.
fn says_more(summary: &str, name: &str) -> bool {
    const FILLERS: &[&str] = &["a", "an", "the", "all", "for", "of", "to", "in", "with"];
    let name = name.to_lowercase();
    let mut words =
        summary.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.any(|word| {
        let word = word.to_lowercase();
        !FILLERS.contains(&word.as_str()) && !name.contains(word.trim_end_matches('s'))
    })
}

/// Summary and description, once each; never empty.
fn description(operation: &Operation, change: Option<&Change>, detail: Detail) -> String {
    let chosen =
        change.and_then(|change| change.description.as_deref()).or(operation.hints.description.as_deref());
    let mut text = match chosen {
        Some(text) => plain(text, TOOL_DESCRIPTION),
        None => {
            let summary = plain(operation.summary.as_deref().unwrap_or_default(), TOOL_DESCRIPTION);
            let description = plain(operation.description.as_deref().unwrap_or_default(), TOOL_DESCRIPTION);
            let is_said =
                description.to_lowercase().starts_with(&summary.trim_end_matches('.').to_lowercase());
            if is_said { description } else { format!("{summary}\n{description}").trim_end().to_owned() }
        }
    };
    if text.is_empty() {
        text = operation.signature();
    }
    if operation.deprecated {
        text.insert_str(0, "Deprecated. ");
    }
    match detail {
        Detail::Full => plain(&text, TOOL_DESCRIPTION),
        Detail::Lean => leading(&text, 240),
        Detail::Minimal => leading(text.lines().next().unwrap_or_default(), 100),
    }
}

/// What MCP's hints say of an operation, by its method unless its author says otherwise.
fn annotations(operation: &Operation) -> Value {
    let effect = Effect::of(&operation.method);
    let hints = &operation.hints;
    let read_only = hints.read_only.unwrap_or(effect == Effect::Safe);
    let destructive = matches!(operation.method.as_str(), "PUT" | "PATCH" | "DELETE");
    json!({
        "readOnlyHint": read_only,
        "destructiveHint": !read_only && hints.destructive.unwrap_or(destructive),
        "idempotentHint": hints.idempotent.unwrap_or(read_only || effect != Effect::Write),
        "openWorldHint": hints.open_world.unwrap_or(true),
    })
}

fn argument(input: &Input, portable: &mut Portable<'_>) -> Value {
    let in_body = !matches!(input.kind, InputKind::Parameter(..));
    let limit = sparse::description(portable.limits(), input.must_be_given());
    let mut notes = Vec::new();
    if input.file {
        notes.push("A file: base64, or a data URI (data:image/png;name=a.png;base64,…).".to_owned());
    } else if input.nullable && in_body && portable.names_null(&input.schema) {
        notes.push("May be null.".to_owned());
    }
    notes.extend(input.note.clone());
    portable.argument(
        &input.schema,
        input.description.as_deref(),
        input.default.as_ref(),
        input.deprecated,
        &notes,
        limit,
    )
}
