//! Why a request cannot be given its credential. Nothing is sent then.

use http::HeaderName;

use crate::upstream::Fault;

/// Why a credential is not there, or cannot be put on a request. Each variant is a fact; none holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CredentialError {
    /// The caller's request lacks the header that is passed on, or that a token is exchanged for.
    #[error(
        "the caller sent no header `{header}`, or more than one, and the credential `{name}` is made of it"
    )]
    NoCallerHeader {
        /// Name of the credential.
        name: String,
        /// Name of the header.
        header: HeaderName,
    },
    /// It holds characters that cannot be sent.
    #[error("the credential `{name}` cannot be put on a request: {reason}")]
    Unsendable {
        /// Name of the credential.
        name: String,
        /// Why, without the credential itself.
        reason: &'static str,
    },
}

impl CredentialError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::NoCallerHeader { .. } => Fault::Caller,
            Self::Unsendable { .. } => Fault::Configuration,
        }
    }

    /// Whether it may well be there a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NoCallerHeader { .. } | Self::Unsendable { .. } => false,
        }
    }
}
