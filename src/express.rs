//! Small languages over JSON: what a gateway file says about the inside of an answer.
//!
//! [`jq`] runs filters, [`path`] follows dotted paths, [`json`] takes valid JSON apart without copying it, so that what
//! is not touched stays byte for byte as it came. [`template`] fills gaps in texts, and [`uri_template`] reads the
//! values of variables from a URI.

pub mod jq;
pub(crate) mod json;
pub mod path;
pub mod template;
pub mod uri_template;
