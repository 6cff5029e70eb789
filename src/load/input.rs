//! What one SOURCE of the command line is, and what is found there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use url::Url;

use super::{document, server};
use crate::config::{self, Gateway};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::Document;
use crate::openapi::node::{Node, Tree};
use crate::source::remote::{Permission, References};
use crate::source::{self, MAX_DOCUMENT, MAX_GATEWAY_FILE, Place, Reader, Source, SourceError};

/// A gateway, or a bare document that has none yet.
#[derive(Debug)]
pub(super) struct Found {
    /// The file, or the URL of a document.
    pub(super) path: PathBuf,
    /// Something of it cannot be used: the gateway file has errors, or its document cannot be read.
    pub(super) is_broken: bool,
    pub(super) gateway: Option<Gateway>,
    pub(super) document: Option<Document>,
    /// The URL of the document as it was written, and where it came from in the end.
    pub(super) url: Option<(Url, Url)>,
    /// The name of the file without its extension.
    pub(super) stem: String,
}

/// A text that was parsed to see what it is.
struct Parsed {
    path: PathBuf,
    source: Arc<Source>,
    /// `None` when it is not well-formed.
    tree: Option<Tree>,
    problems: Diagnostics,
}

/// What is found at one SOURCE.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What can be served.
    pub(super) found: Vec<Found>,
    /// Files of a folder that are there, and nothing of them can be served.
    pub(super) lost: Vec<PathBuf>,
    /// The SOURCE as a whole cannot be read.
    pub(super) is_lost: bool,
    /// What is wrong.
    pub(super) diagnostics: Diagnostics,
}

/// How what documents refer to is fetched.
#[derive(Clone, Copy)]
pub(super) struct Fetching<'a> {
    pub(super) references: &'a Permission,
    pub(super) reader: &'a Reader,
}

/// What a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gateway,
    Document,
    /// Neither, as far as can be seen.
    Other,
}

/// Everything that is found at a path or URL.
///
/// `references` is what bare documents may have fetched.
pub(super) async fn read(text: &str, references: &Permission, reader: &Reader) -> Findings {
    let fetching = Fetching { references, reader };
    let path = Path::new(text);
    let mut findings = Findings::default();
    let found = match url(text) {
        Some(url) => from_url(url, fetching, &mut findings.diagnostics).await,
        None if path.is_dir() => {
            from_folder(path, fetching, &mut findings).await;
            return findings;
        }
        None => from_file(path, fetching, &mut findings.diagnostics).await,
    };
    findings.is_lost = found.is_none();
    findings.found.extend(found);
    findings
}

impl<'a> Fetching<'a> {
    /// The same for a document that came from `url`.
    pub(super) fn of(self, url: Option<&'a Url>) -> References<'a> {
        References { permission: self.references, url, reader: self.reader }
    }
}

impl Found {
    /// What the document calls itself.
    pub(super) fn title(&self) -> Option<&str> {
        self.document.as_ref()?.title()
    }
}

/// A text is a URL when it says so; everything else is a path.
fn url(text: &str) -> Option<Url> {
    let scheme = text.split_once("://")?.0;
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then(|| Url::parse(text).ok())?
}

async fn from_file(path: &Path, fetching: Fetching<'_>, diagnostics: &mut Diagnostics) -> Option<Found> {
    let source = match fetching.reader.file(path, MAX_DOCUMENT) {
        Ok(source) => source,
        Err(error) => {
            diagnostics.push(unreadable(&error, None));
            return None;
        }
    };
    let parsed = Parsed::new(path, source);
    match parsed.kind() {
        Kind::Gateway => parsed.gateway(fetching.reader, diagnostics).await,
        Kind::Other if parsed.tree.as_ref().is_some_and(config::recognises_server) => {
            diagnostics.push(server::misplaced().at(parsed.start()));
            None
        }
        Kind::Document | Kind::Other => parsed.document(fetching.of(None), diagnostics).await,
    }
}

/// The files of a folder in the order of their names. What is neither a gateway file nor a document is passed over,
/// and so is a document that a gateway file here names: it is served by that one.
async fn from_folder(folder: &Path, fetching: Fetching<'_>, findings: &mut Findings) {
    let reader = fetching.reader;
    let files = match reader.folder(folder) {
        Ok(files) => files,
        Err(error) => {
            findings.diagnostics.push(unreadable(&error, None));
            findings.is_lost = true;
            return;
        }
    };
    let mut parsed = Vec::new();
    for path in &files {
        let read = reader.file(path, MAX_DOCUMENT).ok().map(|source| Parsed::new(path, source));
        match read.filter(|parsed| parsed.kind() != Kind::Other) {
            Some(read) => parsed.push(read),
            None => findings.lost.push(path.clone()),
        }
    }
    if parsed.is_empty() {
        let message = format!("{} holds neither a gateway file nor an OpenAPI document", folder.display());
        findings.diagnostics.push(Diagnostic::new(Code::SourceUnknown, message));
    }
    let named: FxHashSet<PathBuf> = parsed.iter().filter_map(Parsed::named_document).collect();
    for parsed in parsed {
        let path = parsed.path.clone();
        let diagnostics = &mut findings.diagnostics;
        let found = match parsed.kind() {
            Kind::Gateway => parsed.gateway(reader, diagnostics).await,
            _ if path.canonicalize().is_ok_and(|path| named.contains(&path)) => continue,
            _ => parsed.document(fetching.of(None), diagnostics).await,
        };
        match found {
            Some(found) => findings.found.push(found),
            None => findings.lost.push(path),
        }
    }
}

async fn from_url(url: Url, fetching: Fetching<'_>, diagnostics: &mut Diagnostics) -> Option<Found> {
    let fetched = match source::remote::fetch(&url, MAX_DOCUMENT, fetching.reader).await {
        Ok(fetched) => fetched,
        Err(error) => {
            diagnostics.push(unreadable(&error, None));
            return None;
        }
    };
    let parsed = Parsed::new(Path::new(url.path()), fetched.source);
    if parsed.kind() == Kind::Gateway {
        // It could have a file of this machine sent anywhere.
        let message = "a gateway file is only read from this machine";
        diagnostics.push(Diagnostic::new(Code::SourceUnknown, message).at(parsed.start()));
        return None;
    }
    let found = parsed.document(fetching.of(Some(&fetched.url)), diagnostics).await?;
    Some(Found { path: PathBuf::from(url.as_str()), url: Some((url, fetched.url)), ..found })
}

impl Parsed {
    fn new(path: &Path, source: Arc<Source>) -> Self {
        let mut problems = Diagnostics::default();
        let tree = crate::openapi::parse(&source, &mut problems);
        Self { path: path.to_owned(), source, tree, problems }
    }

