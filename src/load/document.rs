//! The document of a gateway file, with the overlays that the file names applied to it.
//!
//! An overlay that cannot be read or applied costs the document: without it, something might be served that its
//! author takes out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::input::{Fetching, unreadable};
use crate::config::Gateway;
use crate::config::gateway::{DocumentLocation, Overlay as NamedOverlay};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::{self, Document, Overlay, overlay};
use crate::source::{self, MAX_DOCUMENT, Place, Reader, Source};

/// The URL of a document as it was written, and where it came from in the end.
type Urls = Option<(Url, Url)>;

/// The document of a gateway and its URLs; `place` is where the gateway file names it.
pub(super) async fn read(
    gateway: &Gateway,
    place: Option<Place>,
    reader: &Reader,
    diagnostics: &mut Diagnostics,
) -> Option<(Document, Urls)> {
    let overlays = overlays(&gateway.overlays, reader, diagnostics).await?;
    let (location, place) = match &gateway.document {
        Some(location) => (location.clone(), place),
        None => {
            let first = gateway.overlays.first()?;
            (extended(first, overlays.first()?, diagnostics)?, Some(first.place.clone()))
        }
    };
    let (source, urls) = text(&location, place, reader, diagnostics).await?;
    let tree = openapi::parse(&source, diagnostics)?;
    let tree = if overlays.is_empty() { tree } else { overlay::apply(tree, &overlays, diagnostics)? };
    let fetching = Fetching { references: &gateway.references, reader };
    let references = fetching.of(urls.as_ref().map(|(_, url)| url));
    Some((Document::with_references(tree, references, diagnostics).await?, urls))
}

/// All overlays; `None` when one of them cannot be used.
async fn overlays(
    named: &[NamedOverlay],
    reader: &Reader,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Overlay>> {
    let mut overlays = Vec::with_capacity(named.len());
    for NamedOverlay { location, place } in named {
        let read = text(location, Some(place.clone()), reader, diagnostics).await;
        overlays.push(read.and_then(|(source, _)| Overlay::read(&source, diagnostics)));
    }
    overlays.into_iter().collect()
}

/// The document that an overlay says it is for.
fn extended(
    named: &NamedOverlay,
    overlay: &Overlay,
    diagnostics: &mut Diagnostics,
) -> Option<DocumentLocation> {
    let missing = |message: &str, place: &Place| {
        Diagnostic::new(Code::MissingKey, message)
            .at(place.clone())
            .help("name the document in the gateway file: `openapi: ./openapi.yaml`")
    };
    let Some(extends) = overlay.extends() else {
        let message = "there is no document for this overlay: it has no `extends`";
        diagnostics.push(missing(message, &named.place));
        return None;
    };
    let location = match &named.location {
        DocumentLocation::File(_) if extends.contains("://") => {
            Url::parse(extends).ok().map(DocumentLocation::Url)
        }
        DocumentLocation::File(path) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            Some(DocumentLocation::File(folder.join(extends)))
        }
        // What came from a server may name what is on that server.
        DocumentLocation::Url(url) => {
            url.join(extends).ok().filter(|target| target.origin() == url.origin()).map(DocumentLocation::Url)
        }
    };
    if location.is_none() {
        diagnostics.push(missing(
            "what this overlay `extends` is not at a place where it is looked for",
            &named.place,
        ));
    }
    location
}

/// A text that a gateway file names at `place`.
async fn text(
    location: &DocumentLocation,
    place: Option<Place>,
    reader: &Reader,
    diagnostics: &mut Diagnostics,
) -> Option<(Arc<Source>, Urls)> {
    let read = match location {
        DocumentLocation::File(path) => {
            // `gateways/./shop.yaml` is called `gateways/shop.yaml`.
            let path: PathBuf = path.components().collect();
            reader.file(&path, MAX_DOCUMENT).map(|source| (source, None))
        }
        DocumentLocation::Url(url) => source::remote::fetch(url, MAX_DOCUMENT, reader)
            .await
            .map(|fetched| (fetched.source, Some((url.clone(), fetched.url)))),
    };
    read.map_err(|error| diagnostics.push(unreadable(&error, place))).ok()
}
