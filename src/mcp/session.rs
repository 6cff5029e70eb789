//! Sessions of legacy clients over HTTP: what is remembered of a client between two of its requests.
//!
//! Most clients need none, and every request of theirs stands alone. One is given at the handshake to a client that can be
//! asked for something, and to all where lists can change: there is something to send to them, and something to
//! remember. An id is 128 random bits. Whoever comes with the id of another caller, or at another endpoint, is told
//! the same as somebody who has guessed.
//!
//! There are never more than a number of them: the one that has not been used for the longest time goes for the next.
//! One that nobody uses for long goes by itself. A session is in use while a call or a stream of it is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use super::changes::News;
use super::client::Client;
use super::line::Questions;
use crate::clock;

/// One client, from its handshake until it says goodbye or is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// What it says of itself, and what it wants to be told.
    pub(crate) client: Client,
    /// What it was asked.
    pub(crate) questions: Arc<Questions>,
    /// Up to where it was told what changes.
    told: Mutex<u64>,
    /// Cancelled when the session is over.
    over: CancellationToken,
    /// The calls that run, by the raw JSON of their ids.
    running: Mutex<FxHashMap<Box<str>, CancellationToken>>,
    users: AtomicUsize,
}

/// As long as this is kept the session is not idle.
#[derive(Debug)]
pub(crate) struct InUse(Arc<Session>);

/// A call of a session that runs; it can be cancelled by its id as long as this is kept.
#[derive(Debug)]
pub(crate) struct Running {
    session: InUse,
    id: Box<str>,
    cancelled: CancellationToken,
}

impl Session {
    /// The session of a client that was told up to the change of this number.
    pub(crate) fn new(client: Client, told: u64) -> Self {
        Self { client, told: Mutex::new(told), ..Self::default() }
    }

    /// The session is not idle from here on.
    pub(crate) fn in_use(self: &Arc<Self>) -> InUse {
        self.users.fetch_add(1, Ordering::Relaxed);
        InUse(Arc::clone(self))
    }

    /// A call with this id begins. Of two with one id the later one is meant when it is cancelled.
    pub(crate) fn begin(self: &Arc<Self>, id: &str) -> Running {
        let cancelled = CancellationToken::new();
        self.running().insert(id.into(), cancelled.clone());
        Running { session: self.in_use(), id: id.into(), cancelled }
    }

    /// Cancels the call with this id, if it still runs.
    pub(crate) fn cancel(&self, id: &str) {
        if let Some(call) = self.running().remove(id) {
            call.cancel();
        }
    }

    fn running(&self) -> MutexGuard<'_, FxHashMap<Box<str>, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody will come back to it. What runs ends as it would have.
    fn close(&self) {
        self.over.cancel();
        self.questions.abandon();
    }
}

impl InUse {
    /// What there is to tell since the last time, whichever stream told it then.
    pub(crate) fn notices(&self, news: &News) -> Vec<Bytes> {
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        let notices = self.0.client.notices(news, *told);
        *told = news.latest();
        notices
    }

    /// Waits until the session is over.
    pub(crate) async fn over(&self) {
        self.0.over.cancelled().await;
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.users.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Running {
    /// Waits until the client gives the call up.
    pub(crate) async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.session.0.running();
        // A later call may have the same id.
        if running.get(&self.id).is_some_and(|call| *call == self.cancelled) {
            running.remove(&self.id);
        }
    }
}

/// All sessions of a process.
#[derive(Debug)]
pub(crate) struct Sessions {
    table: Mutex<Table>,
    most: usize,
    idle: Duration,
}

#[derive(Debug, Default)]
struct Table {
    entries: FxHashMap<u128, Entry>,
    /// By when they were last used, longest ago first.
    order: BTreeMap<u64, u128>,
    turns: u64,
}

#[derive(Debug)]
struct Entry {
    session: Arc<Session>,
    owner: Owner,
    used: Instant,
    turn: u64,
}

/// Whose a session is: an id of a principal, and the endpoint that it was begun at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owner {
    principal: Box<str>,
    place: Box<str>,
}

