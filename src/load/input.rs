//! What one SOURCE of the command line is, and what is found there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use url::Url;

use super::{document, server};
use crate::config::{self, Gateway};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::net::Clients;
use crate::openapi::Document;
use crate::openapi::node::{Node, Tree};
use crate::source::remote::{Permission, References};
use crate::source::{self, MAX_DOCUMENT, MAX_GATEWAY_FILE, Place, Source, SourceError};

/// A gateway, or a bare document that has none yet.
#[derive(Debug)]
pub(super) struct Found {
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

/// How what documents refer to is fetched.
#[derive(Clone, Copy)]
pub(super) struct Fetching<'a> {
    pub(super) references: &'a Permission,
    pub(super) clients: &'a Clients,
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
pub(super) async fn read(
    text: &str,
    references: &Permission,
    clients: &Clients,
) -> (Vec<Found>, Diagnostics) {
    let fetching = Fetching { references, clients };
    let mut diagnostics = Diagnostics::default();
    let path = Path::new(text);
    let found = if let Some(url) = url(text) {
        from_url(url, fetching, &mut diagnostics).await.into_iter().collect()
    } else if path.is_dir() {
        from_folder(path, fetching, &mut diagnostics).await
    } else {
        from_file(path, fetching, &mut diagnostics).await.into_iter().collect()
    };
    (found, diagnostics)
}

impl<'a> Fetching<'a> {
    /// The same for a document that came from `url`.
    pub(super) fn of(self, url: Option<&'a Url>) -> References<'a> {
        References { permission: self.references, url, clients: self.clients }
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
    let source = match source::file::read(path, MAX_DOCUMENT) {
        Ok(source) => source,
        Err(error) => {
            diagnostics.push(unreadable(&error, None));
            return None;
        }
    };
    let parsed = Parsed::new(path, source);
    match parsed.kind() {
        Kind::Gateway => parsed.gateway(fetching.clients, diagnostics).await,
        Kind::Other if parsed.tree.as_ref().is_some_and(config::recognises_server) => {
            diagnostics.push(server::misplaced().at(parsed.start()));
            None
        }
        Kind::Document | Kind::Other => parsed.document(fetching.of(None), diagnostics).await,
    }
}

/// The files of a folder in the order of their names. What is neither a gateway file nor a document is passed over,
/// and so is a document that a gateway file here names: it is served by that one.
async fn from_folder(folder: &Path, fetching: Fetching<'_>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let files = match source::folder::files(folder) {
        Ok(files) => files,
        Err(error) => {
            diagnostics.push(unreadable(&error, None));
            return Vec::new();
        }
    };
    let parsed: Vec<Parsed> = files
        .iter()
        .filter_map(|path| Some(Parsed::new(path, source::file::read(path, MAX_DOCUMENT).ok()?)))
        .filter(|parsed| parsed.kind() != Kind::Other)
        .collect();
    if parsed.is_empty() {
        let message = format!("{} holds neither a gateway file nor an OpenAPI document", folder.display());
        diagnostics.push(Diagnostic::new(Code::SourceUnknown, message));
    }
    let named: FxHashSet<PathBuf> = parsed.iter().filter_map(Parsed::named_document).collect();
    let mut found = Vec::new();
    for parsed in parsed {
        match parsed.kind() {
            Kind::Gateway => found.extend(parsed.gateway(fetching.clients, diagnostics).await),
            _ if parsed.path.canonicalize().is_ok_and(|path| named.contains(&path)) => {}
            _ => found.extend(parsed.document(fetching.of(None), diagnostics).await),
        }
    }
    found
}

async fn from_url(url: Url, fetching: Fetching<'_>, diagnostics: &mut Diagnostics) -> Option<Found> {
    let fetched = match source::remote::fetch(&url, MAX_DOCUMENT, fetching.clients).await {
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
    Some(Found { url: Some((url, fetched.url)), ..found })
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
    async fn gateway(self, clients: &Clients, diagnostics: &mut Diagnostics) -> Option<Found> {
        if self.source.text().len() > MAX_GATEWAY_FILE {
            let message = format!("a gateway file has at most {} MiB", MAX_GATEWAY_FILE >> 20);
            diagnostics.push(Diagnostic::new(Code::SourceTooLarge, message).at(self.start()));
            return None;
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let gateway = config::read(&self.source, folder, diagnostics)?;
        let place = self.tree.as_ref().and_then(|tree| tree.root().get("openapi")).map(Node::place);
        let (document, url) = document::read(&gateway, place, clients, diagnostics).await.unzip();
        Some(Found { gateway: Some(gateway), document, url: url.flatten(), stem: self.stem() })
    }

    /// A bare document.
    async fn document(self, references: References<'_>, diagnostics: &mut Diagnostics) -> Option<Found> {
        let stem = self.stem();
        diagnostics.extend(self.problems);
        let document = Document::with_references(self.tree?, references, diagnostics).await?;
        Some(Found { gateway: None, document: Some(document), url: None, stem })
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
