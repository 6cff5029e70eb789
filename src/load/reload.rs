//! What is served, and what becomes of it when its files are read again.
//!
//! A gateway whose file or document has become bad keeps what it had, whole; the others go on to what their files say
//! now. So does a gateway that would lose its last tool by an error. What was bad from the start has nothing good to
//! keep, and is taken as it is, as at the start.
//!
//! Of what was read, the operations are kept until they are read again, and the text of the document is not.
//!
//! The state of an API (its connections, limits, breaker, tokens) goes on to the next generation as far as what it
//! belongs to has not changed: [`crate::upstream::Upstream::after`].

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Load, Origin};
use crate::catalog::Catalog;
use crate::catalog::build::{self, BuildOptions, Served};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::net::Clients;

/// What is served from one load to the next.
#[derive(Debug, Default)]
pub struct Generation {
    /// What clients see.
    pub catalog: Arc<Catalog>,
    /// Names of gateways that are served as before, because what their files say now is bad.
    pub kept: Vec<String>,
    parts: Vec<Part>,
}

/// One gateway of a generation.
#[derive(Clone, Debug)]
struct Part {
    origin: Origin,
    is_broken: bool,
    served: Arc<Served>,
}

impl Generation {
    /// What a load gives, in the place of this generation; and all that is wrong with the load, in the order in which
    /// it is shown.
    #[must_use]
    pub fn next(&self, load: Load, options: &BuildOptions, clients: &Clients) -> (Self, Diagnostics) {
        let Load { apis, diagnostics, lost } = load;
        let parts: Vec<Part> = apis
            .into_iter()
            .map(|api| {
                let (origin, is_broken) = (api.origin.clone(), api.is_broken);
                let former = self.parts.iter().find(|part| part.served.gateway.name == api.gateway.name);
                let served = Arc::new(api.served(clients, former.map(|part| &part.served.upstream)));
                Part { origin, is_broken, served }
            })
            .collect();
        let mut bad: FxHashSet<&Origin> =
            self.parts.iter().map(|part| &part.origin).filter(|origin| lost.has(origin)).collect();
        bad.extend(self.parts.iter().filter(|part| part.breaks_in(&parts)).map(|part| &part.origin));
        let (catalog, problems) = build(&self.with(&parts, &bad), options, &diagnostics);
        let emptied = self.emptied(&parts, &catalog, &problems);
        if emptied.is_empty() {
            return (self.generation(parts, &bad, catalog), problems);
        }
        bad.extend(emptied);
        // The problems stay those of what the files say: they are why it is not served.
        let (catalog, _) = build(&self.with(&parts, &bad), options, &diagnostics);
        (self.generation(parts, &bad, catalog), problems)
    }

    /// The parts of this load, with those of this generation in the place of bad ones.
    fn with(&self, parts: &[Part], bad: &FxHashSet<&Origin>) -> Vec<Part> {
        let good = parts.iter().filter(|part| !bad.contains(&part.origin));
        let mut mixed: Vec<Part> = good.cloned().collect();
        for kept in self.parts.iter().filter(|part| bad.contains(&part.origin)) {
            // A file that took over the name counts.
            if !mixed.iter().any(|part| part.served.gateway.name == kept.served.gateway.name) {
                mixed.push(kept.clone());
            }
        }
        mixed.sort_by(|a, b| a.origin.cmp(&b.origin));
        mixed
    }

    /// Gateways that had tools and have none now, when errors may be why.
    fn emptied(&self, parts: &[Part], catalog: &Catalog, problems: &Diagnostics) -> Vec<&Origin> {
        let has_tools =
            |catalog: &Catalog, name: &str| catalog.tools().iter().any(|tool| &*tool.plan.gateway == name);
        let is_loaded = |part: &Part, name: &str| {
            parts.iter().any(|now| now.origin == part.origin && now.served.gateway.name == name)
        };
        let is_emptied = |part: &&Part| {
            let name = &*part.served.gateway.name;
            is_loaded(part, name) && has_tools(&self.catalog, name) && !has_tools(catalog, name)
        };
        let suspects = self.parts.iter().filter(|_| problems.has_errors());
        suspects.filter(is_emptied).map(|part| &part.origin).collect()
    }

    fn generation(&self, loaded: Vec<Part>, bad: &FxHashSet<&Origin>, catalog: Catalog) -> Self {
        let mut parts = self.with(&loaded, bad);
        let is_kept = |part: &&Part| bad.contains(&part.origin);
        let kept = parts.iter().filter(is_kept).map(|part| part.served.gateway.name.clone()).collect();
        drop(loaded);
        // What was kept from before has been made small then.
        parts.iter_mut().filter_map(|part| Arc::get_mut(&mut part.served)).for_each(Served::forget_text);
        Self { catalog: Arc::new(catalog), kept, parts }
    }
}

impl Part {
    /// Whether this part was good, and what was loaded of the same place is not.
    fn breaks_in(&self, parts: &[Self]) -> bool {
        !self.is_broken && parts.iter().any(|now| now.origin == self.origin && now.is_broken)
    }
}

fn build(parts: &[Part], options: &BuildOptions, diagnostics: &Diagnostics) -> (Catalog, Diagnostics) {
    let mut diagnostics = diagnostics.clone();
    let served: Vec<Arc<Served>> = parts.iter().map(|part| Arc::clone(&part.served)).collect();
    let catalog = build::build(&served, options, &mut diagnostics);
    diagnostics.sort();
    // What is wrong with what was kept has been told when it was loaded, and is not what its file says now.
    let is_now =
        |diagnostic: &Diagnostic| !diagnostic.place.as_ref().is_some_and(|place| place.source.is_forgotten());
    diagnostics.retain(is_now);
    (catalog, diagnostics)
}

#[cfg(test)]
mod tests;
