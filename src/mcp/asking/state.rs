//! `requestState`: what was answered so far, sealed, so that it can travel with the client.
//!
//! It comes back from a client that may be hostile. It opens for one gateway and tool (or prompt), one caller, one plan
//! of questions and one set of arguments, until the time for answers is over; anything else is refused and nothing is
//! sent. Shown twice within that time it gives the same arguments twice: it is no more than the client could ask for
//! again, and a confirmation in it is one of exactly this call.

use serde_json::{Map, Value};

use super::Answers;
use crate::access::Principal;
use crate::catalog::ask::AskPlan;
use crate::clock;
use crate::mcp::error::{ParamFault, ProtocolError};
use crate::seal::{self, Key, Owner, Unopened};

/// What the state of one request is bound to.
pub(super) struct Binding<'a> {
    plan: &'a AskPlan,
    key: Key,
    owner: Owner,
}

/// The longest state that is taken, in bytes of base64.
const LONGEST: usize = 2 << 20;

impl<'a> Binding<'a> {
    /// What the state of a request with these arguments is bound to. `subject` names what is called.
    pub(super) fn new(
        plan: &'a AskPlan,
        subject: &[&str],
        principal: &Principal,
        arguments: &Map<String, Value>,
    ) -> Self {
        let arguments = seal::digest(&Value::Object(arguments.clone()));
        let mut bound: Vec<&[u8]> = subject.iter().map(|part| part.as_bytes()).collect();
        bound.extend([principal.id().as_bytes(), plan.fingerprint.as_slice(), arguments.as_slice()]);
        Self { plan, key: plan.key(), owner: Owner::of(bound) }
    }

    /// The state of a request with these answers; `None` when it cannot be sealed, or would be too long to come back.
    pub(super) fn seal(&self, answers: &Answers) -> Option<String> {
        let expires = clock::wall().checked_add(self.plan.patience)?;
        let content = serde_json::to_vec(&answers.0).ok()?;
        self.key.seal(&self.owner, expires, &content).filter(|sealed| sealed.len() <= LONGEST)
    }

    /// The answers that a state holds.
    ///
    /// # Errors
    /// -32602: it was not given out for this request, or is too old.
    pub(super) fn open(&self, state: &str) -> Result<Answers, ProtocolError> {
        let fault = |fault| ProtocolError::param("requestState", fault);
        if state.len() > LONGEST {
            return Err(fault(ParamFault::ForeignState));
        }
        let content =
            self.key.open(&self.owner, state, clock::wall()).map_err(|unopened| match unopened {
                Unopened::Foreign => fault(ParamFault::ForeignState),
                Unopened::Expired => fault(ParamFault::ExpiredState),
            })?;
        serde_json::from_slice(&content).map(Answers).map_err(|_| fault(ParamFault::ForeignState))
    }
}
