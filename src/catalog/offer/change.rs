//! What is different between what two catalogs offer beside tools.

use super::super::Catalog;
use super::{Resource, ResourceSource};

/// What a reload changed of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferChanges {
    /// A list of resources, or of their templates, is another.
    pub resources: bool,
    /// A list of prompts is another.
    pub prompts: bool,
    /// URIs of resources that hold something else now.
    pub updated: Vec<Box<str>>,
}

impl OfferChanges {
    pub(in crate::catalog) fn between(before: &Catalog, now: &Catalog) -> Self {
        let pairs = || before.views().iter().zip(now.views());
        let is_alike = |same: fn(&super::Offered, &super::Offered) -> bool| {
            before.views().len() == now.views().len()
                && pairs().all(|(one, other)| one.name == other.name && same(&one.offered, &other.offered))
        };
        let former = |resource: &Resource| before.offers().resources.iter().find(|it| it.uri == resource.uri);
        let is_updated = |resource: &&Resource| {
            former(resource).is_some_and(|former| holds_otherwise(&former.source, &resource.source))
        };
        Self {
            resources: !is_alike(|one, other| {
                one.resources == other.resources && one.templates == other.templates
            }),
            prompts: !is_alike(|one, other| one.prompts == other.prompts),
            updated: now.offers().resources.iter().filter(is_updated).map(|it| it.uri.clone()).collect(),
        }
    }

    pub(in crate::catalog) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// In words, one for each kind of change.
    pub(in crate::catalog) fn words(&self) -> impl Iterator<Item = String> {
        [
            self.resources.then(|| "resources listed otherwise".to_owned()),
            self.prompts.then(|| "prompts listed otherwise".to_owned()),
            (!self.updated.is_empty()).then(|| format!("{} resources updated", self.updated.len())),
        ]
        .into_iter()
        .flatten()
    }
}

/// Whether two contents are known to differ. What an API has is not known before it is asked.
fn holds_otherwise(before: &ResourceSource, now: &ResourceSource) -> bool {
    match (before, now) {
        (ResourceSource::Text(before), ResourceSource::Text(now))
        | (ResourceSource::Blob(before), ResourceSource::Blob(now)) => before != now,
        (ResourceSource::Request(before), ResourceSource::Request(now)) => {
            before.plan.signature != now.plan.signature
        }
        _ => true,
    }
}
