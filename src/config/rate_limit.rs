//! How many requests an API gets in how much time.

use schemars::JsonSchema;

use super::duration::TimeSpan;
use super::gateway::{ForEach, RateLimit};
use super::resolver::Resolver;
use super::whole::Whole;
use super::written::{List, Optional, Read, Required, Slot, Written, words, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;

/// One limit, or several that all hold.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum RateLimitSetting<'t> {
    /// One.
    One(#[schemars(with = "RateLimitFile<'t>")] Written<'t, RateLimitFile<'t>>),
    /// Several.
    Several(List<'t, RateLimitFile<'t>>),
}

written! {
    /// So many requests in so much time. A call waits for its turn while its own time allows it, and is told
    /// otherwise when to come back.
    #[schemars(rename = "RateLimit")]
    pub(super) struct RateLimitFile<'t> {
        /// How many requests.
        requests: Required<'t, Whole<1, 1_000_000>>,
        /// In how much time.
        per: Required<'t, TimeSpan>,
        /// How many of them may go at once; the others are spread over the time. Default: a tenth of `requests`.
        burst: Optional<'t, Whole<1, 1_000_000>>,
        /// What is counted by itself. Default: all requests together.
        for_each: Optional<'t, ForEachWord>,
    }
}

words! {
    /// What is counted by itself.
    pub(super) enum ForEachWord {
        /// Each tool.
        Tool = "tool",
        /// Each identity at the API: a credential, or a caller whose own one is passed on.
        Credential = "credential",
        /// Each caller of the gateway.
        Caller = "caller",
    }
}

impl<'t> Read<'t> for RateLimitSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Array {
            return List::read(slot, problems).map(Self::Several);
        }
        RateLimitFile::read(slot, problems).map(|value| Self::One(Written { value, slot }))
    }
}

/// What a setting means. `tool`: it is written at one tool.
pub(super) fn resolve(
    setting: Option<&Written<'_, RateLimitSetting<'_>>>,
    tool: bool,
    resolver: &mut Resolver<'_>,
) -> Vec<RateLimit> {
    let limits = match setting.map(|setting| &setting.value) {
        None => &[],
        Some(RateLimitSetting::One(limit)) => std::slice::from_ref(limit),
        Some(RateLimitSetting::Several(limits)) => &*limits.0,
    };
    limits.iter().filter_map(|limit| resolve_one(limit, tool, resolver)).collect()
}

fn resolve_one(
    limit: &Written<'_, RateLimitFile<'_>>,
    tool: bool,
    resolver: &mut Resolver<'_>,
) -> Option<RateLimit> {
    let file = &limit.value;
    let checked = checked(file.requests.0?, file.per.0?, file.burst, resolver)?;
    if let Some(written) = file.for_each.filter(|word| tool && word.value == ForEachWord::Tool) {
        let message = "a limit that is written at a tool is for this tool alone";
        resolver.problem(written.slot.invalid(message).help("leave `for_each` out"));
        return None;
    }
    let for_each = match file.for_each.map(|word| word.value) {
        None => ForEach::Together,
        Some(ForEachWord::Tool) => ForEach::Tool,
        Some(ForEachWord::Credential) => ForEach::Credential,
        Some(ForEachWord::Caller) => ForEach::Caller,
    };
    Some(RateLimit { for_each, ..checked })
}

/// So many requests in so much time, all together, when that can be kept.
pub(super) fn checked(
    requests: Written<'_, Whole<1, 1_000_000>>,
    per: Written<'_, TimeSpan>,
    burst: Optional<'_, Whole<1, 1_000_000>>,
    resolver: &mut Resolver<'_>,
) -> Option<RateLimit> {
    let (Whole(count), TimeSpan(time)) = (requests.value, per.value);
    if time.as_micros() < u128::from(count) {
        let message = "more than a million requests a second are no limit that could be kept";
        resolver.problem(requests.slot.invalid(message));
        return None;
    }
    let most = burst.map_or((count / 10).max(1), |burst| burst.value.0);
    if let Some(written) = burst.filter(|_| most > count) {
        let message = format!("a burst of {most} is more than the {count} requests that may go in all");
        resolver.problem(written.slot.invalid(message));
        return None;
    }
    Some(RateLimit { requests: count, per: time, burst: most, for_each: ForEach::Together })
}
