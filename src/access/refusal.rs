//! Why somebody is not let in.

use http::StatusCode;

/// Why somebody is not let in. In the words of RFC 6750, section 3.1; nothing of what was shown is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing was shown that could let anybody in.
    #[error("show a key or a token in the header Authorization")]
    NothingShown,
    /// What was shown has no form that could be understood.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// What was shown lets nobody in, or no more.
    #[error("{0}")]
    InvalidToken(&'static str),
    /// The token is good, and not for this.
    #[error("the token lacks a scope that is needed here")]
    InsufficientScope {
        /// All scopes that are needed for it, those that the token has included.
        required: Vec<String>,
    },
    /// Nobody could find out at present.
    #[error("the authorization server cannot be asked at present")]
    Unavailable,
}

impl Refusal {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NothingShown | Self::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::InsufficientScope { .. } => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error code. Whoever has shown nothing has made no error.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::NothingShown | Self::Unavailable => None,
            Self::InvalidRequest(_) => Some("invalid_request"),
            Self::InvalidToken(_) => Some("invalid_token"),
            Self::InsufficientScope { .. } => Some("insufficient_scope"),
        }
    }
}
