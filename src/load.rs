//! From the sources on the command line to a catalog: the one place that puts the stages of a load together.
//!
//! ```text
//! SOURCE ──input──► gateway file ──config──► Gateway ──┐
//!                   document ──────bare────► Gateway ──┴─► Api ──retarget?──► Catalog
//! ```
//!
//! What cannot be read is a diagnostic, and everything else is loaded. There are two steps, so that a stand-in
//! (`--mock`) can be started in between from what was read, and the gateways be pointed at it. Whoever serves loads again
//! when something has changed: see [`reload`].

mod bare;
mod document;
mod input;
mod name;
pub mod reload;
mod server;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::join_all;
use rustc_hash::FxHashSet;
use url::Url;

use crate::catalog::Catalog;
use crate::catalog::build::{self, BuildOptions, Served};
use crate::config::Gateway;
use crate::config::gateway::Credential;
use crate::config::shown::ShownChange;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::net::Clients;
use crate::openapi::operation::SecurityScheme;
use crate::openapi::{Document, Operation};
use crate::source::Reader;
use crate::source::remote::Permission;
use crate::upstream::Upstream;
use bare::Bare;
use input::Found;
pub use server::server_config;

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct LoadArguments {
    /// Gateway files, OpenAPI documents (paths or URLs), and folders of those.
    pub sources: Vec<String>,
    /// Where the APIs of bare documents are, in the operator's own words.
    pub base_url: Option<Url>,
    /// Values of server variables for bare documents: `name=value`.
    pub server_variables: Vec<String>,
    /// Name of the environment variable that holds the bearer token for bare documents.
    pub bearer_env: Option<String>,
    /// What bare documents may have fetched by referring to it.
    pub references: Permission,
    /// Headers for bare documents: `Name: value`, with references.
    pub headers: Vec<String>,
    /// Keep the documents: whoever stands in for an API needs what they say of its answers. They are large.
    pub keep_documents: bool,
}

/// What was read of the sources.
#[derive(Debug, Default)]
pub struct Load {
    /// The APIs in the order of their sources; their names are unique.
    pub apis: Vec<Api>,
    /// The problems so far.
    pub diagnostics: Diagnostics,
    /// What is there and cannot be served.
    lost: Lost,
}

/// Where an API was found. In the order in which APIs are served.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Origin {
    /// Which of the sources, counted from 0.
    source: usize,
    /// The file, or the URL of a document.
    path: PathBuf,
}

/// What is there and cannot be served.
#[derive(Debug, Default)]
struct Lost {
    /// Sources that cannot be read at all, counted from 0.
    sources: FxHashSet<usize>,
    /// Files of folders.
    files: Vec<Origin>,
}

/// One API: its gateway, and what was read of its document.
#[derive(Debug)]
pub struct Api {
    /// The gateway; one made up for a bare document.
    pub gateway: Gateway,
    /// The operations of the document.
    pub operations: Vec<Operation>,
    /// The security schemes that the document declares.
    pub schemes: Vec<SecurityScheme>,
    /// The document, when documents are kept.
    pub document: Option<Arc<Document>>,
    /// The URL of the document as the operator wrote it, and where it came from in the end.
    document_url: Option<(Url, Url)>,
    /// Where it was found.
    origin: Origin,
    /// Its gateway file has errors, or its document cannot be used.
    is_broken: bool,
}

/// Reads all sources. What is wrong with one of them costs no other anything.
pub async fn load(arguments: &LoadArguments, clients: &Clients) -> Load {
    load_by(arguments, &Reader::once(clients)).await
}

