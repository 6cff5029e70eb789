//! YAML 1.2 to the same positioned tree as JSON.
//!
//! `granit-parser` knows the grammar and gives events with byte positions; here they become nodes. Plain scalars
//! are what the core schema says ([`scalar`]), and a few things that authors do are read as they mean them: keys are
//! texts (`200:`, `on:`), `<<` merges, of a file with several documents the first counts. An alias is the node that
//! it stands for, not a copy. How far all aliases would expand, and how deep, is bounded before anyone walks the
//! tree, and so is what merge keys copy.

mod fault;
mod merge;
mod repair;
mod scalar;

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use rustc_hash::FxHashMap;

use super::node::{Builder, MAX_DEPTH, NodeId, Text, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::{Place, Source, Span};
use fault::{Fault, Problem};
use repair::Repairs;
use scalar::Scalar;

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

/// A collection whose end has not been reached.
struct Open {
    start: usize,
    anchor: usize,
    inside: Inside,
}

enum Inside {
    Sequence { first_item: usize },
    Mapping { first_entry: usize, first_merge: usize, key: Option<Key> },
}

/// A key whose value has not been read.
#[derive(Clone, Copy)]
enum Key {
    Text(Text, Span),
    /// `<<`
    Merge(Span),
    /// No text, and so left out with its value.
    LeftOut,
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

    /// The node that begins with this event, with all that is in it.
    fn document(&mut self, first: Event<'s>, span: Span) -> Result<NodeId, Fault> {
        let (mut event, mut span) = (first, span);
        loop {
            let node = self.event(event, span)?;
            if let Some(node) = node
                && self.open.is_empty()
            {
                return Ok(node);
            }
            if let Some(node) = node {
                self.put(node);
            }
            (event, span) = self.next()?.ok_or_else(|| Fault::new(Problem::Empty, span))?;
        }
    }

    /// The node that this event completes.
    fn event(&mut self, event: Event<'s>, span: Span) -> Result<Option<NodeId>, Fault> {
        match event {
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(span, anchor, Inside::Sequence { first_item: self.items.len() })?;
                self.check_tag(tag.as_deref(), span);
                Ok(None)
            }
            Event::MappingStart(_, anchor, tag) => {
                let (first_entry, first_merge) = (self.entries.len(), self.merges.len());
                self.begin(span, anchor, Inside::Mapping { first_entry, first_merge, key: None })?;
                self.check_tag(tag.as_deref(), span);
                Ok(None)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span).map(Some),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => {
                    self.end = span.end;
                    Ok(Some(*node))
                }
                None => Err(Fault::new(Problem::Cycle, span)),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let text = self.repairs.meaning(span.start).map_or(text, Cow::Borrowed);
                Ok(self.scalar(&text, style, tag.as_deref(), anchor, span))
            }
            _ => Ok(None),
        }
    }

    fn begin(&mut self, span: Span, anchor: usize, inside: Inside) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::new(Problem::TooDeep, span));
        }
        self.open.push(Open { start: span.start as usize, anchor, inside });
        Ok(())
    }

    /// The collection that was opened last. In block style nothing marks its end: it is where its last node ends.
    fn close(&mut self, end: Span) -> Result<NodeId, Fault> {
        let Some(Open { start, anchor, inside }) = self.open.pop() else {
            return Err(Fault::new(Problem::Empty, end));
        };
        if end.start < end.end {
            self.end = end.end;
        }
        let span = Span::new(start, (self.end as usize).max(start));
        let node = match inside {
            Inside::Sequence { first_item } => {
                let node = self.builder.array(self.items.get(first_item..).unwrap_or_default(), span);
                self.items.truncate(first_item);
                node
            }
            Inside::Mapping { first_entry, first_merge, .. } => {
                self.merge(first_entry, first_merge)?;
                let node = self.builder.object(self.entries.get(first_entry..).unwrap_or_default(), span);
                self.entries.truncate(first_entry);
                node
            }
        };
        self.remember(anchor, node);
        Ok(node)
    }

    /// A scalar as a node; nothing when it is a key.
    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        anchor: usize,
        span: Span,
    ) -> Option<NodeId> {
        // That of a block scalar goes on to the next node.
        let length = self.source.slice(span).trim_end().len();
        let span = Span::new(span.start as usize, span.start as usize + length);
        self.end = span.end;
        let is_key = self.awaited_key().is_some();
        if is_key && scalar::is_merge(text, style, tag) {
            self.set_key(Key::Merge(span));
            return None;
        }
        // The parser writes `~` for a key that is not written at all.
        let text = if is_key && span.start == span.end { "" } else { text };
        let kept = self.keep(text, style, span);
        if is_key {
            self.set_key(Key::Text(kept, span));
            if anchor == 0 {
                return None;
            }
        } else {
            self.check_tag(tag, span);
        }
        let node = match scalar::resolve(text, style, tag) {
            Scalar::Null => self.builder.null(span),
            Scalar::Bool(value) => self.builder.bool(value, span),
            Scalar::Number(Cow::Borrowed(_)) => self.builder.number(kept, span),
            Scalar::Number(Cow::Owned(number)) => {
                let number = self.builder.own(&number);
                self.builder.number(number, span)
            }
            Scalar::Text => self.builder.string(kept, span),
        };
        self.remember(anchor, node);
        (!is_key).then_some(node)
    }

    /// A range of the source, where the text is written there as it is meant.
    fn keep(&mut self, text: &str, style: ScalarStyle, span: Span) -> Text {
        let quotes = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
            _ => 0,
        };
        let inner = Span { start: span.start + quotes, end: span.end.saturating_sub(quotes) };
        if self.source.slice(inner) == text { Text::at(inner) } else { self.builder.own(text) }
    }

    /// Puts a node where it belongs in the collection around it.
    fn put(&mut self, node: NodeId) {
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => {}
            Some(Inside::Sequence { .. }) => self.items.push(node),
            Some(Inside::Mapping { key, .. }) => match key.take() {
                None => self.put_key(node),
                Some(Key::Text(text, span)) => self.entries.push((text, span, node)),
                Some(Key::Merge(span)) => {
                    self.merges.push(merge::Merge { at: self.entries.len(), span, value: node });
                }
                Some(Key::LeftOut) => {}
            },
        }
    }

    /// A node as a key: an alias or a collection.
    fn put_key(&mut self, node: NodeId) {
        let key = match self.builder.scalar_text(node) {
            Some((text, span)) => Key::Text(text, span),
            None => {
                let message = "a key must be a text; this one was left out, with its value";
                self.warn(Code::UnexpectedType, message, self.builder.span(node));
                Key::LeftOut
            }
        };
        self.set_key(key);
    }

    /// Where the key goes that comes next, when a key comes next.
    fn awaited_key(&mut self) -> Option<&mut Option<Key>> {
        match &mut self.open.last_mut()?.inside {
            Inside::Mapping { key: key @ None, .. } => Some(key),
            _ => None,
        }
    }

    fn set_key(&mut self, key: Key) {
        if let Some(awaited) = self.awaited_key() {
            *awaited = Some(key);
        }
    }

    fn remember(&mut self, anchor: usize, node: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(tag) = tag.filter(|tag| scalar::is_foreign(tag)) {
            let message =
                format!("the tag `{}` means nothing here; the value was read without it", tag.original());
            self.warn(Code::UnexpectedType, message, span);
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
