//! Asking a client of the modern era: a request ends with what is to be asked, and comes again with the answers (Multi
//! Round-Trip Requests, 2026-07-28).
//!
//! A round of questions is answered as a whole or the rest of it is asked again; what was answered stays in the state.
//! Answers to the first round count without a state as well, since nothing had to be carried. A confirmation never
//! does: only the state shows for which arguments it was asked.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::answer::{self, Answered, Unusable};
use super::question::{InputRequest, request};
use super::state::Binding;
use super::{Next, Open, Unsettled, next};
use crate::access::Principal;
use crate::call::unanswered::Unanswered;
use crate::catalog::CallPlan;
use crate::catalog::ask::AskPlan;
use crate::mcp::capabilities::Capabilities;
use crate::mcp::error::{ParamFault, ProtocolError};
use crate::mcp::json;
use crate::mcp::message::Params;

/// A request that may have to ask first.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// What is asked.
    pub(crate) plan: &'a AskPlan,
    /// The call that it is about; `None` for a request that makes none.
    pub(crate) call: Option<&'a CallPlan>,
    /// Names what is requested: whatever one state must not be good for twice.
    pub(crate) subject: &'a [&'a str],
    /// Who asks for it.
    pub(crate) principal: &'a Principal,
    /// What the client can be asked for.
    pub(crate) capabilities: Capabilities,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Round {
    /// It can be served, with these arguments.
    Ready(Map<String, Value>),
    /// Its client is asked first: the members of an `InputRequiredResult`.
    Asks(String),
    /// It cannot be served.
    Over(Unsettled),
}

impl Asking<'_> {
    /// Decides about a request with these (valid) arguments, and the `inputResponses` and `requestState` of `params`.
    ///
    /// # Errors
    ///
    /// -32602 for a state that is not one of ours for this, or answers that cannot be read; -32021 when the client
    /// cannot be asked for what is needed.
    pub(crate) fn decide(
        self,
        arguments: &Map<String, Value>,
        params: &Params<'_>,
    ) -> Result<Round, ProtocolError> {
        let binding = Binding::new(self.plan, self.subject, self.principal, arguments);
        let state = params.request_state.map(text).transpose()?;
        let mut answers = state.as_deref().map(|state| binding.open(state)).transpose()?.unwrap_or_default();
        let responses = params.input_responses.map(responses).transpose()?.unwrap_or_default();
        let mut faults = HashMap::new();
        if let Next::Ask(open, with) = next(self.plan, arguments, &answers, self.capabilities) {
            for open in open {
                let Some(response) = responses.get(open.name()) else { continue };
                if matches!(open, Open::Confirm(_)) && state.is_none() {
                    continue;
                }
                match take(open, &with, response)? {
                    Taken::Answer(given) => answers.note(open.name(), given),
                    Taken::Unfit(fault) => drop(faults.insert(open.name().to_owned(), fault)),
                    Taken::Over(unanswered) => return Ok(Round::Over(unanswered.into())),
                }
            }
        }
        match next(self.plan, arguments, &answers, self.capabilities) {
            Next::Ready(arguments) => Ok(Round::Ready(arguments)),
            Next::Missing(required) => Err(ProtocolError::MissingCapability { required }),
            Next::Ask(open, with) => self.ask(&open, &with, &faults, binding.seal(&answers)),
        }
    }

    fn ask(
        self,
        open: &[Open<'_>],
        arguments: &Map<String, Value>,
        faults: &HashMap<String, String>,
        state: Option<String>,
    ) -> Result<Round, ProtocolError> {
        let Some(state) = state else {
            return Err(ProtocolError::param("inputResponses", ParamFault::TooLong));
        };
        let mut requests = Map::new();
        for open in open {
            let again = faults.get(open.name()).map(String::as_str);
            let InputRequest { method, params } = match request(*open, self.call, arguments, again) {
                Ok(request) => request,
                Err(error) => return Ok(Round::Over(error.into())),
            };
            requests.insert(open.name().to_owned(), json!({"method": method, "params": params}));
        }
        let requests = Value::Object(requests);
        Ok(Round::Asks(format!(r#""inputRequests":{requests},"requestState":{}"#, Value::from(state))))
    }
}

/// What an answer comes to.
enum Taken {
    Answer(Map<String, Value>),
    Unfit(String),
    Over(Unanswered),
}

fn take(open: Open<'_>, arguments: &Map<String, Value>, response: &RawValue) -> Result<Taken, ProtocolError> {
    let fault = |fault| Err(ProtocolError::param("inputResponses", fault));
    Ok(match answer::read(open, arguments, response) {
        Ok(Answered::Given(given)) => Taken::Answer(given),
        Ok(Answered::Declined | Answered::Cancelled) if open.is_optional() => Taken::Answer(Map::new()),
        Ok(Answered::Declined) => Taken::Over(Unanswered::Declined),
        Ok(Answered::Cancelled) => Taken::Over(Unanswered::Cancelled),
        Err(Unusable::Unfit(fault)) => Taken::Unfit(fault),
        Err(Unusable::Unreadable) => return fault(ParamFault::Unreadable),
        Err(Unusable::TooLong) => return fault(ParamFault::TooLong),
    })
}

fn text(raw: &RawValue) -> Result<String, ProtocolError> {
    let text = json::string(raw.get()).ok_or(ProtocolError::param("requestState", ParamFault::NotAString))?;
    Ok(text.into_owned())
}

fn responses(raw: &RawValue) -> Result<HashMap<String, &RawValue>, ProtocolError> {
    serde_json::from_str(raw.get())
        .map_err(|_| ProtocolError::param("inputResponses", ParamFault::NotAnObject))
}
