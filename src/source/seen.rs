//! What a load looked at on this machine, so that somebody can tell whether it has changed since.
//!
//! A file is known by its stamp, which is taken before the file is read: what changes while it is read is found changed
//! afterwards. The stamp is that of what a path leads to, so that a symbolic link that is turned elsewhere is a change.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::folder;

/// The files and folders that a load looked at.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Paths>);

#[derive(Debug, Default)]
struct Paths {
    /// By path; `None`: nothing was there.
    files: BTreeMap<PathBuf, Option<Stamp>>,
    /// The files that were in them.
    folders: BTreeMap<PathBuf, Vec<PathBuf>>,
}

/// What changes when a file is written or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, file number and the time of its last change, where the system knows them: a file that is put in the
    /// place of another may be as long and as old.
    identity: [u64; 4],
}

impl Seen {
    /// Takes note of a file that is about to be read.
    pub fn file(&self, path: &Path) {
        let mut paths = self.lock();
        if !paths.files.contains_key(path) {
            let stamp = Stamp::of(path);
            paths.files.insert(path.to_owned(), stamp);
        }
    }

    /// Takes note of a folder whose files are about to be listed.
    pub fn folder(&self, path: &Path) {
        let mut paths = self.lock();
        if !paths.folders.contains_key(path) {
            let listed = listed(path);
            paths.folders.insert(path.to_owned(), listed);
        }
    }

    /// Whether anything that was looked at is different now.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let paths = self.lock();
        paths.files.iter().any(|(path, stamp)| Stamp::of(path) != *stamp)
            || paths.folders.iter().any(|(path, files)| listed(path) != *files)
    }

    /// The folders in which something happens when one of it changes: those of the files as they were named, and
    /// those where links lead.
    #[must_use]
    pub fn places(&self) -> Vec<PathBuf> {
        let paths = self.lock();
        let mut places: Vec<PathBuf> = paths.folders.keys().cloned().collect();
        for file in paths.files.keys() {
            places.push(parent(file));
            places.extend(file.canonicalize().ok().map(|real| parent(&real)));
        }
        places.sort();
        places.dedup();
        places
    }

    fn lock(&self) -> MutexGuard<'_, Paths> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let (length, modified) = (metadata.len(), metadata.modified().ok());
        Some(Self { length, modified, identity: identity(&metadata) })
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> [u64; 4] {
    use std::os::unix::fs::MetadataExt as _;
    [metadata.dev(), metadata.ino(), metadata.ctime().cast_unsigned(), metadata.ctime_nsec().cast_unsigned()]
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> [u64; 4] {
    [0; 4]
}

/// The files of a folder; a folder that cannot be read has none.
fn listed(path: &Path) -> Vec<PathBuf> {
    folder::files(path).unwrap_or_default()
}

/// The folder that a path is in: `.` for a bare name.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &Path) -> Seen {
        let seen = Seen::default();
        if path.is_dir() {
            seen.folder(path);
        } else {
            seen.file(path);
        }
        seen
    }

    #[test]
    fn a_file_that_is_written_replaced_or_removed_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
        std::fs::write(&path, "a: 1").unwrap();
        let before = seen(&path);
        assert!(!before.has_changed());
        std::fs::write(&path, "a: 1\nb: 2").unwrap();
        assert!(before.has_changed());

        let before = seen(&path);
        std::fs::write(&other, "a: 1\nb: 3").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert!(before.has_changed(), "a file of the same length in its place");

        let before = seen(&path);
        std::fs::remove_file(&path).unwrap();
        assert!(before.has_changed());
        let missing = seen(&path);
        assert!(!missing.has_changed());
        std::fs::write(&path, "a: 1").unwrap();
        assert!(missing.has_changed(), "what was missed is there");
    }

    #[test]
    fn a_folder_has_changed_when_a_file_comes_or_goes() {
        let folder = tempfile::tempdir().unwrap();
        let before = seen(folder.path());
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        assert!(!before.has_changed(), "it would not be read");
        std::fs::write(folder.path().join("a.yaml"), "").unwrap();
        assert!(before.has_changed());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_is_turned_elsewhere_is_a_change_and_both_folders_are_places() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for version in ["v1", "v2"] {
            std::fs::create_dir(at(version)).unwrap();
            std::fs::write(at(version).join("a.yaml"), "a: 1").unwrap();
        }
        std::os::unix::fs::symlink("v1", at("data")).unwrap();
        std::os::unix::fs::symlink("data/a.yaml", at("a.yaml")).unwrap();
        let before = seen(&at("a.yaml"));
        let real = folder.path().canonicalize().unwrap();
        assert!(before.places().contains(&real.join("v1")));
        assert!(before.places().contains(&folder.path().to_owned()));
        std::os::unix::fs::symlink("v2", at("data.new")).unwrap();
        std::fs::rename(at("data.new"), at("data")).unwrap();
        assert!(before.has_changed());
    }
}
