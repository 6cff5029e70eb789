//! The surroundings of the program: the one place that reads environment variables, and the files that `${file:…}`
//! names. Nothing else of toolgate's configuration comes from there.

use std::io::Read as _;
use std::path::Path;

use crate::source::Seen;

/// What references are resolved from.
pub(crate) trait Environment {
    /// The value of an environment variable; `None` when it is not set (or is no text).
    fn variable(&self, name: &str) -> Option<String>;

    /// The text of a file.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be read.
    fn file(&self, path: &Path) -> Result<String, FileError>;

    /// The bytes of a file in `folder` or below; at most `limit`.
    ///
    /// # Errors
    /// [`AttachmentError`] when it is elsewhere, larger, or cannot be read.
    fn attachment(&self, folder: &Path, path: &Path, limit: usize) -> Result<Vec<u8>, AttachmentError>;
}

/// Why a file cannot be offered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttachmentError {
    /// It is not in the folder, or a link leads out of it.
    #[error("it is not in the folder of the gateway file")]
    Elsewhere,
    /// It is no file: a folder, a device.
    #[error("it is no file")]
    NoFile,
    /// There is too much of it.
    #[error("it is larger than {} MiB", .limit >> 20)]
    TooLarge {
        /// The most that is offered, in bytes.
        limit: usize,
    },
    /// It cannot be opened or read.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
}

/// Why a file that a reference names gives no text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// It cannot be opened or read.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no secret but something else.
    #[error("it is larger than 64 KiB")]
    TooLarge,
    /// It is not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
}

/// The process's own environment.
pub(crate) struct System;

/// The process's own environment, for a load that takes note of the files it looks at.
pub(crate) struct Noted<'a>(pub(crate) &'a Seen);

/// An environment in which everything is set: for looking at the rest of a file.
pub(crate) struct Pretended;

impl Environment for Noted<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        System.variable(name)
    }

    fn file(&self, path: &Path) -> Result<String, FileError> {
        self.0.file(path);
        System.file(path)
    }

    fn attachment(&self, folder: &Path, path: &Path, limit: usize) -> Result<Vec<u8>, AttachmentError> {
        self.0.file(&folder.join(path));
        System.attachment(folder, path, limit)
    }
}

impl Environment for Pretended {
    fn variable(&self, name: &str) -> Option<String> {
        Some(if name.ends_with("URL") { "https://api.example.com" } else { "value" }.to_owned())
    }

    fn file(&self, _: &Path) -> Result<String, FileError> {
        Ok("value".to_owned())
    }

    fn attachment(&self, _: &Path, _: &Path, _: usize) -> Result<Vec<u8>, AttachmentError> {
        Ok(b"value".to_vec())
    }
}

impl Environment for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> Result<String, FileError> {
        /// A token, a key, a certificate: nothing that is larger.
        const MAX_BYTES: u64 = 64 << 10;
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(FileError::TooLarge);
        }
        String::from_utf8(bytes).map_err(|_| FileError::NotText)
    }

    fn attachment(&self, folder: &Path, path: &Path, limit: usize) -> Result<Vec<u8>, AttachmentError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // Both with every link followed: what counts is where the bytes are.
        let (folder, path) = (folder.canonicalize()?, folder.join(path).canonicalize()?);
        if !path.starts_with(&folder) {
            return Err(AttachmentError::Elsewhere);
        }
        let file = std::fs::File::open(&path)?;
        if !file.metadata()?.is_file() {
            return Err(AttachmentError::NoFile);
        }
        let mut bytes = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit { Err(AttachmentError::TooLarge { limit }) } else { Ok(bytes) }
    }
}
