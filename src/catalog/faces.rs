//! The faces of all tools, each byte of them once.
//!
//! They stand in one text in their order, which is the list of them: what most clients ask for is then there already,
//! and a tool has its range of it. Each on its own and the list beside them would be the largest thing that a large
//! catalog has, twice.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

/// What a face may take on average, in bytes.
const EXPECTED: usize = 8 << 10;
/// Not more is asked for at once than any machine has, however many operations a document claims to have.
const MOST_EXPECTED: usize = 128 << 20;

/// Faces as they are written, one after the other.
#[derive(Default)]
pub(super) struct Writing {
    text: String,
    written: Vec<Written>,
}

/// A face that has been written.
struct Written {
    /// Where it ends.
    end: usize,
    /// Parts of its schema were left out.
    is_cut: bool,
}

/// The faces of all tools, in their order.
pub(super) struct Faces {
    /// A JSON array, but for its last bracket.
    list: String,
    ranges: Vec<Range<usize>>,
}

/// What tools/list shows of one tool: a JSON object without line breaks.
#[derive(Clone)]
pub struct ToolFace {
    /// A JSON array without spaces, of which it is an item.
    list: Arc<String>,
    start: usize,
    end: usize,
}

/// The bytes of a list.
struct List(Arc<String>);

impl Writing {
    /// Begins a face: what writes it, and what says that it is there.
    pub(super) fn face(&mut self, is_cut: bool, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.written.push(Written { end: self.text.len(), is_cut });
    }

    /// Of each face, whether parts of its schema were left out.
    pub(super) fn is_cut(&self) -> impl Iterator<Item = bool> {
        self.written.iter().map(|face| face.is_cut)
    }
}

impl Faces {
    /// None yet, and about so many to come.
    pub(super) fn with_capacity(count: usize) -> Self {
        // Too much rather than too little: what is not written to takes no memory, and what grows is moved.
        let mut list = String::with_capacity(count.saturating_mul(EXPECTED).min(MOST_EXPECTED) + 2);
        list.push('[');
        Self { list, ranges: Vec::with_capacity(count) }
    }

    /// Adds what was written, in its order.
    pub(super) fn add(&mut self, writing: &Writing) {
        let mut begin = 0;
        for Written { end, .. } in &writing.written {
            self.push(&[writing.text.get(begin..*end).unwrap_or_default()]);
            begin = *end;
        }
    }

    /// The same faces with the names `now` instead of those with which they were written.
    pub(super) fn renamed(self, written: &[&str], now: &[String]) -> Self {
        let mut faces = Self::with_capacity(now.len());
        for ((range, written), name) in self.ranges.into_iter().zip(written).zip(now) {
            let face = self.list.get(range).unwrap_or_default();
            let rest = face.strip_prefix(&begin(written)).unwrap_or(face);
            faces.push(&[&begin(name), rest]);
        }
        faces
    }

    /// All of them, in their order.
    pub(super) fn finish(mut self) -> impl Iterator<Item = ToolFace> {
        self.list.push(']');
        self.list.shrink_to_fit();
        let list = Arc::new(self.list);
        self.ranges.into_iter().map(move |Range { start, end }| ToolFace {
            list: Arc::clone(&list),
            start,
            end,
        })
    }

    fn push(&mut self, parts: &[&str]) {
        if self.list.len() > 1 {
            self.list.push(',');
        }
        let start = self.list.len();
        self.list.extend(parts.iter().copied());
        self.ranges.push(start..self.list.len());
    }
}

/// How the face of a tool with this name begins.
pub(super) fn begin(name: &str) -> String {
    format!("{{\"name\":{},", Value::from(name))
}

impl ToolFace {
    /// The JSON array of these faces, where they are all that is in one, in its order.
    pub(super) fn list<'f>(faces: impl IntoIterator<Item = &'f Self>) -> Option<Bytes> {
        let mut faces = faces.into_iter();
        let first = faces.next().filter(|first| first.start == 1)?;
        let mut end = first.end;
        for face in faces {
            if !Arc::ptr_eq(&face.list, &first.list) || face.start != end + 1 {
                return None;
            }
            end = face.end;
        }
        (end + 1 == first.list.len()).then(|| Bytes::from_owner(List(Arc::clone(&first.list))))
    }
}

impl From<String> for ToolFace {
    /// A face in a list of its own.
    fn from(face: String) -> Self {
        Self { start: 1, end: 1 + face.len(), list: Arc::new(format!("[{face}]")) }
    }
}

impl Deref for ToolFace {
    type Target = str;

    fn deref(&self) -> &str {
        self.list.get(self.start..self.end).unwrap_or_default()
    }
}

impl PartialEq for ToolFace {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for ToolFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl AsRef<[u8]> for List {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(steps: &[&[&str]]) -> Vec<ToolFace> {
        let step = |faces: &&[&str]| {
            let mut writing = Writing::default();
            faces.iter().for_each(|face| writing.face(false, |text| text.push_str(face)));
            writing
        };
        let mut faces = Faces::with_capacity(1);
        steps.iter().map(step).for_each(|writing| faces.add(&writing));
        faces.finish().collect()
    }

    #[test]
    fn a_face_is_its_part_of_the_list_and_all_of_them_are_the_list() {
        let faces = faces(&[&["{1}", "{22}"], &[], &["{333}"]]);
        assert_eq!(faces.iter().map(|face| &**face).collect::<Vec<_>>(), ["{1}", "{22}", "{333}"]);
        assert_eq!(ToolFace::list(&faces).unwrap(), "[{1},{22},{333}]");
        assert_eq!(ToolFace::list(&self::faces(&[&["{1}"]])).unwrap(), "[{1}]");
    }

    #[test]
    fn names_are_given_anew() {
        let mut writing = Writing::default();
        for name in ["a", "b_12"] {
            writing.face(false, |text| text.push_str(&format!("{}\"title\":1}}", begin(name))));
        }
        let mut faces = Faces::with_capacity(2);
        faces.add(&writing);
        let faces = faces.renamed(&["a", "b_12"], &["a".to_owned(), "b".to_owned()]);
        let faces: Vec<ToolFace> = faces.finish().collect();
        assert_eq!(&*faces[1], r#"{"name":"b","title":1}"#);
        assert_eq!(ToolFace::list(&faces).unwrap(), r#"[{"name":"a","title":1},{"name":"b","title":1}]"#);
    }

    #[test]
    fn some_of_the_faces_or_others_are_not_the_list() {
        let (faces, others) = (faces(&[&["{1}", "{2}", "{3}"]]), faces(&[&["{1}", "{2}", "{3}"]]));
        assert_eq!(ToolFace::list(&faces[1..]), None);
        assert_eq!(ToolFace::list(&faces[..2]), None);
        assert_eq!(ToolFace::list([&faces[0], &faces[2]]), None);
        assert_eq!(ToolFace::list([&faces[0], &others[1], &others[2]]), None);
        assert_eq!(ToolFace::list([]), None);
    }
}
