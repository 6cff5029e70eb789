//! A request that takes time, on its own: it borrows nothing, so a transport can await it, spawn it, or let it run on
//! after its client has gone.

use super::answer::Answer;
use super::call::ToolCall;
use super::capabilities::Capabilities;
use super::era::Era;
use super::error::ProtocolError;
use super::level::Level;
use super::line::Line;
use super::message::Id;
use super::offer::Offered;
use super::outcome;
use super::progress::{Reporter, Token};
use super::prompt::AskedPrompt;
use super::visit::Visit;
use crate::call::offer::{Completing, Filling, Reading};

/// Work that waits to be done.
#[derive(Debug)]
pub(crate) struct Work {
    /// The id of the request, as raw JSON.
    pub(crate) id: Box<str>,
    /// How to answer, and what a disconnect means.
    pub(crate) era: Era,
    /// What to do.
    pub(crate) job: Job,
    /// The client wants to be told how far it is.
    pub(crate) progress: Option<Token>,
    /// The client wants to be told what happens, from this level on.
    pub(crate) log: Option<Level>,
    /// What the client can be asked for meanwhile.
    pub(crate) capabilities: Capabilities,
    /// Whether it may begin, and what is written down about it.
    pub(crate) visit: Visit,
}

/// What there is to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// `tools/call`
    Call(ToolCall),
    /// `resources/read`
    Read(Box<Offered<Reading>>),
    /// `prompts/get`
    Prompt(Box<Offered<Filling>>),
    /// `prompts/get` of a legacy client, who is asked something first
    AskedPrompt(Box<Offered<AskedPrompt>>),
    /// `completion/complete`
    Complete(Box<Offered<Completing>>),
}

impl Work {
    /// Does it; `line` is the way to the client meanwhile. Dropping the future cancels it, the upstream request
    /// included.
    pub(crate) async fn run(mut self, line: Line) -> Answer {
        let id = Id::kept(&self.id);
        let _admitted = match self.visit.begin() {
            Ok(admitted) => admitted,
            Err(much) if matches!(self.job, Job::Call(_)) => {
                return outcome::answer(id, self.era, much.into());
            }
            Err(much) => {
                let data = serde_json::json!({"retry_after_seconds": much.retry_after_seconds()});
                let error = ProtocolError::Failed { text: much.to_string(), data: Some(data) };
                return Answer::error(Some(id), &error, self.era);
            }
        };
        let reporter = Reporter::of(self.progress, self.log, &line);
        let (answer, ended) = match self.job {
            Job::Call(call) => {
                let outcome = match self.era {
                    Era::Legacy if call.plan.ask.is_some() => {
                        Box::pin(call.ask_and_run(&line, self.capabilities, reporter.as_ref())).await
                    }
                    // In the modern era everything has been answered by now.
                    Era::Legacy | Era::Modern => call.run(reporter.as_ref()).await,
                };
                let ended = outcome.ended;
                (outcome::answer(id, self.era, outcome), ended)
            }
            // Boxed, as what few requests do: they would make the future of every call twice as large, and it is moved.
            Job::Read(read) => Box::pin(read.read(id, self.era, reporter.as_ref())).await,
            Job::Prompt(prompt) => Box::pin(prompt.fill(id, self.era, reporter.as_ref())).await,
            Job::AskedPrompt(prompt) => {
                let asked = prompt.ask_and_fill(id, &line, self.capabilities, reporter.as_ref());
                Box::pin(asked).await
            }
            Job::Complete(complete) => Box::pin(complete.complete(id, self.era)).await,
        };
        self.visit.end(ended);
        answer
    }

    /// Whether the client may hear of it before the answer.
    pub(crate) fn may_tell(&self) -> bool {
        self.progress.is_some() || self.log.is_some() || (self.era == Era::Legacy && self.capabilities.any())
    }
}
