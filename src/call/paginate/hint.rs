//! Where a tool is as its document has it: one page is asked for, and the result says with which of the tool's own
//! arguments the next one comes.
//!
//! It is only said where the API says that there is more, never where there might be.

use serde_json::{Map, Value};
use url::Url;

use super::asked::Asked;
use super::next::{Next, Position, next};
use super::page::Page;
use super::tell::KEY;
use crate::call::exchange::Notes;
use crate::catalog::schema;
use crate::openapi::operation::Location;
use crate::openapi::shared::Json;
use crate::upstream::Reply;

/// Tells with which arguments the page after this one comes.
pub(super) fn tell(asked: &Asked<'_>, reply: &Reply, notes: &mut Notes) {
    let Some(page) = Page::read(reply, &asked.pages.rule) else { return };
    let Next::At(position) = next(asked, &page, &Position::First) else { return };
    let arguments = arguments(asked, &position).filter(|arguments| !shows_secret(asked, arguments));
    let mut told = Map::new();
    told.insert("style".to_owned(), asked.pages.rule.style.as_str().into());
    if let Some(items) = &page.items {
        told.insert("items".to_owned(), items.each.len().into());
    }
    let text = match &arguments {
        Some(arguments) => {
            let each = arguments.iter().map(|(name, value)| format!("{name}={value}"));
            let each = each.collect::<Vec<_>>().join(" and ");
            format!("There is more. For the next page, call again with the same arguments and {each}.")
        }
        None => "There is more than this page, which the arguments of this tool cannot ask for.".to_owned(),
    };
    told.insert("next".to_owned(), arguments.map_or(Value::Null, Value::Object));
    notes.tell(KEY, told);
    notes.say(text);
}

/// The arguments that are other than in this call; `None` when the tool cannot be called that way.
fn arguments(asked: &Asked<'_>, position: &Position) -> Option<Map<String, Value>> {
    let value = match position {
        Position::First => return None,
        Position::Url(url) => return of_url(asked, url),
        Position::Cursor(cursor) => cursor.clone(),
        Position::Number(number) => Value::from(*number),
    };
    let name = asked.pages.parameter.as_deref()?;
    Some(Map::from_iter([(name.to_owned(), typed(asked, name, value))]))
}

/// The arguments that make this URL.
fn of_url(asked: &Asked<'_>, url: &Url) -> Option<Map<String, Value>> {
    if url.path() != asked.first.url.path() {
        return None;
    }
    let sent: Vec<(String, String)> = asked.first.url.query_pairs().into_owned().collect();
    let mut arguments = Map::new();
    for (name, value) in url.query_pairs().into_owned() {
        if sent.iter().any(|pair| pair.0 == name && pair.1 == value) || is_of_a_credential(asked, &value) {
            continue;
        }
        let parameters = &asked.plan.request.parameters;
        let parameter = parameters
            .iter()
            .find(|parameter| parameter.location == Location::Query && *parameter.name == *name)?;
        let argument = parameter.argument.as_deref()?;
        arguments.insert(argument.to_owned(), typed(asked, argument, Value::from(value)));
    }
    // A page that is asked for in the same way is the same page.
    (!arguments.is_empty()).then_some(arguments)
}

/// The value as the argument takes it: many APIs give as a text what they take as a number.
fn typed(asked: &Asked<'_>, name: &str, value: Value) -> Value {
    let arguments = &asked.plan.arguments;
    let argument = arguments.arguments.iter().find(|argument| *argument.name == *name);
    let schema = argument.map(|argument| schema::resolve(&argument.schema, &arguments.definitions));
    let kinds = schema.and_then(|schema| schema.get("type"));
    let takes = |kind: &str| match kinds {
        Some(Json::String(only)) => only.as_str() == kind,
        Some(Json::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
    };
    match &value {
        Value::String(text) if !takes("string") && (takes("integer") || takes("number")) => {
            text.parse::<serde_json::Number>().map_or_else(|_| value.clone(), Value::Number)
        }
        Value::Number(number) if takes("string") && !takes("integer") && !takes("number") => {
            Value::from(number.to_string())
        }
        _ => value,
    }
}

fn is_of_a_credential(asked: &Asked<'_>, text: &str) -> bool {
    asked.plan.upstream.redactor().blank(text) != text
}

fn shows_secret(asked: &Asked<'_>, arguments: &Map<String, Value>) -> bool {
    arguments.values().any(|value| is_of_a_credential(asked, &value.to_string()))
}
