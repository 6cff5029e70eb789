//! Gateway files: what was written ([`file`]) to what is meant ([`gateway`]), with one `resolve` between them.

pub mod gateway;

pub use gateway::Gateway;
