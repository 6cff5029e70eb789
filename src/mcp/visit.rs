//! What goes before and after the work of a request, whatever it is: whether its caller may begin another, and what is
//! written down about it.
//!
//! A visit that is dropped without having ended is one that was cancelled: it is written down as that.

use std::sync::Arc;

use super::Server;
use super::answer::Answer;
use super::client::Client;
use super::dispatch::{Context, Received};
use super::era::Era;
use super::error::ProtocolError;
use super::message::Request;
use crate::access::Principal;
use crate::call::Ended;
use crate::call::admission::{Admission, Admitted, TooMuch};
use crate::telemetry::audit::{Deed, Entry};

/// One request of a caller for something that there may be much of, or that somebody may be asked about later.
#[derive(Debug)]
pub(crate) struct Visit {
    principal: Principal,
    admission: Option<Arc<Admission>>,
    entry: Option<Entry>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The gateway that has it; `None` when there is no such thing.
    pub(crate) gateway: Option<&'a str>,
    /// `tool`, `resource`, `prompt` or `completion`.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: &'a str,
}

impl Server {
    /// A request for something begins.
    pub(crate) fn visit(&self, request: &Request<'_>, context: Context<'_>, asked: Asked<'_>) -> Visit {
        let entry = self.options.audit.as_ref().map(|audit| {
            let client = Client::name(context.client, request);
            audit.begin(Deed {
                principal: context.principal.id(),
                client: client.as_deref(),
                gateway: asked.gateway,
                kind: asked.kind,
                name: asked.name,
                request_id: request.id.as_str(),
            })
        });
        Visit { principal: context.principal.clone(), admission: self.options.admission.clone(), entry }
    }
}

impl Visit {
    /// Lets the work begin; what is given is kept until it is done.
    ///
    /// # Errors
    /// [`TooMuch`], which has been written down.
    pub(crate) fn begin(&mut self) -> Result<Admitted, TooMuch> {
        let Some(admission) = &self.admission else { return Ok(Admitted::uncounted()) };
        admission.admit(&self.principal).inspect_err(|_| {
            self.entry.take().into_iter().for_each(|entry| entry.end("rate_limited", None));
        })
    }

    /// Its caller lacks scopes for it, of those that are needed.
    pub(crate) fn lacking(self, request: &Request<'_>, era: Era, needed: &[&str]) -> Received {
        let scopes: Vec<String> = needed.iter().map(|scope| (*scope).to_owned()).collect();
        let error = self.refused(ProtocolError::InsufficientScope { scopes: scopes.clone() });
        Received::Lacking(Answer::error(Some(request.id), &error, era), scopes)
    }

    /// It ends with this error.
    pub(crate) fn refused(self, error: ProtocolError) -> ProtocolError {
        self.end(Ended::failed(error.outcome()));
        error
    }

    /// It is over.
    pub(crate) fn end(self, ended: Ended) {
        if let Some(entry) = self.entry {
            entry.end(ended.code, ended.status);
        }
    }
}
