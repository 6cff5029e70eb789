//! Reading the files that a document refers to.
//!
//! A document may come from anyone. What it names is read only below the folder that it is in itself, symbolic links
//! followed before that is decided, and only so much of it.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustc_hash::FxHashSet;

use super::{Broken, File, Files, Position};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::{Builder, Node, Text, Tree};
use crate::openapi::parse;
use crate::source::{self, MAX_DOCUMENT, Source, SourceError, Span};

/// The largest documents that people take apart have some hundred files.
const MAX_FILES: usize = 2_000;

/// A document and the files that it refers to.
pub(super) fn load(root: Tree) -> Files {
    let name = root.source().name();
    let path = (!name.contains("://")).then(|| PathBuf::from(name));
    let folder = path.as_deref().and_then(real_folder);
    let left = MAX_DOCUMENT.saturating_sub(root.source().text().len());
    // Files refer back to the document by its name.
    let by_path = path.iter().map(|path| (normal(path), Ok(None))).collect();
    let root = File::new(root, path, Diagnostics::default());
    let mut loader = Loader { files: Files { root, others: Vec::new(), by_path }, folder, left };
    loader.read_what_is_named_in(None);
    let mut next = 0;
    while next < loader.files.others.len() {
        loader.read_what_is_named_in(Some(next));
        next += 1;
    }
    loader.files
}

/// The path that `file`, a relative URL without fragment, means in the file at `from`.
pub(super) fn path(from: Option<&Path>, file: &str) -> Result<PathBuf, Broken> {
    if has_scheme(file) || file.starts_with("//") {
        return Err(Broken::Url);
    }
    let Some(from) = from else { return Err(Broken::Url) };
    let file = file.split('?').next().unwrap_or_default();
    let file = percent_decode_str(file).decode_utf8_lossy();
    if Path::new(&*file).is_absolute() || file.contains('\0') {
        return Err(Broken::Outside);
    }
    Ok(normal(&from.parent().unwrap_or(Path::new("")).join(&*file)))
}

struct Loader {
    files: Files,
    /// The folder of the document, symbolic links followed.
    folder: Option<PathBuf>,
    /// How many bytes may still be read.
    left: usize,
}

impl Loader {
    fn read_what_is_named_in(&mut self, position: Position) {
        let Some(file) = self.files.at(position) else { return };
        let Some(from) = &file.path else { return };
        let named = file.tree.nodes().filter_map(external_file);
        let paths: FxHashSet<PathBuf> = named.filter_map(|file| path(Some(from), file).ok()).collect();
        let mut paths: Vec<PathBuf> =
            paths.into_iter().filter(|path| !self.files.by_path.contains_key(path)).collect();
        // The same files are read on every run, also when there are too many.
        paths.sort();
        for path in paths {
            let position = self.read(&path).map(|file| {
                self.files.others.push(file);
                Some(self.files.others.len() - 1)
            });
            self.files.by_path.insert(path, position);
        }
    }

    fn read(&mut self, path: &Path) -> Result<File, Broken> {
        let folder = self.folder.as_deref().ok_or(Broken::Nowhere)?;
        let real = path.canonicalize().map_err(|_| Broken::Nowhere)?;
        if !real.starts_with(folder) {
            return Err(Broken::Outside);
        }
        if self.files.others.len() >= MAX_FILES {
            return Err(Broken::TooMany);
        }
        let source = source::file::read(path, self.left).map_err(|error| unreadable(&error))?;
        self.left = self.left.saturating_sub(source.text().len());
        let mut diagnostics = Diagnostics::default();
        let tree = if is_data(path) { parse(&source, &mut diagnostics) } else { Some(text(&source)) };
        match tree {
            Some(tree) => Ok(File::new(tree, Some(path.to_owned()), diagnostics)),
            None => Err(Broken::Unreadable(diagnostics)),
        }
    }
}

/// The file part of a node's `$ref`, when it names another file.
fn external_file(node: Node<'_>) -> Option<&str> {
    let reference = node.get("$ref")?.as_str()?;
    let file = reference.split('#').next().unwrap_or_default();
    (!file.is_empty()).then_some(file)
}

/// The folder of a file, symbolic links followed.
fn real_folder(file: &Path) -> Option<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().ok()
}

/// The path without `.` and `..`, decided by its text alone.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            component => normal.push(component),
        }
    }
    normal
}

/// Whether a text begins with a URL scheme (RFC 3986, section 3.1). One letter is a drive, not a scheme.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Whether a file holds JSON or YAML. Others (a description in Markdown, a code sample) are one text.
fn is_data(path: &Path) -> bool {
    path.extension().is_none_or(|extension| {
        ["json", "yaml", "yml"].into_iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// A tree that is one text.
fn text(source: &Arc<Source>) -> Tree {
    let span = Span::new(0, source.text().len());
    let mut builder = Builder::new(source);
    let root = builder.string(Text::at(span), span);
    builder.finish(root)
}

fn unreadable(error: &SourceError) -> Broken {
    match error {
        SourceError::TooLarge { .. } => Broken::TooMany,
        error => {
            let diagnostic = Diagnostic::new(Code::SourceUnreadable, error.to_string());
            Broken::Unreadable(Diagnostics::from_iter([diagnostic]))
        }
    }
}
