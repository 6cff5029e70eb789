//! `credential: NAME` of an endpoint or of a change: which credentials go with it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::config::written::{Read, Slot, expected};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Node;

/// The word for no credential.
pub(super) const NONE: &str = "none";

/// Names of credentials: one, several that are sent together, or `none`.
pub(in crate::config) struct CredentialNames<'t>(Vec<&'t str>);

impl CredentialNames<'_> {
    /// The names; none of them for `none`.
    pub(in crate::config) fn to_names(&self) -> Vec<String> {
        self.given().map(str::to_owned).collect()
    }

    /// Those that are not among `names`.
    pub(in crate::config) fn unknown<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = &'s str> {
        self.given().filter(|name| !names.contains(name))
    }

    fn given(&self) -> impl Iterator<Item = &str> {
        self.0.iter().copied().filter(|name| *name != NONE)
    }
}

impl<'t> Read<'t> for CredentialNames<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let names: Option<Vec<&str>> = match slot.node.as_str() {
            Some(name) => Some(vec![name]),
            None if slot.node.is_array() => slot.node.items().map(Node::as_str).collect(),
            None => None,
        };
        if names.is_none() {
            problems.push(expected("the name of a credential, several of them in brackets, or `none`", slot));
        }
        names.map(Self)
    }
}

impl JsonSchema for CredentialNames<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CredentialNames".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "array"], "items": {"type": "string"}})
    }
}
