//! What a document may have read beside itself.

use super::resolver::Resolver;
use super::written::{self, List, Optional, Read, Slot, Written, written};
use crate::diagnostic::Diagnostics;
use crate::source::remote::{Permission, is_host};

written! {
    /// What the references (`$ref`) of the document may have read. Files below its own folder always; URLs only with
    /// permission.
    #[schemars(inline)]
    pub(super) struct ReferencesFile<'t> {
        /// `deny`, `allow` for every host with a public address, or a list of hosts (`HOST` or `HOST:PORT`), which may
        /// then be anywhere. Only https is fetched, or http from this machine, and no credential is sent.
        #[schemars(extend("default" = "deny"))]
        urls: Optional<'t, Urls<'t>>,
    }
}

/// A word, or hosts.
pub(super) enum Urls<'t> {
    Deny,
    Allow,
    Hosts(List<'t, &'t str>),
}

impl<'t> Read<'t> for Urls<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.is_array() {
            return List::read(slot, problems).map(Self::Hosts);
        }
        match written::text(slot, problems)? {
            "deny" => Some(Self::Deny),
            "allow" => Some(Self::Allow),
            word => {
                let help = "write deny, allow, or a list of hosts: [schemas.example.com]";
                problems.push(slot.invalid(format!("`{word}` is neither deny nor allow")).help(help));
                None
            }
        }
    }
}

impl schemars::JsonSchema for Urls<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Urls".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{"enum": ["deny", "allow"]}, {"type": "array", "items": {"type": "string"}}],
            "examples": [["schemas.example.com"]]
        })
    }
}

/// The `references` of a file.
pub(super) fn resolve(
    references: &Written<'_, ReferencesFile<'_>>,
    resolver: &mut Resolver<'_>,
) -> Permission {
    match references.value.urls.as_ref().map(|urls| &urls.value) {
        None | Some(Urls::Deny) => Permission::Nothing,
        Some(Urls::Allow) => Permission::Public,
        Some(Urls::Hosts(hosts)) => {
            Permission::Hosts(hosts.0.iter().filter_map(|h| host(h, resolver)).collect())
        }
    }
}

fn host(written: &Written<'_, &str>, resolver: &mut Resolver<'_>) -> Option<String> {
    if !is_host(written.value) {
        let problem = written.slot.invalid(format!("`{}` is no host", written.value));
        resolver.problem(problem.help("write `schemas.example.com` or `schemas.example.com:8443`"));
        return None;
    }
    Some(written.value.to_owned())
}
