//! Cursors of ours: where to go on, sealed.
//!
//! A cursor is given to a model and comes back in a later call, by way of people and programs that nobody knows. So it
//! is sealed ([`crate::seal`]): it shows nothing of the API's URLs, in which there may be a key, and what comes back is
//! what was given, or it is refused and nothing is sent. It is bound to gateway, tool, caller, credentials and the
//! other arguments, and it expires.
//!
//! It is short, because a model has to copy it: about 70 characters where pages are counted.

use std::time::SystemTime;

use serde_json::{Map, Value};
use url::Url;

use super::next::Position;
use super::walk::History;
use crate::access::Principal;
use crate::call::error::{ArgumentProblem, ArgumentsError};
use crate::call::target;
use crate::catalog::CallPlan;
use crate::catalog::plan::PagePlan;
use crate::clock;
use crate::config::gateway::{PageStyle, Text};
use crate::seal::{self, Key, Owner, Purpose, Unopened};
use crate::upstream::Identity;

/// Where a call begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    /// The page.
    pub(super) position: Position,
    /// How many of its items were given before.
    pub(super) skip: usize,
    /// What is known of the pages before it.
    pub(super) history: History,
}

/// What cursors of one call are bound to.
pub(super) struct Binding<'a> {
    pages: &'a PagePlan,
    base: &'a Url,
    name: &'a str,
    key: Key,
    /// Gateway, tool, caller and credentials.
    owner: Owner,
    /// Stands for the other arguments.
    arguments: [u8; 8],
}

/// Why a cursor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("is not one that an earlier result of this tool gave")]
    Foreign,
    #[error("goes with other arguments than these")]
    OtherArguments,
    #[error("has expired")]
    Expired,
}

impl Default for Start {
    fn default() -> Self {
        Self { position: Position::First, skip: 0, history: History::default() }
    }
}

impl<'a> Binding<'a> {
    /// What the cursors of a call with these arguments are bound to.
    pub(super) fn new(
        plan: &'a CallPlan,
        pages: &'a PagePlan,
        principal: &Principal,
        identity: &Identity,
        arguments: &Map<String, Value>,
    ) -> Self {
        let named = [plan.gateway.as_bytes(), plan.tool.as_bytes(), principal.id().as_bytes()];
        let [a, b, c, d, e, f, g, h, ..] = seal::digest(&Value::Object(arguments.clone()));
        Self {
            pages,
            base: &plan.request.base,
            name: pages.cursor.as_deref().unwrap_or_default(),
            key: Key::new(Purpose::Cursor, pages.cursors.key.as_ref().map(Text::expose)),
            owner: Owner::of(named.into_iter().chain(identity.parts())),
            arguments: [a, b, c, d, e, f, g, h],
        }
    }

    /// A cursor that goes on there; `None` when none can be made.
    pub(super) fn seal(&self, start: &Start, first: &Url) -> Option<String> {
        let expires = clock::wall().checked_add(self.pages.cursors.expires)?;
        let mut text = self.arguments.to_vec();
        push_number(&mut text, start.skip as u64);
        push_number(&mut text, u64::from(start.history.pages));
        text.extend_from_slice(&start.history.position.to_be_bytes());
        text.extend_from_slice(&start.history.items.to_be_bytes());
        push_position(&mut text, &start.position, first);
        self.key.seal(&self.owner, expires, &text)
    }

    /// Where a cursor that came back goes on. `first` is the request without it.
    ///
    /// # Errors
    /// [`ArgumentsError`] when it is not one for this call.
    pub(super) fn open(&self, cursor: &str, first: &Url) -> Result<Start, ArgumentsError> {
        self.opened(cursor, first, clock::wall()).map_err(|refused| {
            let help = match refused {
                Refused::OtherArguments => "repeat those of the call that gave it, or leave it out to begin",
                _ => "leave it out to begin again",
            };
            let problem = ArgumentProblem {
                argument: Some(self.name.to_owned()),
                message: refused.to_string(),
                help: Some(help.to_owned()),
            };
            ArgumentsError { problems: vec![problem] }
        })
    }

    fn opened(&self, cursor: &str, first: &Url, now: SystemTime) -> Result<Start, Refused> {
        let content = self.key.open(&self.owner, cursor.trim(), now)?;
        let mut text = Reader(&content);
        if text.take::<8>() != Some(self.arguments) {
            return Err(Refused::OtherArguments);
        }
        self.start(text, first).ok_or(Refused::Foreign)
    }

    fn start(&self, mut text: Reader<'_>, first: &Url) -> Option<Start> {
        let skip = usize::try_from(text.number()?).ok()?;
        let history = History {
            pages: u32::try_from(text.number()?).ok()?,
            position: u32::from_be_bytes(text.take()?),
            items: u32::from_be_bytes(text.take()?),
        };
        Some(Start { position: self.position(text, first)?, skip, history })
    }

    /// The position, which must be one of the style that the tool has by now.
    fn position(&self, mut text: Reader<'_>, first: &Url) -> Option<Position> {
        let style = &self.pages.rule.style;
        match (text.take()?, style) {
            ([0], _) => Some(Position::First),
            ([1], PageStyle::Link { .. } | PageStyle::NextUrl { .. }) => {
                target::resolve(first, self.base, text.rest()?).ok().map(Position::Url)
            }
            ([2], PageStyle::Cursor { .. }) => serde_json::from_str(text.rest()?).ok().map(Position::Cursor),
            ([3], PageStyle::Page { .. } | PageStyle::Offset { .. }) => text.number().map(Position::Number),
            _ => None,
        }
    }
}

impl From<Unopened> for Refused {
    fn from(unopened: Unopened) -> Self {
        match unopened {
            Unopened::Foreign => Self::Foreign,
            Unopened::Expired => Self::Expired,
        }
    }
}

/// Seven bits a byte, the lowest first.
fn push_number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn push_position(out: &mut Vec<u8>, position: &Position, first: &Url) {
    match position {
        Position::First => out.push(0),
        Position::Url(url) => {
            out.push(1);
            let path = if url.path() == first.path() { "" } else { url.path() };
            out.extend_from_slice(path.as_bytes());
            out.push(b'?');
            out.extend_from_slice(url.query().unwrap_or_default().as_bytes());
        }
        Position::Cursor(cursor) => {
            out.push(2);
            out.extend_from_slice(cursor.to_string().as_bytes());
        }
        Position::Number(number) => {
            out.push(3);
            push_number(out, *number);
        }
    }
}

/// Reads what was pushed.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn rest(self) -> Option<&'b str> {
        std::str::from_utf8(self.0).ok()
    }
}

#[cfg(test)]
mod tests;
