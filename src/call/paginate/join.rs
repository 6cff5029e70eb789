//! Several pages as one document: the first page, with the items of all pages in the place of its own.
//!
//! What the first page says of the page after it would be wrong of the whole, so that is taken from the last page that
//! was read; where that says nothing, it is null. All else stays as the first page has it, byte for byte.

use bytes::Bytes;

use super::asked::Asked;
use super::page::{Page, told_next};
use super::walk::Place;
use crate::call::json::find;
use crate::config::gateway::PageRule;
use crate::upstream::Reply;

/// Items of several pages.
#[derive(Debug)]
pub(super) struct Joined {
    /// Where the items are in the first page.
    list: Place,
    /// The items, with commas between them.
    items: Vec<u8>,
    /// What the last page says of the one after it, in the order of [`told_next`].
    told: Vec<Option<String>>,
}

impl Joined {
    /// Nothing yet, to stand in the place of the items of this page.
    pub(super) fn new(first: &Page<'_>) -> Option<Self> {
        let list = find::range(first.text, first.items.as_ref()?.list)?;
        Some(Self { list, items: Vec::new(), told: Vec::new() })
    }

    /// How many bytes the items have.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// One more item.
    pub(super) fn push(&mut self, item: &str) {
        if !self.items.is_empty() {
            self.items.push(b',');
        }
        self.items.extend_from_slice(item.as_bytes());
    }

    /// Notes what a page says of the one after it.
    pub(super) fn note(&mut self, page: &Page<'_>, rule: &PageRule) {
        let told = told_next(rule).into_iter().map(|path| find::at(page.text, path).map(str::to_owned));
        self.told = told.collect();
    }

    /// The document.
    pub(super) fn into_body(self, first: &Reply, asked: &Asked<'_>) -> Option<Bytes> {
        let page = Page::read(first, &asked.pages.rule)?;
        let mut parts: Vec<(Place, &[u8])> = vec![(self.list, &self.items)];
        let paths = told_next(&asked.pages.rule);
        for (path, told) in paths.into_iter().zip(&self.told) {
            let place = find::at(page.text, path).and_then(|value| find::range(page.text, value));
            parts.extend(place.map(|place| (place, told.as_deref().unwrap_or("null").as_bytes())));
        }
        Some(splice(page.text, parts))
    }
}

/// The text with these parts of it replaced; the first of them, a list, by what stands between its brackets.
fn splice(text: &str, mut parts: Vec<(Place, &[u8])>) -> Bytes {
    let list = parts.first().map(|(place, _)| place.clone()).unwrap_or_default();
    parts.sort_by_key(|(place, _)| place.start);
    let mut body = Vec::with_capacity(text.len() + parts.iter().map(|(_, new)| new.len()).sum::<usize>());
    let mut copied = 0;
    for (place, new) in parts {
        // One that is inside of another was replaced with it.
        let Some(between) = text.get(copied..place.start) else { continue };
        body.extend_from_slice(between.as_bytes());
        if place == list {
            body.push(b'[');
            body.extend_from_slice(new);
            body.push(b']');
        } else {
            body.extend_from_slice(new);
        }
        copied = place.end;
    }
    body.extend_from_slice(text.get(copied..).unwrap_or_default().as_bytes());
    Bytes::from(body)
}
