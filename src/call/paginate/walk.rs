//! From page to page, until the API has no more or something ends it.
//!
//! No request is made here: a walk is fed with replies and says what to ask for next, so it can be proven to end
//! whatever an API answers. It ends because pages are counted; all else only ends it earlier.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::asked::Asked;
use super::join::Joined;
use super::next::{Next, Position, next};
use super::page::{Mark, Page, mark};
use super::seal::Start;
use crate::config::gateway::PageMode;
use crate::upstream::Reply;

/// Pages of one answer.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    asked: &'a Asked<'a>,
    /// What is being asked for.
    position: Position,
    /// How many items of the first page belong to an earlier result.
    skip: usize,
    /// All positions that were asked for.
    seen: FxHashSet<Mark>,
    /// What a cursor knows of earlier pages.
    history: History,
    /// The first reply, as it came.
    first: Option<Reply>,
    /// What is made of all pages; `None` where the first reply is handed on as it is.
    joined: Option<Joined>,
    /// How many pages were read.
    pub(super) pages: usize,
    /// How many items they gave; `None` when it could not be told what they are.
    pub(super) items: Option<usize>,
    /// Why it is over.
    pub(super) ended: Option<Ended>,
    /// Where it can go on, and how many items of that page were given already.
    pub(super) resume: Option<(Position, usize)>,
}

/// What is known of the pages before: enough to see that an API goes in circles, however many calls that takes.
///
/// One position is remembered, a later one each time that the number of pages has doubled (R. P. Brent's way to find a
/// cycle): a circle is seen before twice its length has been walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    /// How many pages were read.
    pub(super) pages: u32,
    /// The position that is remembered; zero for none.
    pub(super) position: u32,
    /// The items of the page before; zero for none.
    pub(super) items: u32,
}

/// Why no further page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The API has no more.
    Complete,
    /// The first reply is no page: it is handed on as it is.
    NoPage,
    /// The cap on pages.
    Pages,
    /// The cap on items.
    Items,
    /// The cap on bytes.
    Bytes,
    /// There is no time for another page.
    Deadline,
    /// The API gives what it gave before.
    Repeated,
    /// The API names a next page that is not asked for.
    Refused(String),
    /// A page after the first did not come.
    Failed(String),
}

impl<'a> Walk<'a> {
    /// A walk that begins here.
    pub(super) fn new(asked: &'a Asked<'a>, start: Start) -> Self {
        let Start { position, skip, history } = start;
        Self {
            asked,
            seen: FxHashSet::from_iter([position.mark()]),
            position,
            skip,
            history,
            first: None,
            joined: None,
            pages: 0,
            items: None,
            ended: None,
            resume: None,
        }
    }

    /// What is being asked for.
    pub(super) fn position(&self) -> &Position {
        &self.position
    }

    /// What is known of the pages so far, for a cursor that goes on at `resume`.
    pub(super) fn history(&self) -> History {
        self.history
    }

    /// Ends before the page came that is being asked for. It can be asked for again, unless it cannot be asked for
    /// at all.
    pub(super) fn end(&mut self, ended: Ended) {
        self.resume = match ended {
            Ended::Refused(_) => None,
            _ => Some((self.position.clone(), 0)),
        };
        self.ended = Some(ended);
    }

    /// Takes the reply to what is being asked for; gives what to ask for next, `None` when it is over.
    pub(super) fn take(&mut self, reply: Reply) -> Option<Position> {
        let Some(page) = Page::read(&reply, &self.asked.pages.rule) else {
            match self.first {
                None => {
                    self.ended = Some(Ended::NoPage);
                    self.first = Some(reply);
                }
                Some(_) => self.end(Ended::Failed("What came is no JSON.".to_owned())),
            }
            return None;
        };
        let next = next(self.asked, &page, &self.position);
        let repeated = self.is_repeated(&page);
        let before = self.history;
        self.count(&page);
        let cut = if repeated { None } else { self.absorb(&page) };
        self.decide(next, repeated, cut, before);
        if self.first.is_none() {
            self.first = Some(reply);
        }
        if self.ended.is_some() { None } else { Some(self.position.clone()) }
    }

