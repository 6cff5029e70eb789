//! Which resources were written to, and when: what is kept from before a write is not given after it.
//!
//! A write is remembered here instead of being looked for among the answers. So nothing is missed: an answer that is
//! still on its way when the write ends was asked for before it, and is told apart by its moment when it arrives.

use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use super::Moment;

/// The writes of the process.
#[derive(Debug, Default)]
pub(super) struct Writes {
    clock: AtomicU64,
    last: RwLock<Last>,
}

/// The last write at each resource.
#[derive(Debug, Default)]
struct Last {
    /// It made everything old that is at the resource or below it.
    below: FxHashMap<Box<str>, u64>,
    /// It made old what is at the resource itself: a list, something of which was written.
    at: FxHashMap<Box<str>, u64>,
    /// Everything that was asked for before is old.
    all: u64,
}

/// So many written resources are told apart. Beyond it they are forgotten together with everything kept before.
const MOST: usize = 10_000;

impl Writes {
    /// The moment now.
    pub(super) fn now(&self) -> Moment {
        Moment(self.clock.load(Ordering::Acquire))
    }

    /// Remembers a write that has ended.
    pub(super) fn written(&self, resource: &str) {
        // Poisoned means that somebody panicked between two insertions: both maps are whole.
        let mut last = self.last.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = self.clock.fetch_add(1, Ordering::AcqRel) + 1;
        if last.below.len() + last.at.len() >= MOST {
            *last = Last { all: now, ..Last::default() };
        }
        let resource = resource.trim_end_matches('/');
        last.below.insert(resource.into(), now);
        if let Some((parent, _)) = resource.rsplit_once('/') {
            last.at.insert(parent.into(), now);
        }
    }

    /// Whether an answer about this resource, asked for at that moment, knows of all writes.
    pub(super) fn permit(&self, resource: &str, asked: Moment) -> bool {
        if self.now() == asked {
            return true;
        }
        let last = self.last.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let resource = resource.trim_end_matches('/');
        let is_older = |write: Option<&u64>| write.is_none_or(|write| *write <= asked.0);
        last.all <= asked.0
            && is_older(last.at.get(resource))
            && ancestors(resource).all(|ancestor| is_older(last.below.get(ancestor)))
    }
}

/// A path and all above it: `/a/b`, `/a`, ``.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_makes_old_what_is_at_it_below_it_and_lists_it() {
        let writes = Writes::default();
        let before = writes.now();
        writes.written("shop https://api.example.com/pets/7");
        let known = |path: &str| writes.permit(&format!("shop https://api.example.com{path}"), before);
        for old in ["/pets/7", "/pets/7/", "/pets/7/owner", "/pets", "/pets/"] {
            assert!(!known(old), "{old}");
        }
        for good in ["/pets/8", "/pets/70", "/pets/8/owner", "/", "", "/cats/7"] {
            assert!(known(good), "{good}");
        }
        assert!(writes.permit("other https://api.example.com/pets/7", before));
    }

    #[test]
    fn what_is_asked_for_after_a_write_is_good() {
        let writes = Writes::default();
        writes.written("a/b");
        assert!(writes.permit("a/b", writes.now()));
        writes.written("c");
        assert!(writes.permit("a/b", Moment(1)));
    }

    #[test]
    fn however_many_resources_are_written_nothing_old_is_given() {
        let writes = Writes::default();
        let before = writes.now();
        for number in 0..2 * MOST {
            writes.written(&format!("x/{number}/y"));
        }
        assert!((0..2 * MOST).all(|number| !writes.permit(&format!("x/{number}/y"), before)));
        assert!(writes.last.read().unwrap().below.len() <= MOST);
    }
}
