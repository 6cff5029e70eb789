//! Reading the files that a document refers to.
//!
//! A document may come from anyone. What it names is read only below the folder that it is in itself, symbolic links
//! followed before that is decided, and only so much of it. What it names by a URL is fetched only with the
//! operator's permission.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use rustc_hash::FxHashSet;
use url::Url;

use super::location::{self, Location};
use super::{Broken, File, Files, Position};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::{Builder, Node, Text, Tree};
use crate::openapi::parse;
use crate::source::remote::References;
use crate::source::{MAX_DOCUMENT, Reader, Source, SourceError, Span};

/// The largest documents that people take apart have some hundred files.
const MAX_FILES: usize = 2_000;
/// How many of them may be at URLs.
const MAX_FETCHED: usize = 200;
/// How many are fetched at once.
const FETCHES: usize = 8;
/// How long all of them may take together.
const FETCH_TIME: Duration = Duration::from_secs(60);

/// A document and the files that it refers to. Nothing is fetched.
pub(super) fn load(root: Tree) -> Files {
    let location = Location::of_source(root.source().name());
    let mut loader = Loader::new(root, location, Reader::default());
    loader.read_files();
    loader.files
}

/// The same, with what it may have fetched.
pub(super) async fn load_all(root: Tree, references: References<'_>) -> Files {
    let from_url = references.url.cloned().map(Location::Url);
    let location = from_url.or_else(|| Location::of_source(root.source().name()));
    let mut loader = Loader::new(root, location, references.reader.clone());
    if tokio::time::timeout(FETCH_TIME, loader.fetch_all(references)).await.is_err() {
        for url in loader.wanted(references) {
            loader.files.by_location.insert(Location::Url(url), Err(Broken::Late));
        }
    }
    loader.files
}

struct Loader {
    files: Files,
    /// How files are read.
    reader: Reader,
    /// The folder of the document, symbolic links followed.
    folder: Option<PathBuf>,
    /// How many bytes may still be read.
    left: usize,
    /// How many more may be fetched.
    fetches_left: usize,
    /// How many of the other files have been looked through, the document itself first.
    looked_through: usize,
}

impl Loader {
    fn new(root: Tree, location: Option<Location>, reader: Reader) -> Self {
        let left = MAX_DOCUMENT.saturating_sub(root.source().text().len());
        let (mut folder, mut itself) = (None, location.clone());
        if let Some(Location::Path(path)) = &location {
            folder = real_folder(path);
            itself = Some(Location::Path(location::normal(path)));
        }
        // Files refer back to the document by its name.
        let by_location = itself.into_iter().map(|itself| (itself, Ok(None))).collect();
        let root = File::new(root, location, Diagnostics::default());
        let files = Files { root, others: Vec::new(), by_location };
        Self { files, reader, folder, left, fetches_left: MAX_FETCHED, looked_through: 0 }
    }

    /// Reads the files of this machine that are named in what has been read, until nothing new is.
    fn read_files(&mut self) {
        while self.looked_through <= self.files.others.len() {
            self.read_what_is_named_in(self.looked_through.checked_sub(1));
            self.looked_through += 1;
        }
    }

    fn read_what_is_named_in(&mut self, position: Position) {
        let Some(file) = self.files.at(position) else { return };
        let Some(from) = &file.location else { return };
        let path = |file| match from.join(file) {
            Ok(Location::Path(path)) => Some(path),
            _ => None,
        };
        let is_new = |path: &PathBuf| !self.files.by_location.contains_key(&Location::Path(path.clone()));
        let paths: FxHashSet<PathBuf> =
            file.tree.nodes().filter_map(external_file).filter_map(path).filter(is_new).collect();
        let mut paths: Vec<PathBuf> = paths.into_iter().collect();
        // The same files are read on every run, also when there are too many.
        paths.sort();
        for path in paths {
            let file = self.read(&path);
            self.add(Location::Path(path), file);
        }
    }

    fn read(&mut self, path: &Path) -> Result<File, Broken> {
        let folder = self.folder.as_deref().ok_or(Broken::Nowhere)?;
        let real = path.canonicalize().map_err(|_| self.missing(path))?;
        if !real.starts_with(folder) {
            return Err(Broken::Outside);
        }
        if self.files.others.len() >= MAX_FILES {
            return Err(Broken::TooMany);
        }
        let source = self.reader.file(path, self.left).map_err(|error| unreadable(&error))?;
        self.file(&source, Location::Path(path.to_owned()), is_data(path))
    }

    /// What is outside by its text alone is told as that, so that nobody learns what is there.
    fn missing(&self, path: &Path) -> Broken {
        let Some(Location::Path(root)) = &self.files.root.location else { return Broken::Nowhere };
        let folder = location::normal(root.parent().unwrap_or(Path::new("")));
        let below = path.strip_prefix(&folder).unwrap_or(Path::new(".."));
        if below.starts_with("..") {
            return Broken::Outside;
        }
        // It may come yet.
        self.reader.seen.file(path);
        Broken::Nowhere
    }

    /// Fetches what is named in what has been read, until nothing new is.
    async fn fetch_all(&mut self, references: References<'_>) {
        loop {
            self.read_files();
            let urls = self.wanted(references);
            if urls.is_empty() {
                return;
            }
            let limit = self.left;
            let fetch = async |url: Url| (references.fetch(&url, limit).await, url);
            let mut fetches = stream::iter(urls).map(fetch).buffered(FETCHES);
            while let Some((fetched, url)) = fetches.next().await {
                let file = match fetched {
                    Err(error) => Err(unreadable(&error)),
                    Ok(fetched) if fetched.source.text().len() > self.left => Err(Broken::TooMany),
                    Ok(_) if self.fetches_left == 0 => Err(Broken::TooMany),
                    Ok(fetched) => {
                        let is_data = is_data(Path::new(fetched.url.path()));
                        self.file(&fetched.source, Location::Url(fetched.url), is_data)
                    }
                };
                self.fetches_left = self.fetches_left.saturating_sub(1);
                self.add(Location::Url(url), file);
            }
        }
    }

    /// The URLs that are referred to, may be fetched and have not been.
    fn wanted(&self, references: References<'_>) -> Vec<Url> {
        let mut wanted = FxHashSet::default();
        for file in std::iter::once(&self.files.root).chain(&self.files.others) {
            let Some(from) = &file.location else { continue };
            for node in file.tree.nodes() {
                let Some(name) = external_file(node) else { continue };
                if let Ok(Location::Url(url)) = from.join(name)
                    && references.permit(&url)
                    && !self.files.by_location.contains_key(&Location::Url(url.clone()))
                    && !self.files.is_named(node, name)
                {
                    wanted.insert(url);
                }
            }
        }
        let mut wanted: Vec<Url> = wanted.into_iter().collect();
        wanted.sort();
        wanted
    }

    /// Takes a text as a file among those of the document.
    fn file(&mut self, source: &Arc<Source>, location: Location, is_data: bool) -> Result<File, Broken> {
        self.left = self.left.saturating_sub(source.text().len());
        let mut diagnostics = Diagnostics::default();
        let tree = if is_data { parse(source, &mut diagnostics) } else { Some(text(source)) };
        match tree {
            Some(tree) => Ok(File::new(tree, Some(location), diagnostics)),
            None => Err(Broken::Unreadable(diagnostics)),
        }
    }

    fn add(&mut self, location: Location, file: Result<File, Broken>) {
        let position = file.map(|file| {
            self.files.others.push(file);
            Some(self.files.others.len() - 1)
        });
        self.files.by_location.insert(location, position);
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
