//! When an API that fails is left alone.

use std::time::Duration;

use schemars::JsonSchema;

use super::duration::TimeSpan;
use super::gateway::BreakerRules;
use super::resolver::Resolver;
use super::whole::Whole;
use super::written::{Optional, Read, Slot, Written, words, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;

/// `off`, or rules.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum BreakerSetting<'t> {
    /// `off`
    Word(OffWord),
    /// Rules.
    Rules(BreakerFile<'t>),
}

words! {
    /// Not at all.
    pub(super) enum OffWord {
        /// Not at all.
        Off = "off",
    }
}

written! {
    /// When an API that fails is left alone: calls are refused at once, and one a second is let through to see
    /// whether the API is back.
    #[schemars(rename = "Breaker")]
    pub(super) struct BreakerFile<'t> {
        /// After so many failures in a row.
        #[schemars(extend("default" = 20))]
        failures: Optional<'t, Whole<1, 10_000>>,
        /// The time that is looked back on: from 1s to 10m.
        #[schemars(extend("default" = "10s"))]
        window: Optional<'t, TimeSpan>,
        /// When fewer than this many of a hundred answers in that time are good ones, and there are at least 100.
        #[schemars(extend("default" = 25))]
        success_rate: Optional<'t, Whole<1, 99>>,
    }
}

/// The windows that there can be.
const WINDOWS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);

impl<'t> Read<'t> for BreakerSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            BreakerFile::read(slot, problems).map(Self::Rules)
        } else {
            OffWord::read(slot, problems).map(Self::Word)
        }
    }
}

/// What a setting means; `None` for no breaker.
pub(super) fn resolve(
    setting: Option<&Written<'_, BreakerSetting<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Option<BreakerRules> {
    let default = BreakerRules::default();
    let file = match setting.map(|setting| &setting.value) {
        None => return Some(default),
        Some(BreakerSetting::Word(OffWord::Off)) => return None,
        Some(BreakerSetting::Rules(file)) => file,
    };
    if let Some(written) = file.window.filter(|window| !WINDOWS.contains(&window.value.0)) {
        resolver.problem(written.slot.invalid("a window is at least 1s and at most 10m"));
    }
    Some(BreakerRules {
        failures: file.failures.map_or(default.failures, |failures| failures.value.0),
        window: file.window.map_or(default.window, |window| window.value.0),
        success_rate: file.success_rate.map_or(default.success_rate, |rate| rate.value.0),
    })
}
