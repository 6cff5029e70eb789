//! How the sources of a load are read: from this machine, or from URLs, and noting what was looked at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::library::Library;
use super::seen::Seen;
use super::{Source, SourceError, file, folder};
use crate::net::Clients;

/// What one load reads with. A load that nobody repeats reads with [`Reader::once`].
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The clients of the process.
    pub clients: Clients,
    /// What it looked at on this machine.
    pub seen: Arc<Seen>,
    /// What was fetched by former loads; `None` when nothing is kept for the next one.
    pub library: Option<Arc<Library>>,
}

impl Reader {
    /// A reader that keeps nothing.
    #[must_use]
    pub fn once(clients: &Clients) -> Self {
        Self { clients: clients.clone(), ..Self::default() }
    }

    /// A reader of what `library` has; what it has not is fetched and kept there.
    #[must_use]
    pub fn of(clients: &Clients, library: &Arc<Library>) -> Self {
        library.begin();
        Self { library: Some(Arc::clone(library)), ..Self::once(clients) }
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`file::read`].
    pub fn file(&self, path: &Path, limit: usize) -> Result<Arc<Source>, SourceError> {
        self.seen.file(path);
        file::read(path, limit)
    }

    /// The files of a folder.
    ///
    /// # Errors
    /// As [`folder::files`].
    pub fn folder(&self, path: &Path) -> Result<Vec<PathBuf>, SourceError> {
        self.seen.folder(path);
        folder::files(path)
    }
}
