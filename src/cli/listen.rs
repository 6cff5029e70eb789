//! Where to listen: an address of this machine, loopback unless the operator insists, or a socket in the file system.

#[cfg(unix)]
mod unix;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use tokio::net::TcpListener;

use super::failure::Failure;
use crate::mcp::http::Listener;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// Something that listens. A socket in the file system is removed with it.
pub(super) struct Bound {
    pub(super) listener: Listener,
    /// Where, as it is told: the port that was free is in it.
    pub(super) address: Address,
    /// Nothing but metrics is there.
    pub(super) is_of_metrics: bool,
    file: Option<SocketFile>,
}

#[cfg(unix)]
pub(super) use unix::SocketFile;
/// There are none.
#[cfg(not(unix))]
pub(super) enum SocketFile {}

impl Bound {
    fn new(listener: impl Into<Listener>, address: Address, file: Option<SocketFile>) -> Self {
        Self { listener: listener.into(), address, is_of_metrics: false, file }
    }

    /// The same, for metrics alone.
    pub(super) fn of_metrics(self) -> Self {
        Self { listener: self.listener.of_metrics(), is_of_metrics: true, ..self }
    }

    /// Whether anybody may be served there.
    ///
    /// # Errors
    /// [`Failure::Exposed`]
    pub(super) fn check(&self, exposed: bool) -> Result<(), Failure> {
        match self.address {
            Address::Tcp(address) if !self.is_of_metrics => check(address, exposed),
            _ => Ok(()),
        }
    }

    /// What listens, and the file that is removed when it is dropped.
    pub(super) fn split(self) -> (Listener, Option<SocketFile>) {
        (self.listener, self.file)
    }
}

/// Why a text names no address to listen on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListenError {
    #[error("write ADDRESS:PORT, for example 127.0.0.1:8080")]
    Form,
    #[error("the name cannot be resolved: {0}")]
    Name(#[source] std::io::Error),
    #[error("write unix:PATH, for example unix:/run/toolgate.sock")]
    NoPath,
}

/// Reads `unix:PATH`, or what [`address`] reads.
pub(super) fn any_address(text: &str) -> Result<Address, ListenError> {
    match text.strip_prefix("unix:") {
        Some("") => Err(ListenError::NoPath),
        Some(path) => Ok(Address::Unix(PathBuf::from(path))),
        None => address(text).map(Address::Tcp),
    }
}

/// Reads `ADDRESS:PORT`, `NAME:PORT` or `PORT`, the last one on loopback.
pub(super) fn address(text: &str) -> Result<SocketAddr, ListenError> {
    if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (_, port) = text.rsplit_once(':').ok_or(ListenError::Form)?;
    port.parse::<u16>().map_err(|_| ListenError::Form)?;
    text.to_socket_addrs().map_err(ListenError::Name)?.next().ok_or(ListenError::Form)
}

/// Listens; elsewhere than on loopback and in the file system only when `exposed` is wanted.
///
/// # Errors
/// [`Failure::Exposed`] and [`Failure::Listen`].
pub(super) async fn bind_any(address: &Address, exposed: bool) -> Result<Bound, Failure> {
    match address {
        Address::Tcp(address) => {
            let listener = bind(*address, exposed).await?;
            let address = Address::Tcp(listener.local_addr().map_err(Failure::System)?);
            Ok(Bound::new(listener, address, None))
        }
        #[cfg(unix)]
        Address::Unix(path) => {
            let failed = |error| Failure::Listen { address: address.to_string(), error };
            let (listener, file) = unix::bind(path).map_err(failed)?;
            Ok(Bound::new(listener, address.clone(), Some(file)))
        }
        #[cfg(not(unix))]
        Address::Unix(_) => Err(Failure::Listen {
            address: address.to_string(),
            error: std::io::ErrorKind::Unsupported.into(),
        }),
    }
}

/// Listens on a port; elsewhere than on loopback only when `exposed` is wanted.
///
/// # Errors
/// [`Failure::Exposed`] and [`Failure::Listen`].
pub(super) async fn bind(address: SocketAddr, exposed: bool) -> Result<TcpListener, Failure> {
    check(address, exposed)?;
    let failed = |error| Failure::Listen { address: address.to_string(), error };
    TcpListener::bind(address).await.map_err(failed)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Whether anybody may be served there.
///
/// # Errors
/// [`Failure::Exposed`]
pub(super) fn check(address: SocketAddr, exposed: bool) -> Result<(), Failure> {
    if address.ip().is_loopback() || exposed { Ok(()) } else { Err(Failure::Exposed(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_on_loopback() {
        for text in ["8080", ":8080", "127.0.0.1:8080"] {
            assert_eq!(address(text).unwrap().to_string(), "127.0.0.1:8080", "{text}");
        }
        assert_eq!(address("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert_eq!(address("0.0.0.0:80").unwrap().to_string(), "0.0.0.0:80");
        assert!(address("localhost:80").unwrap().ip().is_loopback());
        for text in ["", "localhost", "127.0.0.1", "127.0.0.1:99999", "http://localhost:80", "unix:/a"] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_socket_in_the_file_system_is_named_by_its_path() {
        assert_eq!(any_address("unix:/run/a.sock").unwrap(), Address::Unix("/run/a.sock".into()));
        assert_eq!(any_address("unix:a:1").unwrap().to_string(), "unix:a:1");
        assert_eq!(any_address("8080").unwrap().to_string(), "127.0.0.1:8080");
        assert!(any_address("unix:").is_err());
    }
}
