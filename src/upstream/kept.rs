//! State that outlives a reload: whoever asks for the state of the same thing, under the same rules, gets the same one
//! for as long as anybody has it.

use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustc_hash::FxHashMap;

/// States by what they are about. Rules belong into the key: a count that was made under other rules means nothing.
#[derive(Debug)]
pub(super) struct Kept<K, V>(Mutex<FxHashMap<K, Weak<V>>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq, V> Kept<K, V> {
    /// The state of `key`, or a new one.
    pub(super) fn of(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = states.get(&key).and_then(Weak::upgrade) {
            return state;
        }
        let state = Arc::new(new());
        states.retain(|_, state| state.strong_count() > 0);
        states.insert(key, Arc::downgrade(&state));
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_lives_as_long_as_somebody_has_it() {
        let kept = Kept::default();
        let first = kept.of("a", || 1);
        assert!(Arc::ptr_eq(&first, &kept.of("a", || 2)));
        assert_eq!(*kept.of("b", || 3), 3);
        drop(first);
        assert_eq!(*kept.of("a", || 4), 4);
    }
}
