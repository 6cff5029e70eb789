//! One API as seen from here: its client, whom it may be reached at, and what proves who we are.

use crate::config::gateway::NamedCredential;

/// One API. Lives as long as its gateway keeps its name and base URL, across reloads.
#[derive(Debug)]
pub struct Upstream {
    /// Name of the gateway.
    pub name: String,
    /// What may be applied to a request.
    pub credentials: Vec<NamedCredential>,
}
