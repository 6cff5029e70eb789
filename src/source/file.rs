//! Sources from files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::{Source, SourceError, encoding};

/// Reads a file of at most `limit` bytes. Its name is the path as it was given.
///
/// # Errors
/// [`SourceError::Unreadable`], [`SourceError::TooLarge`] or [`SourceError::NotText`].
pub fn read(path: &Path, limit: usize) -> Result<Arc<Source>, SourceError> {
    let name = path.display().to_string();
    let bytes = match bytes(path, limit) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(SourceError::TooLarge { name, limit }),
        Err(error) => return Err(SourceError::Unreadable { name, error }),
    };
    let text = encoding::decode(&name, bytes)?;
    Ok(Source::new(name, text))
}

/// The bytes of a file; `None` when there are more than `limit`. A size that the system tells is believed when it is
/// too large, so that nothing is read; else it is a hint: a pipe has none, and a file may grow.
fn bytes(path: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    if size > limit {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(size + 1);
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, "\u{feff}a: 1").unwrap();
        let source = read(&path, 7).unwrap();
        assert_eq!((source.text(), source.name()), ("a: 1", path.to_str().unwrap()));
        assert!(matches!(read(&path, 6), Err(SourceError::TooLarge { limit: 6, .. })));
    }

    #[test]
    fn what_is_not_there_is_named_as_it_was_given() {
        let error = read(Path::new("no/such/file.yaml"), 10).unwrap_err();
        assert!(error.to_string().starts_with("cannot read no/such/file.yaml: "), "{error}");
    }
}
