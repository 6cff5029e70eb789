//! Why a request cannot be given its credential. Nothing is sent then.

use http::{HeaderName, StatusCode};

use crate::upstream::Fault;

/// Why a credential is not there, or cannot be put on a request. Each variant is a fact; none holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the credential `{name}` cannot be had: {reason}")]
pub struct CredentialError {
    /// Name of the credential.
    pub name: String,
    /// Why.
    pub reason: CredentialFault,
}

/// What is wrong with a credential.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CredentialFault {
    /// The caller's request lacks the header that is passed on, or that a token is exchanged for.
    #[error("the caller's request has no header `{header}`, or more than one")]
    NoCallerHeader {
        /// Name of the header.
        header: HeaderName,
    },
    /// The header that would be passed on holds what the caller was let in by.
    #[error(
        "the header `{header}` has let the caller in, and goes no further: exchange the token (`oauth2` with `grant: \
         token_exchange`), or let callers send what is for the API in another header"
    )]
    OursAlone {
        /// Name of the header.
        header: HeaderName,
    },
    /// It holds characters that cannot be sent.
    #[error("{0}")]
    Unsendable(&'static str),
    /// A file of it cannot be read.
    #[error("the file {path} cannot be used: {reason}")]
    File {
        /// Its path.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The command that writes it failed.
    #[error("the command `{program}` {reason}")]
    Command {
        /// The program, without its arguments.
        program: String,
        /// What became of it.
        reason: String,
    },
    /// The certificate or its key is none.
    #[error("the client certificate cannot be used: {reason}")]
    Certificate {
        /// The TLS library's words.
        reason: String,
    },
    /// A statement or a request cannot be signed.
    #[error("nothing can be signed with its key: {reason}")]
    Signature {
        /// Why.
        reason: String,
    },
    /// The token endpoint refused.
    #[error("the token endpoint {url} answered {status}{said}")]
    TokenRefused {
        /// The token endpoint, without its query.
        url: String,
        /// Its status.
        status: StatusCode,
        /// `: invalid_client (the secret has expired)`; empty when it says nothing. Secrets are blanked.
        said: String,
        /// It is the caller's own token that was refused.
        of_caller: bool,
    },
    /// The token endpoint could not be asked.
    #[error("the token endpoint {url} could not be asked: {reason}")]
    TokenUnreachable {
        /// The token endpoint, without its query.
        url: String,
        /// The transport's words.
        reason: String,
    },
    /// The token endpoint gave no bearer token.
    #[error("the token endpoint {url} gave no token: {reason}")]
    NoToken {
        /// The token endpoint, without its query.
        url: String,
        /// What is wrong with its answer.
        reason: String,
    },
}

impl CredentialError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match &self.reason {
            CredentialFault::NoCallerHeader { .. }
            | CredentialFault::TokenRefused { of_caller: true, .. } => Fault::Caller,
            CredentialFault::TokenRefused { status, .. } if status.is_server_error() => Fault::Upstream,
            CredentialFault::TokenUnreachable { .. } | CredentialFault::NoToken { .. } => Fault::Upstream,
            _ => Fault::Configuration,
        }
    }

    /// Whether it may well be there a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match &self.reason {
            CredentialFault::TokenUnreachable { .. } => true,
            CredentialFault::TokenRefused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}
