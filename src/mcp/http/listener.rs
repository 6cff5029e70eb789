//! Where connections come from: TCP ports and, on Unix, sockets in the file system.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::either::Either;

/// Something that connections come from.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    service: Service,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

/// What is served to whoever connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// All of it.
    All,
    /// `/metrics` and the probes alone, under any host name.
    Metrics,
}

/// A connection, and what is known of it before its first byte.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) stream: Stream,
    pub(super) at: Door,
}

/// Where a connection came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Door {
    /// The address that it arrived at; loopback when it came through the file system.
    pub(super) address: IpAddr,
    /// It came through the file system, where no browser can lead it by a name.
    pub(super) is_file: bool,
    pub(super) service: Service,
}

#[cfg(unix)]
pub(super) type Stream = Either<TcpStream, tokio::net::UnixStream>;
#[cfg(not(unix))]
pub(super) type Stream = Either<TcpStream, TcpStream>;

impl Listener {
    /// The same, for metrics and probes alone.
    #[must_use]
    pub fn of_metrics(self) -> Self {
        Self { service: Service::Metrics, ..self }
    }

    pub(super) fn is_of_metrics(&self) -> bool {
        self.service == Service::Metrics
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<io::Result<Arrival>> {
        let door = |address, is_file| Door { address, is_file, service: self.service };
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        match &self.socket {
            Socket::Tcp(listener) => listener.poll_accept(context).map_ok(|(stream, _)| {
                let address = stream.local_addr().map_or(loopback, |address| address.ip());
                // Without TCP_NODELAY an answer in two pieces waits 40 ms for an acknowledgement.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection was gone before it was served");
                }
                Arrival { stream: Either::Left(stream), at: door(address, false) }
            }),
            #[cfg(unix)]
            Socket::Unix(listener) => listener
                .poll_accept(context)
                .map_ok(|(stream, _)| Arrival { stream: Either::Right(stream), at: door(loopback, true) }),
        }
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self { socket: Socket::Tcp(listener), service: Service::All }
    }
}

#[cfg(unix)]
impl From<tokio::net::UnixListener> for Listener {
    fn from(listener: tokio::net::UnixListener) -> Self {
        Self { socket: Socket::Unix(listener), service: Service::All }
    }
}

/// All places where connections come from.
#[derive(Debug)]
pub(super) struct Listeners {
    all: Vec<Listener>,
    /// Which one is looked at first: each in its turn, so that a busy one leaves room for the others.
    first: AtomicUsize,
}

impl Listeners {
    pub(super) fn new(all: Vec<Listener>) -> Self {
        Self { all, first: AtomicUsize::new(0) }
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> Arrival {
        const BREATH: Duration = Duration::from_millis(20);
        loop {
            match poll_fn(|context| self.poll(context)).await {
                Ok(arrival) => return arrival,
                // Out of file descriptors, as a rule: trying again at once would only burn the processor.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(BREATH).await;
                }
            }
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<io::Result<Arrival>> {
        let first = self.first.fetch_add(1, Ordering::Relaxed) % self.all.len().max(1);
        let (before, from) = self.all.split_at(first);
        for listener in from.iter().chain(before) {
            if let Poll::Ready(arrival) = listener.poll(context) {
                return Poll::Ready(arrival);
            }
        }
        Poll::Pending
    }
}
