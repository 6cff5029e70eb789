//! The book of what reached the upstream.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::wire::Request;
use crate::support::wait;

/// Everything that reached an upstream, in order of arrival.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
    ends: Mutex<Vec<(usize, End, Instant)>>,
    most_open: AtomicUsize,
}

/// One request, as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its number, from 0, in order of arrival.
    pub(crate) id: usize,
    /// The number of the connection that it came on.
    pub(crate) connection: usize,
    /// The request as it was received.
    pub(crate) request: Request,
    /// When it had come in whole.
    pub(crate) at: Instant,
    /// How often exactly this request (method, target, body) has come, this time included.
    pub(crate) attempt: usize,
}

/// How the answer to a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was written as planned, and the connection can be used again.
    Answered,
    /// The upstream itself ended the connection, as planned.
    Closed,
    /// The client went away before the answer was complete.
    ClientLeft,
}

impl Ledger {
    pub(super) fn enter(&self, connection: usize, request: Request) -> Entry {
        let mut entries = self.entries.lock().unwrap();
        let attempt = 1 + entries.iter().filter(|entry| entry.request.same_as(&request)).count();
        let entry = Entry { id: entries.len(), connection, request, at: toolgate::clock::now(), attempt };
        entries.push(entry.clone());
        self.most_open.fetch_max(entries.len() - self.ends.lock().unwrap().len(), Ordering::SeqCst);
        entry
    }

    pub(super) fn close(&self, id: usize, end: End) {
        self.ends.lock().unwrap().push((id, end, toolgate::clock::now()));
    }

    /// All entries so far.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    /// How many requests have come.
    pub(crate) fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    /// The most requests that there were at once.
    pub(crate) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    /// The only entry there is.
    pub(crate) fn only(&self) -> Entry {
        match self.entries().as_slice() {
            [entry] => entry.clone(),
            entries => panic!("one request was expected, {} came: {entries:#?}", entries.len()),
        }
    }

    /// Every byte that came, as text: to search for what must not have been sent.
    pub(crate) fn wire(&self) -> String {
        self.entries().iter().map(|entry| entry.request.wire()).collect()
    }

    /// Fails the test when anything has come.
    pub(crate) fn assert_empty(&self, why: &str) {
        let entries = self.entries();
        assert!(entries.is_empty(), "nothing was to be sent ({why}), but: {entries:#?}");
    }

    /// Waits until `count` requests have come.
    pub(crate) async fn until_entered(&self, count: usize) {
        wait::until(&format!("{count} requests at the upstream"), || (self.len() >= count).then_some(()))
            .await;
    }

    /// How many answers ended in this way, so far.
    pub(crate) fn ended(&self, how: End) -> usize {
        self.ends.lock().unwrap().iter().filter(|(_, end, _)| *end == how).count()
    }

    /// Waits until the client has gone away from `count` answers, and says when it went from the last one.
    pub(crate) async fn until_left(&self, count: usize) -> Instant {
        let what = format!("the client to leave {count} answers");
        wait::until(&what, || (self.ended(End::ClientLeft) >= count).then_some(())).await;
        self.ends.lock().unwrap().last().unwrap().2
    }
}

impl Entry {
    /// The only value of a header; `None` when it is not there. Twice is a failure.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.request.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "header {name} came twice: {:?}", self.request.headers);
        value
    }

    /// The path of the target, without its query.
    pub(crate) fn path(&self) -> &str {
        self.request.target.split('?').next().unwrap_or_default()
    }
}
