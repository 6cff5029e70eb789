//! Who is calling over HTTP.
//!
//! ```text
//! headers ──presented──► key ───keys──────────────────────────────► Caller
//!             │                                                       ▲
//!             └────────► token ──jwt─► claims ──key_source─► signed ──┤
//!                          └──introspection─► claims ─────────────────┘
//! ```
//!
//! A [`Gatekeeper`] is asked about every request before its body is read. Nothing that it decides outlives the request,
//! but for the issuer's keys ([`key_source`]) and, for seconds, what the issuer says of a token ([`introspection`]).
//! What a caller has shown is compared, verified or asked about, and dropped: it is in no log, no error, no key of a
//! cache, and no [`Caller`].
//!
//! Whatever is not understood is refused: a token that is bound to a key of its holder, one with a critical extension,
//! one that was made for something else.

mod challenge;
mod claims;
mod discovery;
mod fetch;
mod gatekeeper;
mod introspection;
mod jwt;
mod key_set;
mod key_source;
mod keys;
mod metadata;
mod presented;
mod principal;
mod refusal;
mod rule;
#[cfg(test)]
pub(crate) mod testing;
mod tokens;

pub use challenge::Refused;
pub use gatekeeper::Gatekeeper;
pub use keys::NewKey;
pub use principal::{Caller, Principal};
pub use refusal::Refusal;
