//! MCP over a pair of byte streams, one message a line; as a rule the standard streams of a process that a client
//! started.
//!
//! Requests run side by side, up to a bound: the next line is read when there is [`room`], so a client that does not
//! read its answers is soon not read either. Answers are written by one writer, many in one write when they come
//! fast. The end of the input ends everything within a second; so does an output that nobody can
//! read any more.

mod lines;
mod process;
mod room;
mod writer;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;

use super::answer::Answer;
use super::client::Client;
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::{EnvelopeFault, ProtocolError};
use super::line::{Line, Outlet, Questions};
use super::message::Id;
use super::work::Work;
use super::{MAX_MESSAGE, Server};
use crate::access::Principal;
use crate::tasks;
use lines::Lines;
pub use process::serve_process;
use room::{Place, Room};
use writer::Outgoing;

/// How long running calls may take to finish after the input has ended. Clients expect the process to be gone within a
/// second, and kill it otherwise.
const FINISH: Duration = Duration::from_millis(700);

/// Serves until `reader` ends or `writer` breaks.
///
/// # Errors
///
/// Reading failed. That nobody reads the answers any more is an end, not an error.
pub async fn serve<R, W>(server: Arc<Server>, reader: R, writer: W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (outgoing, answers) = mpsc::unbounded_channel();
    let mut writing = tasks::spawn("stdio writer", writer::write(writer, answers));
    let session = Session {
        server,
        running: Arc::default(),
        room: Room::new(),
        client: Client::default(),
        questions: Arc::default(),
        outgoing,
    };
    let read = tokio::select! {
        read = session.read(Lines::new(reader, MAX_MESSAGE)) => read,
        _broken = &mut writing => return Ok(()),
    };
    session.finish(writing).await;
    read
}

/// One client.
struct Session {
    server: Arc<Server>,
    running: Running,
    room: Room,
    client: Client,
    /// What the client was asked.
    questions: Arc<Questions>,
    /// Unbounded, but every answer has its place in the room, and progress is not told often.
    outgoing: UnboundedSender<Outgoing>,
}

/// The calls that run, by the raw JSON of their ids.
type Running = Arc<Mutex<FxHashMap<Box<str>, AbortHandle>>>;

impl Session {
    async fn read<R: AsyncRead + Unpin>(&self, mut lines: Lines<R>) -> io::Result<()> {
        while let Some(line) = lines.next().await? {
            let place = self.room.place().await;
            match line {
                lines::Line::Whole(line) => self.message(&line, place),
                lines::Line::TooLong => {
                    self.refuse(None, &ProtocolError::TooLong { limit: MAX_MESSAGE }, place);
                }
            }
        }
        Ok(())
    }

    fn message(&self, line: &Bytes, place: Place) {
        let catalog = self.server.catalog.load();
        let Some(view) = catalog.view(None) else { return };
        let context = Context {
            catalog: &catalog,
            view,
            headers: None,
            principal: &Principal::Local,
            client: Some(&self.client),
        };
        match self.server.receive(line, context) {
            Received::Answer(answer) => self.send(answer, place),
            Received::Work(work) => self.start(work, place),
            Received::Response(reply) => self.questions.answer(reply),
            Received::Cancelled(id) => {
                if let Some(call) = lock(&self.running).remove(&id) {
                    call.abort();
                }
            }
            Received::Nothing => {}
        }
    }

    /// Works on a task of its own. Aborting that task cancels the work, and its answer is never sent.
    fn start(&self, work: Work, place: Place) {
        // Held until the work is in the map: it must not end before that.
        let mut running = lock(&self.running);
        if running.contains_key(&work.id) {
            let taken = ProtocolError::envelope(EnvelopeFault::IdInUse);
            return self.refuse(Some(Id::kept(&work.id)), &taken, place);
        }
        let (id, all, outgoing) = (work.id.clone(), Arc::clone(&self.running), self.outgoing.clone());
        let line = self.line(&work);
        let task = tasks::spawn("call", async move {
            let id = work.id.clone();
            let answer = work.run(line).await;
            // Whoever takes the entry out decides: an answer, or a cancellation that came first.
            if lock(&all).remove(&id).is_some() {
                let _writer_gone = outgoing.send(Outgoing::new(answer, place));
            }
        });
        running.insert(id, task.abort_handle());
    }

    /// The way to the client for work that may need one. Only in the legacy era a client is asked.
    fn line(&self, work: &Work) -> Line {
        let outlet = || Arc::new(Lane(self.outgoing.clone()));
        match work.era {
            _ if !work.may_tell() => Line::default(),
            Era::Modern => Line::telling(outlet()),
            Era::Legacy => Line::asking(outlet(), Arc::clone(&self.questions)),
        }
    }

    fn refuse(&self, id: Option<Id<'_>>, error: &ProtocolError, place: Place) {
        // Eras differ in nothing but HTTP statuses here.
        self.send(Answer::error(id, error, Era::Legacy), place);
    }

    fn send(&self, answer: Answer, place: Place) {
        let _writer_gone = self.outgoing.send(Outgoing::new(answer, place));
    }

    /// Lets what runs finish, for a moment.
    async fn finish(self, mut writing: JoinHandle<()>) {
        // The writer ends when nobody can send any more: this session, and every call.
        drop(self.outgoing);
        self.questions.abandon();
        if timeout(FINISH, &mut writing).await.is_err() {
            lock(&self.running).drain().for_each(|(_, call)| call.abort());
            writing.abort();
        }
    }
}

/// What is told while work runs goes before its answer, each message on a line of its own.
struct Lane(UnboundedSender<Outgoing>);

impl Outlet for Lane {
    fn send(&self, message: Bytes) -> bool {
        self.0.send(Outgoing::notification(message)).is_ok()
    }
}

fn lock(running: &Running) -> MutexGuard<'_, FxHashMap<Box<str>, AbortHandle>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
