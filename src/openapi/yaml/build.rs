//! Events to nodes: collections on a stack, scalars resolved, keys apart from values.

use std::borrow::Cow;

use granit_parser::{Event, ScalarStyle, Tag};

use super::fault::{Fault, Problem};
use super::scalar::{self, Scalar};
use super::{Reader, merge};
use crate::diagnostic::Code;
use crate::openapi::node::{MAX_DEPTH, NodeId, Text};
use crate::source::Span;

/// A collection whose end has not been reached.
pub(super) struct Open {
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
    /// The node that begins with this event, with all that is in it.
    pub(super) fn document(&mut self, first: Event<'s>, span: Span) -> Result<NodeId, Fault> {
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
}
