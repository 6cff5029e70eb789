//! Bodies that are lists or trees in another notation than JSON, read as JSON.
//!
//! Lines of JSON and event streams are always read: nobody wants them raw. XML and CSV are good to read for a model as
//! they are, and so they become JSON only where somebody looks inside (a projection, a table, `format: json`).

mod events;
mod lines;
mod table;
mod xml;

use super::text::MediaType;

/// A body is not what its media type says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReadError {
    /// A line that is no JSON.
    #[error("its line {line} is not JSON")]
    Line {
        /// From 1.
        line: usize,
    },
    /// No XML.
    #[error("it is not XML: {reason}")]
    Xml {
        /// The parser's words.
        reason: String,
    },
}

impl ReadError {
    /// The stable name of this kind of failure.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Line { .. } => "invalid_json",
            Self::Xml { .. } => "invalid_xml",
        }
    }
}

/// The body as one JSON value; `None` when it is read in no other way than as text.
pub(super) fn read(media: &MediaType, text: &[u8], looks_inside: bool) -> Option<Result<String, ReadError>> {
    let text = || String::from_utf8_lossy(text);
    match media.essence.as_str() {
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/jsonlines"
        | "application/x-jsonlines"
        | "application/json-seq"
        | "application/stream+json"
        | "application/x-json-stream"
        | "text/jsonl"
        | "text/x-ndjson" => Some(lines::read(&text())),
        "text/event-stream" => Some(Ok(events::read(&text()))),
        "text/csv" | "application/csv" if looks_inside => Some(Ok(table::read(&text(), b','))),
        "text/tab-separated-values" if looks_inside => Some(Ok(table::read(&text(), b'\t'))),
        _ if media.is_xml() && looks_inside => Some(xml::read(&text())),
        _ => None,
    }
}
