//! Gateway files from what people have at hand: documents, curl commands, HAR archives, Postman collections.
//!
//! ```text
//! document ──────────────────────► Operation ──document──┐
//! curl, HAR, Postman ──► Recorded ──route, infer, merge──┴──► Sketch ──yaml──► text
//! ```
//!
//! What is written is meant to be edited: OpenAPI's own words, one endpoint a tool, nothing that the input does not
//! say. It loads as it is. **No secret of the input reaches the output**: what authenticates becomes a reference to an
//! environment variable, and values that were seen are written only when nothing about them can be secret
//! ([`secret`]). Diagnostics about such inputs name the place and do not show it.

mod curl;
mod document;
mod gather;
mod har;
mod infer;
mod inline;
mod postman;
mod recorded;
mod route;
mod secret;
mod sketch;
mod yaml;

pub use curl::curl;
pub use document::openapi;
pub use har::har;
pub use postman::postman;

/// What is said about an import beside its input.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of the gateway; made from the host otherwise.
    pub name: Option<String>,
    /// Only requests to this URL and below it are taken.
    pub base_url: Option<url::Url>,
}

/// A gateway file that was made of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The text of the gateway file.
    pub yaml: String,
    /// The environment variables that it needs.
    pub variables: Vec<String>,
    /// What its user should know, a sentence each.
    pub notes: Vec<String>,
}
