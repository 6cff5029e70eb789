//! Where the next page is, by what the API says of it.

use http::HeaderName;
use serde_json::Value;
use url::Url;

use super::asked::Asked;
use super::page::Page;
use super::{counted, link};
use crate::call::json::find;
use crate::call::target;
use crate::config::gateway::{BodyPath, NextCursor, PageStyle};

/// A page of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// The first.
    First,
    /// The one at this URL, which is at the API.
    Url(Url),
    /// The one that this text or number stands for.
    Cursor(Value),
    /// The one of this number, or whose first item has this number.
    Number(u64),
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    End,
    /// This page.
    At(Position),
    /// There may be more, which nothing says.
    Unknown(Position),
    /// A place that is not followed.
    Refused(String),
}

/// What comes after `page`, which was asked for as `position`.
pub(super) fn next(asked: &Asked<'_>, page: &Page<'_>, position: &Position) -> Next {
    match &asked.pages.rule.style {
        PageStyle::Link { .. } => {
            link::next(&page.reply.headers).map_or(Next::End, |target| at_url(asked, page, &target))
        }
        PageStyle::NextUrl { next, .. } => {
            let target = find::at(page.text, next).and_then(text);
            target.map_or(Next::End, |target| at_url(asked, page, &target))
        }
        PageStyle::Cursor { next, more, .. } => at_cursor(page, next, more.as_ref()),
        PageStyle::Page { first, end, .. } => counted::after_page(asked, page, position, *first, end),
        PageStyle::Offset { first, end, .. } => counted::after_items(asked, page, position, *first, end),
    }
}

/// What an answer says about whether there is more.
pub(super) fn flag(page: &Page<'_>, more: Option<&BodyPath>) -> Option<bool> {
    match find::at(page.text, more?)? {
        "true" | "\"true\"" | "1" => Some(true),
        "false" | "\"false\"" | "0" => Some(false),
        _ => None,
    }
}

fn at_url(asked: &Asked<'_>, page: &Page<'_>, target: &str) -> Next {
    match target::resolve(&page.reply.url, &asked.plan.request.base, target) {
        Ok(url) => Next::At(Position::Url(url)),
        Err(shown) => Next::Refused(shown),
    }
}

fn at_cursor(page: &Page<'_>, next: &NextCursor, more: Option<&BodyPath>) -> Next {
    let more = flag(page, more);
    if more == Some(false) {
        return Next::End;
    }
    let cursor = match next {
        NextCursor::Body(path) => find::at(page.text, path).and_then(scalar),
        NextCursor::Header(name) => header(page, name),
        NextCursor::LastItem(path) => page.last_item().and_then(|item| scalar(find::at(item, path)?)),
    };
    match (cursor, next, more) {
        (None, ..) => Next::End,
        // The last item of the last page has an id too.
        (Some(cursor), NextCursor::LastItem(_), None) => Next::Unknown(Position::Cursor(cursor)),
        (Some(cursor), ..) => Next::At(Position::Cursor(cursor)),
    }
}

fn header(page: &Page<'_>, name: &HeaderName) -> Option<Value> {
    let value = page.reply.headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then(|| Value::from(value))
}

/// A text or a number; the empty text stands for none.
fn scalar(raw: &str) -> Option<Value> {
    match serde_json::from_str(raw).ok()? {
        Value::String(text) if text.is_empty() => None,
        value @ (Value::String(_) | Value::Number(_)) => Some(value),
        _ => None,
    }
}

fn text(raw: &str) -> Option<String> {
    serde_json::from_str::<String>(raw).ok().filter(|text| !text.trim().is_empty())
}
