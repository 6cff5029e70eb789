//! A tool's face in the dialect of one provider.
//!
//! What is prepared for every tool is the portable face, which all providers take. The others are made of it, or of
//! the plan, when a client first asks for them: nobody pays for a dialect that nobody speaks. All of them describe the
//! same arguments, and calls are validated against the plan, whatever was shown.

mod full;
mod gemini;
mod openai;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Tool;
use super::plan::ArgumentsPlan;
use crate::config::shown::Profile;

/// A schema as a map of its keywords.
type Keywords = Map<String, Value>;

/// What tools/list shows of a tool in a profile: a JSON object without line breaks.
pub(super) fn face(tool: &Tool, profile: Profile) -> Cow<'_, str> {
    rewritten(&tool.face, tool.plan.taken(), profile)
}

/// A portable face in another profile. `arguments` are those that its schema is of.
pub(super) fn rewritten<'f>(face: &'f str, arguments: &ArgumentsPlan, profile: Profile) -> Cow<'f, str> {
    if profile == Profile::Portable {
        return Cow::Borrowed(face);
    }
    let Ok(Value::Object(mut members)) = serde_json::from_str(face) else { return Cow::Borrowed(face) };
    let Some(Value::Object(portable)) = members.get("inputSchema") else { return Cow::Borrowed(face) };
    let schema = match profile {
        Profile::Portable => None,
        Profile::Full => Some(full::schema(arguments, portable)),
        Profile::Anthropic => Some(full::schema(arguments, portable)).filter(full::suits_anthropic),
        Profile::OpenAi => Some(openai::schema(portable)),
        Profile::Gemini => Some(gemini::schema(portable)),
    };
    match schema {
        Some(schema) => drop(members.insert("inputSchema".to_owned(), schema.into())),
        None => return Cow::Borrowed(face),
    }
    Cow::Owned(Value::Object(members).to_string())
}

/// The schema that `#/$defs/NAME` refers to in a portable schema.
fn definition<'s>(definitions: &'s Keywords, schema: &Keywords) -> Option<(&'s str, &'s Keywords)> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    let (name, target) = definitions.get_key_value(name)?;
    Some((name, target.as_object()?))
}

/// The definitions of a portable schema.
fn definitions(root: &Keywords) -> Cow<'_, Keywords> {
    match root.get("$defs") {
        Some(Value::Object(definitions)) => Cow::Borrowed(definitions),
        _ => Cow::Owned(Keywords::new()),
    }
}

/// Adds a sentence to the description of a schema.
fn note(schema: &mut Keywords, sentence: &str) {
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let end = if said.is_empty() || said.ends_with(['.', '!', '?', '…', ':', ')']) { "" } else { "." };
    let space = if said.is_empty() { "" } else { " " };
    let all = format!("{said}{end}{space}{sentence}");
    schema.insert("description".to_owned(), all.into());
}

#[cfg(test)]
mod tests;
