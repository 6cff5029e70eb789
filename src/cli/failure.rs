//! Why a verb could not do its work.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::call::error::{ArgumentProblem, ArgumentsError};
use crate::config::OptionError;
use crate::telemetry::InitError;

/// Why a verb could not do its work. What it says to the user is one sentence and at most one line of help.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The problems were told one by one before.
    #[error("nothing to serve: no tool came out of what was given")]
    NothingToServe,
    #[error("nothing to stand in for: no operation came out of what was given")]
    NothingToStandInFor,
    /// The problems were told one by one before.
    #[error("nothing to import: no request came out of what was given")]
    NothingToImport,
    #[error("{0} is no OpenAPI document")]
    NoDocument(String),
    #[error("cannot read from {from}: {error}")]
    Input {
        from: String,
        #[source]
        error: io::Error,
    },
    #[error(transparent)]
    Source(crate::source::SourceError),
    #[error("cannot write {}: {}", path.display(), write_error(error))]
    Written {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
    /// There is no tool of this name.
    #[error("there is no tool '{name}'")]
    UnknownTool {
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
        /// Some operations were left out because they write.
        writes_denied: bool,
    },
    #[error("--args is not well-formed JSON: {0}")]
    Arguments(#[source] serde_json::Error),
    #[error("--args is no JSON object")]
    ArgumentsNoObject,
    #[error("cannot read the arguments from {from}: {error}")]
    ArgumentsUnreadable {
        from: String,
        #[source]
        error: io::Error,
    },
    /// A call with them would send nothing.
    #[error("the arguments are invalid{}", listed(&.0.problems))]
    InvalidArguments(#[source] ArgumentsError),
    /// Somebody would have to be asked, and nobody is at a terminal.
    #[error("'{0}' asks a person first, and nobody is at a terminal; nothing was sent")]
    NobodyToAsk(String),
    /// Anyone who can reach the address could use the tools.
    #[error("refusing to listen on {0}: whoever can reach this address could use the tools")]
    Exposed(SocketAddr),
    #[error("cannot listen on {address}: {}", listen_error(error))]
    Listen {
        address: String,
        #[source]
        error: io::Error,
    },
    /// There is no toolset, and no gateway, of this name.
    #[error("there is no toolset '{name}'")]
    UnknownToolset {
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// The problems were told one by one before.
    #[error("the server file cannot be kept to, so nothing is served")]
    ServerFile,
    #[error("there is no diagnostic code '{name}'")]
    UnknownCode {
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// A value of an option. What was written is not repeated: it may be a secret.
    #[error("{option}: {error}")]
    Option {
        option: &'static str,
        #[source]
        error: OptionError,
    },
    #[error("TOOLGATE_LOG: {0}")]
    Log(#[source] InitError),
    #[error("cannot write to stdout: {0}")]
    Output(#[source] io::Error),
    #[error("the system refuses what toolgate needs to run: {0}")]
    System(#[source] io::Error),
}

impl Failure {
    /// 2 when another command line would do, 1 otherwise.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownTool { .. }
            | Self::UnknownToolset { .. }
            | Self::Arguments(_)
            | Self::ArgumentsNoObject
            | Self::ArgumentsUnreadable { .. }
            | Self::InvalidArguments(_)
            | Self::Exposed(_)
            | Self::Option { .. }
            | Self::Log(_)
            | Self::NoDocument(_)
            | Self::NobodyToAsk(_)
            | Self::UnknownCode { .. } => 2,
            Self::NothingToServe
            | Self::ServerFile
            | Self::NothingToStandInFor
            | Self::NothingToImport
            | Self::Input { .. }
            | Self::Source(_)
            | Self::Written { .. }
            | Self::Listen { .. }
            | Self::Output(_)
            | Self::System(_) => 1,
        }
    }

    /// Nobody reads any more what we print: the end, but no failure (`toolgate tools … | head`).
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What to do about it.
    pub(super) fn help(&self) -> Option<String> {
        match self {
            Self::UnknownTool { suggestion, writes_denied, .. } => {
                let named = suggestion.as_ref().map(|name| format!("did you mean '{name}'?"));
                let help = named.unwrap_or_else(|| "`toolgate tools` lists the names".to_owned());
                let denied = "; operations that write were left out, see --allow-writes";
                Some(format!("{help}{}", if *writes_denied { denied } else { "" }))
            }
            Self::UnknownCode { suggestion: Some(name), .. }
            | Self::UnknownToolset { suggestion: Some(name), .. } => Some(format!("did you mean '{name}'?")),
            Self::Arguments(_) | Self::ArgumentsNoObject => Some(
                r#"write --args '{"name": "value"}', or --args @file.json, or --args - for stdin"#.to_owned(),
            ),
            Self::NoDocument(_) => Some("name one document: a file or a URL".to_owned()),
            Self::Exposed(_) => Some(
                "listen on 127.0.0.1, say with --config who has `access`, or --insecure if that is meant"
                    .to_owned(),
            ),
            Self::Listen { error, address } if is_in_use(error) && !address.starts_with("unix:") => {
                Some("--listen 127.0.0.1:0 takes any free port".to_owned())
            }
            Self::NobodyToAsk(_) => {
                Some("--yes agrees to the call; what it asks for can be given in --args".to_owned())
            }
            _ => None,
        }
    }
}

/// A line for each problem.
fn listed(problems: &[ArgumentProblem]) -> String {
    let line = |problem: &ArgumentProblem| match &problem.help {
        Some(help) => format!("\n  {} ({help})", problem.message),
        None => format!("\n  {}", problem.message),
    };
    problems.iter().map(line).collect()
}

fn write_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "it exists already".to_owned(),
        _ => error.to_string(),
    }
}

fn is_in_use(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}

fn listen_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not use the port".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        _ => error.to_string(),
    }
}
