//! YAML 1.2 to the same positioned tree as JSON.
//!
//! `granit-parser` knows the grammar and gives events with byte positions; here they become nodes. Plain scalars
//! are what the core schema says ([`scalar`]), and a few things that authors do are read as they mean them: keys are
//! texts (`200:`, `on:`), `<<` merges, of a file with several documents the first counts. An alias is the node that
//! it stands for, not a copy. How far all aliases would expand, and how deep, is bounded before anyone walks the
//! tree, and so is what merge keys copy.

mod build;
mod fault;
mod merge;
mod repair;
mod scalar;

use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StrInput};
use rustc_hash::FxHashMap;

use super::node::{Builder, MAX_DEPTH, NodeId, Text, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::{Place, Source, Span};
use build::Open;
use fault::{Fault, Problem};
use repair::Repairs;

/// Reads `source` as YAML. `None` when it is none: there is then exactly one error more in `diagnostics`.
pub(super) fn parse(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let mut repairs = Repairs::default();
    loop {
        let mut reader = Reader::new(source, &repairs);
        let fault = match reader.stream() {
            Ok(root) => {
                let warnings = reader.warnings;
                let tree = reader.builder.finish(root);
                let Err(fault) = bounded(&tree) else {
                    diagnostics.extend(warnings);
                    return Some(tree);
                };
                fault
            }
            Err(fault) => fault,
        };
        let read = reader.read;
        if !(fault.is_indentation_of_quoted() && repairs.add(source, read, fault.span.start)) {
            diagnostics.push(fault.diagnostic(source));
            return None;
        }
    }
}

/// Refuses what would be absurdly large or deep with all its aliases written out.
fn bounded(tree: &Tree) -> Result<(), Fault> {
    /// A small document may use its anchors a lot, a large one can only do so ten times over.
    const MAX_EXPANDED: u64 = 250_000;
    const MAX_EXPANSION: u64 = 10;
    let extent = tree.extent();
    let span = Span::default();
    if extent.weight > MAX_EXPANDED.max(tree.len() as u64 * MAX_EXPANSION) {
        return Err(Fault::new(Problem::Expansion { nodes: extent.weight }, span));
    }
    if extent.depth as usize > MAX_DEPTH {
        return Err(Fault::new(Problem::TooDeep, span));
    }
    Ok(())
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    repairs: &'s Repairs,
    events: Parser<'s, StrInput<'s>>,
    /// Where the event ends that was read last.
    read: u32,
    builder: Builder,
    /// The collections around the place where the reader is, outermost first.
    open: Vec<Open>,
    /// What has been read of all open sequences; each knows where its own begin.
    items: Vec<NodeId>,
    /// What has been read of all open mappings.
    entries: Vec<(Text, Span, NodeId)>,
    /// The values of `<<` in all open mappings.
    merges: Vec<merge::Merge>,
    /// How many entries merge keys have copied so far.
    merged: usize,
    /// What has been read whole and can be referred to.
    anchors: FxHashMap<usize, NodeId>,
    /// Where the node ends that was read last.
    end: u32,
    warnings: Diagnostics,
}

impl<'s> Reader<'s> {
    fn new(source: &'s Arc<Source>, repairs: &'s Repairs) -> Self {
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        Self {
            source,
            repairs,
            events: Parser::new_from_str_with_options(repairs.text(source), options),
            read: 0,
            builder: Builder::new(source),
            open: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            merges: Vec::new(),
            merged: 0,
            anchors: FxHashMap::default(),
            end: 0,
            warnings: Diagnostics::default(),
        }
    }

    /// The first document that is not empty.
    fn stream(&mut self) -> Result<NodeId, Fault> {
        loop {
            match self.next()? {
                None => return Err(Fault::new(Problem::Empty, Span::default())),
                Some((Event::DocumentStart(..), _)) => {}
                Some((Event::Scalar(text, ScalarStyle::Plain, 0, None), span))
                    if span.start == span.end && text == "~" => {}
                Some((event, span)) if event.is_node() => {
                    let root = self.document(event, span)?;
                    self.end_of_document()?;
                    self.warn_of_another_document();
                    let duplicates = super::duplicates::warnings(self.source, &self.builder);
                    self.warnings.extend(duplicates);
                    return Ok(root);
                }
                Some(_) => {}
            }
        }
    }

    /// What follows the root may still show that the document is none.
    fn end_of_document(&mut self) -> Result<(), Fault> {
        while let Some((event, _)) = self.next()? {
            if event == Event::DocumentEnd {
                break;
            }
        }
        Ok(())
    }

    fn warn_of_another_document(&mut self) {
        while let Ok(Some((event, span))) = self.next() {
            if event.is_node() && span.start < span.end || matches!(event, Event::MappingStart(..)) {
                self.warn(
                    Code::Syntax,
                    "only the first document of this file is read; another begins here",
                    span,
                );
                return;
            }
        }
    }

    /// Adds a warning; of very many, the last says that there are more.
    fn warn(&mut self, code: Code, message: impl Into<String>, span: Span) {
        const MOST: usize = 100;
        let warning = match self.warnings.len() {
            ..MOST => Diagnostic::new(code, message),
            MOST => Diagnostic::new(code, "there are more of these, which are not listed"),
            _ => return,
        };
        self.warnings.push(warning.severity(Severity::Warning).at(Place::new(self.source, span)));
    }

    /// The next event and where it was written; `None` at the end.
    fn next(&mut self) -> Result<Option<(Event<'s>, Span)>, Fault> {
        match self.events.next_event() {
            None | Some(Ok((Event::StreamEnd, _))) => Ok(None),
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or_default();
                let span = Span::new(range.start, range.end);
                self.read = self.read.max(span.end);
                Ok(Some((event, span)))
            }
            Some(Err(error)) => Err(Fault::of(self.source, &error)),
        }
    }
}

#[cfg(test)]
mod tests;
