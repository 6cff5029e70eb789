//! Parts of schemas, each once, however many operations send the body that they are parts of.
//!
//! An argument owns its schema, and the properties of a body are arguments. Copied for every operation, the properties
//! of an entity that hundreds of operations send would take hundreds of times their size.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

/// Copies of parts of schemas, by where the part stands.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Shelf(FxHashMap<*const Value, Part>);

#[derive(Debug)]
struct Part {
    copy: Arc<Value>,
    /// Kept, so that nothing else can come to stand where the part stands.
    _whole: Arc<Value>,
}

impl Shelf {
    /// A copy of `part`, which stands in `whole` or in something else that lives as long as the shelf.
    pub(super) fn part(&mut self, whole: &Arc<Value>, part: &Value) -> Arc<Value> {
        let make = || Part { copy: Arc::new(part.clone()), _whole: Arc::clone(whole) };
        Arc::clone(&self.0.entry(std::ptr::from_ref(part)).or_insert_with(make).copy)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_is_copied_once_and_never_mistaken_for_another() {
        let mut shelf = Shelf::default();
        let whole = Arc::new(json!({"a": 1, "b": 1}));
        let first = shelf.part(&whole, &whole["a"]);
        assert!(Arc::ptr_eq(&first, &shelf.part(&whole, &whole["a"])));
        assert!(!Arc::ptr_eq(&first, &shelf.part(&whole, &whole["b"])));
        for number in 0..100 {
            let whole = Arc::new(json!({"a": number}));
            assert_eq!(*shelf.part(&whole, &whole["a"]), json!(number));
        }
    }
}
