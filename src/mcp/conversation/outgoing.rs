//! What is on its way out of a conversation.

use bytes::Bytes;

use super::room::Place;
use crate::mcp::answer::Answer;

/// An answer, or something that is told beside it, in pieces. Its place is free again when it was written.
pub(in crate::mcp) struct Outgoing {
    /// What is sent, one after the other; some may be empty.
    pub(in crate::mcp) parts: [Bytes; 3],
    _place: Option<Place>,
}

impl Outgoing {
    pub(super) fn new(answer: Answer, place: Place) -> Self {
        Self { _place: Some(place.answered(answer.len())), parts: answer.parts }
    }

    pub(super) fn notification(message: Bytes) -> Self {
        Self { parts: [message, Bytes::new(), Bytes::new()], _place: None }
    }
}
