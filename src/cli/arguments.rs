//! What every verb that reads sources takes.

use std::path::PathBuf;

use clap::Args;

/// The sources, and what is said about bare documents.
#[derive(Args, Clone, Debug)]
pub(super) struct SourceArguments {
    /// Gateway files, OpenAPI documents (path or https URL), or folders of those
    #[arg(value_name = "SOURCE", required = true)]
    pub sources: Vec<String>,

    /// Where the API lives; may be a private address
    #[arg(long, value_name = "URL", help_heading = "Options for bare documents")]
    pub base_url: Option<String>,

    /// Value of a variable in the URLs of the document's servers; may be repeated
    #[arg(long = "server-variable", value_name = "NAME=VALUE", help_heading = "Options for bare documents")]
    pub server_variables: Vec<String>,

    /// Environment variable with a bearer token for the API
    #[arg(long, value_name = "VAR", help_heading = "Options for bare documents")]
    pub bearer_env: Option<String>,

    /// Header of every request, for example 'X-Api-Key: ${VAR}'; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", help_heading = "Options for bare documents")]
    pub headers: Vec<String>,

    /// Fetch URLs that documents refer to: of these hosts, else of any with a public address
    #[arg(
        long,
        value_name = "HOST,…",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = "Options for bare documents"
    )]
    pub allow_remote_refs: Option<String>,

    /// Make tools of operations that write too
    #[arg(long, help_heading = "Options for bare documents")]
    pub allow_writes: bool,
}

/// What concerns the whole server.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ServerArguments {
    /// The server file: who may call, toolsets, rules; see `toolgate schema --server`
    #[arg(long = "config", value_name = "FILE")]
    pub config: Option<PathBuf>,
}
