//! APIs that count: the caller asks for a page, or for items from some number on, and nothing in the answer says where
//! the next page is. What can be known is whether there is one.

use super::asked::{Asked, Size};
use super::next::{Next, Position, flag};
use super::page::Page;
use crate::call::json::find;
use crate::config::gateway::{BodyPath, PageEnd};

/// What comes after a page of an API that counts pages from `first` on.
pub(super) fn after_page(
    asked: &Asked<'_>,
    page: &Page<'_>,
    position: &Position,
    first: u64,
    end: &PageEnd,
) -> Next {
    let current = number(asked, position);
    let Some(following) = current.checked_add(1) else { return Next::End };
    let before = current.saturating_sub(first);
    let size = asked.size().map(Size::items);
    let reached = |items: u64| {
        let total = count(page, end.total.as_ref())?;
        let size = size.or((before == 0).then_some(items))?;
        Some(before.saturating_mul(size).saturating_add(items) >= total)
    };
    let all_pages = || Some(before + 1 >= count(page, end.total_pages.as_ref())?);
    decide(asked, page, end, &all_pages, &reached, Position::Number(following))
}

/// What comes after a page of an API that counts items from `first` on.
pub(super) fn after_items(
    asked: &Asked<'_>,
    page: &Page<'_>,
    position: &Position,
    first: u64,
    end: &PageEnd,
) -> Next {
    let current = number(asked, position);
    let items = page.items.as_ref().map_or(0, |items| items.each.len() as u64);
    // By what came, not by what was asked for: an API may give fewer than that.
    let Some(following) = current.checked_add(items) else { return Next::End };
    let reached = |items: u64| {
        let total = count(page, end.total.as_ref())?;
        Some(current.saturating_sub(first).saturating_add(items) >= total)
    };
    decide(asked, page, end, &|| None, &reached, Position::Number(following))
}

fn decide(
    asked: &Asked<'_>,
    page: &Page<'_>,
    end: &PageEnd,
    all_pages: &dyn Fn() -> Option<bool>,
    reached: &dyn Fn(u64) -> Option<bool>,
    following: Position,
) -> Next {
    let Some(items) = page.items.as_ref().map(|items| items.each.len() as u64).filter(|items| *items > 0)
    else {
        return Next::End;
    };
    let is_last =
        flag(page, end.more.as_ref()).map(|more| !more).or_else(all_pages).or_else(|| reached(items));
    match (is_last, asked.size()) {
        (Some(true), _) => Next::End,
        (Some(false), _) => Next::At(following),
        (None, Some(size)) if items >= size.items() => Next::At(following),
        (None, Some(Size::Own(_))) => Next::End,
        // Fewer than were asked for: the last page, or a full page of an API that gives no more than this at once.
        (None, Some(Size::Asked(_))) if !is_round(items) => Next::End,
        (None, _) => Next::Unknown(following),
    }
}

/// Whether this may be the most that an API gives at once.
fn is_round(items: u64) -> bool {
    items.is_multiple_of(10) || items.is_multiple_of(25)
}

/// The number that a page was asked for with.
fn number(asked: &Asked<'_>, position: &Position) -> u64 {
    match position {
        Position::Number(number) => *number,
        _ => asked.first_number(),
    }
}

fn count(page: &Page<'_>, path: Option<&BodyPath>) -> Option<u64> {
    let raw = find::at(page.text, path?)?;
    raw.trim_matches('"').parse().ok()
}

impl Size {
    fn items(self) -> u64 {
        match self {
            Self::Asked(items) | Self::Own(items) => items,
        }
    }
}
