//! An API that misbehaves as it is told to, byte by byte, and keeps a ledger of everything that reached it.
//!
//! The entry of a request is in the ledger *before* the first byte of its answer is written. So whatever goes wrong
//! afterwards, the ledger says what the gateway sent, and how often.

pub(crate) mod answer;
pub(crate) mod faults;
pub(crate) mod ledger;
#[cfg(test)]
mod tests;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) use answer::Answer;
pub(crate) use ledger::{Entry, Ledger};

/// What is answered to a request.
type Script = dyn Fn(&Entry) -> Answer + Send + Sync;

/// A running API. It ends when this is dropped.
pub(crate) struct Upstream {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    open: Arc<AtomicUsize>,
    _running: DropGuard,
}

impl Upstream {
    /// An API that answers what `script` says.
    pub(crate) async fn start(script: impl Fn(&Entry) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ledger, open, running) = (Arc::default(), Arc::default(), CancellationToken::new());
        let server =
            Server { ledger: Arc::clone(&ledger), open: Arc::clone(&open), script: Arc::new(script) };
        toolgate::tasks::spawn(
            "upstream",
            running.clone().run_until_cancelled_owned(server.accept(listener)),
        );
        Self { address, ledger, open, _running: running.drop_guard() }
    }

    /// An API that answers every request with its own description ([`faults::echo`]).
    pub(crate) async fn echo() -> Self {
        Self::start(faults::echo).await
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What reached it.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How many connections are open now.
    pub(crate) fn open_connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Server {
    ledger: Arc<Ledger>,
    open: Arc<AtomicUsize>,
    script: Arc<Script>,
}

impl Server {
    async fn accept(self, listener: TcpListener) {
        let mut connections = tokio::task::JoinSet::new();
        for number in 0.. {
            let Ok((stream, _)) = listener.accept().await else { continue };
            stream.set_nodelay(true).unwrap();
            while connections.try_join_next().is_some() {}
            connections.spawn(self.clone().converse(stream, number));
        }
    }

    /// Answers one request after the other until one side ends the connection.
    async fn converse(self, stream: TcpStream, connection: usize) {
        self.open.fetch_add(1, Ordering::SeqCst);
        let mut stream = BufReader::new(stream);
        while let Ok(Some(request)) = wire::read_request(&mut stream).await {
            let entry = self.ledger.enter(connection, request);
            let end = (self.script)(&entry).write(&mut stream).await;
            self.ledger.close(entry.id, end);
            if end != ledger::End::Answered {
                break;
            }
        }
        drop(stream);
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}
