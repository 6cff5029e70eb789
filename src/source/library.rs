//! Documents from URLs that are kept from one load to the next.
//!
//! A load takes what is here and fetches the rest; asking the servers again is a step of its own ([`Library::refresh`]),
//! so that a load because of a file on this machine waits for no server. What cannot be fetched again is kept as it was:
//! a server that is down for a moment takes nothing away.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use futures_util::stream;
use rustc_hash::FxHashMap;
use url::Url;

use super::remote::{self, Fetched, Permission, Word};
use super::{MAX_DOCUMENT, SourceError};
use crate::net::Clients;

/// How many servers are asked at once.
const FETCHES: usize = 8;

/// What was fetched, by what it was fetched for.
#[derive(Debug, Default)]
pub struct Library(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    entries: FxHashMap<Wanted, Entry>,
    /// Counts loads.
    load: u64,
}

/// A URL and on whose word it is fetched: `None` is the operator's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Wanted {
    url: Url,
    permission: Option<Permission>,
}

#[derive(Debug)]
struct Entry {
    /// `None`: it could not be fetched.
    fetched: Option<Fetched>,
    /// The last load that wanted it.
    load: u64,
}

/// What came of asking again.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// At least one document is another one now, or is there at last.
    pub changed: bool,
    /// What could not be fetched and is kept as it was.
    pub failures: Vec<SourceError>,
}

impl Library {
    /// Whether nothing was fetched from anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().entries.is_empty()
    }

    /// A new load begins.
    pub(super) fn begin(&self) {
        self.lock().load += 1;
    }

    /// Forgets what the last load did not want.
    pub fn tidy(&self) {
        let mut shelf = self.lock();
        let load = shelf.load;
        shelf.entries.retain(|_, entry| entry.load == load);
    }

    /// What is kept of a URL.
    pub(super) fn take(&self, word: Word<'_>, url: &Url) -> Option<Fetched> {
        let mut shelf = self.lock();
        let load = shelf.load;
        let entry = shelf.entries.get_mut(&Wanted::new(word, url))?;
        entry.load = load;
        entry.fetched.clone()
    }

    /// Keeps what was fetched, or that it could not be.
    pub(super) fn put(&self, word: Word<'_>, url: &Url, fetched: Option<Fetched>) {
        let mut shelf = self.lock();
        let load = shelf.load;
        shelf.entries.insert(Wanted::new(word, url), Entry { fetched, load });
    }

    /// Asks for everything again, on condition that it has changed (RFC 9110, section 13.1).
    pub async fn refresh(&self, clients: &Clients) -> Refreshed {
        let kept: Vec<(Wanted, Option<Fetched>)> = self
            .lock()
            .entries
            .iter()
            .map(|(wanted, entry)| (wanted.clone(), entry.fetched.clone()))
            .collect();
        let ask = async |(wanted, kept): (Wanted, Option<Fetched>)| {
            let asked =
                remote::fetch_again(wanted.word(), &wanted.url, MAX_DOCUMENT, clients, kept.as_ref()).await;
            (asked, wanted, kept)
        };
        let mut asked = stream::iter(kept).map(ask).buffer_unordered(FETCHES);
        let mut refreshed = Refreshed::default();
        while let Some((asked, wanted, kept)) = asked.next().await {
            match asked {
                Ok(Some(fetched)) => refreshed.changed |= self.replace(&wanted, kept.as_ref(), fetched),
                Ok(None) => {}
                Err(error) => refreshed.failures.push(error),
            }
        }
        refreshed
    }

    /// Keeps a document in the place of another. Whether it says anything else.
    fn replace(&self, wanted: &Wanted, kept: Option<&Fetched>, fetched: Fetched) -> bool {
        let is_same =
            kept.is_some_and(|kept| kept.source.text() == fetched.source.text() && kept.url == fetched.url);
        if let Some(entry) = self.lock().entries.get_mut(wanted) {
            entry.fetched = Some(fetched);
        }
        !is_same
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wanted {
    fn new(word: Word<'_>, url: &Url) -> Self {
        let permission = match word {
            Word::Operator(_) => None,
            Word::Document(permission) => Some(permission.clone()),
        };
        Self { url: url.clone(), permission }
    }

    fn word(&self) -> Word<'_> {
        match &self.permission {
            None => Word::Operator(&self.url),
            Some(permission) => Word::Document(permission),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::Reader;
    use super::*;
    use crate::net::fixture::{Answer, Peer, answer};

    async fn text(url: &Url, library: &Arc<Library>) -> Option<String> {
        let reader = Reader::of(&Clients::default(), library);
        let fetched = remote::fetch(url, MAX_DOCUMENT, &reader).await.ok()?;
        Some(fetched.source.text().to_owned())
    }

    #[tokio::test]
    async fn a_document_is_asked_for_again_on_condition_and_kept_when_its_server_fails() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let peer = Peer::start(move |request| {
            let is_known = request.contains("if-none-match: \"1\"\r\n");
            Answer::Write(match (count.fetch_add(1, Ordering::SeqCst), is_known) {
                (0, false) => answer("200 OK\r\nETag: \"1\"", "one"),
                (1, true) => answer("304 Not Modified", ""),
                (2, true) => answer("503 Service Unavailable", "down"),
                (3, true) => answer("200 OK\r\nETag: \"2\"", "two"),
                other => answer("418 Unexpected", format!("{other:?}")),
            })
        })
        .await;
        let (library, clients) = (Arc::new(Library::default()), Clients::default());
        assert_eq!(text(&peer.url, &library).await.as_deref(), Some("one"));
        assert_eq!(text(&peer.url, &library).await.as_deref(), Some("one"));
        assert_eq!(asked.load(Ordering::SeqCst), 1, "a load takes what is there");

        let same = library.refresh(&clients).await;
        assert!(!same.changed && same.failures.is_empty(), "{same:?}");
        let failed = library.refresh(&clients).await;
        assert!(!failed.changed && failed.failures.len() == 1, "{failed:?}");
        assert_eq!(text(&peer.url, &library).await.as_deref(), Some("one"));
        assert!(library.refresh(&clients).await.changed);
        assert_eq!(text(&peer.url, &library).await.as_deref(), Some("two"));
    }

    #[tokio::test]
    async fn what_could_not_be_fetched_is_looked_for_again_and_what_nobody_wants_is_forgotten() {
        let asked = AtomicUsize::new(0);
        let peer = Peer::start(move |_| {
            Answer::Write(match asked.fetch_add(1, Ordering::SeqCst) {
                0 => answer("404 Not Found", ""),
                _ => answer("200 OK", "late"),
            })
        })
        .await;
        let (library, clients) = (Arc::new(Library::default()), Clients::default());
        assert_eq!(text(&peer.url, &library).await, None);
        assert!(library.refresh(&clients).await.changed);
        assert_eq!(text(&peer.url, &library).await.as_deref(), Some("late"));
        library.begin();
        library.tidy();
        assert!(library.is_empty());
    }
}
