//! What of a catalog is there for whom.
//!
//! The patterns of rules are looked at once, when the catalog is built; what is left is for each tool the numbers of
//! the rules that are about it. Of a caller, only one thing counts: which rules hide something from him. Callers with the
//! same answer to that see the same, and what they see is a [`View`] like any other, made when one of them first
//! comes and kept for the next. So nothing behind a view knows of rules: lists, searching, suggestions and calls ask
//! the view, and what is hidden is not there.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::{Catalog, Chosen, Selection, Tool, View};
use crate::access::{Caller, Principal};
use crate::config::gateway::Introduction;
use crate::config::server::{Conditions, Rule, Selector};
use crate::diagnostic::Diagnostics;

/// The number of a rule.
pub(super) type RuleId = usize;

/// The rules of a catalog, and the views that were made because of them.
#[derive(Debug, Default)]
pub(super) struct Rights {
    conditions: Vec<Conditions>,
    /// By the names of tools; shared by those with the same rules.
    of_tools: FxHashMap<Box<str>, Arc<[RuleId]>>,
    /// By the names of gateways: rules about all that one offers.
    of_gateways: FxHashMap<Arc<str>, Vec<RuleId>>,
    parts: Mutex<Vec<Part>>,
}

/// What some callers see of a view; the most recently used one is the last.
#[derive(Debug)]
struct Part {
    of: usize,
    hidden: Vec<RuleId>,
    view: Arc<View>,
}

/// What a caller sees: a view of the catalog, or a part of one.
#[derive(Debug)]
pub enum Sight<'c> {
    /// All of it.
    Whole(&'c View),
    /// What is not hidden from him.
    Part(Arc<View>),
}

impl Deref for Sight<'_> {
    type Target = View;

    fn deref(&self) -> &View {
        match self {
            Self::Whole(view) => view,
            Self::Part(view) => view,
        }
    }
}

/// What all parts of views may hold together, in bytes of lists.
const PARTS_BYTES: usize = 64 << 20;

/// How many parts are kept at most.
const MOST_PARTS: usize = 64;

impl Catalog {
    /// The same catalog with these rules.
    #[must_use]
    pub(super) fn with_rules(mut self, rules: &[Rule], diagnostics: &mut Diagnostics) -> Self {
        for rule in rules {
            rule.tools.iter().for_each(|selector| self.tell_without_match(selector, diagnostics));
        }
        let about = |is_about: &dyn Fn(&Rule) -> bool| -> Vec<RuleId> {
            rules.iter().enumerate().filter(|(_, rule)| is_about(rule)).map(|(id, _)| id).collect()
        };
        let mut shared: FxHashMap<Vec<RuleId>, Arc<[RuleId]>> = FxHashMap::default();
        for tool in self.tools.iter().filter(|_| !rules.is_empty()) {
            let ids = about(&|rule| rule.selects(|selector| selector.selects(tool)));
            let ids = shared.entry(ids).or_insert_with_key(|ids| ids.as_slice().into());
            self.rights.of_tools.insert(tool.name.clone(), Arc::clone(ids));
        }
        for gateway in &self.gateways {
            let ids = about(&|rule| rule.selects(|selector| selector.is_whole(&gateway.name)));
            self.rights.of_gateways.insert(Arc::clone(&gateway.name), ids);
        }
        self.rights.conditions = rules.iter().map(|rule| rule.conditions.clone()).collect();
        self
    }

    /// Adds a rule that is about a path alone.
    pub(super) fn rule_of_path(&mut self, conditions: Conditions) -> RuleId {
        self.rights.conditions.push(conditions);
        self.rights.conditions.len() - 1
    }

