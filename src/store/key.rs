//! Under what an answer is kept: all of the request that can make a difference to it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A key. Two requests have the same one only when they are the same request in the same name: every part is written
/// with its length before it, so that no two different ones can read alike.
#[derive(Clone, Debug)]
pub struct Key {
    bytes: Arc<[u8]>,
    hash: u64,
    resource: Arc<str>,
}

impl Key {
    /// A key of these parts. `resource` is where the answer lives, for writes to find it: see
    /// [`super::Cache::written`].
    pub(crate) fn new<'a>(resource: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut bytes = Vec::with_capacity(256);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let mut hasher = rustc_hash::FxHasher::default();
        bytes.hash(&mut hasher);
        Self { bytes: bytes.into(), hash: hasher.finish(), resource: resource.into() }
    }

    /// Where the answer lives: gateway, origin and path.
    pub(crate) fn resource(&self) -> &str {
        &self.resource
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.resource.len()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.bytes == other.bytes
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(parts: &[Vec<u8>]) -> Key {
        Key::new("", parts.iter().map(Vec::as_slice))
    }

    proptest! {
        #[test]
        fn different_parts_never_make_the_same_key(
            one in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4), 0..5),
            other in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4), 0..5),
        ) {
            prop_assert_eq!(key(&one) == key(&other), one == other);
        }
    }
}