    fn kind(&self) -> Kind {
        let begins = |keys: &[&str]| self.source.text().lines().any(|line| begins_with_key(line, keys));
        match &self.tree {
            Some(tree) if config::recognises(tree) => Kind::Gateway,
            Some(tree) if is_document(tree.root()) => Kind::Document,
            Some(_) => Kind::Other,
            None if begins(&["gateway"]) => Kind::Gateway,
            None if begins(&["openapi", "swagger"]) => Kind::Document,
            None => Kind::Other,
        }
    }

    /// The gateway of a gateway file, with its document.
    async fn gateway(self, reader: &Reader, diagnostics: &mut Diagnostics) -> Option<Found> {
        if self.source.text().len() > MAX_GATEWAY_FILE {
            let message = format!("a gateway file has at most {} MiB", MAX_GATEWAY_FILE >> 20);
            diagnostics.push(Diagnostic::new(Code::SourceTooLarge, message).at(self.start()));
            return None;
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut problems = Diagnostics::default();
        let gateway = config::read(&self.source, folder, &reader.seen, &mut problems);
        let mut is_broken = problems.has_errors();
        diagnostics.extend(problems);
        let gateway = gateway?;
        let place = self.tree.as_ref().and_then(|tree| tree.root().get("openapi")).map(Node::place);
        let (document, url) = document::read(&gateway, place, reader, diagnostics).await.unzip();
        is_broken |= document.is_none() && (gateway.document.is_some() || !gateway.overlays.is_empty());
        let stem = self.stem();
        Some(Found { path: self.path, is_broken, gateway: Some(gateway), document, url: url.flatten(), stem })
    }

    /// A bare document.
    async fn document(self, references: References<'_>, diagnostics: &mut Diagnostics) -> Option<Found> {
        let stem = self.stem();
        diagnostics.extend(self.problems);
        let document = Some(Document::with_references(self.tree?, references, diagnostics).await?);
        Some(Found { path: self.path, is_broken: false, gateway: None, document, url: None, stem })
    }

    /// The file that a gateway file names as its document.
    fn named_document(&self) -> Option<PathBuf> {
        let tree = self.tree.as_ref().filter(|tree| config::recognises(tree))?;
        let named = tree.root().get("openapi")?.as_str()?;
        self.path.parent()?.join(named).canonicalize().ok()
    }

    fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn start(&self) -> Place {
        Place::new(&self.source, source::Span::default())
    }
}

/// Whether a text that is no gateway file means to be a document.
fn is_document(root: Node<'_>) -> bool {
    let has = |key| root.get(key).is_some();
    has("openapi") || has("swagger") || has("paths") && has("info")
}

/// Whether a line begins with one of these keys, in YAML or in JSON.
fn begins_with_key(line: &str, keys: &[&str]) -> bool {
    let line = line.trim_start_matches(['{', ' ', '\t', '"', '\'']);
    keys.iter().any(|key| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    })
}

/// A source that could not be read; `named` is where a file says that it should be.
pub(super) fn unreadable(error: &SourceError, named: Option<Place>) -> Diagnostic {
    let (code, place) = match error {
        SourceError::TooLarge { .. } => (Code::SourceTooLarge, named),
        SourceError::NotText { place, .. } => (Code::Syntax, Some(place.clone())),
        _ => (Code::SourceUnreadable, named),
    };
    let diagnostic = Diagnostic::new(code, error.to_string());
    match place {
        Some(place) => diagnostic.at(place),
        None => diagnostic,
    }
}
