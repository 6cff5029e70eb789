//! What a folder has to read.

use std::path::{Path, PathBuf};

use super::SourceError;

/// The YAML and JSON files that lie directly in a folder, by name; hidden ones are none of them.
///
/// # Errors
/// [`SourceError::Unreadable`]
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let unreadable = |error| SourceError::Unreadable { name: folder.display().to_string(), error };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if may_be_read(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn may_be_read(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let extension = path.extension().unwrap_or_default();
    !is_hidden && ["json", "yaml", "yml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_by_name_without_hidden_ones_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yaml", "a.JSON", ".hidden.yaml", "readme.md", "c.yml"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("d.json")).unwrap();
        let files = files(folder.path()).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.JSON", "b.yaml", "c.yml"]);
    }
}
