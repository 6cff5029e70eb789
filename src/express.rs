//! Small languages over JSON: what a gateway file says about the inside of an answer.
//!
//! [`jq`] runs filters, [`path`] follows dotted paths, [`json`] takes valid JSON apart without copying it, so that what
//! is not touched stays byte for byte as it came.

pub mod jq;
pub(crate) mod json;
pub mod path;
