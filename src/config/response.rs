//! What the agent gets of an answer: a projection, a format, bounds.

use std::sync::Arc;

use super::resolver::Resolver;
use super::size::MaxBytes;
use super::text::Literal;
use super::whole::Whole;
use super::written::{List, Optional, Written, words, written};
use crate::diagnostic::Diagnostic;
use crate::express::jq::Filter;
use crate::express::path::{Path, Projection};
use crate::source::Place;

written! {
    /// What the agent gets of an answer. What is not said here is as the gateway says, key by key.
    #[schemars(rename = "Shape")]
    pub(super) struct ShapeFile<'t> {
        /// A filter in jq that makes of the answer what the agent gets. One that may give several values (`.[] | …`)
        /// gives a list.
        #[schemars(extend("examples" = ["[.items[] | {id, title, author: .user.login}]"]))]
        select: Optional<'t, &'t str>,
        /// `true`: the tool takes a further argument `_select`, a filter in jq of the model's own, which is run over
        /// what would be shown otherwise.
        model_select: Optional<'t, bool>,
        /// Only these members of the answer, by their names with dots between them; a list on the way stands for each
        /// of its items.
        #[schemars(extend("examples" = [["total", "items.id", "items.user.login"]]))]
        fields: Optional<'t, List<'t, Literal<'t>>>,
        /// How it is written. Default: as it comes.
        format: Optional<'t, FormatWord>,
        /// What is longer is cut between two items, and it is said how many are left. At least 1KiB and at most
        /// 8MiB; 2MiB when nothing is said.
        max_bytes: Optional<'t, MaxBytes>,
        /// Lists of more items are cut, and it is said how many are left.
        max_items: Optional<'t, Whole<1, 1_000_000>>,
    }
}

words! {
    /// How an answer is written for the agent.
    pub(super) enum FormatWord {
        /// JSON; XML and CSV are read and come as JSON.
        Json = "json",
        /// Texts without quotes, one a line; everything else as JSON.
        Text = "text",
        /// A table of Markdown: a row for each item.
        MarkdownTable = "markdown-table",
        /// CSV: a line for each item.
        Csv = "csv",
        /// A list of content blocks of MCP (`{type: text, text}`, `{type: image, data, mimeType}`, `{type: resource,
        /// resource: {uri, text}}` …), as the answer has it or as `select` makes it of the answer.
        Content = "content",
    }
}

/// How an answer is handed to the agent. `None`: nothing is said about it here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseRules {
    /// A filter of the operator's.
    pub select: Option<Arc<Filter>>,
    /// Whether the model may give a filter of its own.
    pub model_select: Option<bool>,
    /// What is kept of it.
    pub fields: Option<Arc<Projection>>,
    /// How it is written.
    pub format: Option<Format>,
    /// What the agent gets at most, in bytes.
    pub max_bytes: Option<usize>,
    /// How many items of a list the agent gets at most.
    pub max_items: Option<usize>,
}

/// How an answer is written for the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// Texts without quotes, one a line.
    Text,
    /// A table of Markdown.
    MarkdownTable,
    /// CSV (RFC 4180).
    Csv,
    /// Content blocks of MCP.
    Content,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::MarkdownTable => "markdown-table",
            Self::Csv => "csv",
            Self::Content => "content",
        })
    }
}

/// The keys of a shape, wherever they are written.
#[derive(Default)]
pub(super) struct ShapeKeys<'f, 't> {
    pub(super) select: Option<&'f Written<'t, &'t str>>,
    pub(super) model_select: Option<&'f Written<'t, bool>>,
    pub(super) fields: Option<&'f Written<'t, List<'t, Literal<'t>>>>,
    pub(super) format: Option<&'f Written<'t, FormatWord>>,
    pub(super) max_bytes: Option<&'f Written<'t, MaxBytes>>,
    pub(super) max_items: Option<&'f Written<'t, Whole<1, 1_000_000>>>,
}

impl<'f, 't> ShapeKeys<'f, 't> {
    /// The keys of `response` on a gateway or a change.
    pub(super) fn of(file: Option<&'f Written<'t, ShapeFile<'t>>>) -> Self {
        file.map_or_else(Self::default, |written| {
            let ShapeFile { select, model_select, fields, format, max_bytes, max_items } = &written.value;
            Self {
                select: select.as_ref(),
                model_select: model_select.as_ref(),
                fields: fields.as_ref(),
                format: format.as_ref(),
                max_bytes: max_bytes.as_ref(),
                max_items: max_items.as_ref(),
            }
        })
    }

