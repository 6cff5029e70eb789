//! Who may connect, how many at once, and how long they may take.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use super::super::listen;
use crate::config;
use crate::mcp::http::{AllowedHost, AllowedOrigin, HttpOptions};

/// What is said about connections. What is not said is as [`HttpOptions::default`] has it.
#[derive(Args, Debug)]
pub(super) struct ConnectionArguments {
    /// Host name to be served under, beside loopback names and the address itself; may be repeated
    #[arg(long = "allowed-host", value_name = "HOST", help_heading = "Options for connections")]
    allowed_hosts: Vec<AllowedHost>,

    /// Origin of web pages that may call, beside those of allowed hosts; may be repeated
    #[arg(long = "allowed-origin", value_name = "ORIGIN", help_heading = "Options for connections")]
    allowed_origins: Vec<AllowedOrigin>,

    /// Where to serve /metrics alone; without it, connections from this machine get it where MCP is
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        value_parser = listen::address,
        conflicts_with = "stdio",
        help_heading = "Options for connections"
    )]
    pub(super) metrics_listen: Option<SocketAddr>,

    /// How many connections are open at once; more wait [default: 16384]
    #[arg(
        long,
        value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
        help_heading = "Options for connections"
    )]
    max_connections: Option<u32>,

    /// How long a client may take for the head of a request, and be idle between two [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = config::time_span, help_heading = "Options for connections")]
    header_timeout: Option<Duration>,

    /// How long a client may take for the body of a request [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = config::time_span, help_heading = "Options for connections")]
    body_timeout: Option<Duration>,

    /// How long calls may take to finish after the program was told to end [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = config::time_span, help_heading = "Options for connections")]
    grace: Option<Duration>,
}

impl From<ConnectionArguments> for HttpOptions {
    fn from(arguments: ConnectionArguments) -> Self {
        let default = Self::default();
        let most = arguments.max_connections.and_then(|count| usize::try_from(count).ok());
        Self {
            allowed_hosts: arguments.allowed_hosts,
            allowed_origins: arguments.allowed_origins,
            max_connections: most.unwrap_or(default.max_connections),
            header_timeout: arguments.header_timeout.unwrap_or(default.header_timeout),
            body_timeout: arguments.body_timeout.unwrap_or(default.body_timeout),
            grace: arguments.grace.unwrap_or(default.grace),
            ..default
        }
    }
}
