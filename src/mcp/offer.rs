//! What resources, prompts and completions have in common: who asks, what they wait for, and how they fail.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::call;
use super::client::Client;
use super::dispatch::{Context, Received, is_for_all};
use super::era::Era;
use super::error::{ParamFault, ProtocolError};
use super::list::{List, ListKind};
use super::message::{Id, Request};
use super::progress::{Reporter, Token};
use super::visit::Asked;
use super::work::{Job, Work};
use super::{Server, ServerOptions, completion, prompt, resource};
use crate::call::offer::{Asker, Completing, Filling, OfferError, Reading};
use crate::call::{CallerHeaders, Ended, Progress};
use crate::catalog::offer::{Offer, shown};

/// Something that the API is asked for before there is an answer.
#[derive(Debug)]
pub(crate) struct Offered<T> {
    /// Who asks.
    pub(super) asker: Asker,
    /// How the answer is written.
    pub(super) options: ServerOptions,
    /// What is wanted.
    pub(super) what: T,
}

/// What there is to do about something offered.
pub(super) enum Step {
    /// Nothing: the answer is here.
    Answer(Answer),
    /// Nothing yet: the answer asks the client something first.
    Question(Answer),
    /// This, before there is an answer.
    Job(Job),
}

impl Server {
    /// A list of what is offered beside tools: `whole`, when a view shows any, or a page of `offers`.
    pub(super) fn offers<T: Offer>(
        &self,
        kind: ListKind,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
        (whole, offers): (Option<&Bytes>, &[T]),
    ) -> Result<Answer, ProtocolError> {
        let whole = whole.ok_or_else(|| request.not_offered())?;
        let list = List { kind, request, era, options: &self.options, shared: is_for_all(context.principal) };
        list.answer(
            || whole.clone(),
            shown(offers, context.view),
            |offer| offer.id(),
            |offer, out| out.extend_from_slice(offer.face().as_bytes()),
        )
    }

    /// What a request for something of `gateway` comes to, and what is written down about it. Rights come first: whoever
    /// lacks scopes for it is told so, and `step`, which looks at what he gave, is not taken.
    pub(super) fn offered(
        &self,
        request: &Request<'_>,
        era: Era,
        context: Context<'_>,
        (gateway, kind, name): (&str, &'static str, &str),
        step: impl FnOnce() -> Result<Step, ProtocolError>,
    ) -> Result<Received, ProtocolError> {
        let log = Client::level(context.client, request, era)?;
        let visit = self.visit(request, context, Asked { gateway: Some(gateway), kind, name });
        let needed = context.catalog.lacking_for_gateway(context.principal, context.view, gateway);
        if !needed.is_empty() {
            return Ok(visit.lacking(request, era, &needed));
        }
        Ok(match step() {
            Err(error) => return Err(visit.refused(error)),
            Ok(Step::Answer(answer)) => {
                visit.end(Ended::OK);
                Received::Answer(answer)
            }
            Ok(Step::Question(answer)) => {
                visit.end(Ended::INPUT_REQUIRED);
                Received::Answer(answer)
            }
            Ok(Step::Job(job)) => Received::Work(Work {
                id: request.id.as_str().into(),
                era,
                job,
                progress: Token::of(request.params.meta.as_ref()),
                log,
                visit,
                capabilities: Client::capabilities(context.client, request, era),
            }),
        })
    }

    /// Writes down that something was asked for which is not there, or not for this caller.
    pub(super) fn unknown(
        &self,
        request: &Request<'_>,
        context: Context<'_>,
        (kind, name): (&'static str, &str),
        error: ProtocolError,
    ) -> ProtocolError {
        self.visit(request, context, Asked { gateway: None, kind, name }).refused(error)
    }
}

impl Offered<Reading> {
    /// The answer to `resources/read`.
    pub(super) async fn read(self, id: Id<'_>, era: Era, reporter: Option<&Reporter>) -> (Answer, Ended) {
        let progress = reporter.map(|reporter| reporter as &dyn Progress);
        match self.what.finish(&self.asker, progress).await {
            Ok(contents) => (resource::answer(id, era, contents, &self.options), Ended::OK),
            Err(error) => failed(id, era, error),
        }
    }
}

impl Offered<Filling> {
    /// The answer to `prompts/get`.
    pub(super) async fn fill(self, id: Id<'_>, era: Era, reporter: Option<&Reporter>) -> (Answer, Ended) {
        let progress = reporter.map(|reporter| reporter as &dyn Progress);
        match self.what.finish(&self.asker, progress).await {
            Ok(filled) => (prompt::answer(id, era, &filled), Ended::OK),
            Err(error) => failed(id, era, error),
        }
    }
}

impl Offered<Completing> {
    /// The answer to `completion/complete`.
    pub(super) async fn complete(self, id: Id<'_>, era: Era) -> (Answer, Ended) {
        (completion::answer(id, era, &self.what.finish(&self.asker).await), Ended::OK)
    }
}

/// The answer to a request that failed, and how that is written down.
fn failed(id: Id<'_>, era: Era, error: OfferError) -> (Answer, Ended) {
    let error = ProtocolError::from(error);
    (Answer::error(Some(id), &error, era), Ended::failed(error.outcome()))
}

/// Who asks, with the headers that these requests need.
pub(super) fn asker(request: &Request<'_>, context: Context<'_>, headers: &[http::HeaderName]) -> Asker {
    Asker {
        principal: context.principal.clone(),
        caller: context
            .headers
            .map(|all| CallerHeaders::kept(all, headers, context.principal))
            .unwrap_or_default(),
        trace: call::trace(request.params.meta.as_ref()),
    }
}

/// The members of an object whose values are texts; none of nothing.
///
/// # Errors
/// It is no object, or one of its values is no text.
pub(super) fn texts(
    raw: Option<&RawValue>,
    param: &'static str,
) -> Result<Vec<(String, String)>, ProtocolError> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(Vec::new()) };
    let not_texts = |_| ProtocolError::param(param, ParamFault::NotTexts);
    let texts = indexmap::IndexMap::<String, String>::deserialize(raw).map_err(not_texts)?;
    Ok(texts.into_iter().collect())
}

impl From<OfferError> for ProtocolError {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::NotFound { uri } => Self::ResourceNotFound { uri },
            OfferError::Invalid { text, uri } => Self::InvalidValue { text, uri },
            OfferError::Failed { text, data } => Self::Failed { text, data },
        }
    }
}
