//! Prompts whose caller is asked first, by the mechanism of [`crate::mcp::asking`].
//!
//! In the modern era the request ends with what is to be asked and comes again; in the legacy era its client is asked
//! while it waits. So what waits owns all that the prompt is filled from: a reload meanwhile changes nothing of it.

use std::sync::Arc;

use http::HeaderName;
use serde_json::{Map, Value};

use super::filling;
use crate::call::Ended;
use crate::call::offer::caller_headers;
use crate::catalog::Catalog;
use crate::catalog::ask::AskPlan;
use crate::catalog::offer::{Offers, Prompt};
use crate::mcp::answer::Answer;
use crate::mcp::asking::rounds::{Asking, Round};
use crate::mcp::asking::{Unsettled, live};
use crate::mcp::capabilities::Capabilities;
use crate::mcp::client::Client;
use crate::mcp::dispatch::Context;
use crate::mcp::era::Era;
use crate::mcp::error::ProtocolError;
use crate::mcp::line::Line;
use crate::mcp::message::{Id, Request};
use crate::mcp::offer::Offered;
use crate::mcp::progress::Reporter;

/// A prompt that may have to ask for some of its arguments.
#[derive(Debug)]
pub(crate) struct AskedPrompt {
    offers: Arc<Offers>,
    prompt: Arc<Prompt>,
    /// What was given, by the names of arguments.
    given: Map<String, Value>,
}

/// What becomes of a request in the modern era.
pub(super) enum Settled {
    /// The prompt can be filled in, with these values.
    Values(Vec<(String, String)>),
    /// Its client is asked first.
    Asks(Answer),
}

impl AskedPrompt {
    pub(super) fn new(catalog: &Catalog, prompt: &Arc<Prompt>, given: Vec<(String, String)>) -> Self {
        Self {
            offers: Arc::clone(catalog.offers()),
            prompt: Arc::clone(prompt),
            given: given.into_iter().map(|(name, value)| (name, value.into())).collect(),
        }
    }

    /// The headers of the caller that are kept for its requests, whatever is answered.
    pub(super) fn caller_headers(&self) -> Vec<HeaderName> {
        caller_headers(&self.offers, &self.prompt)
    }

    /// Decides about a modern request.
    ///
    /// # Errors
    /// Those of [`Asking::decide`], and that there is no answer.
    pub(super) fn settle(
        &self,
        ask: &AskPlan,
        request: &Request<'_>,
        context: Context<'_>,
    ) -> Result<Settled, ProtocolError> {
        let asking = Asking {
            plan: ask,
            call: None,
            subject: &["prompt", &self.prompt.gateway, &self.prompt.name],
            principal: context.principal,
            capabilities: Client::capabilities(context.client, request, Era::Modern),
        };
        match asking.decide(&self.given, &request.params)? {
            Round::Ready(arguments) => Ok(Settled::Values(values(arguments))),
            Round::Asks(members) => Ok(Settled::Asks(Answer::input_required(request.id, &members))),
            Round::Over(unsettled) => Err(unsettled.into()),
        }
    }

    /// Asks a legacy client what there is to ask; the values then.
    async fn converse(
        &self,
        line: &Line,
        capabilities: Capabilities,
    ) -> Result<Vec<(String, String)>, Unsettled> {
        match &self.prompt.ask {
            Some(ask) => live::converse(ask, None, &self.given, capabilities, line).await.map(values),
            None => Ok(values(self.given.clone())),
        }
    }
}

impl Offered<AskedPrompt> {
    /// The answer to `prompts/get` of a legacy client. The time of its requests begins with the last answer.
    pub(crate) async fn ask_and_fill(
        self,
        id: Id<'_>,
        line: &Line,
        capabilities: Capabilities,
        reporter: Option<&Reporter>,
    ) -> (Answer, Ended) {
        let Self { asker, options, what: asked } = self;
        let values = asked.converse(line, capabilities).await.map_err(ProtocolError::from);
        match values.and_then(|values| filling(&asked.offers, &asked.prompt, &values)) {
            Ok(what) => Offered { asker, options, what }.fill(id, Era::Legacy, reporter).await,
            Err(error) => (Answer::error(Some(id), &error, Era::Legacy), Ended::failed(error.outcome())),
        }
    }
}

/// The texts that arguments are in a prompt.
fn values(arguments: Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        value => value.to_string(),
    };
    arguments.into_iter().map(|(name, value)| (name, text(value))).collect()
}

impl From<Unsettled> for ProtocolError {
    fn from(unsettled: Unsettled) -> Self {
        match unsettled {
            Unsettled::Unanswered(unanswered) => Self::Unanswered(unanswered),
            Unsettled::Invalid(_) => Self::InvalidValue {
                text: "the arguments are not what the prompt takes".to_owned(),
                uri: None,
            },
        }
    }
}