    /// How far it is, for people.
    pub(super) fn so_far(&self) -> String {
        match self.items {
            Some(items) => format!("{} pages, {items} items", self.pages),
            None => format!("{} pages", self.pages),
        }
    }

    /// The reply that all pages come to.
    pub(super) fn into_reply(self) -> Option<Reply> {
        let mut reply = self.first?;
        if let Some(body) = self.joined.and_then(|joined| joined.into_body(&reply, self.asked)) {
            reply.body = body;
        }
        Some(reply)
    }

    fn decide(&mut self, next: Next, repeated: bool, cut: Option<(Ended, usize)>, before: History) {
        if let Some((ended, given)) = cut {
            // The page comes again, and with it what it is compared to.
            self.history = before;
            self.resume = Some((self.position.clone(), given));
            self.ended = Some(ended);
            return;
        }
        let position = match next {
            _ if repeated => return self.ended = Some(Ended::Repeated),
            Next::End => return self.ended = Some(Ended::Complete),
            Next::Refused(place) => return self.ended = Some(Ended::Refused(place)),
            Next::At(position) | Next::Unknown(position) => position,
        };
        let mark = position.mark();
        if self.seen.contains(&mark) || self.history.position == mark.short() {
            self.ended = Some(Ended::Repeated);
        } else if let Some(cap) = self.cap() {
            self.resume = Some((position, 0));
            self.ended = Some(cap);
        } else {
            self.seen.insert(mark);
            self.position = position;
        }
    }

    /// Whether a page holds what the one before it held. Empty ones may follow each other.
    fn is_repeated(&self, page: &Page<'_>) -> bool {
        let items = page.items.as_ref().filter(|items| !items.each.is_empty());
        items.is_some_and(|items| mark(items.list).short() == self.history.items)
    }

    fn count(&mut self, page: &Page<'_>) {
        self.pages += 1;
        let history = &mut self.history;
        history.pages = history.pages.saturating_add(1);
        if history.pages.is_power_of_two() {
            history.position = self.position.mark().short();
        }
        if let Some(items) = &page.items {
            history.items = mark(items.list).short();
        }
    }

    /// The cap that leaves no room for another page.
    fn cap(&self) -> Option<Ended> {
        let caps = &self.asked.pages.caps;
        let bytes = self.joined.as_ref().map_or(0, Joined::len);
        if self.asked.pages.mode == PageMode::Step || self.items.is_none() || self.pages >= caps.pages {
            return Some(Ended::Pages);
        }
        if self.items.is_some_and(|items| items >= caps.items) {
            return Some(Ended::Items);
        }
        (bytes >= caps.bytes).then_some(Ended::Bytes)
    }

    /// Takes the items of a page; gives why not all of them, and how many of them were given by now.
    fn absorb(&mut self, page: &Page<'_>) -> Option<(Ended, usize)> {
        let Some(items) = &page.items else { return None };
        let is_first = self.first.is_none();
        let skip = if is_first { self.skip.min(items.each.len()) } else { 0 };
        let new = items.each.get(skip..).unwrap_or_default();
        if self.asked.pages.mode == PageMode::Step && skip == 0 {
            self.items = Some(items.each.len());
            return None;
        }
        if is_first {
            self.joined = Joined::new(page);
        }
        let joined = self.joined.as_mut()?;
        joined.note(page, &self.asked.pages.rule);
        let caps = &self.asked.pages.caps;
        let given = self.items.get_or_insert(0);
        for (at, item) in new.iter().enumerate() {
            // The first of all is given whatever its size: else nothing ever would be.
            let cap = match () {
                () if *given >= caps.items => Some(Ended::Items),
                () if *given > 0 && joined.len() + item.len() > caps.bytes => Some(Ended::Bytes),
                () => None,
            };
            if let Some(cap) = cap {
                return Some((cap, skip + at));
            }
            joined.push(item);
            *given += 1;
        }
        None
    }
}

impl Ended {
    /// Its name in `_meta`.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::NoPage => "no_page",
            Self::Pages => "max_pages",
            Self::Items => "max_items",
            Self::Bytes => "max_bytes",
            Self::Deadline => "deadline",
            Self::Repeated => "repeated",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

/// Where something is in the text of the first page.
pub(super) type Place = Range<usize>;