    /// What is at `/mcp` (`None`) or `/mcp/<name>` for whoever asks. `None` when nothing is: a path at which a caller
    /// sees nothing is not there for him.
    #[must_use]
    pub fn seen_by(&self, principal: &Principal, name: Option<&str>) -> Option<Sight<'_>> {
        let (of, view) = self.views.iter().enumerate().find(|(_, view)| view.name.as_deref() == name)?;
        let Some(caller) = principal.caller().filter(|_| !self.rights.conditions.is_empty()) else {
            return Some(Sight::Whole(view));
        };
        let hidden = self.rights.hidden_from(caller);
        if view.rule.is_some_and(|rule| hidden.contains(&rule)) {
            return None;
        }
        if hidden.is_empty() {
            return Some(Sight::Whole(view));
        }
        let part = self.rights.part(of, &hidden).unwrap_or_else(|| self.new_part(of, view, hidden));
        (name.is_none() || !part.is_empty()).then_some(Sight::Part(part))
    }

    /// The scopes that a caller needs for calling a tool of a view, when he does not have all of them.
    #[must_use]
    pub fn lacking_for_tool(&self, principal: &Principal, view: &View, tool: &Tool) -> Vec<&str> {
        let ids = self.rights.of_tools.get(&tool.name);
        self.lacking(principal, view, ids.map(AsRef::as_ref).unwrap_or_default())
    }

    /// The same for what a gateway offers beside its tools.
    #[must_use]
    pub fn lacking_for_gateway(&self, principal: &Principal, view: &View, gateway: &str) -> Vec<&str> {
        let ids = self.rights.of_gateways.get(gateway);
        self.lacking(principal, view, ids.map(AsRef::as_ref).unwrap_or_default())
    }

    fn lacking(&self, principal: &Principal, view: &View, ids: &[RuleId]) -> Vec<&str> {
        let Some(caller) = principal.caller() else { return Vec::new() };
        let about = || {
            let ids = ids.iter().chain(&view.rule);
            ids.filter_map(|id| self.rights.conditions.get(*id))
        };
        if !about().any(|conditions| conditions.lacking(caller)) {
            return Vec::new();
        }
        let mut needed: Vec<&str> = Vec::new();
        for scope in about().flat_map(|conditions| &conditions.scopes) {
            if !needed.contains(&scope.as_str()) {
                needed.push(scope);
            }
        }
        needed
    }

    fn new_part(&self, of: usize, whole: &View, hidden: Vec<RuleId>) -> Arc<View> {
        let is_hidden =
            |ids: Option<&[RuleId]>| ids.is_some_and(|ids| ids.iter().any(|id| hidden.contains(id)));
        let mut chosen = Chosen::default();
        let mut bytes = 0;
        for tool in self.tools.iter().filter(|tool| whole.shows(tool)) {
            if !is_hidden(self.rights.of_tools.get(&tool.name).map(AsRef::as_ref)) {
                chosen.tools.insert(tool.name.clone());
                bytes += tool.face.len();
            }
        }
        for gateway in self.gateways.iter().filter(|gateway| whole.shows_gateway(&gateway.name)) {
            if !is_hidden(self.rights.of_gateways.get(&gateway.name).map(AsRef::as_ref)) {
                chosen.gateways.insert(Arc::clone(&gateway.name));
            }
        }
        // What is hidden does not tell how it is meant to be used.
        let introduction = match whole.selection {
            Selection::Everything if self.gateways.len() > 1 => {
                let shown = self.gateways.iter().filter(|gateway| chosen.gateways.contains(&gateway.name));
                Introduction { instructions: super::instructions(shown), ..Introduction::default() }
            }
            _ => whole.introduction.clone(),
        };
        let selection = Selection::Chosen(chosen);
        let mut view = self.new_view(whole.name.clone(), selection, introduction, whole.discover);
        view.rule = whole.rule;
        let view = Arc::new(view);
        self.rights.keep(Part { of, hidden, view: Arc::clone(&view) }, bytes);
        view
    }
}

impl Rights {
    /// The rules that hide something from a caller.
    fn hidden_from(&self, caller: &Caller) -> Vec<RuleId> {
        let all = self.conditions.iter().enumerate();
        all.filter(|(_, rule)| rule.hides() && rule.hides_from(caller)).map(|(id, _)| id).collect()
    }

    fn part(&self, of: usize, hidden: &[RuleId]) -> Option<Arc<View>> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let at = parts.iter().rposition(|part| part.of == of && part.hidden == hidden)?;
        let part = parts.remove(at);
        let view = Arc::clone(&part.view);
        parts.push(part);
        Some(view)
    }

    /// Keeps a part in the place of those that nobody has asked for for the longest time. `bytes` is what a list of it
    /// takes: of large ones fewer are kept.
    fn keep(&self, part: Part, bytes: usize) {
        let most = (PARTS_BYTES / bytes.max(1)).clamp(4, MOST_PARTS);
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = (parts.len() + 1).saturating_sub(most);
        parts.drain(..surplus);
        parts.push(part);
    }
}

impl Rule {
    fn selects(&self, is_selected: impl Fn(&Selector) -> bool) -> bool {
        self.tools.is_empty() || self.tools.iter().any(is_selected)
    }
}

#[cfg(test)]
mod tests;
