//! Cursors of ours: where to go on, sealed.
//!
//! A cursor is given to a model and comes back in a later call, by way of people and programs that nobody knows. So it
//! is encrypted and authenticated (AES-256-GCM): it shows nothing of the API's URLs, in which there may be a key, and
//! what comes back is what was given, or it is refused and nothing is sent. It is bound to gateway, tool, caller,
//! credentials and the other arguments, and it expires.
//!
//! It is short, because a model has to copy it: about 70 characters where pages are counted.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
use crate::config::gateway::PageStyle;
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
#[derive(Debug)]
pub(super) struct Binding<'a> {
    pages: &'a PagePlan,
    base: &'a Url,
    name: &'a str,
    key: [u8; 32],
    /// Gateway, tool, caller and credentials.
    owner: Vec<u8>,
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

const NONCE: usize = 12;
/// The form of what is in a cursor; another one is another version's.
const FORM: u8 = 1;

static PROCESS_KEY: LazyLock<[u8; 32]> = LazyLock::new(rand::random);

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
        let mut owner = Vec::new();
        for part in [plan.gateway.as_bytes(), plan.tool.as_bytes(), principal.id().as_bytes()] {
            push_part(&mut owner, part);
        }
        identity.parts().for_each(|part| push_part(&mut owner, part));
        let mut hashed = [0; 8];
        let canonical = canonical(&Value::Object(arguments.clone()));
        hashed
            .iter_mut()
            .zip(digest(&SHA256, canonical.as_bytes()).as_ref())
            .for_each(|(to, from)| *to = *from);
        Self {
            pages,
            base: &plan.request.base,
            name: pages.cursor.as_deref().unwrap_or_default(),
            key: key(pages),
            owner,
            arguments: hashed,
        }
    }

    /// A cursor that goes on there; `None` when none can be made.
    pub(super) fn seal(&self, start: &Start, first: &Url) -> Option<String> {
        let expires = clock::wall().checked_add(self.pages.cursors.expires)?;
        let mut text = vec![FORM];
        text.extend_from_slice(milliseconds(expires).to_be_bytes().get(2..)?);
        text.extend_from_slice(&self.arguments);
        push_number(&mut text, start.skip as u64);
        push_number(&mut text, u64::from(start.history.pages));
        text.extend_from_slice(&start.history.position.to_be_bytes());
        text.extend_from_slice(&start.history.items.to_be_bytes());
        push_position(&mut text, &start.position, first);
        let nonce: [u8; NONCE] = rand::random();
        let key = self.cipher()?;
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(self.owner.as_slice()),
            &mut text,
        )
        .ok()?;
        Some(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat()))
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
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_| Refused::Foreign)?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE).ok_or(Refused::Foreign)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Refused::Foreign)?;
        let key = self.cipher().ok_or(Refused::Foreign)?;
        let text = key.open_in_place(nonce, Aad::from(self.owner.as_slice()), sealed);
        let mut text = Reader(text.map_err(|_| Refused::Foreign)?);
        let [FORM] = text.take().ok_or(Refused::Foreign)? else { return Err(Refused::Foreign) };
        let [a, b, c, d, e, f] = text.take().ok_or(Refused::Foreign)?;
        if milliseconds(now) >= u64::from_be_bytes([0, 0, a, b, c, d, e, f]) {
            return Err(Refused::Expired);
        }
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

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.key).ok().map(LessSafeKey::new)
    }
}

/// The key of the gateway file, or that of this process.
fn key(pages: &PagePlan) -> [u8; 32] {
    let Some(text) = &pages.cursors.key else { return *PROCESS_KEY };
    let hashed = digest(&SHA256, [b"toolgate cursors\0", text.expose().as_bytes()].concat().as_slice());
    let mut key = [0; 32];
    key.iter_mut().zip(hashed.as_ref()).for_each(|(to, from)| *to = *from);
    key
}

/// The value as JSON with its keys sorted: equal for equal values.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let each = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), canonical(value))
            };
            format!("{{{}}}", members.into_iter().map(each).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A part and its length, so that borders count.
fn push_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_be_bytes());
    out.extend_from_slice(part);
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
