//! A client at the other end of one ordered channel: standard streams, or the one event stream of the old HTTP
//! transport.
//!
//! Requests run side by side, each on a task of its own, up to a bound ([`room`]). All that is sent goes out in the order
//! in which it was said. Nothing but the end of the channel, or a cancellation, ends a call.

mod outgoing;
pub(super) mod room;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use rustc_hash::FxHashMap;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::Server;
use super::answer::Answer;
use super::changes::News;
use super::client::Client;
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::{EnvelopeFault, ParamFault, ProtocolError};
use super::line::{Line, Outlet, Questions};
use super::message::Id;
use super::subscription::Subscription;
use super::work::Work;
use crate::access::Principal;
use crate::tasks;
pub(super) use outgoing::Outgoing;
pub(super) use room::{Place, Room};

/// How many `subscriptions/listen` one client may have open.
const MOST_SUBSCRIPTIONS: usize = 32;

/// One client.
pub(super) struct Conversation {
    server: Arc<Server>,
    running: Running,
    /// Room for requests of this client.
    pub(super) room: Room,
    /// Known since its handshake; a second one changes nothing.
    client: OnceLock<Arc<Client>>,
    /// What the client was asked.
    questions: Arc<Questions>,
    /// Unbounded, but every answer has its place in the room, and little is told beside them.
    outgoing: UnboundedSender<Outgoing>,
    subscriptions: Arc<Semaphore>,
    /// Cancelled when nothing is told any more but answers.
    over: CancellationToken,
}

/// What comes from outside with a message.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    /// The gateway whose tools are shown; `None`: all.
    pub(super) gateway: Option<&'a str>,
    /// The headers of the request; `None` on stdio.
    pub(super) headers: Option<&'a HeaderMap>,
    /// Who sent it.
    pub(super) principal: &'a Principal,
}

/// What runs, by the raw JSON of its id.
type Running = Arc<Mutex<FxHashMap<Box<str>, AbortHandle>>>;

impl Conversation {
    /// Begins; what is to be sent comes out of the receiver, which ends when nobody can say anything any more.
    pub(super) fn begin(server: Arc<Server>) -> (Self, UnboundedReceiver<Outgoing>) {
        let (outgoing, sent) = mpsc::unbounded_channel();
        let conversation = Self {
            server,
            running: Arc::default(),
            room: Room::new(),
            client: OnceLock::new(),
            questions: Arc::default(),
            outgoing,
            subscriptions: Arc::new(Semaphore::new(MOST_SUBSCRIPTIONS)),
            over: CancellationToken::new(),
        };
        (conversation, sent)
    }

    /// Takes a message of the client.
    pub(super) fn message(&self, message: &[u8], origin: Origin<'_>, place: Place) {
        let catalog = self.server.catalog.load();
        let Some(view) = catalog.seen_by(origin.principal, origin.gateway) else { return };
        let context = Context {
            catalog: &catalog,
            view: &view,
            headers: origin.headers,
            principal: origin.principal,
            client: self.client.get().map(|client| &**client),
        };
        match self.server.receive(message, context) {
            Received::Answer(answer) | Received::Lacking(answer, _) => self.send(answer, place),
            Received::Hello(answer, client) => {
                self.send(answer, place);
                self.introduce(client);
            }
            Received::Work(work) => self.start(work, place),
            Received::Listen(subscription) => self.listen(subscription, place),
            Received::Response(reply) => self.questions.answer(reply),
            Received::Cancelled(id) => {
                if let Some(call) = lock(&self.running).remove(&id) {
                    call.abort();
                }
            }
            Received::Nothing => {}
        }
    }

    /// Answers what could not be read.
    pub(super) fn refuse(&self, id: Option<Id<'_>>, error: &ProtocolError, place: Place) {
        // Eras differ in nothing but HTTP statuses here.
        self.send(Answer::error(id, error, Era::Legacy), place);
    }

    /// The client says nothing more. What runs may finish, and keeps the receiver open until then.
    pub(super) fn close(&self) {
        self.over.cancel();
        self.questions.abandon();
    }

    /// The same, of a client that nobody else has; gives what cuts it short.
    pub(super) fn finish(self) -> impl FnOnce() {
        self.close();
        let running = Arc::clone(&self.running);
        move || abort(&running)
    }

    /// Nobody waits for what runs.
    pub(super) fn abort(&self) {
        abort(&self.running);
    }

    /// Remembers who said hello, and tells him from now on what changes.
    fn introduce(&self, client: Client) {
        let client = Arc::new(client);
        if self.client.set(Arc::clone(&client)).is_err() || !self.server.options.can_change {
            return;
        }
        let (outgoing, over) = (self.outgoing.clone(), self.over.clone());
        let (mut news, mut told) = (self.server.changes.subscribe(), self.server.changes.latest());
        tasks::spawn("changes", async move {
            while is_new(&mut news, &over).await {
                let latest = news.borrow_and_update();
                for notice in client.notices(&latest, told) {
                    let _writer_gone = outgoing.send(Outgoing::notification(notice));
                }
                told = latest.latest();
            }
        });
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

    /// Tells a modern client what changes, until it cancels or all is over. It takes no place: a client that listens
    /// for many things at once must still be heard.
    fn listen(&self, mut subscription: Subscription, place: Place) {
        let mut running = lock(&self.running);
        let id = subscription.id.clone();
        if running.contains_key(&id) {
            return self.refuse(Some(Id::kept(&id)), &ProtocolError::envelope(EnvelopeFault::IdInUse), place);
        }
        let Ok(permit) = Arc::clone(&self.subscriptions).try_acquire_owned() else {
            let many = ProtocolError::param("notifications", ParamFault::TooMuch);
            return self.refuse(Some(Id::kept(&id)), &many, place);
        };
        let (all, outgoing, over) = (Arc::clone(&self.running), self.outgoing.clone(), self.over.clone());
        let mut news = self.server.changes.subscribe();
        let _writer_gone = outgoing.send(Outgoing::notification(subscription.acknowledgement()));
        let task = tasks::spawn("subscription", async move {
            while is_new(&mut news, &over).await {
                for notice in subscription.notices(&news.borrow_and_update()) {
                    let _writer_gone = outgoing.send(Outgoing::notification(notice));
                }
            }
            if lock(&all).remove(&subscription.id).is_some() {
                let _writer_gone = outgoing.send(Outgoing::notification(subscription.end()));
            }
            drop(permit);
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

    fn send(&self, answer: Answer, place: Place) {
        let _writer_gone = self.outgoing.send(Outgoing::new(answer, place));
    }
}

/// What is told while work runs goes before its answer.
struct Lane(UnboundedSender<Outgoing>);

impl Outlet for Lane {
    fn send(&self, message: Bytes) -> bool {
        self.0.send(Outgoing::notification(message)).is_ok()
    }
}

fn abort(running: &Running) {
    lock(running).drain().for_each(|(_, call)| call.abort());
}

/// Waits for something new; `false` when it is over.
async fn is_new(news: &mut watch::Receiver<News>, over: &CancellationToken) -> bool {
    tokio::select! {
        biased;
        () = over.cancelled() => false,
        changed = news.changed() => changed.is_ok(),
    }
}

fn lock(running: &Running) -> MutexGuard<'_, FxHashMap<Box<str>, AbortHandle>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
