//! Toolsets: views across gateways, selected by the patterns of the server file.
//!
//! Patterns are looked at once, when the catalog is built. What is left of a toolset is the set of its tools' names,
//! so a call at its path costs one look into that.

use std::sync::Arc;

use super::select::is_path;
use super::{Catalog, Chosen, Selection, Tool, View};
use crate::config::gateway::{Introduction, OperationMatch};
use crate::config::server::{Selector, Toolset};
use crate::config::wildcard;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

impl Catalog {
    /// The same catalog with a view for each toolset. One that has the name of a gateway is left out: a path is one
    /// thing.
    #[must_use]
    pub(super) fn with_toolsets(mut self, toolsets: &[Toolset], diagnostics: &mut Diagnostics) -> Self {
        for toolset in toolsets {
            if self.gateways.iter().any(|gateway| *gateway.name == *toolset.name) {
                diagnostics.push(taken(toolset));
                continue;
            }
            let mut view = self.toolset(toolset, diagnostics);
            view.rule = toolset.conditions.clone().map(|conditions| self.rule_of_path(conditions));
            self.views.push(view);
        }
        self
    }

    fn toolset(&self, toolset: &Toolset, diagnostics: &mut Diagnostics) -> View {
        for selector in toolset.include.iter().chain(&toolset.exclude) {
            self.tell_without_match(selector, diagnostics);
        }
        let is_any =
            |selectors: &[Selector], tool: &Tool| selectors.iter().any(|selector| selector.selects(tool));
        let is_included = |tool: &&Tool| toolset.include.is_empty() || is_any(&toolset.include, tool);
        let mut chosen = Chosen::default();
        for tool in self.tools.iter().filter(is_included).filter(|tool| !is_any(&toolset.exclude, tool)) {
            chosen.tools.insert(tool.name.clone());
            chosen.gateways.insert(Arc::clone(&tool.plan.gateway));
        }
        // A gateway may have more to offer than tools.
        let whole = |gateway: &str| {
            let is_whole = |selector: &Selector| selector.is_whole(gateway);
            (toolset.include.is_empty() || toolset.include.iter().any(is_whole))
                && !toolset.exclude.iter().any(is_whole)
        };
        let gateways = self.gateways.iter().map(|gateway| &gateway.name);
        chosen.gateways.extend(gateways.filter(|name| whole(name)).map(Arc::clone));
        self.new_view(
            Some(Arc::from(&*toolset.name)),
            Selection::Chosen(chosen),
            Introduction {
                instructions: toolset.instructions.as_deref().map(str::to_owned),
                ..Introduction::default()
            },
            toolset.discover,
        )
    }

    /// Warns about a pattern that is about nothing.
    pub(super) fn tell_without_match(&self, selector: &Selector, diagnostics: &mut Diagnostics) {
        let is_gateway = |pattern: &str| self.gateways.iter().any(|gateway| wildcard(pattern, &gateway.name));
        let matches = match selector.whole_gateway() {
            Some(pattern) => is_gateway(pattern),
            None => self.tools.iter().any(|tool| selector.selects(tool)),
        };
        if matches {
            return;
        }
        let diagnostic = match &selector.gateway {
            Some(pattern) if !is_gateway(pattern) => {
                let names = self.gateways.iter().map(|gateway| &*gateway.name);
                let problem = Diagnostic::new(Code::NoMatch, format!("there is no gateway `{pattern}`"));
                with_suggestion(problem, super::suggest(pattern, names))
            }
            _ => {
                let names = self.tools.iter().map(|tool| &*tool.name);
                let problem = Diagnostic::new(Code::NoMatch, format!("`{}` matches no tool", selector.text));
                with_suggestion(problem, super::suggest(&selector.text, names))
            }
        };
        diagnostics.push(diagnostic.at(selector.place.clone()));
    }
}

impl Selector {
    /// Whether a gateway is meant with all that it has.
    pub(super) fn is_whole(&self, gateway: &str) -> bool {
        self.whole_gateway().is_some_and(|pattern| wildcard(pattern, gateway))
    }

    /// Whether a tool is one of those that are meant.
    pub(super) fn selects(&self, tool: &Tool) -> bool {
        let gateway = &*tool.plan.gateway;
        if self.gateway.as_ref().is_some_and(|pattern| !wildcard(pattern, gateway)) {
            return false;
        }
        match &self.matches {
            None => true,
            Some(OperationMatch::Tag(tag)) => tool.tags.iter().any(|candidate| wildcard(tag, candidate)),
            Some(OperationMatch::Id(name)) => {
                let short = tool.name.strip_prefix(gateway).and_then(|rest| rest.strip_prefix('_'));
                wildcard(name, &tool.name)
                    || self.gateway.is_some() && short.is_some_and(|short| wildcard(name, short))
            }
            Some(OperationMatch::Route { method, path }) => {
                let (word, template) = tool.plan.signature.split_once(' ').unwrap_or_default();
                method.as_ref().is_none_or(|method| method.as_str() == word) && is_path(path, template)
            }
        }
    }
}

fn with_suggestion(diagnostic: Diagnostic, similar: Option<&str>) -> Diagnostic {
    match similar {
        Some(similar) => diagnostic.help(format!("did you mean `{similar}`?")),
        None => diagnostic,
    }
}

fn taken(toolset: &Toolset) -> Diagnostic {
    let message = format!("there is a gateway `{}`; this toolset is not served", toolset.name);
    Diagnostic::new(Code::DuplicateGateway, message)
        .at(toolset.place.clone())
        .help("both would be at the same path: call the toolset something else")
}

#[cfg(test)]
mod tests;
