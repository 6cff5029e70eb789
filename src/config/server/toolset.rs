//! Named selections of tools across gateways.

use super::rule::{ConditionKeys, Conditions, WhoFile};
use super::selector::{self, Selector};
use crate::config::resolve::is_gateway_name;
use crate::config::resolver::Resolver;
use crate::config::shown::{Discover, DiscoverRule};
use crate::config::text::Literal;
use crate::config::written::{Entry, List, Map, Optional, Written, written};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Place;

written! {
    /// A selection of tools with a path of its own.
    ///
    /// A pattern is the name of a tool, `tag:NAME`, or `METHOD /path`; `*` stands for anything. `gateway:NAME` before
    /// it, or alone, means the tools of this gateway. The name of a tool may then be written without the prefix that
    /// it has among several gateways.
    #[schemars(rename = "Toolset")]
    pub(super) struct ToolsetFile<'t> {
        /// Tools that belong to it. Default: all.
        #[schemars(extend("examples" = [["gateway:shop tag:orders", "gateway:mail send_*", "GET /status"]]))]
        include: Optional<'t, List<'t, Literal<'t>>>,
        /// Tools that do not belong to it, whatever `include` says.
        #[schemars(extend("examples" = [["DELETE *"]]))]
        exclude: Optional<'t, List<'t, Literal<'t>>>,
        /// For the model: how these tools are meant to be used.
        instructions: Optional<'t, &'t str>,
        /// Whether the tools are listed (`off`), or found and called through three tools (`on`, `auto` or
        /// `{above: N}`). Default: as the gateway file of each tool says.
        discover: Optional<'t, DiscoverRule>,
        /// Scopes that a caller needs to call a tool here. The tools are at other paths as well: to keep callers from
        /// a tool wherever it is, write a rule.
        scopes: Optional<'t, List<'t, Literal<'t>>>,
        /// Whoever is one of these; for all others the path is not there.
        allow: Optional<'t, List<'t, WhoFile<'t>>>,
        /// For whoever is one of these the path is not there, whatever `allow` says.
        deny: Optional<'t, List<'t, WhoFile<'t>>>,
    }
}

/// A selection of tools with a path of its own.
#[derive(Clone, Debug)]
pub struct Toolset {
    /// `[A-Za-z0-9_-]{1,32}`; its path is `/mcp/<name>`.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// Which tools; all when there is none.
    pub include: Vec<Selector>,
    /// Which not.
    pub exclude: Vec<Selector>,
    /// For the client: how the tools are meant to be used.
    pub instructions: Option<String>,
    /// Whether the tools are listed; `None` when their gateways decide.
    pub discover: Option<Discover>,
    /// Who may use its path; `None` for everybody.
    pub conditions: Option<Conditions>,
}

/// The toolsets of a file.
pub(super) fn resolve(
    written: Option<&Written<'_, Map<'_, ToolsetFile<'_>>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<Toolset> {
    let entries = written.iter().flat_map(|toolsets| &toolsets.value.0);
    entries.filter_map(|entry| one(entry, resolver)).collect()
}

fn one(entry: &Entry<'_, ToolsetFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Toolset> {
    let file = &entry.value;
    let include = selector::resolve(file.include.as_ref(), resolver);
    let exclude = selector::resolve(file.exclude.as_ref(), resolver);
    let keys = ConditionKeys { scopes: &file.scopes, allow: &file.allow, deny: &file.deny };
    let conditions = keys.any().then(|| keys.resolve(resolver));
    if let Some(written) = file.include.as_ref().filter(|list| list.value.0.is_empty()) {
        let message = "an empty selection has no tools";
        let problem = Diagnostic::new(Code::InvalidValue, message).at(written.slot.key_place());
        resolver.problem(problem.help("leave `include` out for all tools"));
    }
    if !is_gateway_name(entry.key) {
        let message = format!("`{}` cannot be the name of a toolset", entry.key);
        let problem = Diagnostic::new(Code::InvalidValue, message).at(entry.key_place.clone());
        resolver.problem(problem.help("it has 1 to 32 of the characters A-Z, a-z, 0-9, `_` and `-`"));
        return None;
    }
    Some(Toolset {
        name: entry.key.to_owned(),
        place: entry.key_place.clone(),
        include,
        exclude,
        instructions: file.instructions.map(|written| written.value.to_owned()),
        discover: file.discover.map(|written| written.value.0),
        conditions,
    })
}
