//! The world around a gateway, for tests: an API that misbehaves and keeps a ledger ([`upstream`]), the real program
//! with files of its own ([`gateway`]), and clients that say exactly what they are told to ([`http`], [`mcp`],
//! [`stdio`]), which hold every message against the protocol's [`schema`]. What a test measures it tells in [`figures`].

pub(crate) mod api;
pub(crate) mod figures;
pub(crate) mod gateway;
pub(crate) mod http;
pub(crate) mod issuer;
pub(crate) mod load;
pub(crate) mod mcp;
pub(crate) mod process;
pub(crate) mod schema;
pub(crate) mod stdio;
pub(crate) mod tls;
pub(crate) mod upstream;
pub(crate) mod wait;
