//! What one endpoint offers beside tools, as lists have it. Whole lists are bytes: made once, when the catalog is.

use std::sync::Arc;

use bytes::Bytes;

use super::super::{Catalog, View};
use super::{Offers, Prompt, Resource, ResourceTemplate};

/// What one view offers.
#[derive(Debug, Default)]
pub struct Offered {
    /// The `resources` array of resources/list; `None` when there are neither resources nor templates.
    pub resources: Option<Bytes>,
    /// The `resourceTemplates` array of resources/templates/list; `None` as above.
    pub templates: Option<Bytes>,
    /// The `prompts` array of prompts/list; `None` when there are none.
    pub prompts: Option<Bytes>,
    /// Something completes an argument.
    pub completes: bool,
}

/// One of the things that are offered, as lists have it.
pub(crate) trait Offer {
    /// Name of its gateway.
    fn gateway(&self) -> &str;

    /// What tells it from all others of its kind.
    fn id(&self) -> &str;

    /// Exactly the JSON object that is shown of it.
    fn face(&self) -> &str;
}

/// What a view shows of some offers.
pub(crate) fn shown<'a, T: Offer>(offers: &'a [T], view: &'a View) -> impl Iterator<Item = &'a T> {
    offers.iter().filter(|offer| view.shows_gateway(offer.gateway()))
}

impl Offered {
    pub(in crate::catalog) fn of(catalog: &Catalog, view: &View) -> Self {
        let Offers { resources, templates, prompts } = &*catalog.offers;
        let reads = shown(resources, view).next().is_some() || shown(templates, view).next().is_some();
        Self {
            resources: reads.then(|| array(shown(resources, view))),
            templates: reads.then(|| array(shown(templates, view))),
            prompts: shown(prompts, view).next().is_some().then(|| array(shown(prompts, view))),
            completes: shown(templates, view).any(|template| !template.completions.is_empty())
                || shown(prompts, view)
                    .flat_map(|prompt| &prompt.arguments)
                    .any(|argument| argument.completion.is_some()),
        }
    }
}

fn array<'a, T: Offer + 'a>(offers: impl Iterator<Item = &'a T>) -> Bytes {
    let faces: Vec<&str> = offers.map(Offer::face).collect();
    Bytes::from(format!("[{}]", faces.join(",")))
}

impl<T: Offer> Offer for Arc<T> {
    fn gateway(&self) -> &str {
        T::gateway(self)
    }

    fn id(&self) -> &str {
        T::id(self)
    }

    fn face(&self) -> &str {
        T::face(self)
    }
}

impl Offer for Resource {
    fn gateway(&self) -> &str {
        &self.gateway
    }

    fn id(&self) -> &str {
        &self.uri
    }

    fn face(&self) -> &str {
        &self.face
    }
}

impl Offer for ResourceTemplate {
    fn gateway(&self) -> &str {
        &self.gateway
    }

    fn id(&self) -> &str {
        self.uris.text()
    }

    fn face(&self) -> &str {
        &self.face
    }
}

impl Offer for Prompt {
    fn gateway(&self) -> &str {
        &self.gateway
    }

    fn id(&self) -> &str {
        &self.name
    }

    fn face(&self) -> &str {
        &self.face
    }
}
