//! What `serve` does for clients of the older protocol over HTTP, in the words of the command line.

use std::time::Duration;

use clap::Args;

use crate::config;
use crate::mcp::http::HttpOptions;

/// What concerns clients that begin with a handshake.
#[derive(Args, Clone, Debug)]
pub(super) struct LegacyArguments {
    /// Remember at most so many clients between their requests; 0 for replicas behind a load balancer
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = HttpOptions::MAX_SESSIONS,
        help_heading = "Options for older clients"
    )]
    max_sessions: usize,

    /// Forget a client that was not heard of for so long
    #[arg(
        long,
        value_name = "TIME",
        value_parser = config::time_span,
        default_value = "4h",
        help_heading = "Options for older clients"
    )]
    session_idle: Duration,

    /// Serve the HTTP transport of 2024-11-05, too: GET /sse
    #[arg(long, conflicts_with = "stdio", help_heading = "Options for older clients")]
    legacy_sse: bool,
}

impl LegacyArguments {
    /// The options with these in them.
    pub(super) fn apply(&self, http: HttpOptions) -> HttpOptions {
        HttpOptions {
            max_sessions: self.max_sessions,
            session_idle: self.session_idle,
            legacy_sse: self.legacy_sse,
            ..http
        }
    }
}
