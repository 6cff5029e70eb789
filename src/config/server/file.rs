//! A server file as it is written. The doc comments are the reference of the file: they become the descriptions in
//! its JSON Schema.

use super::access::AccessFile;
use super::audit::AuditSetting;
use super::cors::CorsFile;
use super::limits::LimitsFile;
use super::rule::RuleFile;
use super::toolset::ToolsetFile;
use crate::config::written::{List, Map, Optional, written};

written! {
    /// What concerns the whole server rather than one API: `toolgate serve SOURCE... --config server.yaml`. Every key
    /// may be left out.
    ///
    /// Where a key says so, `${NAME}` is the environment variable NAME, `${NAME:-default}` has a default for when it
    /// is not set or empty, and `${file:PATH}` is the content of a file, relative to this one. What comes from there
    /// is never shown. Keys that begin with `x-` are ignored: a place for YAML anchors and notes.
    #[schemars(
        rename = "toolgate server file",
        extend("patternProperties" = {"^x-": {}, "^\\$schema$": {}})
    )]
    pub(super) struct ServerFile<'t> {
        /// Who may call over HTTP.
        access: Optional<'t, AccessFile<'t>>,
        /// Selections of tools across gateways, by names of your choice. Each is served at `/mcp/<name>`, as a gateway
        /// is.
        #[schemars(extend(
            "propertyNames" = {"pattern": "^[A-Za-z0-9_-]{1,32}$"},
            "examples" = [{"support": {"include": ["gateway:shop tag:orders", "gateway:mail"]}}]
        ))]
        toolsets: Optional<'t, Map<'t, ToolsetFile<'t>>>,
        /// Who may see and use which tools.
        #[schemars(extend("examples" = [[{"tools": ["tag:admin"], "allow": [{"key": "ops"}]}]]))]
        rules: Optional<'t, List<'t, RuleFile<'t>>>,
        /// How much one caller may ask for.
        limits: Optional<'t, LimitsFile<'t>>,
        /// Where a line is written about each call (who, what, with what outcome; no arguments, no answers): `stderr`,
        /// or `{file: PATH}`. Default: nowhere.
        audit: Optional<'t, AuditSetting<'t>>,
        /// Which web pages may call from a browser. Default: none.
        cors: Optional<'t, CorsFile<'t>>,
    }
}
