//! What clients speak: MCP in both eras, over stdio and Streamable HTTP.
//!
//! The *legacy* era (2024-11-05 to 2025-11-25) begins with an `initialize` handshake, the *modern* one (2026-07-28) is
//! stateless and carries its version in every request. Both are served at the same time, on one endpoint and on one
//! pair of standard streams; each request says by itself which it is ([`era`]), and nothing is remembered between two.
//!
//! ```text
//! bytes ──message──► Request ──era──► dispatch ──► Answer ────────────────────────► bytes
//!                                        │                                     ▲
//!                                        └──► Work ──call::pipeline──► outcome
//! ```
//!
//! [`message`] refuses what is ambiguous (duplicate keys, batches, deep nesting) before anything looks inside,
//! [`dispatch`] decides without waiting for anything, and the transports ([`http`], [`stdio`]) decide how a
//! [`work::Work`] runs: what a disconnect means is theirs, and so is the [`line::Line`] to the client while it runs. Ids, arguments and results stay raw JSON throughout.

mod answer;
pub(crate) mod asking;
mod call;
pub(crate) mod capabilities;
mod changes;
mod client;
mod completion;
mod conversation;
mod discovery;
mod dispatch;
mod era;
mod error;
mod headers;
pub mod http;
mod identity;
mod json;
mod legacy;
mod level;
pub(crate) mod line;
mod list;
mod message;
mod modern;
mod offer;
mod offered;
pub mod outcome;
mod param_headers;
mod progress;
mod prompt;
mod resource;
mod segments;
mod session;
pub mod stdio;
mod strict;
mod subscription;
#[cfg(test)]
mod testing;
mod visit;
mod work;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::access::Gatekeeper;
use crate::call::admission::Admission;
use crate::catalog::Catalog;
use crate::telemetry::Metrics;
use crate::telemetry::audit::Audit;

/// What is served to clients. One for all transports of a process.
#[derive(Debug)]
pub struct Server {
    catalog: Arc<ArcSwap<Catalog>>,
    options: ServerOptions,
    runner: call::Runner,
    changes: changes::Changes,
}

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// How long a client may take a list for current (`ttlMs`).
    pub list_ttl: Duration,
    /// How many items of a list a client gets at once; `None` for all of them.
    pub page_size: Option<NonZeroUsize>,
    /// Whether what is served can change: then clients are told so, and told when it does.
    pub can_change: bool,
    /// How much one caller may ask for.
    pub admission: Option<Arc<Admission>>,
    /// Where it is written down who did what.
    pub audit: Option<Audit>,
    /// Where it is counted what happens.
    pub metrics: Arc<Metrics>,
    /// What concerns HTTP alone.
    pub http: http::HttpOptions,
}

impl Server {
    /// Asks callers over HTTP who they are; `None` when nobody does.
    #[must_use]
    pub fn gatekeeper(&self) -> Option<&Gatekeeper> {
        self.options.http.gatekeeper.as_deref()
    }

    /// A server of whatever `catalog` holds at the time of each request.
    #[must_use]
    pub fn new(catalog: Arc<ArcSwap<Catalog>>, options: ServerOptions) -> Self {
        Self { catalog, options, runner: call::PIPELINE, changes: changes::Changes::default() }
    }

    /// Serves another catalog from here on, and tells those who listen. What runs already ends as it began.
    pub fn replace(&self, catalog: Arc<Catalog>, changed: Changed) {
        self.catalog.store(catalog);
        if changed != Changed::default() {
            self.changes.note(changed);
        }
    }
}

/// What of a catalog is new to clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The list of tools, or how one of them looks.
    pub tools: bool,
    /// The list of resources, or of their templates.
    pub resources: bool,
    /// The list of prompts.
    pub prompts: bool,
    /// URIs of resources that are read otherwise than before.
    pub updated: Vec<Box<str>>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            list_ttl: Duration::from_secs(60),
            page_size: None,
            can_change: false,
            admission: None,
            audit: None,
            metrics: Arc::default(),
            http: http::HttpOptions::default(),
        }
    }
}

/// Who we are, in `initialize`, `server/discover` and the `_meta` of modern results.
const SERVER_INFO: &str =
    concat!(r#"{"name":"toolgate","title":"toolgate","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

/// The longest message that is read, over any transport: 4 MiB.
const MAX_MESSAGE: usize = 4 << 20;
