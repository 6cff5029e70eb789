//! toolgate serves REST APIs as MCP tools.
//!
//! ```text
//! source ──► config ──┐                                  caller
//!    │                ├─► catalog ──atomic swap──► mcp ◄──┘
//!    └────► openapi ──┘                             │ ▲
//!                                           Call    ▼ │  ToolOutcome
//!                                                  call (the pipeline) ──► upstream ──► REST API
//! ```
//!
//! [`source`] reads texts, [`config`] makes a [`config::Gateway`] of a gateway file, [`openapi`] makes
//! [`openapi::Operation`]s of a document, [`catalog`] makes an immutable [`catalog::Catalog`] of both, [`mcp`] speaks
//! with clients in both eras of the protocol, [`call`] runs one call through its stages, [`upstream`] does the HTTP.
//! [`load`] puts the left half together, [`import`] writes gateway files, [`cli`] is the program.

pub mod access;
mod buffer;
pub mod call;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod diagnostic;
pub mod express;
pub mod import;
mod lanes;
pub mod load;
pub mod mcp;
pub mod mock;
pub mod net;
pub mod openapi;
mod seal;
pub mod source;
pub mod store;
pub mod tasks;
pub mod telemetry;
pub mod upstream;
