//! Merge keys (`<<: *defaults`): not in YAML 1.2, and in many documents all the same.

use rustc_hash::FxHashSet;

use super::fault::{Fault, Problem};
use super::{Reader, Text};
use crate::diagnostic::Code;
use crate::openapi::node::NodeId;
use crate::source::Span;

/// The most entries that all merge keys of a document may copy.
const MAX_MERGED: usize = 500_000;

/// A merge key that was read.
pub(super) struct Merge {
    /// How many entries of all open mappings came before it.
    pub(super) at: usize,
    pub(super) span: Span,
    /// A mapping or a sequence of mappings.
    pub(super) value: NodeId,
}

impl Reader<'_> {
    /// Puts the entries of the merge keys of one mapping in their places. What the mapping says itself wins, before
    /// or after; then what an earlier one of the merged mappings says.
    pub(super) fn merge(&mut self, first_entry: usize, first_merge: usize) -> Result<(), Fault> {
        let merges = self.merges.split_off(first_merge);
        if merges.is_empty() {
            return Ok(());
        }
        let own = self.entries.split_off(first_entry);
        let mut taken: FxHashSet<String> =
            own.iter().map(|(key, ..)| self.builder.text(*key).to_owned()).collect();
        let mut own = own.into_iter();
        let mut at = first_entry;
        for merge in merges {
            self.entries.extend(own.by_ref().take(merge.at - at));
            at = merge.at;
            self.copy(&merge, &mut taken)?;
        }
        self.entries.extend(own);
        Ok(())
    }

    fn copy(&mut self, merge: &Merge, taken: &mut FxHashSet<String>) -> Result<(), Fault> {
        let Some(mappings) = self.mappings(merge.value) else {
            let message = "`<<` takes a mapping or a list of mappings; it was left out";
            self.warn(Code::UnexpectedType, message, merge.span);
            return Ok(());
        };
        for mapping in mappings {
            let entries: Vec<(Text, Span, NodeId)> =
                self.builder.entries_of(mapping).into_iter().flatten().collect();
            self.merged += entries.len();
            if self.merged > MAX_MERGED {
                return Err(Fault::new(Problem::Merged { most: MAX_MERGED }, merge.span));
            }
            self.entries.extend(
                entries.into_iter().filter(|(key, ..)| taken.insert(self.builder.text(*key).to_owned())),
            );
        }
        Ok(())
    }

    /// The mappings that a merge key names.
    fn mappings(&self, value: NodeId) -> Option<Vec<NodeId>> {
        let mappings = match self.builder.items_of(value) {
            Some(items) => items.collect(),
            None => vec![value],
        };
        mappings.iter().all(|mapping| self.builder.entries_of(*mapping).is_some()).then_some(mappings)
    }
}
