//! Finds a key in a large object without reading all of it.
//!
//! Most objects of a document are small, and comparing lengths finds a key among a few at once. `paths` and
//! `components.schemas` hold thousands and are asked for every `$ref`: each object of more than [`SMALL`] entries
//! has a hash table, all tables in one vector. The hash is keyed, because the documents are not ours.

use std::hash::{BuildHasher, RandomState};

use super::to_u32;

/// Objects with more entries than this have a table.
pub(super) const SMALL: usize = 16;

/// The hash tables of one tree.
#[derive(Default)]
pub(super) struct Lookup {
    hasher: RandomState,
    /// In the order of their nodes, since objects are numbered as they are built.
    tables: Vec<Location>,
    /// Zero, or the index of an entry within its object plus one.
    slots: Vec<u32>,
}

/// Where the table of one object is.
struct Location {
    node: u32,
    start: u32,
    /// A power of two, at least twice the number of entries: there is always a free slot.
    slots: u32,
}

/// The hash table of one object.
pub(super) struct Table<'l> {
    hasher: &'l RandomState,
    slots: &'l [u32],
}

impl Lookup {
    /// The table of an object; `None` when it has so few entries that it needs none.
    pub(super) fn table(&self, node: u32, entries: usize) -> Option<Table<'_>> {
        if entries <= SMALL {
            return None;
        }
        let at = self.tables.binary_search_by_key(&node, |location| location.node).ok()?;
        self.tables.get(at).and_then(|location| self.table_at(location))
    }

    /// The table that was begun last.
    pub(super) fn newest(&self) -> Option<Table<'_>> {
        self.tables.last().and_then(|location| self.table_at(location))
    }

    /// Begins the table of an object that will have at most this many entries.
    pub(super) fn begin(&mut self, node: u32, entries: usize) {
        let slots = (entries * 2).next_power_of_two();
        let start = self.slots.len();
        self.slots.resize(start + slots, 0);
        self.tables.push(Location { node, start: to_u32(start), slots: to_u32(slots) });
    }

    /// Adds an entry to the table that was begun last; `key` must not be in it.
    pub(super) fn add(&mut self, key: &str, index: usize) {
        let Some(location) = self.tables.last() else { return };
        let Some(slots) = self.slots.get_mut(location.start as usize..) else { return };
        for slot in probe(self.hasher.hash_one(key), slots.len()) {
            if let Some(slot @ 0) = slots.get_mut(slot) {
                *slot = to_u32(index + 1);
                return;
            }
        }
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.tables.shrink_to_fit();
        self.slots.shrink_to_fit();
    }

    fn table_at(&self, location: &Location) -> Option<Table<'_>> {
        let start = location.start as usize;
        let slots = self.slots.get(start..start + location.slots as usize)?;
        Some(Table { hasher: &self.hasher, slots })
    }
}

impl Table<'_> {
    /// Indices of the entries that may have this key.
    pub(super) fn candidates(&self, key: &str) -> impl Iterator<Item = usize> {
        probe(self.hasher.hash_one(key), self.slots.len())
            .map_while(|slot| self.slots.get(slot))
            .take_while(|slot| **slot != 0)
            .map(|slot| *slot as usize - 1)
    }
}

/// The slots in which an entry with this hash may be, in order; `slots` is a power of two.
fn probe(hash: u64, slots: usize) -> impl Iterator<Item = usize> {
    let mask = slots.wrapping_sub(1);
    #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash will do")]
    let first = hash as usize;
    (0..slots).map(move |step| first.wrapping_add(step) & mask)
}
