//! Waiting until something that was looked at may have changed.
//!
//! The system tells what happens in the folders of what was [`Seen`]; whether it concerns us is for its stamps to say.
//! Folders are watched, not files: editors put a new file in the place of the old one, and volumes of Kubernetes turn
//! a link beside it. Where the system tells nothing (a network file system, too many watches), looking every few
//! seconds finds the same, later.

use std::path::PathBuf;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use rustc_hash::FxHashSet;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Seen;

/// So long nothing must happen before somebody looks: whoever saves several files is not done with the first.
const QUIET: Duration = Duration::from_millis(75);
/// Somebody looks at the latest after this time, however busy the folders are.
const LATEST: Duration = Duration::from_secs(1);
/// How often somebody looks without being told.
const LOOK: Duration = Duration::from_secs(3);

/// Waits for changes of what was seen.
#[derive(Debug)]
pub struct Watch {
    /// `None` when the system does not tell.
    watcher: Option<RecommendedWatcher>,
    folders: FxHashSet<PathBuf>,
    told: Receiver<()>,
}

impl Watch {
    /// A watch of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        // One place is enough: that something happened is all there is to tell.
        let (tell, told) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| !is_reading(event.kind)) {
                let _told_already = tell.try_send(());
            }
        });
        let watcher =
            watcher.map_err(|error| tracing::warn!(%error, "files are looked at every few seconds")).ok();
        Self { watcher, folders: FxHashSet::default(), told }
    }

    /// Watches the folders of what was seen, and no others.
    pub fn follow(&mut self, seen: &Seen) {
        let Some(watcher) = &mut self.watcher else { return };
        let places: FxHashSet<PathBuf> = seen.places().into_iter().collect();
        for gone in self.folders.difference(&places) {
            let _gone_already = watcher.unwatch(gone);
        }
        self.folders.retain(|folder| places.contains(folder));
        for folder in places {
            // Tried again each time that one could not be watched: it may be there by then.
            if !self.folders.contains(&folder) {
                match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                    Ok(()) => drop(self.folders.insert(folder)),
                    Err(error) => tracing::debug!(folder = %folder.display(), %error, "cannot be watched"),
                }
            }
        }
    }

    /// Waits until `seen` is no longer what it was.
    pub async fn changed(&mut self, seen: &Seen) {
        loop {
            let look = Instant::now() + LOOK;
            if timeout_at(look, self.next()).await.is_ok() {
                self.quiet().await;
            }
            if seen.has_changed() {
                return;
            }
        }
    }

    async fn next(&mut self) {
        if self.told.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    async fn quiet(&mut self) {
        let latest = Instant::now() + LATEST;
        loop {
            let quiet = (Instant::now() + QUIET).min(latest);
            if timeout_at(quiet, self.next()).await.is_err() {
                return sleep_until(quiet).await;
            }
        }
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether an event says that somebody has looked at a file: we do that ourselves.
fn is_reading(kind: EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_replaced_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (path, new) = (folder.path().join("a.yaml"), folder.path().join("a.yaml.new"));
        std::fs::write(&path, "a: 1").unwrap();
        let mut watch = Watch::new();
        for text in ["a: 2", "a: 3"] {
            let seen = Seen::default();
            seen.file(&path);
            watch.follow(&seen);
            let before = tokio::time::timeout(Duration::from_millis(1), watch.changed(&seen)).await;
            assert!(before.is_err(), "nothing has changed yet");
            std::fs::write(&new, text).unwrap();
            std::fs::rename(&new, &path).unwrap();
            tokio::time::timeout(Duration::from_secs(30), watch.changed(&seen)).await.unwrap();
        }
    }
}
