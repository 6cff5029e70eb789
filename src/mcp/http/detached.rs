//! A call that outlives its connection.
//!
//! In the legacy era a disconnect is not a cancellation: a client may lose its connection and still count on what it
//! asked for being done. hyper drops the future of a request when its client goes away, so that future holds the call in
//! a guard which, dropped early, lets the call run on by itself. On the normal path there is no task.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::tasks;

/// A call that runs on when this is dropped before it is done, as long as fewer than the bound do so.
pub(super) struct Detached<T: Send + 'static> {
    call: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    bound: Arc<Semaphore>,
}

impl<T: Send + 'static> Detached<T> {
    pub(super) fn new(call: Pin<Box<dyn Future<Output = T> + Send>>, bound: Arc<Semaphore>) -> Self {
        Self { call: Some(call), bound }
    }
}

impl<T: Send + 'static> Future for Detached<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(call) = &mut self.call else { return Poll::Pending };
        let polled = call.as_mut().poll(context);
        if polled.is_ready() {
            self.call = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        let Some(call) = self.call.take() else { return };
        let permit = Arc::clone(&self.bound).try_acquire_owned();
        if let (Ok(permit), Ok(_inside_runtime)) = (permit, Handle::try_current()) {
            tasks::spawn("call without a client", async move {
                call.await;
                drop(permit);
            });
        }
    }
}
