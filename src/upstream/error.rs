//! Why no whole answer came, told apart as far as it can be told.

use std::net::IpAddr;

use http::StatusCode;

/// Why no whole answer came. Each variant is a fact; none holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The credential has characters that cannot be sent.
    #[error("the credential cannot be put on a request: {reason}")]
    Credential {
        /// Why, without the credential itself.
        reason: &'static str,
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
    /// The TLS handshake failed.
    #[error("the TLS handshake failed: {reason}")]
    Tls {
        /// The TLS library's words.
        reason: String,
    },
    /// No connection could be made in time.
    #[error("no connection could be made within {seconds} seconds")]
    ConnectTimeout {
        /// The limit.
        seconds: u64,
    },
    /// The connection was reset or closed before an answer came.
    #[error("the connection was closed before an answer came")]
    Reset,
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
