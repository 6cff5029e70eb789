//! What really happened, found by walking the sources of an HTTP client's error: its own words are "error sending
//! request", whatever it was.

use std::error::Error;
use std::io;

use super::error::SendError;
use crate::net::address::Refused;
use crate::net::client::CONNECT_TIMEOUT;
use crate::net::plain::{PlainError, Unconnected};

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::InvalidRequest { reason: innermost(&error) }
        } else if error.is_connect() {
            connecting(&error)
        } else {
            exchanging(&error)
        }
    }
}

impl From<PlainError> for SendError {
    fn from(error: PlainError) -> Self {
        match &error {
            PlainError::Url(reason) => Self::InvalidRequest { reason: reason.to_string() },
            PlainError::Connect(error) => match find::<Unconnected>(error.as_ref()) {
                Some(Unconnected::Refused(refused)) => refused.clone().into(),
                Some(Unconnected::Unresolved(reason)) => Self::Dns { reason: innermost(reason) },
                Some(Unconnected::TimedOut) => Self::ConnectTimeout { seconds: CONNECT_TIMEOUT.as_secs() },
                None => Self::Connect { reason: innermost(error.as_ref()) },
            },
            PlainError::Exchange(error) => exchanging(error),
        }
    }
}

impl From<Refused> for SendError {
    fn from(Refused { host, address }: Refused) -> Self {
        Self::AddressRefused { host, address }
    }
}

impl SendError {
    /// No client could be made: the root certificates of this system cannot be read, or there are none.
    pub(super) fn no_client(error: &reqwest::Error) -> Self {
        Self::Tls { reason: innermost(error), handshake: true }
    }

    /// The connection failed in the middle of a body.
    pub(super) fn in_the_body(error: &(dyn Error + 'static)) -> Self {
        exchanging(error)
    }
}

/// Nothing has been written yet.
fn connecting(error: &reqwest::Error) -> SendError {
    if let Some(refused) = find::<Refused>(error) {
        return refused.clone().into();
    }
    if error.is_dns() {
        return SendError::Dns { reason: innermost(error) };
    }
    if error.is_timeout() {
        return SendError::ConnectTimeout { seconds: CONNECT_TIMEOUT.as_secs() };
    }
    let closed = find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof);
    if closed || find::<rustls::Error>(error).is_some() {
        return SendError::Tls { reason: innermost(error), handshake: true };
    }
    SendError::Connect { reason: innermost(error) }
}

/// Something may have been written.
fn exchanging(error: &(dyn Error + 'static)) -> SendError {
    if let Some(tls) = find::<rustls::Error>(error) {
        return SendError::Tls { reason: tls.to_string(), handshake: false };
    }
    if let Some(error) = find::<hyper::Error>(error) {
        if error.is_parse_too_large() {
            return SendError::HeadersTooLarge;
        }
        if error.is_parse() {
            return SendError::InvalidResponse { reason: innermost(error) };
        }
        if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            return SendError::Reset { unsent: error.is_canceled() };
        }
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::NotConnected,
        ) => SendError::Reset { unsent: false },
        _ => SendError::Transport { reason: innermost(error) },
    }
}

/// The first error of type `T` among an error and its sources. An `io::Error` is also looked into: it does not count
/// what it wraps as its source.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find::<T>(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The words of the error that caused all the others.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
