//! What is sent again when it fails.

use std::time::Duration;

use http::StatusCode;
use schemars::JsonSchema;

use super::breaker::OffWord;
use super::duration::TimeSpan;
use super::gateway::RetryRules;
use super::header;
use super::resolver::Resolver;
use super::text::Literal;
use super::whole::Whole;
use super::written::{List, Optional, Read, Slot, Written, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;

/// `off`, or rules.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum RetrySetting<'t> {
    /// `off`
    Word(OffWord),
    /// Rules.
    Rules(RetryFile<'t>),
}

written! {
    /// What is sent again when it fails, inside the time of the call: what certainly never reached the API, and what
    /// may reach it twice (GET, HEAD, OPTIONS, QUERY, PUT, DELETE, and operations that say they are idempotent).
    #[schemars(rename = "Retry")]
    pub(super) struct RetryFile<'t> {
        /// How often a request is sent at most, the first time included.
        #[schemars(extend("default" = 4))]
        attempts: Optional<'t, Whole<1, 10>>,
        /// The statuses after which a request is sent again, when it may be sent twice.
        #[schemars(extend("default" = [408, 425, 429, 502, 503, 504]))]
        on: Optional<'t, List<'t, Whole<400, 599>>>,
        /// The longest pause before the second attempt; it doubles for each further one, up to 10s. The pause is a
        /// random part of that, and never shorter than `Retry-After` asks for.
        #[schemars(extend("default" = "100ms"))]
        backoff: Optional<'t, TimeSpan>,
        /// The header in which the API takes an idempotency key. A call that writes and brings none gets a key of its
        /// own in it, the same in each attempt, and may then be sent again. Default: the header of this kind that the operation
        /// declares.
        #[schemars(extend("examples" = ["Idempotency-Key"]))]
        idempotency_key: Optional<'t, Literal<'t>>,
    }
}

/// The longest pause that is doubled from.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

impl<'t> Read<'t> for RetrySetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            RetryFile::read(slot, problems).map(Self::Rules)
        } else {
            OffWord::read(slot, problems).map(Self::Word)
        }
    }
}

/// What a setting means; `None` when there is none.
pub(super) fn resolve(
    setting: Option<&Written<'_, RetrySetting<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Option<RetryRules> {
    let file = match &setting?.value {
        RetrySetting::Word(OffWord::Off) => return Some(RetryRules::off()),
        RetrySetting::Rules(file) => file,
    };
    let default = RetryRules::default();
    if let Some(written) = file.backoff.filter(|backoff| backoff.value.0 > LONGEST_BACKOFF) {
        resolver.problem(written.slot.invalid("a pause is at most 10s"));
    }
    Some(RetryRules {
        attempts: file.attempts.map_or(default.attempts, |attempts| attempts.value.0),
        statuses: file.on.as_ref().map_or(default.statuses, |on| statuses(&on.value)),
        backoff: file.backoff.map_or(default.backoff, |backoff| backoff.value.0),
        idempotency_key: file.idempotency_key.as_ref().and_then(|written| key_header(written, resolver)),
    })
}

fn statuses(list: &List<'_, Whole<400, 599>>) -> Vec<StatusCode> {
    let code = |status: &Written<'_, Whole<400, 599>>| u16::try_from(status.value.0).ok();
    list.0.iter().filter_map(|status| StatusCode::from_u16(code(status)?).ok()).collect()
}

fn key_header(written: &Written<'_, Literal<'_>>, resolver: &mut Resolver<'_>) -> Option<http::HeaderName> {
    let name = header::name(written.value.0);
    name.map_err(|error| {
        resolver.problem(written.slot.invalid("no key can be sent here").help(error.to_string()));
    })
    .ok()
}
