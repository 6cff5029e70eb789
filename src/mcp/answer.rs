//! One answer: its head is written here, and what is large follows in segments that are not copied.

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::SERVER_INFO;
use super::era::Era;
use super::error::ProtocolError;
use super::json;
use super::message::Id;
use super::segments::Segments;

/// A JSON-RPC response. Without line breaks.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// For HTTP.
    pub(crate) status: StatusCode,
    /// What is sent, one after the other.
    pub(crate) segments: Segments,
}

impl Answer {
    /// A result of these members: `"a":1,"b":2`. Not empty in the modern era.
    pub(crate) fn result(id: Id<'_>, era: Era, members: &str) -> Self {
        let mut out = open_result(id, era, members.len());
        out.extend_from_slice(members.as_bytes());
        Self::closed(out, Bytes::new())
    }

    /// A result that asks for something before there can be another one: these members beside what every result of the
    /// modern era has.
    pub(crate) fn input_required(id: Id<'_>, members: &str) -> Self {
        let id = id.as_str();
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"input_required","_meta":{{"io.modelcontextprotocol/serverInfo":{SERVER_INFO}}},{members}"#
        );
        Self::closed(text.into_bytes(), Bytes::new())
    }

    /// A modern result of these members, not empty, that says more of the server than others: `info` is a JSON object.
    pub(crate) fn introducing(id: Id<'_>, info: &str, members: &str) -> Self {
        let mut out = open(id, info.len() + members.len());
        open_modern(&mut out, info, &[]);
        out.extend_from_slice(members.as_bytes());
        Self::closed(out, Bytes::new())
    }

    /// A result that was opened with [`open_result`], its last member's value given apart.
    pub(crate) fn closed(head: Vec<u8>, value: Bytes) -> Self {
        Self::with_tail(head, value, b"}}")
    }

    /// The same, with more brackets to close than those of the result.
    pub(crate) fn with_tail(head: Vec<u8>, value: Bytes, tail: &'static [u8]) -> Self {
        Self { status: StatusCode::OK, segments: Segments::of(head, value, tail) }
    }

    /// An error. Without an id when the message had none that could be read: the schemas of the protocol know no
    /// `null` there.
    pub(crate) fn error(id: Option<Id<'_>>, error: &ProtocolError, era: Era) -> Self {
        let mut out = b"{\"jsonrpc\":\"2.0\"".to_vec();
        if let Some(id) = id {
            out.extend_from_slice(b",\"id\":");
            out.extend_from_slice(id.as_str().as_bytes());
        }
        out.extend_from_slice(format!(",\"error\":{{\"code\":{},\"message\":", error.code()).as_bytes());
        json::push_string(&mut out, error.to_string().as_bytes());
        if let Some(data) = error.data() {
            out.extend_from_slice(format!(",\"data\":{data}").as_bytes());
        }
        let status = error.status(era);
        Self { status, ..Self::with_tail(out, Bytes::new(), b"}}") }
    }

    /// The same, with the inside of a string and what follows it behind the head.
    pub(super) fn quoting(self, text: Bytes, after: Vec<u8>) -> Self {
        Self { segments: self.segments.quoting(text, after), ..self }
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.segments.len()
    }
}

/// Begins a result with what every result of its era has. At least one member must follow in the modern era; `room`
/// says how many bytes.
pub(crate) fn open_result(id: Id<'_>, era: Era, room: usize) -> Vec<u8> {
    open_result_with(id, era, room, &[])
}

/// The same, with more to tell in `_meta`. At least one member must follow when there is anything.
pub(crate) fn open_result_with(id: Id<'_>, era: Era, room: usize, meta: &[(&'static str, Value)]) -> Vec<u8> {
    let mut out = open(id, SERVER_INFO.len() + room);
    match era {
        Era::Modern => open_modern(&mut out, SERVER_INFO, meta),
        Era::Legacy => push_meta(&mut out, meta),
    }
    out
}

fn open(id: Id<'_>, room: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(id.as_str().len() + room + 160);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.extend_from_slice(id.as_str().as_bytes());
    out.extend_from_slice(b",\"result\":{");
    out
}

fn open_modern(out: &mut Vec<u8>, info: &str, meta: &[(&'static str, Value)]) {
    out.extend_from_slice(b"\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":");
    out.extend_from_slice(info.as_bytes());
    for member in meta {
        out.push(b',');
        push_member(out, member);
    }
    out.extend_from_slice(b"},");
}

/// `"_meta":{…},`; nothing when there is nothing to tell.
pub(super) fn push_meta(out: &mut Vec<u8>, meta: &[(&'static str, Value)]) {
    let Some((first, others)) = meta.split_first() else { return };
    out.extend_from_slice(b"\"_meta\":{");
    push_member(out, first);
    for member in others {
        out.push(b',');
        push_member(out, member);
    }
    out.extend_from_slice(b"},");
}

fn push_member(out: &mut Vec<u8>, (name, value): &(&'static str, Value)) {
    json::push_string(out, name.as_bytes());
    out.push(b':');
    // Cannot fail: there is no map in it whose keys are no texts, and memory takes everything.
    let _ = serde_json::to_writer(&mut *out, value);
}
