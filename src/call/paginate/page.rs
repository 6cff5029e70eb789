//! One page: the text of its JSON, and the items in it.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::next;
use crate::call::json::{self, find};
use crate::catalog::lists::{BESIDE, LISTS};
use crate::config::gateway::{BodyPath, NextCursor, PageRule, PageStyle};
use crate::upstream::Reply;

/// A page that was read.
#[derive(Debug)]
pub(super) struct Page<'r> {
    /// As it came.
    pub(super) reply: &'r Reply,
    /// Its JSON.
    pub(super) text: &'r str,
    /// Its items; `None` when it cannot be told what they are.
    pub(super) items: Option<Items<'r>>,
}

/// The items of a page.
#[derive(Debug)]
pub(super) struct Items<'r> {
    /// The list as it stands in the page.
    pub(super) list: &'r str,
    /// Each item.
    pub(super) each: Vec<&'r str>,
}

impl<'r> Page<'r> {
    /// Reads a reply; `None` when it is no page: no success, or no JSON.
    pub(super) fn read(reply: &'r Reply, rule: &PageRule) -> Option<Self> {
        if !reply.status.is_success() {
            return None;
        }
        let text = std::str::from_utf8(&reply.body).ok()?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.starts_with(['{', '[']) || json::scan(text.as_bytes()).is_err() {
            return None;
        }
        let list = match &rule.items {
            Some(path) => find::at(text, path),
            None => list(text),
        };
        let items = list.and_then(|list| Some(Items { list, each: find::items(list)? }));
        Some(Self { reply, text, items })
    }

    /// The last of its items.
    pub(super) fn last_item(&self) -> Option<&'r str> {
        self.items.as_ref()?.each.last().copied()
    }
}

/// What things are called that hold the list of items.
const HOLDERS: [&str; 6] = ["data", "result", "results", "response", "_embedded", "payload"];

/// The list of items of a body, where it is plain: the body itself, its only list, or the one with a telling name;
/// else the same of what holds it.
fn list(text: &str) -> Option<&str> {
    if text.starts_with('[') {
        return Some(text);
    }
    let members = find::members(text)?;
    only_list(&members).or_else(|| {
        let held = HOLDERS.iter().find_map(|name| {
            members.iter().find(|(key, value)| key == name && value.starts_with('{')).map(|(_, value)| *value)
        });
        only_list(&find::members(held?)?)
    })
}

fn only_list<'t>(members: &[(Cow<'_, str>, &'t str)]) -> Option<&'t str> {
    let lists: Vec<_> = members
        .iter()
        .filter(|(key, value)| value.starts_with('[') && !BESIDE.contains(&key.as_ref()))
        .collect();
    match lists.as_slice() {
        [(_, only)] => Some(only),
        lists => {
            LISTS.iter().find_map(|name| lists.iter().find(|(key, _)| key == name)).map(|(_, value)| *value)
        }
    }
}

impl next::Position {
    /// A number that stands for it, to see it again.
    pub(super) fn mark(&self) -> Mark {
        match self {
            Self::First => mark("first"),
            Self::Url(url) => mark(url.as_str()),
            Self::Cursor(cursor) => mark(&cursor.to_string()),
            Self::Number(number) => mark(&number.to_string()),
        }
    }
}

/// Stands for a text, to see it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark(u64);

impl Mark {
    /// What a cursor holds of it; never zero, which stands for nothing.
    pub(super) fn short(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
        let short = self.0 as u32;
        short.max(1)
    }
}

/// The mark of a text: the same in every process of one build.
pub(super) fn mark(text: &str) -> Mark {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    Mark(hasher.finish())
}

/// Where the rule of a page reads what comes next: of a gathered answer, this is that of its last page.
pub(super) fn told_next(rule: &PageRule) -> Vec<&BodyPath> {
    match &rule.style {
        PageStyle::Link { .. } => Vec::new(),
        PageStyle::NextUrl { next, .. } => vec![next],
        PageStyle::Cursor { next, more, .. } => {
            let next = match next {
                NextCursor::Body(path) => Some(path),
                NextCursor::Header(_) | NextCursor::LastItem(_) => None,
            };
            next.into_iter().chain(more).collect()
        }
        PageStyle::Page { end, .. } | PageStyle::Offset { end, .. } => end.more.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_items_is_found_where_it_is_plain() {
        for (body, found) in [
            ("[1]", Some("[1]")),
            (r#"{"channels": [1], "ok": true}"#, Some("[1]")),
            (r#"{"tags": [1], "data": [2]}"#, Some("[2]")),
            (r#"{"errors": [], "users": [3]}"#, Some("[3]")),
            (r#"{"data": {"repos": [4]}, "ok": true}"#, Some("[4]")),
            (r#"{"_embedded": {"orders": [5]}, "_links": {}}"#, Some("[5]")),
            (r#"{"a": [1], "b": [2]}"#, None),
            (r#"{"a": 1}"#, None),
        ] {
            assert_eq!(list(body), found, "{body}");
        }
    }
}
