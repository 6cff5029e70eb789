//! The gateways of bare documents: the command line says of them what a gateway file would.

use super::LoadArguments;
use crate::config::gateway::NamedCredential;
use crate::config::{self, Gateway, OptionError};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// What the command line says of every bare document.
pub(super) struct Bare {
    /// `None` when an option cannot be used: without the credential that was asked for, nothing is called.
    gateway: Option<Gateway>,
}

impl Bare {
    pub(super) fn new(arguments: &LoadArguments, diagnostics: &mut Diagnostics) -> Self {
        let mut gateway = Gateway::named("");
        let mut problems: Vec<Diagnostic> = Vec::new();
        gateway.base_url.clone_from(&arguments.base_url);
        match arguments.bearer_env.as_deref().map(config::bearer_from_environment) {
            Some(Ok(credential)) => {
                gateway.credentials.push(NamedCredential { name: "default".to_owned(), credential });
            }
            Some(Err(error)) => problems.push(problem("--bearer-env", &error)),
            None => {}
        }
        for variable in &arguments.server_variables {
            match config::server_variable(variable) {
                Ok(variable) => gateway.server.variables.push(variable),
                Err(error) => problems.push(problem("--server-variable", &error)),
            }
        }
        for header in &arguments.headers {
            match config::header(header) {
                Ok(header) => gateway.headers.push(header),
                Err(error) => problems.push(problem("--header", &error)),
            }
        }
        let gateway = problems.is_empty().then_some(gateway);
        diagnostics.extend(problems.into_iter().collect());
        Self { gateway }
    }

    /// The gateway of a bare document.
    pub(super) fn gateway(&self, name: String) -> Option<Gateway> {
        self.gateway.clone().map(|gateway| Gateway { name, ..gateway })
    }
}

fn problem(option: &str, error: &OptionError) -> Diagnostic {
    let code = match error {
        OptionError::Unresolved(_) => Code::UnresolvedReference,
        _ => Code::InvalidValue,
    };
    Diagnostic::new(code, format!("{option}: {error}"))
}
