//! Where to listen: an address of this machine, loopback unless the operator insists.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

use tokio::net::TcpListener;

use super::failure::Failure;

/// Why a text names no address to listen on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListenError {
    #[error("write ADDRESS:PORT, for example 127.0.0.1:8080")]
    Form,
    #[error("the name cannot be resolved: {0}")]
    Name(#[source] std::io::Error),
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

/// Listens; elsewhere than on loopback only when `exposed` is wanted.
///
/// # Errors
/// [`Failure::Exposed`] and [`Failure::Listen`].
pub(super) async fn bind(address: SocketAddr, exposed: bool) -> Result<TcpListener, Failure> {
    check(address, exposed)?;
    TcpListener::bind(address).await.map_err(|error| Failure::Listen { address, error })
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
        for text in ["", "localhost", "127.0.0.1", "127.0.0.1:99999", "http://localhost:80"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
