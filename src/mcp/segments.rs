//! A message in segments: megabytes that exist already are put between a head and a tail and never copied, and a large
//! text is escaped while it is written, so that it is never there twice.

use bytes::Bytes;

use super::json::escape;
use crate::buffer;

/// A JSON-RPC message without line breaks, to be taken segment by segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segments {
    /// The beginning.
    head: Bytes,
    /// A text that goes behind the head. Large ones alone: nearly no message has any.
    quoted: Option<Box<Quoted>>,
    value: Bytes,
    tail: Bytes,
}

/// The inside of a JSON string that is not escaped yet, and what follows it.
#[derive(Clone, Debug)]
struct Quoted {
    /// What is left of the text.
    text: Bytes,
    /// How long that is when it is escaped.
    escaped: usize,
    /// The rest of the head.
    after: Bytes,
}

impl Segments {
    /// How much of a text is escaped at a time. Whoever reads it is woken by each piece, so there are few; but of each
    /// answer that is being written there is one in memory.
    const PIECE: usize = 128 << 10;

    /// A head, a value that is there already, and a tail; each may be empty.
    pub(crate) fn of(head: impl Into<Bytes>, value: Bytes, tail: &'static [u8]) -> Self {
        Self { head: head.into(), quoted: None, value, tail: Bytes::from_static(tail) }
    }

    /// The same, with a text between the head and what follows it there: the inside of a string whose quotes are theirs.
    pub(crate) fn quoting(self, text: Bytes, after: Vec<u8>) -> Self {
        let escaped = escape::length(&text);
        Self { quoted: Some(Box::new(Quoted { text, escaped, after: after.into() })), ..self }
    }

    /// How many bytes are left.
    pub(crate) fn len(&self) -> usize {
        let quoted = self.quoted.as_ref().map_or(0, |quoted| quoted.escaped + quoted.after.len());
        self.head.len() + quoted + self.value.len() + self.tail.len()
    }

    /// The same in a frame.
    pub(crate) fn framed(self, before: &[u8], after: &[u8]) -> Self {
        let joined = |first: &[u8], second: &[u8]| Bytes::from([first, second].concat());
        Self { head: joined(before, &self.head), tail: joined(&self.tail, after), ..self }
    }

    /// All of it in one piece, in a frame.
    pub(crate) fn between(self, before: &[u8], after: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(before.len() + self.len() + after.len());
        out.extend_from_slice(before);
        self.for_each(|segment| out.extend_from_slice(&segment));
        out.extend_from_slice(after);
        Bytes::from(out)
    }
}

impl From<Bytes> for Segments {
    fn from(whole: Bytes) -> Self {
        Self { head: whole, ..Self::default() }
    }
}

/// The segments that are left; none is empty.
impl Iterator for Segments {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let head = std::mem::take(&mut self.head);
        if !head.is_empty() {
            return Some(head);
        }
        if let Some(quoted) = &mut self.quoted {
            let piece = quoted.piece();
            if piece.is_none() {
                self.head = std::mem::take(&mut quoted.after);
                self.quoted = None;
                return self.next();
            }
            return piece;
        }
        [&mut self.value, &mut self.tail].into_iter().map(std::mem::take).find(|rest| !rest.is_empty())
    }
}

impl Quoted {
    /// The next part of the text, escaped.
    fn piece(&mut self) -> Option<Bytes> {
        let text = self.text.split_to(self.text.len().min(Segments::PIECE));
        if text.is_empty() {
            return None;
        }
        let mut piece = buffer::of(text.len() + text.len() / 2);
        escape::push(&mut piece, &text);
        self.escaped -= piece.len();
        Some(buffer::shared(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(segments: Segments) -> String {
        String::from_utf8(segments.between(b"", b"").to_vec()).unwrap()
    }

    #[test]
    fn a_text_is_escaped_between_what_surrounds_it_however_long_it_is() {
        for length in [0, 1, Segments::PIECE - 1, Segments::PIECE, 3 * Segments::PIECE + 17] {
            let text: String = "say \"hi\"\n\u{1}é ".chars().cycle().take(length).collect();
            let segments =
                Segments::of("[\"", Bytes::from("{}"), b"]").quoting(text.clone().into(), b"\",".to_vec());
            let expected = segments.len();
            let message = whole(segments);
            assert_eq!(message.len(), expected);
            assert_eq!(serde_json::from_str::<(String, serde_json::Value)>(&message).unwrap().0, text);
        }
    }

    #[test]
    fn what_is_left_is_told_while_it_is_taken() {
        let mut segments = Segments::of("a", Bytes::new(), b"z")
            .quoting(Bytes::from(vec![b'"'; 2 * Segments::PIECE]), b"y".to_vec());
        let mut left = segments.len();
        while let Some(segment) = segments.next() {
            assert!(!segment.is_empty());
            left -= segment.len();
            assert_eq!(segments.len(), left);
        }
        assert_eq!(left, 0);
    }

    #[test]
    fn a_frame_goes_around_all_of_it() {
        let message =
            || Segments::of("[\"", Bytes::from("1"), b"]").quoting(Bytes::from("a\"b"), b"\",".to_vec());
        let framed = message().framed(b"data: ", b"\n\n");
        assert_eq!(framed.len(), framed.clone().map(|segment| segment.len()).sum::<usize>());
        assert_eq!(whole(framed), "data: [\"a\\\"b\",1]\n\n");
        assert_eq!(message().between(b"data: ", b"\n\n"), whole(message().framed(b"data: ", b"\n\n")));
    }

    #[test]
    fn what_exists_is_not_copied() {
        let value = Bytes::from("value");
        let taken: Vec<Bytes> = Segments::of("", value.clone(), b"").collect();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].as_ptr(), value.as_ptr());
    }
}
