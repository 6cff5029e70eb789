//! Why no whole answer came, told apart as far as it can be told.

use std::net::IpAddr;

use http::StatusCode;

use super::credential::CredentialError;
use crate::net::body::BodyError;

/// Whose fault a failure is, and so who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller, who can call otherwise.
    Caller,
    /// The operator, who wrote the configuration.
    Configuration,
    /// The API, or the network on the way to it.
    Upstream,
    /// toolgate itself.
    Toolgate,
}

/// Why no whole answer came. Each variant is a fact; none holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The credential is not there, or cannot be put on the request.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// No HTTP request can be made of it: its URL is longer than 65,534 bytes.
    #[error("no request can be made of it: {reason}")]
    InvalidRequest {
        /// The HTTP library's words.
        reason: String,
    },
    /// The host may not be connected to.
    #[error("{host} is at {address}, which is not an address of the public internet")]
    AddressRefused {
        /// As it stands in the URL.
        host: String,
        /// Where it is.
        address: IpAddr,
    },
    /// The host has no address.
    #[error("the name of the host could not be resolved: {reason}")]
    Dns {
        /// The resolver's words.
        reason: String,
    },
    /// No connection could be made.
    #[error("no connection could be made: {reason}")]
    Connect {
        /// The system's words.
        reason: String,
    },
    /// TLS could not be spoken, or the certificate is not trusted.
    #[error("TLS failed: {reason}")]
    Tls {
        /// The TLS library's words.
        reason: String,
        /// It failed before anything could be written.
        handshake: bool,
    },
    /// No connection could be made in time.
    #[error("no connection could be made within {seconds} seconds")]
    ConnectTimeout {
        /// The limit.
        seconds: u64,
    },
    /// The connection was reset or closed before a whole answer came.
    #[error("the connection was closed before a whole answer came")]
    Reset {
        /// It happened before anything was written.
        unsent: bool,
    },
    /// The transport failed in a way that is none of the others.
    #[error("the connection failed: {reason}")]
    Transport {
        /// The HTTP library's words.
        reason: String,
    },
    /// What came is not HTTP.
    #[error("the answer is not HTTP: {reason}")]
    InvalidResponse {
        /// The parser's words.
        reason: String,
    },
    /// The head of the answer is larger than it may be.
    #[error("the headers of the answer are too many or too large")]
    HeadersTooLarge,
    /// The body of the answer is larger than it may be.
    #[error("the body of the answer is larger than {limit} bytes")]
    TooLarge {
        /// The cap.
        limit: usize,
    },
    /// The body is not what its content coding says.
    #[error("the content coding of the answer is broken: {reason}")]
    Decode {
        /// The decoder's words.
        reason: String,
    },
    /// Fewer bytes came than `Content-Length` announced.
    #[error("the answer ended after {received} of {announced} bytes")]
    WrongLength {
        /// How many came.
        received: u64,
        /// How many were announced.
        announced: u64,
    },
    /// The connection ended in the middle of the body.
    #[error("the connection ended in the middle of the answer")]
    Truncated,
    /// The chunks of the body are broken.
    #[error("the chunks of the answer are broken")]
    InvalidChunk,
    /// The answer redirects to where it is not followed.
    #[error("the answer ({status}) redirects to {location}, which is not followed")]
    RedirectRefused {
        /// Its status.
        status: StatusCode,
        /// Where to, without query.
        location: String,
    },
    /// One redirect too many.
    #[error("the answer redirects more than {limit} times")]
    TooManyRedirects {
        /// The limit.
        limit: usize,
    },
}

impl SendError {
    /// The stable name of this kind of failure, as agents, logs and metrics see it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Credential(_) => "credential",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::AddressRefused { .. } => "address_refused",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::ConnectTimeout { .. } => "timeout_connect",
            Self::Reset { .. } => "reset",
            Self::Transport { .. } => "transport",
            Self::InvalidResponse { .. } => "invalid_response",
            Self::HeadersTooLarge => "headers_too_large",
            Self::TooLarge { .. } => "too_large",
            Self::Decode { .. } => "decode",
            Self::WrongLength { .. } => "wrong_length",
            Self::Truncated => "truncated",
            Self::InvalidChunk => "invalid_chunk",
            Self::RedirectRefused { .. } => "redirect_refused",
            Self::TooManyRedirects { .. } => "too_many_redirects",
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::InvalidRequest { .. } => Fault::Caller,
            Self::Credential(error) => error.fault(),
            Self::AddressRefused { .. } => Fault::Configuration,
            _ => Fault::Upstream,
        }
    }

    /// Whether not one byte of the request can have reached the API, so that even a write may be tried again.
    #[must_use]
    pub fn certainly_not_written(&self) -> bool {
        match self {
            Self::Credential(_)
            | Self::InvalidRequest { .. }
            | Self::AddressRefused { .. }
            | Self::Dns { .. }
            | Self::Connect { .. }
            | Self::ConnectTimeout { .. } => true,
            Self::Tls { handshake, .. } => *handshake,
            Self::Reset { unsent } => *unsent,
            _ => false,
        }
    }

    /// Whether not even the head of an answer came.
    #[must_use]
    pub(crate) fn is_without_answer(&self) -> bool {
        matches!(
            self,
            Self::Dns { .. }
                | Self::Connect { .. }
                | Self::Tls { .. }
                | Self::ConnectTimeout { .. }
                | Self::Reset { .. }
                | Self::Transport { .. }
        )
    }

    /// Whether it failed before the API had anything to do with it.
    #[must_use]
    pub(crate) fn says_nothing_of_the_api(&self) -> bool {
        matches!(self, Self::Credential(_) | Self::InvalidRequest { .. } | Self::AddressRefused { .. })
    }

    /// Whether the same request may well succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Credential(error) => error.is_transient(),
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::ConnectTimeout { .. }
            | Self::Reset { .. }
            | Self::Transport { .. }
            | Self::WrongLength { .. }
            | Self::Truncated => true,
            _ => false,
        }
    }
}

impl From<BodyError> for SendError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { limit } => Self::TooLarge { limit },
            BodyError::UnknownCoding(coding) => Self::Decode { reason: format!("{coding} is not known") },
            BodyError::Decode(error) => Self::Decode { reason: error.to_string() },
            BodyError::WrongLength { received, announced } => Self::WrongLength { received, announced },
            BodyError::Truncated => Self::Truncated,
            BodyError::InvalidChunk => Self::InvalidChunk,
            BodyError::Transport(error) => Self::in_the_body(&*error),
        }
    }
}
