//! Why a source could not be read.

use std::io;

use super::Place;
use crate::net::address::Refused;
use crate::net::body::BodyError;

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file or folder cannot be read.
    #[error("cannot read {name}: {error}")]
    Unreadable {
        /// The path as it was given.
        name: String,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// There is more than toolgate reads.
    #[error("{name} is larger than {} MiB", limit >> 20)]
    TooLarge {
        /// The path or URL.
        name: String,
        /// The cap in bytes.
        limit: usize,
    },
    /// A byte that is in no text of this encoding.
    #[error("the byte 0x{byte:02X} is not UTF-8")]
    NotText {
        /// Where it is.
        place: Place,
        /// The byte.
        byte: u8,
    },
    /// The URL is neither `https` nor one of this machine.
    #[error("{name} is not fetched: only https is, or http from this machine")]
    Insecure {
        /// The URL.
        name: String,
    },
    /// A redirect led to where toolgate does not follow it.
    #[error("{name} redirects to {to}, where it is not followed")]
    Redirect {
        /// The URL.
        name: String,
        /// Where it redirects.
        to: String,
    },
    /// Redirects without end.
    #[error("{name} redirects more than {limit} times")]
    TooManyRedirects {
        /// The URL.
        name: String,
        /// How many are followed.
        limit: usize,
    },
    /// A redirect led to an address that is not of the public internet.
    #[error("{name} cannot be fetched: {error}")]
    Address {
        /// The URL.
        name: String,
        /// Which address.
        #[source]
        error: Refused,
    },
    /// The server answered, but not with the document.
    #[error("{name} answers {status}")]
    Status {
        /// The URL.
        name: String,
        /// The status.
        status: http::StatusCode,
    },
    /// No answer came in time.
    #[error("{name} did not answer within {seconds} s")]
    Timeout {
        /// The URL.
        name: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The server could not be reached.
    #[error("{name} cannot be reached: {}", root_cause(error))]
    Unreachable {
        /// The URL.
        name: String,
        /// What went wrong.
        #[source]
        error: reqwest::Error,
    },
    /// The answer did not come whole.
    #[error("{name} could not be read whole: {error}")]
    Body {
        /// The URL.
        name: String,
        /// What went wrong.
        #[source]
        error: BodyError,
    },
}

/// The innermost cause: what surrounds it says only that a request failed, and repeats the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