/// Who comes with an id, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor<'a> {
    /// [`crate::access::Principal::id`]
    pub(crate) principal: &'a str,
    /// The endpoint.
    pub(crate) place: &'a str,
}

impl Sessions {
    /// At most `most` sessions, of which none is idle for longer than `idle`.
    pub(crate) fn new(most: usize, idle: Duration) -> Self {
        Self { table: Mutex::default(), most, idle }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.table().entries.len()
    }

    /// Whether any session is given at all.
    pub(crate) fn is_off(&self) -> bool {
        self.most == 0
    }

    /// Begins a session; gives its id for the header.
    pub(crate) fn open(&self, session: Session, visitor: Visitor<'_>) -> String {
        let id = rand::random::<u128>();
        let mut table = self.table();
        table.expire(self.idle);
        while table.entries.len() >= self.most.max(1) {
            table.evict();
        }
        let turn = table.turn();
        let owner = Owner { principal: visitor.principal.into(), place: visitor.place.into() };
        table.entries.insert(id, Entry { session: Arc::new(session), owner, used: clock::now(), turn });
        table.order.insert(turn, id);
        format!("{id:032x}")
    }

    /// The session with this id, if it is the visitor's.
    pub(crate) fn find(&self, id: &str, visitor: Visitor<'_>) -> Option<Arc<Session>> {
        let id = read_id(id)?;
        let mut table = self.table();
        table.expire(self.idle);
        let session = table.of(id, visitor)?.session.clone();
        table.touch(id);
        Some(session)
    }

    /// Ends the session with this id, if it is the visitor's.
    pub(crate) fn end(&self, id: &str, visitor: Visitor<'_>) -> bool {
        let Some(id) = read_id(id) else { return false };
        let mut table = self.table();
        table.expire(self.idle);
        let is_his = table.of(id, visitor).is_some();
        if is_his {
            table.remove(id);
        }
        is_his
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn of(&self, id: u128, visitor: Visitor<'_>) -> Option<&Entry> {
        let owns = |owner: &Owner| *owner.principal == *visitor.principal && *owner.place == *visitor.place;
        self.entries.get(&id).filter(|entry| owns(&entry.owner))
    }

    fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// It was used just now.
    fn touch(&mut self, id: u128) {
        let turn = self.turn();
        let Some(entry) = self.entries.get_mut(&id) else { return };
        self.order.remove(&entry.turn);
        self.order.insert(turn, id);
        entry.turn = turn;
        entry.used = clock::now();
    }

    fn remove(&mut self, id: u128) {
        if let Some(entry) = self.entries.remove(&id) {
            self.order.remove(&entry.turn);
            entry.session.close();
        }
    }

    /// Forgets what nobody has used for so long.
    fn expire(&mut self, idle: Duration) {
        let now = clock::now();
        while let Some((id, entry)) = self.first() {
            if now.duration_since(entry.used) < idle {
                return;
            }
            if entry.is_in_use() { self.touch(id) } else { self.remove(id) }
        }
    }

    /// Makes room for one more.
    fn evict(&mut self) {
        for _ in 0..self.entries.len() {
            match self.first() {
                Some((id, entry)) if entry.is_in_use() => self.touch(id),
                Some((id, _)) => return self.remove(id),
                None => return,
            }
        }
        // All are in use.
        if let Some(id) = self.first().map(|(id, _)| id) {
            self.remove(id);
        }
    }

    fn first(&self) -> Option<(u128, &Entry)> {
        let (_, id) = self.order.first_key_value()?;
        Some((*id, self.entries.get(id)?))
    }
}

impl Entry {
    fn is_in_use(&self) -> bool {
        self.session.users.load(Ordering::Relaxed) > 0
    }
}

/// An id as we write it, and no other way to write the same number.
pub(crate) fn read_id(text: &str) -> Option<u128> {
    let is_ours = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests;
