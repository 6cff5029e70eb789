//! One event, one line: JSON for programs, text for people.
//!
//! The library's own JSON format builds a map of the fields first; this writes them as they come, and texts and numbers
//! past the machinery of `format!`: there is a line for each call, and a call answered from the cache is little more than
//! its line. Control characters never reach the line as they are, in either form: a value cannot pretend to be another
//! line.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::clock;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `2026-01-02T03:04:05.678901Z INFO message key=value`
    Text,
    /// One object with `timestamp`, `level`, `target`, and the fields.
    Json,
}

/// Writes events as lines.
pub(super) struct Lines(pub(super) Form);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let (level, target) = (event.metadata().level().as_str(), event.metadata().target());
        let now = humantime::format_rfc3339_micros(clock::wall());
        if self.0 == Form::Json {
            write!(out, "{{\"timestamp\":\"{now}")?;
            for piece in ["\",\"level\":\"", level, "\",\"target\":\"", target, "\""] {
                out.write_str(piece)?;
            }
        } else {
            write!(out, "{now} {level:>5}")?;
        }
        let mut fields = Fields { out, form: self.0, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        fields.out.write_str(if self.0 == Form::Json { "}\n" } else { "\n" })
    }
}

struct Fields<'a> {
    out: Writer<'a>,
    form: Form,
    result: fmt::Result,
}

impl Fields<'_> {
    /// A value that is a JSON number or literal as it stands.
    fn plain(&mut self, field: &Field, value: &str) {
        self.write(field, |out, _| out.write_str(value));
    }

    fn write(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>, Form) -> fmt::Result) {
        let name = field.name();
        if self.result.is_err() {
            return;
        }
        let pieces = match (self.form, name) {
            (Form::Json, _) => [",\"", name, "\":"],
            (Form::Text, "message") => [" ", "", ""],
            (Form::Text, _) => [" ", name, "="],
        };
        let key = pieces.into_iter().try_for_each(|piece| self.out.write_str(piece));
        self.result = key.and_then(|()| value(&mut self.out, self.form));
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, |out, form| quoted(out, form, |escaped| write!(escaped, "{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, |out, form| quoted(out, form, |escaped| escaped.write_str(value)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.plain(field, zmij::Buffer::new().format(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, itoa::Buffer::new().format(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, itoa::Buffer::new().format(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, if value { "true" } else { "false" });
    }
}

/// A text; JSON has it between quotes.
fn quoted(
    out: &mut Writer<'_>,
    form: Form,
    text: impl FnOnce(&mut Escaped<'_, '_>) -> fmt::Result,
) -> fmt::Result {
    if form == Form::Text {
        return text(&mut Escaped { out, form });
    }
    out.write_char('"')?;
    text(&mut Escaped { out, form })?;
    out.write_char('"')
}

/// Escapes what passes through: control characters always, quotes and backslashes for JSON.
struct Escaped<'a, 'b> {
    out: &'a mut Writer<'b>,
    form: Form,
}

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let form = self.form;
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
            return self.out.write_str(text);
        }
        let mut rest = text;
        while let Some(at) = rest.find(|character: char| must_be_escaped(character, form)) {
            let (before, after) = rest.split_at(at);
            self.out.write_str(before)?;
            let mut characters = after.chars();
            match characters.next() {
                Some(character @ ('"' | '\\')) => write!(self.out, "\\{character}")?,
                Some(character) => write!(self.out, "\\u{:04x}", u32::from(character))?,
                None => {}
            }
            rest = characters.as_str();
        }
        self.out.write_str(rest)
    }
}

fn must_be_escaped(character: char, form: Form) -> bool {
    character.is_control() || (form == Form::Json && matches!(character, '"' | '\\'))
}
