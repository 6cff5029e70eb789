//! Resources, read.

use bytes::Bytes;
use serde_json::Value;

use super::{Asker, OfferError, Request, failure};
use crate::call::{Content, Progress, ToolOutcome};
use crate::catalog::offer::{Offers, ResourceSource, TemplateSource};
use crate::catalog::{Catalog, View};

/// What a resource holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its URI, as it was asked for.
    pub uri: String,
    /// Its media type.
    pub mime_type: Option<String>,
    /// What it holds.
    pub data: Data,
    /// What there is to tell beside it, by keys of MCP's `_meta`.
    pub meta: Vec<(&'static str, Value)>,
    /// It is the same for everybody, for as long as the catalog is.
    pub fixed: bool,
}

/// What is in a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// UTF-8.
    Text(Bytes),
    /// Anything else, not yet base64.
    Blob(Bytes),
}

/// A resource that is found, and read or about to be.
#[derive(Debug)]
pub enum Reading {
    /// What it holds.
    Done(Contents),
    /// The API is asked.
    Asks(ResourceRequest),
}

/// The request for a resource.
#[derive(Debug)]
pub struct ResourceRequest {
    request: Request,
    uri: String,
    mime_type: Option<String>,
}

/// A resource that was found: whose it is, and what there is to read, unless its text cannot be made
/// ([`OfferError::Invalid`]).
pub type Found<'c> = (&'c str, Result<Reading, OfferError>);

/// Finds the resource with this URI.
///
/// # Errors
/// [`OfferError::NotFound`] when there is none.
pub fn read<'c>(catalog: &'c Catalog, view: &View, uri: &str) -> Result<Found<'c>, OfferError> {
    find(catalog.offers(), uri, |gateway| view.shows_gateway(gateway))
}

/// The same among the resources of some gateways.
pub(super) fn find<'c>(
    offers: &'c Offers,
    uri: &str,
    is_shown: impl Fn(&str) -> bool,
) -> Result<Found<'c>, OfferError> {
    let owned = |mime_type: &Option<Box<str>>| mime_type.as_deref().map(str::to_owned);
    let fixed = |data, mime_type| {
        Reading::Done(Contents { uri: uri.to_owned(), mime_type, data, meta: Vec::new(), fixed: true })
    };
    if let Some(resource) = offers.resources.iter().find(|it| is_shown(&it.gateway) && *it.uri == *uri) {
        let mime_type = owned(&resource.mime_type);
        let reading = match &resource.source {
            ResourceSource::Text(text) => fixed(Data::Text(text.clone()), mime_type),
            ResourceSource::Blob(bytes) => fixed(Data::Blob(bytes.clone()), mime_type),
            ResourceSource::Request(request) => {
                let request = Request::new(request, []);
                Reading::Asks(ResourceRequest { request, uri: uri.to_owned(), mime_type })
            }
        };
        return Ok((&resource.gateway, Ok(reading)));
    }
    let shown = offers.templates.iter().filter(|template| is_shown(&template.gateway));
    for template in shown {
        let Some(values) = template.uris.matched(uri) else { continue };
        let mime_type = owned(&template.mime_type);
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reading = match &template.source {
            TemplateSource::Text(text) => {
                let invalid = |text| OfferError::Invalid { text, uri: Some(uri.to_owned()) };
                let text = text.render(&values).map_err(|error| invalid(error.to_string()));
                text.map(|text| fixed(Data::Text(text.into()), mime_type))
            }
            TemplateSource::Request(request) => {
                let request = Request::new(request, values);
                Ok(Reading::Asks(ResourceRequest { request, uri: uri.to_owned(), mime_type }))
            }
        };
        return Ok((&template.gateway, reading));
    }
    Err(OfferError::NotFound { uri: uri.to_owned() })
}

impl Reading {
    /// What the resource holds; asks the API where that has it.
    ///
    /// # Errors
    /// [`OfferError`] when the API does not give it.
    pub async fn finish(
        self,
        asker: &Asker,
        progress: Option<&dyn Progress>,
    ) -> Result<Contents, OfferError> {
        match self {
            Self::Done(contents) => Ok(contents),
            Self::Asks(request) => request.contents(asker, progress).await,
        }
    }

    /// The headers of the caller that are kept for the request.
    #[must_use]
    pub fn caller_headers(&self) -> &[http::HeaderName] {
        match self {
            Self::Done(_) => &[],
            Self::Asks(asks) => asks.request.plan.credentials.caller_headers(),
        }
    }
}

impl ResourceRequest {
    async fn contents(self, asker: &Asker, progress: Option<&dyn Progress>) -> Result<Contents, OfferError> {
        let outcome = self.request.make(asker, progress).await;
        if outcome.is_error {
            return Err(failure(outcome, Some(&self.uri)));
        }
        let Self { uri, mime_type, .. } = self;
        let ToolOutcome { content, meta, .. } = outcome;
        // What follows the first block are words for a model that called a tool.
        let (data, own) = content.into_iter().next().map_or((Data::Text(Bytes::new()), None), data);
        Ok(Contents { uri, mime_type: mime_type.or(own), data, meta, fixed: false })
    }
}

/// What a block of content holds, and its media type.
pub(super) fn data(content: Content) -> (Data, Option<String>) {
    match content {
        Content::Text(text) => (Data::Text(text), Some("text/plain".to_owned())),
        Content::Json(text) => (Data::Text(text), Some("application/json".to_owned())),
        Content::Image { data, mime_type }
        | Content::Audio { data, mime_type }
        | Content::Blob { data, mime_type, .. } => (Data::Blob(data), Some(mime_type)),
        Content::Resource { text, mime_type, .. } => (Data::Text(text), mime_type),
        Content::Link { uri, .. } => (Data::Text(uri.into()), Some("text/uri-list".to_owned())),
    }
}

impl From<Contents> for Content {
    /// The resource embedded in a message.
    fn from(contents: Contents) -> Self {
        let Contents { uri, mime_type, data, .. } = contents;
        match data {
            Data::Text(text) => Self::Resource { uri, text, mime_type },
            Data::Blob(data) => {
                let mime_type = mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                Self::Blob { uri, data, mime_type }
            }
        }
    }
}
