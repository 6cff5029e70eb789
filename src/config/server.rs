//! The server file: what concerns the whole server rather than one API.
//!
//! A gateway file is one API, and may be served beside others by people who have never met its author. Who may call,
//! what is put together for whom, and what is written down about it is the business of whoever runs the server, so it
//! has a file of its own (`--config`), read by the same means: one positioned tree, strict keys, every problem in one
//! pass.
//!
//! A fault in it costs the whole file. Half of a set of rules is another set of rules, and nobody can tell from a
//! missing one whom it would have kept out.

pub mod access;
mod audit;
mod callers;
mod cors;
mod file;
mod limits;
pub mod rule;
mod selector;
mod toolset;

use std::path::Path;
use std::sync::Arc;

use super::env::{self, Environment};
use super::resolver::Resolver;
use super::written::{Read, Slot};
use super::{parse, schema, secrecy};
use crate::diagnostic::{Diagnostics, Severity};
use crate::openapi::node::Tree;
use crate::source::{Seen, Source};
use access::Access;
pub use audit::AuditTarget;
use file::ServerFile;
pub use limits::CallerLimits;
pub use rule::{Conditions, Rule};
pub use selector::Selector;
pub use toolset::Toolset;

/// What a server file means; all of it is optional.
#[derive(Clone, Debug, Default)]
pub struct ServerConfig {
    /// How callers show over HTTP who they are; without it nobody is asked.
    pub access: Option<Access>,
    /// Selections across gateways with paths of their own; their names are unique.
    pub toolsets: Vec<Toolset>,
    /// Who may see and use what; all of them hold.
    pub rules: Vec<Rule>,
    /// How much one caller may ask for.
    pub limits: CallerLimits,
    /// Where it is written down who did what.
    pub audit: Option<AuditTarget>,
    /// The origins of web pages that may call, in the form in which a browser sends them.
    pub origins: Vec<String>,
}

/// Reads a server file; `folder` is where it is, and what paths in it are relative to.
///
/// All problems are collected. `None` when one of them is an error. `seen` takes note of the files that references name.
#[must_use]
pub fn read_server(
    source: &Arc<Source>,
    folder: &Path,
    seen: &Seen,
    diagnostics: &mut Diagnostics,
) -> Option<ServerConfig> {
    read_in(&env::Noted(seen), source, folder, diagnostics)
}

/// The JSON Schema of the server file.
#[must_use]
pub fn server_schema() -> serde_json::Value {
    schema::of::<ServerFile<'static>>()
}

fn read_in(
    environment: &dyn Environment,
    source: &Arc<Source>,
    folder: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<ServerConfig> {
    let (tree, problems) = parse(source);
    let mut resolver = Resolver { environment, folder, problems };
    let config = tree.as_ref().and_then(|tree| {
        let file = ServerFile::read(Slot::root(tree.root()), &mut resolver.problems)?;
        callers::check(&file, &mut resolver);
        Some(resolve(&file, &mut resolver))
    });
    let faulty = resolver.problems.iter().any(|problem| problem.severity == Severity::Error);
    diagnostics.extend(secrecy::shield(&resolver.problems, source, tree.as_ref().map(Tree::root)));
    config.filter(|_| !faulty)
}

fn resolve(file: &ServerFile<'_>, resolver: &mut Resolver<'_>) -> ServerConfig {
    ServerConfig {
        access: file.access.as_ref().and_then(|access| access::resolve(access, resolver)),
        toolsets: toolset::resolve(file.toolsets.as_ref(), resolver),
        rules: rule::resolve(file.rules.as_ref(), resolver),
        limits: limits::resolve(file.limits.as_ref(), resolver),
        audit: audit::resolve(file.audit.as_ref(), resolver),
        origins: cors::resolve(file.cors.as_ref(), resolver),
    }
}

/// What a file without a fault means; its callers need not be known.
#[cfg(test)]
pub(crate) fn fixture(text: &str) -> ServerConfig {
    let source = Source::new("server.yaml", text);
    let (tree, problems) = parse(&source);
    let tree = tree.unwrap();
    let mut resolver = Resolver { environment: &env::Pretended, folder: Path::new(""), problems };
    let file = ServerFile::read(Slot::root(tree.root()), &mut resolver.problems).unwrap();
    let config = resolve(&file, &mut resolver);
    assert!(resolver.problems.is_empty(), "{}", crate::diagnostic::render::text(&resolver.problems, false));
    config
}

#[cfg(test)]
mod tests;