/// The same, by a reader that takes note of what it looks at.
pub async fn load_by(arguments: &LoadArguments, reader: &Reader) -> Load {
    let mut load = Load::default();
    let sources = arguments.sources.iter().map(|text| input::read(text, &arguments.references, reader));
    let mut found: Vec<(usize, Found)> = Vec::new();
    for (source, findings) in join_all(sources).await.into_iter().enumerate() {
        found.extend(findings.found.into_iter().map(|found| (source, found)));
        load.diagnostics.extend(findings.diagnostics);
        load.lost.add(source, findings.is_lost, findings.lost);
    }
    let bare = Bare::new(arguments, &mut load.diagnostics);
    // Names that were written come before those that are made up.
    let mut taken: FxHashSet<String> =
        found.iter().filter_map(|(_, found)| Some(found.gateway.as_ref()?.name.clone())).collect();
    let mut declared = FxHashSet::default();
    for (source, mut found) in found {
        let origin = Origin { source, path: std::mem::take(&mut found.path) };
        let gateway = match found.gateway.take() {
            Some(gateway) if !declared.insert(gateway.name.clone()) => {
                load.diagnostics.push(duplicate(&gateway));
                load.lost.files.push(origin);
                continue;
            }
            Some(gateway) => gateway,
            None => match bare.gateway(name::made_up(found.title(), &found.stem, &mut taken)) {
                Some(gateway) => gateway,
                None => continue,
            },
        };
        load.add(origin, gateway, found, arguments.keep_documents);
    }
    load
}

impl Lost {
    fn add(&mut self, source: usize, all: bool, files: Vec<PathBuf>) {
        self.sources.extend(all.then_some(source));
        self.files.extend(files.into_iter().map(|path| Origin { source, path }));
    }

    fn has(&self, origin: &Origin) -> bool {
        self.sources.contains(&origin.source) || self.files.contains(origin)
    }
}

impl Load {
    /// Points gateways at other APIs, which are the operator's own word then.
    pub fn retarget(&mut self, base_url: impl Fn(&str) -> Option<Url>) {
        for api in &mut self.apis {
            if let Some(url) = base_url(&api.gateway.name) {
                api.gateway.base_url = Some(url);
                // The stand-in takes any token, and no token endpoint stands behind it.
                for named in &mut api.gateway.credentials {
                    if let Credential::OAuth2(_) = named.credential {
                        named.credential = Credential::Bearer("stand-in".into());
                    }
                }
            }
        }
    }

    /// Shows the tools of all gateways as somebody says who has the last word.
    pub fn show(&mut self, change: ShownChange) {
        for api in &mut self.apis {
            api.gateway.shown = api.gateway.shown.changed(change);
        }
    }

    /// The catalog of all APIs, and all problems in the order in which they are shown.
    #[must_use]
    pub fn into_catalog(self, options: &BuildOptions, clients: &Clients) -> (Catalog, Diagnostics) {
        let mut diagnostics = self.diagnostics;
        let served: Vec<Served> = self.apis.into_iter().map(|api| api.served(clients, None)).collect();
        let catalog = build::build(&served, options, &mut diagnostics);
        diagnostics.sort();
        (catalog, diagnostics)
    }

    fn add(&mut self, origin: Origin, gateway: Gateway, found: Found, keep_document: bool) {
        let mut operations = found
            .document
            .as_ref()
            .map(|document| document.operations(&mut self.diagnostics))
            .unwrap_or_default();
        operations.shrink_to_fit();
        let schemes = found.document.as_ref().map(Document::security_schemes).unwrap_or_default();
        let document = found.document.filter(|_| keep_document).map(Arc::new);
        let (document_url, is_broken) = (found.url, found.is_broken);
        self.apis.push(Api { gateway, operations, schemes, document, document_url, origin, is_broken });
    }
}

impl Api {
    /// `former` is the upstream of the same name before a reload.
    fn served(self, clients: &Clients, former: Option<&Arc<Upstream>>) -> Served {
        let (written, fetched) = self.document_url.unzip();
        let gateway = self.gateway;
        let trusted = gateway.base_url.clone().into_iter().chain(written).collect();
        let upstream =
            Upstream::new(&gateway.name, trusted, gateway.credentials.clone(), &gateway.headers, clients);
        Served {
            upstream: upstream.after(former),
            document_url: fetched,
            operations: self.operations,
            schemes: self.schemes,
            gateway,
        }
    }
}

fn duplicate(gateway: &Gateway) -> Diagnostic {
    let message = format!("there is another gateway `{}`; this one is not served", gateway.name);
    let diagnostic = Diagnostic::new(Code::DuplicateGateway, message);
    match &gateway.place {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests;
