//! What is told to the operator: one line per call, no secrets, no argument values.

pub mod redact;

pub use redact::Redactor;
