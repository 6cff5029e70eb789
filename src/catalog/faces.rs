//! The faces of all tools, each byte of them once.
//!
//! They stand in one text in their order, which is the list of them: what most clients ask for is then there already,
//! and a tool has its range of it. Each on its own and the list beside them would be the largest thing that a large
//! catalog has, twice.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytes::Bytes;

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
    list: Arc<String>,
    ranges: std::vec::IntoIter<Range<usize>>,
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
    /// What was written, in this order.
    pub(super) fn new(steps: Vec<Writing>) -> Self {
        let count: usize = steps.iter().map(|step| step.written.len()).sum();
        let length: usize = steps.iter().map(|step| step.text.len()).sum();
        let mut list = String::with_capacity(length + count + 2);
        let mut ranges = Vec::with_capacity(count);
        list.push('[');
        for Writing { text, written } in steps {
            let mut begin = 0;
            for Written { end, .. } in written {
                if list.len() > 1 {
                    list.push(',');
                }
                let start = list.len();
                list.push_str(text.get(begin..end).unwrap_or_default());
                ranges.push(start..list.len());
                begin = end;
            }
        }
        list.push(']');
        Self { list: Arc::new(list), ranges: ranges.into_iter() }
    }
}

impl Iterator for Faces {
    type Item = ToolFace;

    fn next(&mut self) -> Option<ToolFace> {
        let Range { start, end } = self.ranges.next()?;
        Some(ToolFace { list: Arc::clone(&self.list), start, end })
    }
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
        Faces::new(steps.iter().map(step).collect()).collect()
    }

    #[test]
    fn a_face_is_its_part_of_the_list_and_all_of_them_are_the_list() {
        let faces = faces(&[&["{1}", "{22}"], &[], &["{333}"]]);
        assert_eq!(faces.iter().map(|face| &**face).collect::<Vec<_>>(), ["{1}", "{22}", "{333}"]);
        assert_eq!(ToolFace::list(&faces).unwrap(), "[{1},{22},{333}]");
        assert_eq!(ToolFace::list(&self::faces(&[&["{1}"]])).unwrap(), "[{1}]");
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
