//! Whose answers are whose: a value that two calls share only when the API sees the same identity in both.
//!
//! It stands in keys of caches and limits in the place of the credentials themselves. It is keyed with a random key of
//! this process, so that nobody who sees one learns, or can check a guess about, the token that it was made of.

use std::sync::LazyLock;

use aws_lc_rs::hmac::{self, Context, HMAC_SHA256, Key};

/// Stands for the credentials of a call, their values per caller included. Equal for equal ones within this process,
/// meaningless outside of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition([u8; 32]);

/// Made of numbers that the system gives. The library's own generator first watches how its clock jitters, which takes
/// longer than everything else at the start.
static KEY: LazyLock<Key> = LazyLock::new(|| Key::new(HMAC_SHA256, &rand::random::<[u8; 32]>()));

impl Partition {
    /// The partition of these parts, whose order and borders count.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut context = Context::with_key(&KEY);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Self::tagged(&context.sign())
    }

    /// The bytes, for keys.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn tagged(tag: &hmac::Tag) -> Self {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(tag.as_ref()).for_each(|(byte, tag)| *byte = *tag);
        Self(bytes)
    }
}

impl std::fmt::Debug for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Partition({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_and_order_of_parts_count() {
        let of = |parts: &[&str]| Partition::of(parts.iter().map(|part| part.as_bytes()));
        assert_eq!(of(&["api", "token"]), of(&["api", "token"]));
        let different = [of(&[]), of(&[""]), of(&["apitoken"]), of(&["api", "token"]), of(&["token", "api"])];
        for (at, one) in different.iter().enumerate() {
            assert!(different[at + 1..].iter().all(|other| other != one));
        }
    }
}
