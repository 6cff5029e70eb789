//! Connections that no call has at the moment.
//!
//! What breaks one while it is here (the API closes it, or says something unasked) is seen when it is used next, before
//! anything is written. One that nobody uses is closed after a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use super::client::{IDLE_CONNECTIONS_PER_HOST, IDLE_TIMEOUT};
use super::connection::Connection;
use crate::clock;
use crate::tasks;

/// The connections of one client.
#[derive(Debug, Default)]
pub(super) struct Pool {
    hosts: Mutex<Hosts>,
}

/// The connections to each host and port, and since when nobody has them; the one that was used last comes last.
type Hosts = HashMap<Box<str>, Vec<(Instant, Box<Connection>)>>;

impl Pool {
    /// One that has no connection yet. It closes what is not used as long as the runtime lives in which it was made.
    pub(super) fn new() -> Arc<Self> {
        let pool = Arc::default();
        tasks::spawn("idle connections", close_unused(Arc::downgrade(&pool)));
        pool
    }

    /// The connection to this host that was used last, and is nobody's now.
    pub(super) fn take(&self, host: &str) -> Option<Box<Connection>> {
        let (since, connection) = self.lock().get_mut(host)?.pop()?;
        (clock::now().duration_since(since) < IDLE_TIMEOUT).then_some(connection)
    }

    /// Keeps a connection for the next call, if it is good for one.
    pub(super) fn keep(&self, connection: Box<Connection>) {
        let Some(host) = connection.host.to_str().ok().filter(|_| connection.is_free()) else { return };
        let mut hosts = self.lock();
        if let Some(idle) = hosts.get_mut(host) {
            if idle.len() < IDLE_CONNECTIONS_PER_HOST {
                idle.push((clock::now(), connection));
            }
        } else {
            hosts.insert(host.into(), vec![(clock::now(), connection)]);
        }
    }

    fn close_unused(&self) {
        let now = clock::now();
        self.lock().retain(|_, idle| {
            idle.retain(|(since, _)| now.duration_since(*since) < IDLE_TIMEOUT);
            !idle.is_empty()
        });
    }

    fn lock(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn close_unused(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(IDLE_TIMEOUT / 2).await;
        let Some(pool) = pool.upgrade() else { return };
        pool.close_unused();
    }
}
