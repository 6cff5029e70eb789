//! What is on its way out of a conversation.

use bytes::Bytes;

use super::room::Place;
use crate::mcp::answer::Answer;
use crate::mcp::segments::Segments;

/// An answer, or something that is told beside it, in pieces. Its place is free again when it was written.
pub(in crate::mcp) struct Outgoing {
    /// What is sent, one after the other.
    pub(in crate::mcp) segments: Segments,
    _place: Option<Place>,
}

impl Outgoing {
    pub(super) fn new(answer: Answer, place: Place) -> Self {
        Self { _place: Some(place.answered(answer.len())), segments: answer.segments }
    }

    pub(super) fn notification(message: Bytes) -> Self {
        Self { segments: message.into(), _place: None }
    }
}