    /// What they mean.
    pub(super) fn resolve(self, resolver: &mut Resolver<'_>) -> ResponseRules {
        if let (Some(_), Some(fields)) = (self.select, self.fields) {
            let message = "`fields` and `select` say the same twice";
            let help = "let the filter of `select` pick the fields: `.items[] | {id, title}`";
            resolver.problem(
                Diagnostic::new(crate::diagnostic::Code::InvalidValue, message)
                    .at(fields.slot.key_place())
                    .help(help),
            );
        }
        ResponseRules {
            select: self.select.and_then(|written| filter(written, resolver)),
            model_select: self.model_select.map(|written| written.value),
            fields: self.fields.map(|written| projection(written, resolver)),
            format: self.format.map(|written| match written.value {
                FormatWord::Json => Format::Json,
                FormatWord::Text => Format::Text,
                FormatWord::MarkdownTable => Format::MarkdownTable,
                FormatWord::Csv => Format::Csv,
                FormatWord::Content => Format::Content,
            }),
            max_bytes: self.max_bytes.map(|written| written.value.0),
            max_items: self.max_items.map(|written| written.value.as_usize()),
        }
    }
}

impl ResponseRules {
    /// Whether somebody has to look inside of an answer to do what is said here.
    #[must_use]
    pub fn looks_inside(&self) -> bool {
        self.select.is_some()
            || self.fields.is_some()
            || self.max_items.is_some()
            || matches!(
                self.format,
                Some(Format::Json | Format::MarkdownTable | Format::Csv | Format::Content)
            )
    }

    /// In words, for whoever wants to know what a call would show.
    #[must_use]
    pub fn described(&self, shown_bytes: usize) -> String {
        let picked = self.select.as_ref().map(|filter| format!("select {}", filter.source()));
        let parts = [
            picked,
            self.fields.as_ref().map(|_| "fields of the file".to_owned()),
            (self.model_select == Some(true)).then(|| "then a filter of the model's own".to_owned()),
            self.format.map(|format| format!("as {format}")),
            self.max_items.map(|items| format!("at most {items} items")),
            Some(format!("at most {shown_bytes} bytes")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// Whether what the agent gets has the form that the API's description says.
    #[must_use]
    pub fn keeps_form(&self) -> bool {
        self.select.is_none()
            && self.fields.is_none()
            && self.model_select != Some(true)
            && matches!(self.format, None | Some(Format::Json))
    }

    /// These rules, and those of the gateway where they say nothing. `select` and `fields` go together: an endpoint that
    /// says one of them says what is picked.
    #[must_use]
    pub fn or(&self, gateway: &Self) -> Self {
        let picks = self.select.is_some() || self.fields.is_some();
        let picking = if picks { self } else { gateway };
        Self {
            select: picking.select.clone(),
            fields: picking.fields.clone(),
            model_select: self.model_select.or(gateway.model_select),
            format: self.format.or(gateway.format),
            max_bytes: self.max_bytes.or(gateway.max_bytes),
            max_items: self.max_items.or(gateway.max_items),
        }
    }
}

/// A filter in jq; what is wrong with it is reported where it is.
pub(super) fn filter(written: &Written<'_, &str>, resolver: &mut Resolver<'_>) -> Option<Arc<Filter>> {
    match Filter::load(written.value) {
        Ok(filter) => Some(Arc::new(filter)),
        Err(error) => {
            let place = place(written, &error.at);
            let message = format!("this is no filter in jq: {}", error.message);
            resolver.problem(Diagnostic::new(crate::diagnostic::Code::InvalidValue, message).at(place));
            None
        }
    }
}

/// Where a part of a text is in the file. A text that is not written there word for word (folded lines, escapes) is
/// searched for the line that the part is in.
fn place(written: &Written<'_, &str>, at: &std::ops::Range<usize>) -> Place {
    let text = written.value;
    let whole = written.slot.place_of(text);
    let (source, start) = (&whole.source, whole.span.range().start);
    if source.slice(whole.span) == text {
        return Place::new(source, crate::source::Span::new(start + at.start, start + at.end.max(at.start)));
    }
    let before = text.get(..at.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    let place = written.slot.place_of(line.trim());
    let start = place.span.range().start + at.start.saturating_sub(line_start + indent);
    if source.slice(place.span) == line.trim() && !line.trim().is_empty() {
        return Place::new(
            source,
            crate::source::Span::new(start, (start + at.len()).min(place.span.range().end)),
        );
    }
    place
}

fn projection(written: &Written<'_, List<'_, Literal<'_>>>, resolver: &mut Resolver<'_>) -> Arc<Projection> {
    let paths: Vec<Path> = written.value.0.iter().filter_map(|item| path(item, resolver)).collect();
    if written.value.0.is_empty() {
        let help = "name at least one member, or leave the key out";
        resolver.problem(written.slot.invalid("nothing would be left of an answer").help(help));
    }
    Arc::new(Projection::new(&paths))
}

/// A dotted path.
pub(super) fn path(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<Path> {
    let parsed = written.value.0.parse();
    if let Err(error) = &parsed {
        let error: &crate::express::path::PathError = error;
        resolver.problem(
            written.slot.invalid(format!("`{}` is no path", written.value.0)).help(error.to_string()),
        );
    }
    parsed.ok()
}
