//! The arrays of what one endpoint offers beside tools, as bytes: made once, when the catalog is.

use bytes::Bytes;

use super::super::{Catalog, View};

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

impl Offered {
    pub(in crate::catalog) fn of(catalog: &Catalog, view: &View) -> Self {
        let offers = &catalog.offers;
        let resources: Vec<&str> = offers
            .resources
            .iter()
            .filter(|it| view.shows_gateway(&it.gateway))
            .map(|it| &*it.face)
            .collect();
        let shown = || offers.templates.iter().filter(|it| view.shows_gateway(&it.gateway));
        let templates: Vec<&str> = shown().map(|it| &*it.face).collect();
        let prompts = || offers.prompts.iter().filter(|it| view.shows_gateway(&it.gateway));
        let faces: Vec<&str> = prompts().map(|it| &*it.face).collect();
        let reads = !resources.is_empty() || !templates.is_empty();
        Self {
            resources: reads.then(|| array(&resources)),
            templates: reads.then(|| array(&templates)),
            prompts: (!faces.is_empty()).then(|| array(&faces)),
            completes: shown().any(|it| !it.completions.is_empty())
                || prompts().flat_map(|it| &it.arguments).any(|argument| argument.completion.is_some()),
        }
    }
}

fn array(faces: &[&str]) -> Bytes {
    Bytes::from(format!("[{}]", faces.join(",")))
}
