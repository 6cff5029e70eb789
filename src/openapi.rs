//! OpenAPI documents, as people really write them, to [`Operation`]s.
//!
//! A document is read as a positioned tree ([`node`]) and one operation is typed at a time: whatever is odd about
//! one operation becomes a diagnostic with its place and costs no other operation anything. All versions end in the
//! one model of [`operation`].
//!
//! ```text
//! text ──json/yaml──► Tree ──overlay──► Tree ──reference──► (resolved nodes) ──read──► Operation ──► catalog
//! ```

pub mod definitions;
pub mod document;
mod duplicates;
mod files;
mod json;
pub mod node;
pub mod operation;
pub mod overlay;
mod read;
mod reference;
mod report;
mod schema;
pub mod shared;
pub mod template;
mod text;
mod version;
mod yaml;

pub use document::Document;
pub use operation::Operation;
pub use overlay::Overlay;
pub use schema::XML as XML_KEY;
pub use text::parse;
