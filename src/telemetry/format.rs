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

/// Longer than most lines.
const LONG: usize = 512;

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
        // Written here first: where it goes takes each piece by a call of its own.
        let mut line = String::with_capacity(LONG);
        if self.0 == Form::Json {
            write!(line, "{{\"timestamp\":\"{now}")?;
            for piece in ["\",\"level\":\"", level, "\",\"target\":\"", target, "\""] {
                line.push_str(piece);
            }
        } else {
            write!(line, "{now} {level:>5}")?;
        }
        event.record(&mut Fields { line: &mut line, form: self.0 });
        line.push_str(if self.0 == Form::Json { "}\n" } else { "\n" });
        out.write_str(&line)
    }
}

struct Fields<'a> {
    line: &'a mut String,
    form: Form,
}

impl Fields<'_> {
    /// A value that is a JSON number or literal as it stands.
    fn plain(&mut self, field: &Field, value: &str) {
        self.name(field);
        self.line.push_str(value);
    }

    /// A text; JSON has it between quotes. What cannot be written is left out.
    fn quoted(&mut self, field: &Field, text: impl FnOnce(&mut Escaped<'_>) -> fmt::Result) {
        self.name(field);
        let quote = if self.form == Form::Json { "\"" } else { "" };
        self.line.push_str(quote);
        let _ = text(&mut Escaped { line: self.line, form: self.form });
        self.line.push_str(quote);
    }

    fn name(&mut self, field: &Field) {
        let name = field.name();
        let pieces = match (self.form, name) {
            (Form::Json, _) => [",\"", name, "\":"],
            (Form::Text, "message") => [" ", "", ""],
            (Form::Text, _) => [" ", name, "="],
        };
        pieces.into_iter().for_each(|piece| self.line.push_str(piece));
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.quoted(field, |escaped| write!(escaped, "{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.quoted(field, |escaped| escaped.write_str(value));
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

/// Escapes what passes through: control characters always, quotes and backslashes for JSON.
struct Escaped<'a> {
    line: &'a mut String,
    form: Form,
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Most texts are plain; looked at without a way out half-way, which goes by words.
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\');
        if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            self.line.push_str(text);
            return Ok(());
        }
        let mut rest = text;
        while let Some(at) = rest.find(|character: char| must_be_escaped(character, self.form)) {
            let (before, after) = rest.split_at(at);
            self.line.push_str(before);
            let mut characters = after.chars();
            match characters.next() {
                Some(character @ ('"' | '\\')) => write!(self.line, "\\{character}")?,
                Some(character) => write!(self.line, "\\u{:04x}", u32::from(character))?,
                None => {}
            }
            rest = characters.as_str();
        }
        self.line.push_str(rest);
        Ok(())
    }
}

fn must_be_escaped(character: char, form: Form) -> bool {
    character.is_control() || (form == Form::Json && matches!(character, '"' | '\\'))
}
