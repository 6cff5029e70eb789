//! OpenAPI documents, as people really write them, to [`Operation`]s.
//!
//! A document is read as a positioned tree ([`node`]) and one operation is typed at a time: whatever is odd about
//! one operation becomes a diagnostic with its place and costs no other operation anything. All versions end in the
//! one model of [`operation`].
//!
//! ```text
//! text ──json/yaml──► Tree ──reference──► (resolved nodes) ──v30/v31──► Operation ──► catalog
//! ```

pub mod definitions;
mod duplicates;
mod json;
pub mod node;
pub mod operation;
pub mod template;
mod text;
mod yaml;

pub use operation::Operation;
pub use text::parse;
