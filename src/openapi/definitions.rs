//! Named schemas that the operations of one document share.
//!
//! A component that 5,000 operations refer to is converted once and held once: each operation has the names that its
//! schemas reach and a pointer to each. Written out per operation, a document of 20 MB would take gigabytes.

use std::borrow::Borrow;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde_json::{Map, Value};

use super::shared::Json;

/// What `#/$defs/NAME` refers to. In breadth-first order: what comes first is nearest to the operation. Copies share
/// everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions(Arc<IndexMap<Name, Json, FxBuildHasher>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Name(Arc<str>);

impl Definitions {
    /// Without any.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The schema of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }

    /// The name, shared where it is there.
    pub(crate) fn name(&self, name: &str) -> Arc<str> {
        self.0.get_key_value(name).map_or_else(|| name.into(), |(name, _)| Arc::clone(&name.0))
    }

    /// Whether the name is there.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Names and schemas, nearest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, schema)| (&*name.0, schema))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is a copy of `other` that has not been changed. Of two others it says nothing: they may be equal.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Adds or replaces one.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, schema: impl Into<Json>) {
        Arc::make_mut(&mut self.0).insert(Name(name.into()), schema.into());
    }

    /// Written out, for a schema of its own.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, schema)| (name.to_owned(), schema.to_value())).collect()
    }
}

impl FromIterator<(String, Value)> for Definitions {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(iter: I) -> Self {
        let named = iter.into_iter().map(|(name, schema)| (Name(name.into()), Json::from(schema)));
        Self(Arc::new(named.collect()))
    }
}

impl From<Map<String, Value>> for Definitions {
    fn from(map: Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}
