//! The way to the client while work of its runs: what is told in passing, and questions that the client answers.
//!
//! Whoever does the work does not know the transport. What is told goes before the answer, in the order in which it was
//! told, on the stream of the request itself. A question is a JSON-RPC request of ours on the same stream (legacy era);
//! its answer comes as a message of its own and is matched by an id that nobody can guess, among the questions to
//! this one client. Where there is no way, telling does nothing and asking says so.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::json;

/// What takes messages to the client. Each is a JSON-RPC message without line breaks.
pub(crate) trait Outlet: Send + Sync {
    /// Takes one; `false` when nobody reads them any more.
    fn send(&self, message: Bytes) -> bool;
}

/// The way to a client. Cheap to clone; all clones are one way.
#[derive(Clone, Default)]
pub(crate) struct Line {
    outlet: Option<Arc<dyn Outlet>>,
    questions: Option<Arc<Questions>>,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AskError {
    /// The client cannot be asked here, or is being asked too much already.
    #[error("the client cannot be asked on this connection")]
    NoWay,
    /// The client answered with an error.
    #[error("the client refused to answer")]
    Refused,
    /// The client has gone.
    #[error("the client has gone")]
    Gone,
    /// No answer came in time.
    #[error("the client did not answer in time")]
    Deadline,
}

/// The questions that one client has not answered yet.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    open: Mutex<FxHashMap<Box<str>, oneshot::Sender<Reply>>>,
}

/// What a client says to a question.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The id of the question, as raw JSON.
    pub(crate) id: Box<str>,
    /// The result; `None` when it is an error.
    pub(crate) result: Option<Box<RawValue>>,
}

/// How many questions one client may have open.
const MOST_OPEN: usize = 64;

impl Line {
    /// A way that only tells.
    pub(crate) fn telling(outlet: Arc<dyn Outlet>) -> Self {
        Self { outlet: Some(outlet), questions: None }
    }

    /// A way that asks, too.
    pub(crate) fn asking(outlet: Arc<dyn Outlet>, questions: Arc<Questions>) -> Self {
        Self { outlet: Some(outlet), questions: Some(questions) }
    }

    /// Tells the client something: a JSON-RPC notification without line breaks.
    pub(crate) fn notify(&self, notification: Bytes) {
        if let Some(outlet) = &self.outlet {
            // Whether anybody hears it does not concern the work.
            let _gone = outlet.send(notification);
        }
    }

    /// Asks the client, and gives the `result` of its answer as it came, if it comes within `patience`: there may be a
    /// person who thinks about it. Dropping the future withdraws the question.
    ///
    /// # Errors
    ///
    /// Says why there is no answer.
    pub(crate) async fn ask(
        &self,
        method: &'static str,
        params: &RawValue,
        patience: Duration,
    ) -> Result<Box<RawValue>, AskError> {
        let (Some(outlet), Some(questions)) = (&self.outlet, &self.questions) else {
            return Err(AskError::NoWay);
        };
        let (question, answer) = Question::open(questions, outlet).ok_or(AskError::NoWay)?;
        let id = &question.id;
        let request = format!(
            r#"{{"jsonrpc":"2.0","id":"{id}","method":"{method}","params":{}}}"#,
            on_one_line(params.get())
        );
        if !outlet.send(Bytes::from(request)) {
            return Err(AskError::Gone);
        }
        match timeout(patience, answer).await {
            Ok(Ok(reply)) => reply.result.ok_or(AskError::Refused),
            Ok(Err(_)) => Err(AskError::Gone),
            Err(_) => Err(AskError::Deadline),
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asks = self.questions.is_some();
        f.debug_struct("Line").field("tells", &self.outlet.is_some()).field("asks", &asks).finish()
    }
}

impl Questions {
    /// Takes a reply to the question that it names. One that names none, or one that was withdrawn, is nobody's.
    pub(crate) fn answer(&self, reply: Reply) {
        let Some(id) = json::string(&reply.id) else { return };
        if let Some(asker) = self.open().remove(&*id) {
            let _withdrawn = asker.send(reply);
        }
    }

    /// The client has gone: nobody waits for it any more.
    pub(crate) fn abandon(&self) {
        self.open().clear();
    }

    fn open(&self) -> MutexGuard<'_, FxHashMap<Box<str>, oneshot::Sender<Reply>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question that was asked. Dropped without an answer it is withdrawn, and the client is told so.
struct Question<'l> {
    id: Box<str>,
    questions: &'l Questions,
    outlet: &'l Arc<dyn Outlet>,
}

impl<'l> Question<'l> {
    fn open(
        questions: &'l Questions,
        outlet: &'l Arc<dyn Outlet>,
    ) -> Option<(Self, oneshot::Receiver<Reply>)> {
        let id: Box<str> = format!("toolgate-{:032x}", rand::random::<u128>()).into();
        let (asker, answer) = oneshot::channel();
        let mut open = questions.open();
        if open.len() >= MOST_OPEN {
            return None;
        }
        open.insert(id.clone(), asker);
        Some((Self { id, questions, outlet }, answer))
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        if self.questions.open().remove(&self.id).is_some() {
            let id = &self.id;
            let withdrawn = format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":"{id}"}}}}"#
            );
            self.outlet.send(Bytes::from(withdrawn));
        }
    }
}

/// Raw JSON without line breaks: in JSON they are never inside a value.
fn on_one_line(raw: &str) -> String {
    raw.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests;
